package dev.precept.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The cases of several runs, each once: what a case claims and sets up is the same for every
 * subject, and most of the page's size.
 *
 * @param cases for each case the result of the first run that has it
 * @param index place in {@code cases} by id
 */
record CaseTable(List<Result> cases, Map<String, Integer> index) {
  /** The cases of {@code runs}, each given by its results. */
  static CaseTable of(List<List<Result>> runs) {
    List<Result> cases = new ArrayList<>();
    Map<String, Integer> index = new HashMap<>();
    for (List<Result> run : runs) {
      for (Result result : run) {
        if (index.putIfAbsent(result.id(), cases.size()) == null) {
          cases.add(result);
        }
      }
    }
    return new CaseTable(List.copyOf(cases), Collections.unmodifiableMap(index));
  }

  /**
   * Place of the case of {@code result}, or -1.
   *
   * @param guess where it is if it is there: of the first run each is where the run has it
   */
  int at(int guess, Result result) {
    return guess < cases.size() && cases.get(guess).id().equals(result.id())
        ? guess
        : at(result.id());
  }

  /** Place of the case called {@code id}, or -1. */
  int at(String id) {
    return index.getOrDefault(id, -1);
  }
}
