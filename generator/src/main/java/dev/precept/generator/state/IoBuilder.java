package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/**
 * Builder {@code io}: the port, and what the TSS bitmap and the vendor's I/O permissions map or I/O
 * bitmaps say of it.
 */
final class IoBuilder {
  private IoBuilder() {}

  static void build(Draft draft) {
    if (!draft.info.relevant().contains("port")) {
      return;
    }
    long port = draft.number("port");
    // Where the port is an immediate, DX holds another one.
    long dx = draft.info.has("ib") ? ~port & 0xFFFF : port;
    long above = draft.mode == Mode.LONG64 ? -1L << 16 : 0xFFFF_0000L;
    draft.set(Register.RDX, dx | above);
    mask(draft.memory, Layout.TSS + BaseImages.TSS_IO_MAP, port, draft.number("tss_io"));
    mask(draft.memory, Layout.IOPM, port, draft.number("iopm"));
    bitmaps(draft.memory, port, draft.number("io_bitmap"));
    switch (draft.word("tss_limit")) {
      case "beyond" -> {
        // The map's byte for the last port of the access is the first one outside.
        long last = port + draft.number("io_size") - 1;
        draft.set(Register.TR_LIMIT, BaseImages.TSS_IO_MAP + (last >> 3) - 1);
      }
      case "none" -> draft.set(Register.TR_LIMIT, BaseImages.TSS_IO_MAP - 1);
      default -> {}
    }
  }

  /** Sets the bits of I/O bitmaps A and B (SDM vol. 3, 24.6.4); there is none for port 10000h. */
  static void bitmaps(Memory memory, long port, long mask) {
    for (int n = 0; n < 5; n++) {
      if ((mask >> n & 1) != 0) {
        bitmap(memory, port + n);
      }
    }
    if ((mask & 0x80) != 0) {
      bitmap(memory, port - 1);
    }
  }

  private static void bitmap(Memory memory, long port) {
    if (port >= 0 && port < 0x10000) {
      long bitmap = port < 0x8000 ? Layout.IO_BITMAP_A : Layout.IO_BITMAP_B;
      memory.setBit(bitmap, port & 0x7FFF, true);
    }
  }

  /** Sets the map's bits for {@code port} as docs/tables.md says of {@code tss_io}. */
  static void mask(Memory memory, long map, long port, long mask) {
    for (int n = 0; n < 5; n++) {
      if ((mask >> n & 1) != 0) {
        memory.setBit(map, port + n, true);
      }
    }
    if ((mask & 0x40) != 0) {
      memory.setBit(map, 0, true);
    }
    if ((mask & 0x80) != 0) {
      if (port == 0) {
        throw new UnbuildableException("there is no port below 0");
      }
      memory.setBit(map, port - 1, true);
    }
  }
}
