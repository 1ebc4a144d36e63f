package dev.precept.report;

/** Texts that came out of a file, where an absent one is {@code null}. */
final class Texts {
  private Texts() {}

  static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
