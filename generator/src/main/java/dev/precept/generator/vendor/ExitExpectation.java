package dev.precept.generator.vendor;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;

/** Takes what is expected of an exit. */
public interface ExitExpectation {
  /** The guest's registers at the exit, to be changed. */
  MachineState state();

  /** The field {@code name} holds {@code value}. */
  default void field(String name, long value) {
    field(name, value, -1);
  }

  /** The field {@code name} holds {@code value} in the bits {@code compared}. */
  void field(String name, long value, long compared);

  /** Only the bits {@code compared} of {@code register} are defined. */
  void defined(Register register, long compared);

  /** Nothing is said of what {@code register} is saved as. */
  void undefined(Register register);
}
