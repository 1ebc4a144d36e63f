package dev.precept.junit;

import dev.precept.cases.Difference;
import dev.precept.cases.Expected;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import dev.precept.cases.Verdict;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.Setup;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.report.Reproducer;
import dev.precept.report.Result;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes results of what was run. */
final class Results {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();
  private static final int SHOWN_BYTES = 32;

  private final Bench bench;
  private final String subject;
  private final InstructionForm form;
  private final ClaimText claim;
  private final CaseRow row;

  Results(Bench bench, String subject, InstructionForm form, ClaimText claim, CaseRow row) {
    this.bench = bench;
    this.subject = subject;
    this.form = form;
    this.claim = claim;
    this.row = row;
  }

  Result result(Bench.Judged judged) {
    List<Expected> allowed = judged.prepared().expectation().allowed();
    Verdict verdict = judged.judgement().verdict();
    return make(
        judged.prepared().setup().assignment(),
        verdict,
        join(allowed.stream().map(one -> one.outcome().label()).toList()),
        judged.outcome().label(),
        join(allowed.stream().map(Expected::check).toList()),
        judged.judgement().taken(),
        judged.judgement().differences(),
        reproducer(judged.prepared().setup(), verdict),
        judged.remark(),
        judged.micros());
  }

  /** The result of a case that no state of the experiment realises: the tables lack a law. */
  Result unbuildable(Assignment assignment, String why) {
    return make(
        assignment,
        Verdict.NO_ANSWER,
        claim.expect(),
        "",
        join(row.winners()),
        "",
        List.of(),
        Reproducer.NONE,
        "the case cannot be set up: " + why,
        0);
  }

  private Result make(
      Assignment assignment,
      Verdict verdict,
      String expected,
      String actual,
      String expectedCheck,
      String actualCheck,
      List<Difference> differences,
      Reproducer reproducer,
      String remark,
      long micros) {
    Tables tables = bench.tables();
    return new Result(
        row.id(),
        subject,
        tables.vendor(),
        form.instruction(),
        form.form(),
        assignment.word(tables, "mode"),
        claim.kind(),
        claim.text(),
        verdict,
        expected,
        actual,
        expectedCheck,
        actualCheck,
        claim.first(),
        claim.second(),
        differences,
        assignment.text(),
        reproducer,
        claim.source(),
        claim.row(),
        claim.reveals(),
        remark,
        micros);
  }

  private static String join(List<String> words) {
    return words.stream().distinct().collect(Collectors.joining(" or "));
  }

  private Reproducer reproducer(Setup setup, Verdict verdict) {
    String bytes = HEX.formatHex(setup.testCase().code().bytes());
    if (verdict.holds()) {
      return new Reproducer(bytes, form.mnemonic(), Map.of(), List.of(), List.of());
    }
    Map<String, String> registers = new LinkedHashMap<>();
    List<String> memory = new ArrayList<>();
    MachineState ordinary = ordinary(setup.mode());
    for (int i = 0; i < Register.COUNT; i++) {
      long value = setup.before().get(Register.at(i));
      if (value != ordinary.get(Register.at(i))) {
        registers.put(Register.at(i).toString(), hex(value));
      }
    }
    for (MemoryPatch patch : setup.testCase().memory()) {
      boolean controlBlock =
          patch.address() >= setup.testCase().controlBlock().address()
              && patch.address() < setup.testCase().controlBlock().address() + 0x1000;
      if (!controlBlock) {
        memory.add(hex(patch.address()) + ": " + shown(patch.bytes()));
      }
    }
    return new Reproducer(bytes, form.mnemonic(), registers, controlBits(setup), memory);
  }

  /** The registers of the form with every variable quiet, where that can be set up. */
  private MachineState ordinary(Mode mode) {
    try {
      int index = bench.tables().variables().get("mode").indexOf(mode.word());
      Assignment quiet = Assignment.of(bench.tables(), Map.of("mode", index));
      return bench.prepare(form, quiet, row.id()).setup().before();
    } catch (UnbuildableException e) {
      return new MachineState();
    }
  }

  private List<String> controlBits(Setup setup) {
    List<String> bits = new ArrayList<>();
    for (ExitControl exit : bench.tables().exits().values()) {
      boolean set =
          exit.variable()
              .filter(bit -> setup.assignment().value(bench.tables(), bit) != 0)
              .isPresent();
      if (set && exit.quiet() == 0) {
        ExitControl.ControlBit control = exit.control().orElseThrow();
        bits.add(
            String.format(
                Locale.ROOT,
                "control block %03Xh bit %d (%s)",
                control.field(),
                control.bit(),
                exit.codeName()));
      }
    }
    return bits;
  }

  private static String hex(long value) {
    return Long.toHexString(value).toUpperCase(Locale.ROOT) + "h";
  }

  private static String shown(byte[] bytes) {
    int length = Math.min(bytes.length, SHOWN_BYTES);
    return HEX.formatHex(bytes, 0, length)
        + (bytes.length > length ? " ... (" + bytes.length + " bytes)" : "");
  }

  /** {@code result} with another remark. */
  static Result withRemark(Result result, String remark) {
    return new Result(
        result.id(),
        result.subject(),
        result.vendor(),
        result.instruction(),
        result.form(),
        result.mode(),
        result.kind(),
        result.claim(),
        result.verdict(),
        result.expected(),
        result.actual(),
        result.expectedCheck(),
        result.actualCheck(),
        result.firstCheck(),
        result.secondCheck(),
        result.differences(),
        result.assignment(),
        result.reproducer(),
        result.citation(),
        result.row(),
        result.reveals(),
        result.remark().isEmpty() ? remark : result.remark() + "; " + remark,
        result.micros());
  }

  /** A failing result for a person at a terminal. */
  static String describe(Result result) {
    StringBuilder text = new StringBuilder();
    text.append(result.id()).append(": ").append(result.verdict().meaning()).append('\n');
    line(text, "claim", result.claim());
    line(text, "state", result.assignment());
    line(text, "bytes", result.reproducer().bytes());
    line(text, "expected", result.expected() + " (" + result.expectedCheck() + ")");
    String taken = result.actualCheck().isEmpty() ? "" : " (" + result.actualCheck() + ")";
    line(text, "actual", result.actual() + taken);
    for (Difference difference : result.differences()) {
      line(
          text,
          "differs",
          difference.name() + ": " + difference.expected() + " expected, " + difference.actual());
    }
    line(text, "remark", result.remark());
    line(text, "reveals", result.reveals());
    line(text, "source", result.citation() + " (" + result.row() + ")");
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("  ").append(name);
      text.append(" ".repeat(Math.max(1, 10 - name.length()))).append(value).append('\n');
    }
  }
}
