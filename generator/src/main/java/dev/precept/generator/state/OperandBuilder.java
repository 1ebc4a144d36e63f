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

  /** Base of a segment from which an operand lies behind the wrap at 4 GiB. */
  private static final long LAST_PAGE = 0xFFFF_F000L;

  /** Type bits of data and of code. */
  private static final long EXPAND_DOWN = 4, READABLE = 2;

  /** What the index register of 16-bit addressing holds, or one beside rAX. */
  private static final long INDEX = 0x40;

  private static final int RAX = 0, RCX = 1, RBX = 3, RBP = 5, RSI = 6, RDI = 7, R11 = 11, R14 = 14;

  private OperandBuilder() {}

  static void build(Draft draft) {
    FormInfo info = draft.info;
    boolean modrm = info.has("mem");
    if (info.has("pa")) {
      long page = Layout.OTHER_CONTROL_BLOCK;
      draft.operand = OperandPlace.at(-1, 0, page, 0x1000, page);
      return;
    }
    if (!modrm && !info.has("si") && !info.has("di") && !info.has("ax")) {
      return;
    }
    int size = size(draft);
    int segment = segment(draft);
    if (draft.word("mem.edge").equals("wraps")) {
      draft.set(Draft.segment(segment, 3), LAST_PAGE);
    }
    long linear = linear(draft, segment, size);
    OperandPlace place = TablesBuilder.map(draft, place(draft, segment, linear, size));
    draft.operand = place;
    segmentConditions(draft, place);
    edge(draft, place);
    if (Memory.contains(place.physical())) {
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
    boolean frame =
        draft.info.has("mem")
            && (draft.word("addressing").equals("bp")
                || draft.word("addressing16").startsWith("bp"));
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

  private static long linear(Draft draft, int segment, int size) {
    long edge =
        switch (draft.word("mem.edge")) {
          case "canonical_end" -> (1L << 47) - size;
          case "canonical_beyond" -> (1L << 47) - size + 1;
          case "canonical_low" -> -1L << 47;
          case "canonical_below" -> (-1L << 47) - 1;
          case "down_end" -> draft.get(Draft.segment(segment, 3)) + 0x1_0000 - size;
          case "down_beyond" -> draft.get(Draft.segment(segment, 3)) + 0x1_0000 - size + 1;
          default -> 0;
        };
    if (edge != 0) {
      return edge;
    }
    boolean misaligned = draft.flag("mem.misaligned");
    long linear = Layout.DATA + ORDINARY + (misaligned ? 1 : 0);
    if (draft.flag("mem.cross")) {
      // As aligned as an operand across a page boundary can be, unless it is to be misaligned.
      long before = misaligned ? 1 : Integer.highestOneBit(Math.max(1, size - 1));
      linear = Layout.DATA + 0x1000 - before;
    }
    if (draft.flag("mem.page_end")) {
      linear = Layout.DATA + 0x1000 - size;
    }
    linear += TablesBuilder.alias(draft);
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
    return OperandPlace.at(segment, offset, reached, size, reached);
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

  /** Limits and types of the operand's segment at the edge of what they allow. */
  private static void edge(Draft draft, OperandPlace place) {
    Register attributes = Draft.segment(place.segment(), 1);
    switch (draft.word("mem.edge")) {
      case "exact" -> limit(draft, place, place.offset() + place.size() - 1);
      case "down" -> {
        limit(draft, place, place.offset() - 1);
        draft.set(attributes, draft.get(attributes) | EXPAND_DOWN);
      }
      case "down_at" -> {
        limit(draft, place, place.offset());
        draft.set(attributes, draft.get(attributes) | EXPAND_DOWN);
      }
      case "down_end", "down_beyond" -> {
        limit(draft, place, 0x7FFF);
        draft.set(attributes, (draft.get(attributes) | EXPAND_DOWN) & ~Descriptors.DB);
      }
      case "execute_only" -> draft.set(attributes, draft.get(attributes) & ~READABLE);
      default -> {}
    }
  }

  /** A byte-granular limit, so that any value can stand in a descriptor. */
  private static void limit(Draft draft, OperandPlace place, long last) {
    Register attributes = Draft.segment(place.segment(), 1);
    draft.set(Draft.segment(place.segment(), 2), last);
    draft.set(attributes, draft.get(attributes) & ~Descriptors.G);
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
    String small = draft.word("addressing16");
    if (!small.isEmpty() && !small.equals("none")) {
      address16(draft, small, offset);
      return;
    }
    switch (draft.word("addressing_rax")) {
      case "base" -> byRax(draft, RAX, RCX, offset);
      case "index" -> byRax(draft, RCX, RAX, offset);
      default -> plain(draft, offset);
    }
  }

  /** A base and an index that counts eightfold. */
  private static void byRax(Draft draft, int base, int index, long offset) {
    address(draft, index, INDEX);
    address(draft, base, offset - 8 * INDEX - ModRm.DISPLACEMENT);
  }

  private static void plain(Draft draft, long offset) {
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

  /** A base, an index, or both, by their names in {@code form}, and a displacement. */
  private static void address16(Draft draft, String form, long offset) {
    long base = offset - ModRm.displacement16(form);
    String[] names = form.split("_");
    if (names.length == 2) {
      base -= INDEX;
      address(draft, register16(names[1]), INDEX);
    }
    address(draft, register16(names[0]), base);
  }

  private static int register16(String name) {
    return switch (name) {
      case "bx" -> RBX;
      case "bp" -> RBP;
      case "si" -> RSI;
      default -> RDI;
    };
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
