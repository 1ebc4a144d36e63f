package dev.precept.report;

import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import dev.precept.tables.Check;
import dev.precept.tables.CheckOrder;
import dev.precept.tables.Citation;
import dev.precept.tables.ExitControl;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Origin;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tables and runs of any size, made up: they say nothing about a processor. */
public final class Synthetic {
  private static final Citation CITATION =
      new Citation("APM2 15.9 table 15-7", Citation.Provenance.MANUAL, "");
  private static final List<String> FAMILIES =
      List.of("timestamp", "control-registers", "descriptor-tables", "io", "svm-instructions");

  private Synthetic() {}

  /** AMD's tables, with {@code forms} instruction forms of up to ten checks. */
  public static Tables tables(int forms) {
    return tables("svm", "AMD SVM", forms);
  }

  /** A vendor's tables with {@code forms} instruction forms of up to ten checks. */
  public static Tables tables(String vendor, String vendorName, int forms) {
    boolean turned = !vendor.equals("svm");
    Map<String, Check> checks = new LinkedHashMap<>();
    for (String id :
        List.of("ud.lock", "gp.cpl", "gp.tsd", "ss.limit", "gp.limit", "pf.read", "ac.operand")) {
      int vector =
          switch (id.substring(0, 2)) {
            case "ud" -> 6;
            case "gp" -> 13;
            case "ss" -> 12;
            case "pf" -> 14;
            default -> 17;
          };
      checks.put(
          id,
          new Check(
              id,
              new Check.Fault(
                  vector, vector == 6 ? Optional.empty() : Optional.of(new Expr.Num(0)), false),
              new Expr.Binary(
                  "&&",
                  new Expr.Binary("!=", new Expr.Name("cpl"), new Expr.Num(0)),
                  new Expr.Name("cr4.tsd")),
              List.of(),
              "privilege too low for <" + id + ">",
              CITATION,
              new Origin("common/checks.csv", 4 + checks.size(), 1)));
    }
    ExitControl exit =
        new ExitControl(
            "rdtsc",
            Optional.of(new ExitControl.ControlBit(0x0C, 14)),
            0x6E,
            "VMEXIT_RDTSC",
            Expr.TRUE,
            List.of(),
            0,
            Expr.TRUE,
            "RDTSC intercept",
            CITATION,
            new Origin(vendor + "/intercepts.csv", 40, 1));
    List<InstructionForm> list = new ArrayList<>();
    for (int i = 0; i < forms; i++) {
      List<List<String>> groups = new ArrayList<>();
      groups.add(List.of("ud.mode"));
      if (i % 3 == 0) {
        groups.add(List.of("ud.lock"));
      }
      groups.add(List.of("gp.cpl"));
      if (i % 4 == 1) {
        groups.add(List.of("exit.rdtsc", "gp.tsd"));
      } else if (turned && i % 4 == 2) {
        groups.add(List.of("gp.tsd"));
        groups.add(List.of("exit.rdtsc"));
      } else {
        groups.add(List.of("exit.rdtsc"));
        groups.add(List.of("gp.tsd"));
      }
      groups.add(List.of("ss.limit"));
      groups.add(List.of("gp.limit"));
      groups.add(List.of("pf.read"));
      groups.add(List.of("ac.operand"));
      list.add(
          new InstructionForm(
              "insn" + i,
              i % 2 == 0 ? "" : "mem",
              "INSN" + i + (i % 2 == 0 ? "" : " mem16&32"),
              "0F 01 /" + i % 8 + (i % 2 == 0 ? "" : " mem"),
              i % 5 == 0 ? EnumSet.of(Mode.PROT32, Mode.LONG64) : EnumSet.allOf(Mode.class),
              new Expr.Name("cpuid.svm"),
              new InstructionForm.Operand(InstructionForm.Access.READ, new Expr.Num(10)),
              new CheckOrder(groups),
              List.of(),
              List.of(),
              List.of(),
              i % 4 == 1
                  ? new Citation(
                      "APM2 15.8.1",
                      Citation.Provenance.OPEN,
                      "the manual names both, not which first")
                  : CITATION,
              new Origin(
                  vendor + "/instructions/" + FAMILIES.get(i * FAMILIES.size() / forms) + ".csv",
                  2 + i,
                  1)));
    }
    return new Tables(
        vendor,
        vendorName,
        "VMCB",
        Map.of("APM2", "AMD64 Architecture Programmer's Manual vol. 2"),
        Map.of(),
        Map.of(),
        List.of(),
        checks,
        Map.of("rdtsc", exit),
        Map.of(),
        list);
  }

  /**
   * A run of at least {@code cases} cases over {@code tables}; {@code bad} in a thousand violate.
   */
  public static Run run(String subject, Tables tables, int cases, int bad) {
    return run(subject, List.of(tables), cases, bad);
  }

  /** The same over several vendors' tables, with so many cases of each. */
  public static Run run(String subject, List<Tables> vendors, int cases, int bad) {
    List<Result> results = new ArrayList<>();
    List<PairRecord> pairs = new ArrayList<>();
    for (Tables tables : vendors) {
      results.addAll(results(subject, tables, cases, bad, pairs));
    }
    RunInfo info =
        new RunInfo(
            subject,
            "0.1.0",
            "precept gate --subject " + subject,
            vendors.stream().map(Tables::vendor).toList(),
            "3f9a1c70b2d4e6f8a1b2c3d4e5f60718",
            "2026-01-01T00:00:00Z",
            results.size(),
            "./precept gate --subject " + subject,
            "");
    return new Run(
        RunSummary.of(info, results, pairs, 41_300, false), results, pairs, List.of(Samples.gap()));
  }

