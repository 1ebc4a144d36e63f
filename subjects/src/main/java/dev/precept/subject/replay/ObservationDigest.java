package dev.precept.subject.replay;

import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Register;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A checksum of everything that was observed: two CRCs of 32 bits with different polynomials, which
 * is one of 64 for accidents, and the only sort that the JVM's first compiler is quick with. For
 * one thread.
 */
final class ObservationDigest {
  private final Checksum first = new CRC32();
  private final Checksum second = new CRC32C();
  private final ByteBuffer registers = ByteBuffer.allocate(Register.COUNT * Long.BYTES);
  private ByteBuffer numbers = ByteBuffer.allocate(1 << 12);

  /** The checksum of {@code seen}. */
  long of(Observation seen) {
    first.reset();
    second.reset();
    numbers.clear();
    add(seen.caseId());
    add(seen.kind().ordinal());
    add(seen.vector());
    add(seen.errorCode());
    add(seen.state());
    add(seen.controlBlock());
    add(seen.fields().size());
    seen.fields()
        .forEach(
            (field, value) -> {
              add(field);
              add(value);
            });
    add(seen.unseen().size());
    seen.unseen().stream().mapToLong(Register::ordinal).sorted().forEach(this::add);
    add(seen.changes().size());
    for (MemoryPatch change : seen.changes()) {
      add(change.address());
      add(change.bytes());
    }
    add(seen.remark());
    update(numbers.array(), numbers.position());
    return first.getValue() << 32 | second.getValue();
  }

  private void update(byte[] bytes, int length) {
    first.update(bytes, 0, length);
    second.update(bytes, 0, length);
  }

  private void add(long value) {
    if (numbers.remaining() < Long.BYTES) {
      numbers = ByteBuffer.allocate(2 * numbers.capacity()).put(numbers.flip());
    }
    numbers.putLong(value);
  }

  private void add(byte[] bytes) {
    add(bytes.length);
    update(bytes, bytes.length);
  }

  private void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  private void add(MachineState state) {
    for (int i = 0; i < Register.COUNT; i++) {
      registers.putLong(i * Long.BYTES, state.get(Register.at(i)));
    }
    update(registers.array(), registers.capacity());
  }
}
