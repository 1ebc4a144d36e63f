package dev.precept.generator.plan;

import dev.precept.tables.Check;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import java.util.List;

/** How people and ids name checks and what they bring about. */
public final class Labels {
  private static final List<String> VECTORS =
      List.of(
          "#DE",
          "#DB",
          "NMI",
          "#BP",
          "#OF",
          "#BR",
          "#UD",
          "#NM",
          "#DF",
          "vector 9",
          "#TS",
          "#NP",
          "#SS",
          "#GP",
          "#PF",
          "vector 15",
          "#MF",
          "#AC",
          "#MC",
          "#XF",
          "vector 20",
          "#CP",
          "vector 22",
          "vector 23",
          "vector 24",
          "vector 25",
          "vector 26",
          "vector 27",
          "#HV",
          "#VC",
          "#SX",
          "vector 31");

  private static final int PF = 14;

  private Labels() {}

  /** Whether two checks bring about the very same; page faults differ in their address. */
  public static boolean alike(Check one, Check other) {
    boolean told =
        one.result() instanceof Check.End
            || (one.result() instanceof Check.Fault fault && fault.vector() == PF);
    return !told && one.result().equals(other.result()) && one.writes().equals(other.writes());
  }

  /**
   * The mnemonic of an exception vector, such as {@code #GP}.
   *
   * @param vector 0 to 31
   */
  public static String vector(int vector) {
    return VECTORS.get(vector);
  }

  /** What {@code check} brings about, such as {@code #GP(0)} or {@code VMEXIT_RDTSC}. */
  public static String outcome(Tables tables, Check check) {
    if (check.result() instanceof Check.Exit exit) {
      String name = tables.exits().get(exit.exit()).codeName();
      return exit.trap() ? name + " trap" : name;
    }
    if (check.result() instanceof Check.End end) {
      return end.label();
    }
    if (check.result() instanceof Check.Event) {
      return "an event";
    }
    Check.Fault fault = (Check.Fault) check.result();
    String errorCode =
        fault
            .errorCode()
            .map(code -> code instanceof Expr.Num number ? "(" + number.value() + ")" : "")
            .orElse("");
    return vector(fault.vector()) + errorCode + (fault.trap() ? " trap" : "");
  }

  /** Whether {@code check} makes the guest exit by itself. */
  public static boolean isExit(Check check) {
    return check.result() instanceof Check.Exit;
  }

  /**
   * The part of a case id that names {@code check}: its id, or {@code exit} where it is the only
   * exit among {@code all}.
   */
  public static String slug(Check check, List<Check> all) {
    boolean onlyExit =
        check.id().startsWith("exit.")
            && all.stream().filter(other -> other.id().startsWith("exit.")).count() == 1;
    return onlyExit ? "exit" : check.id();
  }
}
