package dev.precept.report;

/**
 * Some bytes of a file, one behind the other.
 *
 * @param start bytes before the first
 * @param length how many there are
 */
public record Span(long start, int length) {
  /** Bytes before what follows them. */
  long end() {
    return start + length;
  }
}
