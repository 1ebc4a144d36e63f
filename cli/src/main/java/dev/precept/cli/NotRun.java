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

  /** What there is of one vendor, while results are looked through. */
  private static final class Tally {
    private final Map<String, Integer> reasons = new TreeMap<>();
    private int cases;

    void add(Result result) {
      cases++;
      if (result.verdict() == Verdict.NOT_APPLICABLE) {
        reasons.merge(reason(result), 1, Integer::sum);
      }
    }

    NotRun of(String vendor) {
      return new NotRun(
          vendor,
          cases,
          reasons.entrySet().stream()
              .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
              .toList());
    }
  }

  /** For each vendor with cases in {@code results}, in the alphabet's order. */
  static List<NotRun> of(List<Result> results) {
    Map<String, Tally> byVendor = new TreeMap<>();
    for (Result result : results) {
      byVendor.computeIfAbsent(result.vendor(), vendor -> new Tally()).add(result);
    }
    return byVendor.entrySet().stream().map(entry -> entry.getValue().of(entry.getKey())).toList();
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
