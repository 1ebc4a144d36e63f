package dev.precept.tables.expr;

/** Gives names their values. */
@FunctionalInterface
public interface NameLookup {
  /**
   * The value of {@code name}; 64 bits.
   *
   * @throws java.util.NoSuchElementException if there is no such name
   */
  long value(String name);

  /**
   * The value of {@code name}, of which bits may be undefined.
   *
   * @throws java.util.NoSuchElementException if there is no such name
   */
  default PartialValue partial(String name) {
    return PartialValue.of(value(name));
  }
}
