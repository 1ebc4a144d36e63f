package dev.precept.subject.replay;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Writes cases one after the other, each by what differs from the one before. */
final class CaseEncoder {
  /** Bytes that are the same between two that are not; fewer are written with them. */
  private static final int GAP = 4;

  private final Map<BaseImage, Track> tracks = new HashMap<>();
  private final DataOutputStream out;

  CaseEncoder(DataOutputStream out) {
    this.out = out;
  }

  /** Writes {@code next}, which {@link CaseDecoder} reads. */
  void write(Case next) throws IOException {
    Track track = tracks.computeIfAbsent(next.base(), Track::new);
    Optional<Case> last = track.last();
    out.writeUTF(next.base().name());
    out.writeUTF(next.id());
    out.writeUTF(next.vendor());
    features(next.features(), last.map(Case::features).orElse(List.of()));
    out.writeBoolean(next.context() == Context.GUEST);
    state(next.state(), last.map(Case::state).orElseGet(MachineState::new));
    state(next.host(), last.map(Case::host).orElseGet(MachineState::new));
    out.writeInt(next.memory().size());
    for (MemoryPatch patch : next.memory()) {
      out.writeInt((int) patch.address());
      out.writeInt(patch.bytes().length);
      differences(patch, track.memory());
    }
    block(next.controlBlock(), last.map(Case::controlBlock).orElse(ControlBlock.NONE));
    block(next.priorControlBlock(), last.map(Case::priorControlBlock).orElse(ControlBlock.NONE));
    out.writeInt(next.steps());
    out.writeLong(next.code().address());
    out.writeInt(next.code().bytes().length);
    out.write(next.code().bytes());
    track.follow(next);
  }

  private void features(List<FeatureBit> next, List<FeatureBit> last) throws IOException {
    boolean same = next.equals(last);
    out.writeBoolean(same);
    if (!same) {
      out.writeInt(next.size());
      for (FeatureBit bit : next) {
        out.writeInt(bit.leaf());
        out.writeInt(bit.subleaf());
        out.writeByte(bit.register());
        out.writeByte(bit.bit());
        out.writeBoolean(bit.present());
      }
    }
  }

  private void state(MachineState next, MachineState last) throws IOException {
    for (int i = 0; i < Register.COUNT; i++) {
      long value = next.get(Register.at(i));
      if (value != last.get(Register.at(i))) {
        out.writeShort(i);
        out.writeLong(value);
      }
    }
    out.writeShort(Register.COUNT);
  }

  /** The bytes of {@code patch} that {@code memory} has otherwise, as offset, length and bytes. */
  private void differences(MemoryPatch patch, byte[] memory) throws IOException {
    byte[] bytes = patch.bytes();
    int base = (int) patch.address();
    int from = mismatch(bytes, 0, memory, base);
    while (from < bytes.length) {
      int to = from + 1;
      int following = mismatch(bytes, to, memory, base);
      while (following < bytes.length && following - to <= GAP) {
        to = following + 1;
        following = mismatch(bytes, to, memory, base);
      }
      out.writeInt(from);
      out.writeInt(to - from);
      out.write(bytes, from, to - from);
      from = following;
    }
    out.writeInt(bytes.length);
  }

  /** Offset of the first byte from {@code from} on that memory has otherwise, or the length. */
  private static int mismatch(byte[] bytes, int from, byte[] memory, int base) {
    int offset =
        Arrays.mismatch(bytes, from, bytes.length, memory, base + from, base + bytes.length);
    return offset < 0 ? bytes.length : from + offset;
  }

  private void block(ControlBlock next, ControlBlock last) throws IOException {
    out.writeLong(next.address());
    SortedMap<Integer, Long> before = last.fields();
    int changed = 0;
    for (Map.Entry<Integer, Long> field : next.fields().entrySet()) {
      if (!field.getValue().equals(before.get(field.getKey()))) {
        changed++;
      }
    }
    out.writeInt(changed);
    for (Map.Entry<Integer, Long> field : next.fields().entrySet()) {
      if (!field.getValue().equals(before.get(field.getKey()))) {
        out.writeInt(field.getKey());
        out.writeLong(field.getValue());
      }
    }
    List<Integer> gone =
        before.keySet().stream().filter(field -> !next.fields().containsKey(field)).toList();
    out.writeInt(gone.size());
    for (int field : gone) {
      out.writeInt(field);
    }
    out.writeBoolean(next.shadow().isPresent());
    if (next.shadow().isPresent()) {
      block(next.shadow().get(), last.shadow().orElse(ControlBlock.NONE));
    }
  }
}
