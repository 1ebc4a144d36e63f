package dev.precept.generator.state;

/** Builder {@code pauses}: PAUSEs just before the instruction under test, in the same guest. */
final class PausesBuilder {
  private PausesBuilder() {}

  static void build(Draft draft) {
    for (long i = 0; i < draft.number("pauses"); i++) {
      draft.prologue.add(new byte[] {(byte) 0xF3, (byte) 0x90});
    }
  }
}
