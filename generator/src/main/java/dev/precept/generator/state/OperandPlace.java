package dev.precept.generator.state;

/**
 * Where an instruction's memory operand lies.
 *
 * @param present whether there is one
 * @param segment segment register it goes through, by number; -1 for a physical address
 * @param offset effective address, cut to the address size
 * @param linear linear address, or physical for {@code pa}
 * @param size bytes
 */
public record OperandPlace(boolean present, int segment, long offset, long linear, int size) {
  /** No memory operand. */
  public static final OperandPlace NONE = new OperandPlace(false, -1, 0, 0, 0);
}
