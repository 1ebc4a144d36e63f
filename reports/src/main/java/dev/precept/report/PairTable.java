package dev.precept.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pairs of checks of several runs, each once.
 *
 * @param pairs for each pair what the first run that has it says
 * @param index place in {@code pairs} by what tells a pair apart
 */
record PairTable(List<PairRecord> pairs, Map<Key, Integer> index) {
  /** What tells a pair apart. */
  record Key(String vendor, String form, String mode, String first, String second) {
    static Key of(PairRecord pair) {
      return new Key(pair.vendor(), pair.form(), pair.mode(), pair.first(), pair.second());
    }
  }

  /** The pairs of {@code runs}, each given by its own. */
  static PairTable of(List<List<PairRecord>> runs) {
    List<PairRecord> pairs = new ArrayList<>();
    Map<Key, Integer> index = new HashMap<>();
    for (List<PairRecord> run : runs) {
      for (PairRecord pair : run) {
        if (index.putIfAbsent(Key.of(pair), pairs.size()) == null) {
          pairs.add(pair);
        }
      }
    }
    return new PairTable(List.copyOf(pairs), Collections.unmodifiableMap(index));
  }

  /**
   * Place of {@code pair}, which is of one of the runs.
   *
   * @param guess where it is if it is there: of the first run each is where the run has it
   */
  int at(int guess, PairRecord pair) {
    return guess < pairs.size() && pairs.get(guess).equals(pair) ? guess : index.get(Key.of(pair));
  }
}
