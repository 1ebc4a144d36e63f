package dev.precept.report;

import dev.precept.cases.Difference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Results that do not hold and look like one mistake: the same thing goes wrong in them, whatever
 * the instruction, mode and state. A subject with four hundred violations mostly has five of these.
 *
 * <p>The sentence is the cause's identity: addresses in the report and lines of a baseline name it.
 * An instruction's exit is called {@code the exit} in it, so that one mistake in many instructions
 * is one cause.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param sort what goes wrong, roughly
 * @param sentence what goes wrong, with the subject of the test as its subject: {@code takes the
 *     exit before gp.tsd}
 * @param results the results, in the order they came; at least one
 */
public record Cause(String vendor, Sort sort, String sentence, List<Result> results) {
  private static final int FIELDS_NAMED = 6;
  private static final int REMARK_SHOWN = 100;
  private static final String EXIT = "the exit";

  public Cause {
    results = List.copyOf(results);
  }

  /** What goes wrong, worst first. */
  public enum Sort {
    /** A check was taken that an earlier, armed one outranks. */
    ORDER("Checks out of order"),
    /** Something else happened than any of the armed checks. */
    OUTCOME("Another outcome"),
    /** The right thing happened and carries something wrong. */
    CONTENTS("The right outcome with wrong contents"),
    /** The subject died. */
    CRASH("Crashes"),
    /** The subject hung or talked nonsense. */
    NO_ANSWER("No answer");

    private final String title;

    Sort(String title) {
      this.title = title;
    }

    /** A heading over causes of this sort. */
    public String title() {
      return title;
    }
  }

  /** The modes that each instruction form shows it in, forms and modes in the order they came. */
  public Map<String, List<String>> modesByForm() {
    Map<String, List<String>> modes = new LinkedHashMap<>();
    for (Result result : results) {
      List<String> of = modes.computeIfAbsent(result.formId(), unused -> new ArrayList<>());
      if (!of.contains(result.mode())) {
        of.add(result.mode());
      }
    }
    return modes;
  }

  /** The result that is easiest to look at: with the fewest differences and the smallest state. */
  public Result example() {
    return results.stream()
        .min(
            Comparator.comparingInt((Result result) -> result.differences().size())
                .thenComparingInt(result -> result.assignment().length()))
        .orElseThrow();
  }

  /**
   * The causes of those of {@code results} that a gate does not pass, worst sort first, then by how
   * many cases they break.
   */
  public static List<Cause> of(List<Result> results) {
    Map<String, List<Result>> alike = new TreeMap<>();
    for (Result result : results) {
      if (!result.verdict().passes()) {
        alike
            .computeIfAbsent(result.vendor() + " " + sentence(result), unused -> new ArrayList<>())
            .add(result);
      }
    }
    return alike.values().stream()
        .map(
            same -> {
              Result first = same.get(0);
              return new Cause(first.vendor(), sortOf(first), sentence(first), same);
            })
        .sorted(
            Comparator.comparing(Cause::sort)
                .thenComparingInt(cause -> -cause.results().size())
                .thenComparing(Cause::vendor)
                .thenComparing(Cause::sentence))
        .toList();
  }

  /** What goes wrong in {@code result}; empty if a gate passes it. */
  public static String sentence(Result result) {
    // A line of a baseline has it between quotation marks.
    return plain(result).replace('"', '\'').replaceAll("\\s+", " ").strip();
  }

  private static String plain(Result result) {
    return switch (result.verdict()) {
      case HOLDS, OPEN_HOLDS, NOT_APPLICABLE -> "";
      case PRECEDENCE_VIOLATION -> order(result.expectedCheck(), result.actualCheck());
      case VIOLATION -> otherOutcome(result) ? outcome(result) : contents(result);
      case NO_ANSWER -> remark("gives no usable answer", result);
      case CRASH -> remark("dies", result);
    };
  }

  private static Sort sortOf(Result result) {
    return switch (result.verdict()) {
      case PRECEDENCE_VIOLATION -> Sort.ORDER;
      case NO_ANSWER -> Sort.NO_ANSWER;
      case CRASH -> Sort.CRASH;
      case VIOLATION, HOLDS, OPEN_HOLDS, NOT_APPLICABLE ->
          otherOutcome(result) ? Sort.OUTCOME : Sort.CONTENTS;
    };
  }

  /** Whether something else happened; the judge says so by the name of a difference. */
  private static boolean otherOutcome(Result result) {
    return result.differences().stream().anyMatch(one -> one.name().equals("outcome"));
  }

  private static String order(String expected, String taken) {
    boolean twoExits = isExit(expected) && isExit(taken);
    return twoExits
        ? "takes " + taken + " before " + expected
        : "takes " + checks(taken) + " before " + checks(expected);
  }

  private static String outcome(Result result) {
    String expected = result.expectedCheck();
    if (isExit(expected) && isExitLabel(result.actual())) {
      return "takes " + result.actual() + " for " + expected;
    }
    return does(result.actual(), "") + " instead of " + checks(expected);
  }

  private static String contents(Result result) {
    TreeSet<String> names = new TreeSet<>();
    for (Difference difference : result.differences()) {
      // One place in memory is as good as another: which it is depends on the state.
      names.add(difference.name().startsWith("memory ") ? "memory" : difference.name());
    }
    String shown = names.stream().limit(FIELDS_NAMED).collect(Collectors.joining(", "));
    int more = names.size() - FIELDS_NAMED;
    return does(result.actual(), "an exception")
        + " with wrong "
        + shown
        + (more > 0 ? " and " + Texts.count(more, "other field") : "");
  }

  /** What an outcome's label says that happened. */
  private static String does(String label, String anyException) {
    if (isExitLabel(label)) {
      return "exits";
    }
    if (label.startsWith("#")) {
      String vector = label.replaceFirst("\\(.*", "");
      return "raises " + (anyException.isEmpty() ? vector : anyException);
    }
    return switch (label) {
      case "retired" -> "completes";
      case "halted" -> "halts";
      case "shutdown" -> "shuts down";
      default -> "ends in " + withoutNumbers(label);
    };
  }

  // Exits are named as the manual writes them, in capitals; other outcomes are our own words.
  private static boolean isExitLabel(String label) {
    return (!label.isEmpty() && Character.isUpperCase(label.charAt(0)))
        || label.startsWith("exit code ");
  }

  private static boolean isExit(String check) {
    return check.startsWith("exit.");
  }

  private static String checks(String ids) {
    return List.of(ids.split(" or ", -1)).stream()
        .map(id -> isExit(id) ? EXIT : id.equals("none") ? "completing" : id)
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  private static String remark(String what, Result result) {
    String remark = withoutNumbers(result.remark().split("; ", 2)[0]).strip();
    String shown =
        remark.length() > REMARK_SHOWN ? remark.substring(0, REMARK_SHOWN) + "..." : remark;
    return shown.isEmpty() ? what : what + ": " + shown;
  }

  private static String withoutNumbers(String text) {
    return text.replaceAll("\\b[0-9][0-9A-Fa-f]*h?\\b", "N");
  }
}
