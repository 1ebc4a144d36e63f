package dev.precept.junit;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/**
 * A row of {@link Cases}.
 *
 * @param id the case's id
 * @param assignment the state, as {@code Assignment.text()} writes it
 * @param winners ids of the checks that may win, {@code none} for completing
 */
record CaseRow(String id, String assignment, List<String> winners) {

  /** The rows of a generated method, which has {@link Cases}. */
  static List<CaseRow> of(Method method) {
    return Arrays.stream(method.getAnnotation(Cases.class).value()).map(CaseRow::parse).toList();
  }

  /**
   * The row written as {@code id | assignment | winner or winner}.
   *
   * @throws IllegalArgumentException if it has not three parts
   */
  static CaseRow parse(String text) {
    String[] parts = text.split(" \\| ", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not 'id | assignment | winners': " + text);
    }
    return new CaseRow(parts[0], parts[1], List.of(parts[2].split(" or ", -1)));
  }
}
