package dev.precept.subject.replay;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads what {@link CaseEncoder} has written, in the same order. */
final class CaseDecoder {
  private final Map<String, BaseImage> bases = new HashMap<>();
  private final Map<BaseImage, Track> tracks = new HashMap<>();
  private final DataInputStream in;
  private final Function<String, BaseImage> images;

  /**
   * @param images the base image of a name
   */
  CaseDecoder(DataInputStream in, Function<String, BaseImage> images) {
    this.in = in;
    this.images = images;
  }

  /**
   * The next case.
   *
   * @throws IOException if there is none, or it is not well-formed
   */
  Case read() throws IOException {
    BaseImage base = bases.computeIfAbsent(in.readUTF(), images);
    Track track = tracks.computeIfAbsent(base, Track::new);
    Optional<Case> last = track.last();
    String id = in.readUTF();
    String vendor = in.readUTF();
    List<FeatureBit> features = features(last.map(Case::features).orElse(List.of()));
    Context context = in.readBoolean() ? Context.GUEST : Context.HOST;
    MachineState state = state(last.map(Case::state).orElseGet(MachineState::new));
    MachineState host = state(last.map(Case::host).orElseGet(MachineState::new));
    List<MemoryPatch> memory = new ArrayList<>();
    int patches = within(in.readInt(), (int) Layout.END);
    for (int i = 0; i < patches; i++) {
      memory.add(patch(track.memory()));
    }
    ControlBlock block = block(last.map(Case::controlBlock).orElse(ControlBlock.NONE));
    ControlBlock prior = block(last.map(Case::priorControlBlock).orElse(ControlBlock.NONE));
    int steps = in.readInt();
    long codeAt = in.readLong();
    byte[] code = in.readNBytes(within(in.readInt(), (int) Layout.END));
    Case next =
        new Case(
            id,
            vendor,
            features,
            context,
            state,
            host,
            base,
            List.copyOf(memory),
            block,
            prior,
            steps,
            new MemoryPatch(codeAt, code));
    track.follow(next);
    return next;
  }

  /** {@code number}, which is to be neither negative nor more than {@code most}. */
  private static int within(int number, int most) throws IOException {
    if (number < 0 || number > most) {
      throw new StreamCorruptedException(number + " is not from 0 to " + most);
    }
    return number;
  }

  private List<FeatureBit> features(List<FeatureBit> last) throws IOException {
    if (in.readBoolean()) {
      return last;
    }
    List<FeatureBit> features = new ArrayList<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      features.add(
          new FeatureBit(
              in.readInt(), in.readInt(), in.readByte(), in.readByte(), in.readBoolean()));
    }
    return List.copyOf(features);
  }

  private MachineState state(MachineState last) throws IOException {
    MachineState state = last.copy();
    for (int register = in.readShort(); register < Register.COUNT; register = in.readShort()) {
      state.set(Register.at(within(register, Register.COUNT - 1)), in.readLong());
    }
    return state;
  }

  private MemoryPatch patch(byte[] memory) throws IOException {
    int address = within(in.readInt(), memory.length);
    int length = within(in.readInt(), memory.length - address);
    byte[] bytes = Arrays.copyOfRange(memory, address, address + length);
    for (int at = in.readInt(); at < length; at = in.readInt()) {
      int run = within(in.readInt(), length - within(at, length));
      in.readFully(bytes, at, run);
    }
    return new MemoryPatch(address, bytes);
  }

  private ControlBlock block(ControlBlock last) throws IOException {
    long address = in.readLong();
    Map<Integer, Long> fields = new TreeMap<>(last.fields());
    int changed = in.readInt();
    for (int i = 0; i < changed; i++) {
      fields.put(in.readInt(), in.readLong());
    }
    int gone = in.readInt();
    for (int i = 0; i < gone; i++) {
      fields.remove(in.readInt());
    }
    Optional<ControlBlock> shadow =
        in.readBoolean()
            ? Optional.of(block(last.shadow().orElse(ControlBlock.NONE)))
            : Optional.empty();
    return new ControlBlock(address, fields, shadow);
  }
}
