package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.Mode;

/**
 * Builder {@code idt}, variables {@code gate.leads}, where the gate of vector {@code imm8} leads
 * and the stack that is switched to, and {@code vme.map}, whether INT n goes through a gate at all.
 */
final class TargetBuilder {
  /** The code segment that the gate leads to, and the stack that the TSS has for CPL 2. */
  private static final int CODE = 0xA8, STACK = 0xB0 | 2;

  /** Code in the LDT; its limit is FFh. */
  private static final int LDT_CODE = 0x0C, BEYOND_LDT = 0x104;

  private static final int CONFORMING = 4, ACCESSED = 1, EXPAND_DOWN = 4;

  /** Privilege level and IST of the gate's stack where that is spoilt. */
  private static final int LEVEL = 2, IST = 3;

  private static final long FLAT = 0xFFFF_FFFFL;

  private TargetBuilder() {}

  static void build(Draft draft) {
    if (draft.info.relevant().contains("vme.map")) {
      redirection(draft);
    }
    String leads = draft.word("gate.leads");
    if (leads.isEmpty() || leads.equals("ok")) {
      return;
    }
    gate(draft, leads);
    code(draft, leads);
    if (leads.startsWith("tss16")) {
      tss16(draft);
    } else if (ofStack(leads)) {
      stack(draft, leads);
    }
    switch (leads) {
      case "tss_end", "tss_last" -> {
        // SS2 or IST3 is the last that the TSS has, or its last byte is outside. A 32-bit TSS
        // has two bytes behind SS2: one printing of INT n's page asks for them (SDM2 of 2007),
        // and a later one does not.
        long end = draft.longMode() ? 0x1C + 8 * IST + 6 : 4 + 8 * LEVEL + 4;
        long last = draft.longMode() ? end + 1 : 4 + 8 * LEVEL + 7;
        draft.set(Register.TR_LIMIT, leads.equals("tss_end") ? end : last);
      }
      case "tss16_end", "tss16" -> {
        // That printing asks for the byte behind SS2, too.
        long end = 2 + 4 * LEVEL + 2;
        draft.set(Register.TR_LIMIT, leads.equals("tss16_end") ? end : end + 2);
      }
      case "ldt_none" -> {
        draft.set(Register.LDTR_SEL, 0);
        draft.set(Register.LDTR_ATTR, 0);
      }
      default -> {}
    }
  }

  private static boolean ofStack(String leads) {
    return leads.startsWith("ss_") || leads.startsWith("tss");
  }

  private static void gate(Draft draft, String leads) {
    int type =
        switch (leads) {
          case "trap" -> 0xF;
          case "int16" -> 6;
          case "trap16" -> 7;
          default -> 0xE;
        };
    int selector =
        switch (leads) {
          case "null" -> 3;
          case "beyond" -> 0xF8;
          case "ldt", "ldt_none" -> LDT_CODE;
          case "ldt_beyond" -> BEYOND_LDT;
          default -> CODE;
        };
    int vector = (int) draft.number("imm8");
    long offset = BaseImages.handler(vector);
    // A 16-bit gate has 16 bits of offset; what stands where others have more is ignored.
    boolean narrow = (type & 8) == 0;
    long gate =
        Descriptors.gate(
            Descriptors.P | type | Descriptors.dpl(3),
            selector,
            narrow ? 0xABCD_0000L | (offset & 0xFFFF) : offset);
    if (!draft.longMode()) {
      draft.memory.write(Layout.IDT + 8L * vector, 8, gate);
      return;
    }
    long at = Layout.IDT + 16L * vector;
    long ist =
        switch (leads) {
          case "ring1", "ring2" -> 0;
          case "tss_end", "tss_last", "ss_page", "ss_noncanonical" -> IST;
          case "ist7" -> 7;
          default -> draft.mode == Mode.COMPAT ? 1 : 0;
        };
    draft.memory.write(at, 8, gate | (ist << 32));
    if (leads.equals("noncanonical")) {
      draft.memory.write(at + 8, 4, 0x8000);
    }
    if (leads.equals("ist7")) {
      draft.memory.write(Layout.TSS + 0x1C + 8 * 7, 8, BaseImages.innerStack(LEVEL));
    }
  }

  private static void code(Draft draft, String leads) {
    Mode mode = draft.longMode() ? Mode.LONG64 : Mode.PROT32;
    int level =
        switch (leads) {
          case "ring1" -> 1;
          case "ring2" -> 2;
          case "ring3" -> 3;
          default -> ofStack(leads) && !draft.longMode() ? LEVEL : 0;
        };
    int attributes = BaseImages.codeAttributes(mode, level);
    attributes =
        switch (leads) {
          case "data" -> BaseImages.dataAttributes(mode, level);
          case "system" -> Descriptors.LDT;
          case "conforming" -> attributes | CONFORMING;
          case "absent" -> attributes & ~Descriptors.P;
          case "unaccessed" -> attributes & ~ACCESSED;
          case "compat" -> (attributes & ~Descriptors.L) | Descriptors.DB;
          default -> attributes;
        };
    long offset = BaseImages.handler((int) draft.number("imm8"));
    long limit = FLAT;
    long base = 0;
    switch (leads) {
      case "offset_beyond" -> {
        attributes &= ~Descriptors.G;
        limit = offset - 1;
      }
      case "int16", "trap16" -> base = offset & ~0xFFFFL;
      default -> {}
    }
    boolean local = leads.startsWith("ldt");
    long at = local ? Layout.LDT + (LDT_CODE & ~7) : Layout.GDT + CODE;
    draft.memory.write(at, 8, Descriptors.segment(attributes, limit, base));
  }

