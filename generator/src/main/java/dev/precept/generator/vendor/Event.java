package dev.precept.generator.vendor;

/**
 * An event on its way through the IDT.
 *
 * @param vector 0 to 255
 * @param software whether INT n raised it; else it is an exception
 * @param errorCode of an exception that has one; else 0
 */
public record Event(int vector, boolean software, long errorCode) {
  /** An exception without an error code, or with one of 0. */
  public static Event exception(int vector) {
    return new Event(vector, false, 0);
  }
}
