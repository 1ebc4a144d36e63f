package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies and comparisons of a whole state, whatever fields it comes to have. */
class CpuStateTest {
  /** A place in a state that a number can be written to. */
  private record Slot(String name, Field field, Field part, int index) {
    void set(CpuState state, long value) throws ReflectiveOperationException {
      Object held = field.get(state);
      if (held instanceof long[] numbers) {
        numbers[index] = value;
      } else if (held instanceof Segment segment) {
        write(part, segment, value);
      } else {
        write(field, state, value);
      }
    }

    private static void write(Field field, Object of, long value)
        throws ReflectiveOperationException {
      if (field.getType() == boolean.class) {
        field.setBoolean(of, !field.getBoolean(of));
      } else if (field.getType() == int.class) {
        field.setInt(of, (int) value);
      } else {
        field.setLong(of, value);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Slot> slots() throws ReflectiveOperationException {
    List<Slot> slots = new ArrayList<>();
    CpuState state = new CpuState();
    for (Field field : CpuState.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || field.getName().equals("sreg")) {
        // The segment registers by number are the same objects.
        continue;
      }
      if (field.get(state) instanceof long[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
          slots.add(new Slot(field.getName() + i, field, field, i));
        }
      } else if (field.getType() == Segment.class) {
        for (Field part : Segment.class.getDeclaredFields()) {
          if (!Modifier.isStatic(part.getModifiers())) {
            slots.add(new Slot(field.getName() + "." + part.getName(), field, part, 0));
          }
        }
      } else {
        slots.add(new Slot(field.getName(), field, field, 0));
      }
    }
    return slots.stream();
  }

  @ParameterizedTest
  @MethodSource("slots")
  void aCopyHoldsTheSameAndAnyDifferenceIsSeen(Slot slot) throws ReflectiveOperationException {
    CpuState state = new CpuState();
    slot.set(state, 0x5A5A);
    CpuState copy = new CpuState();

    assertThat(copy.same(state)).isFalse();
    copy.copyFrom(state);
    assertThat(copy.same(state)).isTrue();
  }
}
