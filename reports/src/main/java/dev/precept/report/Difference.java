package dev.precept.report;

/**
 * One part of an outcome that is not as the table says.
 *
 * @param name register, memory range or exit-information field, in the manual's spelling
 * @param expected value the table gives, as people read it
 * @param actual value the subject showed
 */
public record Difference(String name, String expected, String actual) {
  public Difference {
    name = Texts.orEmpty(name);
    expected = Texts.orEmpty(expected);
    actual = Texts.orEmpty(actual);
  }
}
