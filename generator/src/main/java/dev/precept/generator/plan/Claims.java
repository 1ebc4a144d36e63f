package dev.precept.generator.plan;

import dev.precept.tables.Check;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;

/** What cases claim and what their failing would reveal, in sentences. */
final class Claims {
  private final Tables tables;
  private final InstructionForm form;

  Claims(Tables tables, InstructionForm form) {
    this.tables = tables;
    this.form = form;
  }

  private String outcome(Check check) {
    return Labels.outcome(tables, check);
  }

  private String brings(Check check) {
    boolean maybe = form.order().optional(check.id());
    if (Labels.isExit(check)) {
      return (maybe ? "may exit with " : "exits with ") + outcome(check);
    }
    if (check.result() instanceof Check.End) {
      return (maybe ? "may end with " : "ends with ") + outcome(check);
    }
    if (check.result() instanceof Check.Event) {
      return (maybe ? "may come behind " : "comes behind ") + outcome(check);
    }
    return (maybe ? "may raise " : "raises ") + outcome(check);
  }

  /** Outcome and meaning: {@code #GP(0) (CR4.TSD is set and CPL is not 0)}. */
  private String named(Check check) {
    return Labels.isExit(check)
        ? outcome(check)
        : outcome(check) + " (" + check.meaning().strip() + ")";
  }

  String alone(Check check) {
    return form.mnemonic() + " " + brings(check) + ": " + check.meaning().strip();
  }

  String aloneReveals(Check check) {
    return Labels.isExit(check)
        ? "the intercept is not tested, or tested with the wrong bit"
        : "the check is missing, or raises another exception";
  }

  String retires() {
    return form.mnemonic() + " completes where no check is armed";
  }

  String retiresReveals() {
    return "the instruction faults or exits without cause, or writes what it must not";
  }

  String pair(Check first, Check second) {
    return named(first) + " outranks " + named(second);
  }

  String pairReveals(Check first, Check second) {
    if (Labels.isExit(first) && Labels.isExit(second)) {
      return "of two exits that apply, the later one is reported";
    }
    if (Labels.isExit(second)) {
      return "the intercept is tested before a check that outranks it";
    }
    return Labels.isExit(first)
        ? "an exception is raised although the intercept comes first"
        : "two exceptions are tested in the wrong order";
  }

  String open(Check first, Check second) {
    String why =
        form.order().optional(first.id())
            ? "the manual does not settle whether the first is checked at all"
            : "the manual leaves the order open";
    return named(first) + " or " + named(second) + ": " + why + ", nothing else may happen";
  }

  String exitOff(Check exit) {
    return "without its bit, " + outcome(exit) + " does not happen";
  }

  String exitOffReveals() {
    return "the intercept is taken although its bit is clear";
  }

  String delivered(Check fault) {
    return outcome(fault) + " goes through the IDT where its own intercept is off";
  }

  String deliveredReveals() {
    return "an exception exits although it is not intercepted, or is delivered wrongly";
  }

  String exitOnly(Check exit) {
    return outcome(exit) + " needs no other exit bit";
  }

  String exitOnlyReveals() {
    return "the intercept depends on another one's bit";
  }

  String othersOnly() {
    return form.mnemonic() + " completes with every exit bit set but its own";
  }

  String othersOnlyReveals() {
    return "another instruction's intercept bit is tested";
  }

  String oneHot() {
    return form.mnemonic() + " completes whichever single foreign exit bit is set";
  }

  String host(Check exit) {
    return "outside any guest "
        + outcome(exit)
        + " does not happen, whatever the last "
        + tables.controlBlock()
        + " says";
  }

  String hostReveals() {
    return "intercept bits of the last guest leak into the host";
  }

  String afterAll() {
    return form.mnemonic() + " completes though a guest with every exit bit set ran just before";
  }

  String afterAll(Check exit) {
    return outcome(exit) + " does not happen though a guest with its exit bit set ran just before";
  }

  String afterNone(Check exit) {
    return outcome(exit) + " happens though a guest without any exit bit ran just before";
  }

  String afterInstruction(String earlier) {
    return form.mnemonic() + " sees what the instruction before it left: " + earlier;
  }

  String afterReveals(String variable) {
    return variable.equals("prior")
        ? "exit bits of an earlier guest are kept instead of being read at each entry"
        : "what an instruction changed since entry is not saved, or outlives its time";
  }

  String clause(Check check, String variable) {
    return variable + " by itself decides whether " + outcome(check) + " happens";
  }

  String clauseReveals(String variable) {
    return "the condition ignores " + variable + ", or tests it the wrong way round";
  }

  String boundary(Check check, String variables) {
    return "whether " + outcome(check) + " happens at each value of " + variables;
  }

  String boundaryReveals() {
    return "a comparison is off by one, or a value is treated like its neighbour";
  }

  String value(String variable, String does) {
    return form.mnemonic() + " " + does + " whatever " + variable + " is";
  }

  String valueReveals(String variable) {
    return variable + " is decoded wrongly or comes back wrong in what the outcome carries";
  }
}