  /** The stack of CPL 2 in legacy mode, IST3 in long mode. */
  private static void stack(Draft draft, String leads) {
    long top =
        switch (leads) {
          case "ss_page" -> Layout.NOT_PRESENT_PAGE + 0x800;
          case "ss_noncanonical" -> (1L << 47) | BaseImages.innerStack(LEVEL);
          default -> BaseImages.innerStack(LEVEL);
        };
    if (leads.equals("ss_page")) {
      draft.pageEntry(Layout.NOT_PRESENT_PAGE, 0, 1);
    }
    if (draft.longMode()) {
      draft.memory.write(Layout.TSS + 0x1C + 8 * IST, 8, top);
      return;
    }
    int attributes = BaseImages.dataAttributes(Mode.PROT32, leads.equals("ss_dpl") ? 1 : LEVEL);
    long limit = FLAT;
    long base = 0;
    switch (leads) {
      case "ss_absent" -> attributes &= ~Descriptors.P;
      case "ss_read_only" -> attributes &= ~2;
      case "ss_code" -> attributes |= 8;
      case "ss_system" -> attributes &= ~Descriptors.S;
      case "ss_unaccessed" -> attributes &= ~ACCESSED;
      case "ss_limit" -> {
        // The byte on top is the first outside.
        attributes &= ~Descriptors.G;
        limit = top - 2;
      }
      case "ss_down" -> {
        attributes = (attributes & ~Descriptors.G) | EXPAND_DOWN;
        limit = 0xFFF;
      }
      case "ss_down_limit" -> {
        // The third doubleword of the frame is the first outside.
        attributes = (attributes & ~Descriptors.G) | EXPAND_DOWN;
        limit = top - 9;
      }
      case "ss_16" -> {
        attributes &= ~(Descriptors.G | Descriptors.DB);
        limit = 0xFFFF;
        base = Layout.CODE;
      }
      default -> {}
    }
    draft.memory.write(Layout.GDT + (STACK & ~7), 8, Descriptors.segment(attributes, limit, base));
    int selector =
        switch (leads) {
          case "ss_null" -> LEVEL;
          case "ss_beyond" -> 0xF8 | LEVEL;
          case "ss_rpl" -> (STACK & ~3) | 1;
          default -> STACK;
        };
    draft.memory.write(Layout.TSS + 4 + 8 * LEVEL, 4, top - base);
    draft.memory.write(Layout.TSS + 8 + 8 * LEVEL, 2, selector);
  }

  /**
   * The interrupt-redirection bitmap, the 32 bytes below the I/O permission bitmap, and a vector
   * table at linear address 0 (APM vol. 2, 12.2.4; SDM vol. 3, 20.3.3).
   */
  private static void redirection(Draft draft) {
    int vector = (int) draft.number("imm8");
    boolean throughIdt = draft.word("vme.map").equals("idt");
    long map = Layout.TSS + BaseImages.TSS_IO_MAP - 32;
    // The last two bytes are where the TSS says that the I/O permission bitmap begins.
    for (int i = 0; i < 30; i++) {
      draft.memory.write8(map + i, throughIdt ? 0 : 0xFF);
    }
    draft.memory.setBit(map, vector, throughIdt);
    // A page that no case otherwise uses.
    long table = Layout.RESERVED_BIT_PAGE;
    draft.pageEntry(0, table, 0);
    draft.memory.write(table + 4L * vector, 2, BaseImages.handler(vector) - Layout.HANDLERS);
    draft.memory.write(table + 4L * vector + 2, 2, Layout.HANDLERS >> 4);
  }

  /** A 16-bit TSS with the stacks of the 32-bit one (APM vol. 2, 12.2.3; SDM vol. 3, 7.6). */
  private static void tss16(Draft draft) {
    draft.set(Register.TR_ATTR, draft.get(Register.TR_ATTR) & ~8);
    long[] stacks = new long[2 * 3];
    for (int level = 0; level < 3; level++) {
      stacks[2 * level] = draft.memory.read(Layout.TSS + 4 + 8L * level, 4);
      stacks[2 * level + 1] = draft.memory.read(Layout.TSS + 8 + 8L * level, 2);
    }
    for (int i = 0; i < stacks.length; i++) {
      draft.memory.write(Layout.TSS + 2 + 2L * i, 2, stacks[i]);
    }
  }
}