  private static List<Result> results(
      String subject, Tables tables, int cases, int bad, List<PairRecord> pairs) {
    List<Result> results = new ArrayList<>();
    String vendor = tables.vendor();
    int n = subject.hashCode() & 0xFF;
    for (InstructionForm form : tables.forms()) {
      List<String> order = form.order().checks();
      for (Mode mode : form.modes()) {
        for (int i = 0; i < order.size(); i++) {
          for (int j = i + 1; j < order.size(); j++) {
            String first = order.get(i);
            String second = order.get(j);
            String id = vendor + "/" + form.id() + "/" + mode.word() + "/" + first + ">" + second;
            n++;
            boolean open = form.order().open(first, second);
            boolean impossible = i == 0 || (i * 7 + j) % 11 == 0;
            if (impossible && !open) {
              pairs.add(
                  new PairRecord(
                      vendor,
                      form.id(),
                      mode.word(),
                      first,
                      second,
                      PairRecord.Status.IMPOSSIBLE,
                      "",
                      "mode == " + mode.word() + " contradicts " + first));
              continue;
            }
            Verdict verdict = verdict(n, bad, open);
            results.add(result(subject, vendor, form, mode, id, first, second, verdict));
            pairs.add(
                new PairRecord(
                    vendor, form.id(), mode.word(), first, second, status(verdict, open), id, ""));
          }
        }
      }
    }
    for (int k = 0; results.size() < cases; k++, n++) {
      InstructionForm form = tables.forms().get(k % tables.forms().size());
      Mode mode = Mode.values()[k / 7 % 6];
      String id = vendor + "/" + form.id() + "/" + mode.word() + "/gp.limit.at.rax=" + k;
      results.add(result(subject, vendor, form, mode, id, "", "", verdict(n, bad, false)));
    }
    return results;
  }

  private static Verdict verdict(int n, int bad, boolean open) {
    if (open) {
      return Verdict.OPEN_HOLDS;
    }
    int die = (int) (((n * 2654435761L) >>> 8) % 1000);
    if (die < bad) {
      return switch (die % 5) {
        case 0 -> Verdict.VIOLATION;
        case 1 -> n % 2 == 0 ? Verdict.NO_ANSWER : Verdict.CRASH;
        default -> Verdict.PRECEDENCE_VIOLATION;
      };
    }
    return die > 990 ? Verdict.NOT_APPLICABLE : Verdict.HOLDS;
  }

  private static PairRecord.Status status(Verdict verdict, boolean open) {
    if (open) {
      return PairRecord.Status.OPEN;
    }
    return verdict.violates()
        ? PairRecord.Status.VIOLATED
        : verdict.holds() ? PairRecord.Status.TESTED : PairRecord.Status.NOT_RUN;
  }

  private static Result result(
      String subject,
      String vendor,
      InstructionForm form,
      Mode mode,
      String id,
      String first,
      String second,
      Verdict verdict) {
    boolean violates = verdict.violates();
    boolean precedence = verdict == Verdict.PRECEDENCE_VIOLATION && !first.isEmpty();
    if (verdict == Verdict.PRECEDENCE_VIOLATION && !precedence) {
      return result(subject, vendor, form, mode, id, first, second, Verdict.VIOLATION);
    }
    return new Result(
        id,
        subject,
        vendor,
        form.instruction(),
        form.form(),
        mode.word(),
        first.isEmpty() ? "boundary" : "pair",
        first.isEmpty() ? "the limit counts" : first + " precedes " + second,
        verdict,
        first.startsWith("exit") ? "VMEXIT_RDTSC" : "#GP(0)",
        verdict == Verdict.NOT_APPLICABLE ? "" : precedence ? "VMEXIT_RDTSC" : "#GP(0)",
        first.isEmpty() ? "gp.limit" : first,
        precedence ? second : "",
        first,
        second,
        violates
            ? List.of(
                new Difference("exit code", "none (#GP delivered)", "06Eh VMEXIT_RDTSC"),
                new Difference("RIP", "0000000000011000h", "0000000000010000h"),
                new Difference("error code", "0", "absent"))
            : List.of(),
        "mode=" + mode.word() + " cpl=3 cr4.tsd=1 icpt.rdtsc=1",
        violates
            ? new Reproducer(
                "0F 31",
                form.mnemonic(),
                new LinkedHashMap<>(Map.of("CR4", "0000000000000034h", "CPL", "3")),
                List.of("VMCB 00Ch bit 14 = 1 (intercept RDTSC)", "VMCB 058h guest ASID = 1"),
                List.of("page of the operand: supervisor"))
            : Reproducer.NONE,
        "APM2 15.9 table 15-7",
        form.origin().file() + ":" + form.origin().line(),
        violates ? "the intercept is looked at before the privilege check" : "",
        verdict == Verdict.CRASH ? "exit status 139" : "",
        12);
  }
}
