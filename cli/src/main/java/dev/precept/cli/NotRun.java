package dev.precept.cli;

import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The cases of one vendor that a subject could not run. A run that passes because hardly anything
 * ran is the worst that can happen to whoever relies on it.
 *
 * @param vendor whose cases
 * @param cases how many there were
 * @param reasons why some did not run, and how many; the most frequent first
 */
record NotRun(String vendor, int cases, List<Map.Entry<String, Integer>> reasons) {
  private static final int REASONS_TOLD = 2;

  /** For each vendor with cases in {@code results}, in the alphabet's order. */
  static List<NotRun> of(List<Result> results) {
    Map<String, List<Result>> byVendor =
        results.stream()
            .collect(Collectors.groupingBy(Result::vendor, TreeMap::new, Collectors.toList()));
    return byVendor.entrySet().stream()
        .map(entry -> new NotRun(entry.getKey(), entry.getValue().size(), why(entry.getValue())))
        .toList();
  }

  private static List<Map.Entry<String, Integer>> why(List<Result> results) {
    Map<String, Integer> counts =
        results.stream()
            .filter(result -> result.verdict() == Verdict.NOT_APPLICABLE)
            .collect(
                Collectors.groupingBy(
                    NotRun::reason, TreeMap::new, Collectors.summingInt(result -> 1)));
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .toList();
  }

  private static String reason(Result result) {
    return result.remark().isBlank() ? "the subject does not say why" : result.remark();
  }

  /** How many cases did not run. */
  int count() {
    return reasons.stream().mapToInt(Map.Entry::getValue).sum();
  }

  /** Whether at least {@code percent} of the cases ran. */
  boolean ranAtLeast(int percent) {
    return 100L * (cases - count()) >= (long) percent * cases;
  }

  /** {@code 2,221 of 17,102 vmx cases (13 %): 703 because ...}; nothing if all ran. */
  Optional<String> told() {
    if (count() == 0) {
      return Optional.empty();
    }
    String why =
        reasons.stream()
            .limit(REASONS_TOLD)
            .map(reason -> Wording.number(reason.getValue()) + " because " + reason.getKey())
            .collect(Collectors.joining("; "));
    int more = reasons.size() - REASONS_TOLD;
    return Optional.of(
        String.format(
            Locale.ENGLISH,
            "%,d of %,d %s cases (%s): %s%s",
            count(),
            cases,
            vendor,
            share(count()),
            why,
            more > 0 ? "; and " + Wording.count(more, "more reason") : ""));
  }

  /** What to do about too few. */
  String tooFew(int percent) {
    return String.format(
        Locale.ENGLISH,
        "only %s of the %s cases ran, and --min-run asks for %d %%. Not run: %s. Test with a"
            + " processor that has what they need, select with --vendor or --instruction what it"
            + " can run, or ask for less.",
        share(cases - count()),
        vendor,
        percent,
        told().orElse("none"));
  }

  /** Rounded down, so that 100 % is all. */
  private String share(int part) {
    return part > 0 && 100L * part < cases ? "less than 1 %" : 100L * part / cases + " %";
  }
}
