package dev.precept.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What runs say of one form.
 *
 * @param results of each run
 * @param pairs of each run
 * @param clauses of each run
 */
record FormResults(
    List<List<Result>> results, List<List<PairRecord>> pairs, List<List<ClauseRecord>> clauses) {

  /** What {@code runs} say, by the form's name, such as {@code svm/lmsw.mem}. */
  static Map<String, FormResults> of(List<Run> runs) {
    Map<String, FormResults> forms = new LinkedHashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      int run = i;
      FormNames names = new FormNames("/");
      // By stretches: most are of the last one's form.
      String last = "";
      List<Result> stretch = List.of();
      for (Result result : runs.get(i).results()) {
        String name = names.of(result);
        if (!name.equals(last)) {
          last = name;
          stretch = of(forms, name, runs.size()).results.get(i);
        }
        stretch.add(result);
      }
      runs.get(i)
          .pairs()
          .forEach(
              pair ->
                  of(forms, pair.vendor() + "/" + pair.form(), runs.size())
                      .pairs
                      .get(run)
                      .add(pair));
    }
    // What a condition's variables do is told of forms that are there otherwise.
    for (int i = 0; i < runs.size(); i++) {
      for (ClauseRecord clause : runs.get(i).clauses()) {
        FormResults form = forms.get(clause.vendor() + "/" + clause.form());
        if (form != null) {
          form.clauses.get(i).add(clause);
        }
      }
    }
    return forms;
  }

  private static FormResults of(Map<String, FormResults> forms, String name, int runs) {
    return forms.computeIfAbsent(name, unused -> none(runs));
  }

  private static <T> List<List<T>> empty(int runs) {
    List<List<T>> lists = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      lists.add(new ArrayList<>());
    }
    return lists;
  }

  /** Nothing, of so many runs. */
  static FormResults none(int runs) {
    return new FormResults(empty(runs), empty(runs), empty(runs));
  }

  /** How many cases there are, each once. */
  int cases() {
    return distinct(results, Result::id);
  }

  /** How many pairs there are, each once. */
  int pairCount() {
    return distinct(pairs, PairTable.Key::of);
  }

  /** Whether everything holds. */
  boolean allHold() {
    return results.stream().allMatch(run -> run.stream().allMatch(one -> one.verdict().holds()));
  }

  private static <T> int distinct(List<List<T>> runs, Function<T, Object> key) {
    // Also of one run: a file from elsewhere may have one twice.
    Set<Object> keys = new HashSet<>();
    runs.forEach(run -> run.forEach(one -> keys.add(key.apply(one))));
    return keys.size();
  }
}
