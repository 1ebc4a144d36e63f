package dev.precept.cases.json;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Made-up cases that differ in everything a case can differ in. */
final class Samples {
  static final BaseImage IMAGE = image("long64", 7);

  private Samples() {}

  static BaseImage image(String name, int seed) {
    byte[] bytes = new byte[(int) (Layout.END - Layout.START)];
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return new BaseImage(name, bytes);
  }

  static MachineState state(Random random) {
    MachineState state = new MachineState();
    for (Register register : Register.values()) {
      if (random.nextInt(3) > 0) {
        state.set(register, random.nextLong());
      }
    }
    return state;
  }

  static List<MemoryPatch> patches(Random random) {
    List<MemoryPatch> patches = new ArrayList<>();
    for (int i = random.nextInt(12); i > 0; i--) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      random.nextBytes(bytes);
      // Some over each other, some across pages, some at the very ends.
      long place =
          random.nextInt(8) == 0
              ? random.nextInt(2) * (Layout.END - Layout.START - bytes.length)
              : random.nextInt(0x3000);
      patches.add(new MemoryPatch(Layout.START + place, bytes));
    }
    return patches;
  }

  static ControlBlock controlBlock(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> ControlBlock.NONE;
      case 1 -> ControlBlock.at(Layout.CONTROL_BLOCK);
      default ->
          new ControlBlock(
              Layout.CONTROL_BLOCK,
              Map.of(
                  0x4000,
                  random.nextLong(3),
                  0x6800,
                  random.nextLong(),
                  0x4800 + 2 * random.nextInt(3),
                  1L));
    };
  }

  static List<FeatureBit> features(Random random) {
    List<FeatureBit> features = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      features.add(
          new FeatureBit(
              0x8000_0001,
              random.nextInt(2),
              random.nextInt(4),
              random.nextInt(32),
              random.nextBoolean()));
    }
    return features;
  }

  /** A case of the same vendor, image and context for every {@code random}. */
  static Case guest(Random random) {
    return new Case(
        "made/up/" + random.nextInt(1000) + "/gp.tsd>exit",
        "svm",
        features(random),
        Context.GUEST,
        state(random),
        state(random),
        IMAGE,
        patches(random),
        controlBlock(random),
        controlBlock(random),
        1 + random.nextInt(3),
        new MemoryPatch(Layout.CODE + 0xFFE, new byte[] {0x0F, 0x31}));
  }
}
