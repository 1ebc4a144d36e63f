package dev.precept.generator.vendor;

import dev.precept.cases.Register;
import dev.precept.tables.Field;
import dev.precept.tables.Tables;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.SortedMap;

/** The fields of vmcs.csv by name and by what they save. */
final class VmcsFields {
  private final Map<String, Field> byName;
  private final Map<Register, Field> saved;

  VmcsFields(Tables tables) {
    byName = tables.fields();
    Map<Register, Field> registers = new EnumMap<>(Register.class);
    for (Field field : byName.values()) {
      if (!field.register().isEmpty()) {
        registers.put(Register.valueOf(field.register()), field);
      }
    }
    saved = Collections.unmodifiableMap(registers);
  }

  /** All fields by name. */
  Map<String, Field> all() {
    return byName;
  }

  /** Guest-state fields by the register that they hold. */
  Map<Register, Field> saved() {
    return saved;
  }

  /** The field {@code name}. */
  Field field(String name) {
    Field field = byName.get(name);
    if (field == null) {
      throw new NoSuchElementException("vmcs.csv has no field '" + name + "'");
    }
    return field;
  }

  int encoding(String name) {
    return field(name).offset();
  }

  /** Ones at the bits that the field {@code name} has. */
  long mask(String name) {
    int width = field(name).width();
    return width >= 8 ? -1L : (1L << (8 * width)) - 1;
  }

  /** The value of the field {@code name} among {@code values}. */
  OptionalLong value(SortedMap<Integer, Long> values, String name) {
    Long value = values.get(encoding(name));
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
