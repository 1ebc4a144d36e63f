package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.expr.Evaluator;

/**
 * Builder {@code operand}: gives the memory operand a place at which exactly the wanted {@code
 * mem.*} conditions hold.
 */
final class OperandBuilder {
  /** Top of a stack at the end of the code page, below every operand. */
  private static final long STACK_BELOW_OPERANDS = Layout.CODE + 0xF00;

  /** Offset of an ordinary operand in its page. */
  private static final long ORDINARY = 0x100;

  private static final int RBX = 3, RBP = 5, RSI = 6, RDI = 7, R11 = 11, R14 = 14;

  private OperandBuilder() {}

  static void build(Draft draft) {
    FormInfo info = draft.info;
    boolean modrm = info.has("mem");
    if (info.has("pa")) {
      draft.operand = new OperandPlace(true, -1, 0, Layout.OTHER_CONTROL_BLOCK, 0x1000);
      return;
    }
    if (!modrm && !info.has("si") && !info.has("di") && !info.has("ax")) {
      return;
    }
    int size = size(draft);
    int segment = segment(draft);
    long linear = linear(draft, size);
    OperandPlace place = place(draft, segment, linear, size);
    draft.operand = place;
    segmentConditions(draft, place);
    if (Memory.contains(place.linear())) {
      long page = draft.flag("mem.cross") ? place.linear() + size - 1 : place.linear();
      draft.pageClass(page, draft.word("mem.page"));
    }
    addressRegisters(draft, place.offset());
  }

  private static int size(Draft draft) {
    InstructionForm.Operand operand = draft.form().operand();
    if (operand.access() == InstructionForm.Access.NONE) {
      return 1;
    }
    long size =
        Evaluator.eval(
            operand.size(), Evaluator.withDefinitions(draft.tables.definitions(), draft::number));
    return (int) Math.max(1, size);
  }

  private static int segment(Draft draft) {
    if (draft.info.has("di")) {
      return SegmentBases.ES;
    }
    boolean frame = draft.info.has("mem") && draft.word("addressing").equals("bp");
    int natural = frame ? SegmentBases.SS : SegmentBases.DS;
    int override =
        switch (draft.word("seg")) {
          case "es" -> SegmentBases.ES;
          case "cs" -> SegmentBases.CS;
          case "ss" -> SegmentBases.SS;
          case "ds" -> SegmentBases.DS;
          case "fs" -> SegmentBases.FS;
          case "gs" -> SegmentBases.GS;
          default -> natural;
        };
    // 64-bit mode ignores the other overrides (APM vol. 3, 1.2.4).
    return draft.mode == Mode.LONG64 && override < SegmentBases.FS ? natural : override;
  }

  private static long linear(Draft draft, int size) {
    boolean misaligned = draft.flag("mem.misaligned");
    long linear = Layout.DATA + ORDINARY + (misaligned ? 1 : 0);
    if (draft.flag("mem.cross")) {
      // As aligned as an operand across a page boundary can be, unless it is to be misaligned.
      long before = misaligned ? 1 : Integer.highestOneBit(Math.max(1, size - 1));
      linear = Layout.DATA + 0x1000 - before;
    }
    return draft.flag("mem.noncanonical") ? linear | 1L << 47 : linear;
  }

  private static OperandPlace place(Draft draft, int segment, long linear, int size) {
    if (draft.flag("mem.null")) {
      for (int part = 0; part < 4; part++) {
        draft.set(Draft.segment(segment, part), part == 0 ? draft.cpl : 0);
      }
    }
    long base =
        draft.mode == Mode.LONG64 && segment < SegmentBases.FS
            ? 0
            : draft.get(Draft.segment(segment, 3));
    long mask = draft.addressSize() == 64 ? -1L : (1L << draft.addressSize()) - 1;
    long offset = linear - base & mask;
    long reached = base + offset;
    if (draft.mode != Mode.LONG64) {
      reached &= 0xFFFF_FFFFL;
    }
    if (reached != linear && !draft.flag("mem.null")) {
      throw new UnbuildableException(
          "an address of " + draft.addressSize() + " bits does not reach the operand");
    }
    return new OperandPlace(true, segment, offset, reached, size);
  }

  private static void segmentConditions(Draft draft, OperandPlace place) {
    Register attributes = Draft.segment(place.segment(), 1);
    Register limit = Draft.segment(place.segment(), 2);
    if (draft.flag("mem.seg_ro")) {
      draft.set(attributes, draft.get(attributes) & ~2);
    }
    if (draft.flag("mem.limit")) {
      // One byte too far. A byte-granular limit, so that any value can stand in a descriptor.
      long last = place.offset() + place.size() - 2;
      if (place.offset() + place.size() < 2) {
        throw new UnbuildableException("no limit is below an operand at offset 0");
      }
      // CS too: the instruction lies far below the operand.
      draft.set(limit, last);
      draft.set(attributes, draft.get(attributes) & ~Descriptors.G);
      if (place.segment() == SegmentBases.SS) {
        // The stack stays usable, so that what the operand raises can be delivered: it moves below
        // the limit, and off the operand's page, which may fault.
        draft.set(Register.RSP, place.offset() - (place.linear() - STACK_BELOW_OPERANDS));
      }
    }
  }

  /** Puts {@code offset} where the addressing form takes it from. */
  private static void addressRegisters(Draft draft, long offset) {
    if (draft.info.has("si")) {
      address(draft, RSI, offset);
      return;
    }
    if (draft.info.has("di")) {
      address(draft, RDI, offset);
      return;
    }
    if (draft.info.has("ax")) {
      address(draft, 0, offset);
      return;
    }
    switch (draft.word("addressing")) {
      case "bp" -> address(draft, RBP, offset - ModRm.DISPLACEMENT);
      case "sib" -> {
        long index = 0x40;
        address(draft, RSI, index);
        address(draft, RBX, offset - 2 * index - ModRm.DISPLACEMENT);
      }
      case "sib_high" -> {
        long index = 0x30;
        address(draft, R14, index);
        address(draft, R11, offset - 4 * index - ModRm.DISPLACEMENT);
      }
      case "disp", "rip" -> {}
      default -> address(draft, RBX, offset);
    }
  }

  /** Bits above the address size are junk that must be ignored. */
  private static void address(Draft draft, int register, long value) {
    int bits = draft.addressSize();
    long mask = bits == 64 ? -1L : (1L << bits) - 1;
    long above = draft.mode == Mode.LONG64 ? ~mask : ~mask & 0xFFFF_FFFFL;
    draft.set(Register.gpr(register), (value & mask) | above);
    draft.addressRegisters.add(Register.gpr(register));
  }
}
