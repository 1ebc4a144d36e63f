package dev.precept.cases;

import java.util.Arrays;

/**
 * A mutable set of register values; a long for each {@link Register}, zero-extended to its width.
 */
public final class MachineState {
  private final long[] values;

  /** All zero. */
  public MachineState() {
    this(new long[Register.COUNT]);
  }

  private MachineState(long[] values) {
    this.values = values;
  }

  /** The value of {@code register}. */
  public long get(Register register) {
    return values[register.ordinal()];
  }

  /** Sets {@code register}, cutting {@code value} to the register's width; returns this. */
  public MachineState set(Register register, long value) {
    int width = register.width();
    values[register.ordinal()] = width == 64 ? value : value & ((1L << width) - 1);
    return this;
  }

  /** Sets bit {@code bit} of {@code register} to {@code on}; returns this. */
  public MachineState setBit(Register register, int bit, boolean on) {
    long mask = 1L << bit;
    return set(register, on ? get(register) | mask : get(register) & ~mask);
  }

  /** Takes every value of {@code other}; returns this. */
  public MachineState copyFrom(MachineState other) {
    System.arraycopy(other.values, 0, values, 0, values.length);
    return this;
  }

  /** An independent copy. */
  public MachineState copy() {
    return new MachineState(values.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MachineState that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        text.append(text.isEmpty() ? "" : " ").append(Register.at(i)).append('=');
        text.append(Long.toHexString(values[i])).append('h');
      }
    }
    return text.toString();
  }
}
