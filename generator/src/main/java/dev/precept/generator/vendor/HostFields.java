package dev.precept.generator.vendor;

import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** What the outcome of an exit calls the host's registers. */
final class HostFields {
  private HostFields() {}

  /** Name of the field that is {@code register} of the host after an exit. */
  static String name(Register register) {
    return "host " + register;
  }

  /** The names of {@code registers}, made once: every exit has them all. */
  static Map<Register, String> names(Set<Register> registers) {
    Map<Register, String> names = new EnumMap<>(Register.class);
    registers.forEach(register -> names.put(register, name(register)));
    return Collections.unmodifiableMap(names);
  }
}
