package dev.precept.core;

/**
 * Fetches and decodes one instruction in any of the six modes (APM vol. 3, chapter 1). A byte is
 * fetched only when decoding needs it, so a fault on a later page is seen only if the bytes before
 * it ask for more.
 */
final class Decoder {
  /** APM vol. 3, 1.1: longer instructions raise #GP. */
  private static final int MAX_LENGTH = 15;

  private final Cpu cpu;
  private Instruction insn;
  private boolean code64;
  private boolean user;
  private long page;

  Decoder(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Decodes the instruction at CS:rIP; {@code insn.row} is null if the opcode is undefined. */
  void decode(Instruction into) {
    CpuState s = cpu.state;
    insn = into;
    code64 = s.code64();
    user = s.cpl == 3;
    into.rip = s.rip;
    into.length = 0;
    into.lock = false;
    into.rep = 0;
    into.operandSizePrefix = false;
    into.addressSizePrefix = false;
    into.rex = 0;
    into.segmentOverride = -1;
    into.hasModRm = false;
    into.modrm = 0;
    into.reg = 0;
    into.rm = 0;
    into.memory = false;
    into.segment = Segment.DS;
    into.offset = 0;
    into.base = -1;
    into.index = -1;
    into.scale = 0;
    into.displacement = 0;
    into.ripRelative = false;
    into.immediate = 0;
    into.immediate2 = 0;
    into.physicalAddress = 0;
    into.row = null;
    into.opcode = 0;
    into.operandSize = 2;
    into.addressSize = 2;

    int opcode = prefixes();
    sizes();
    int index = opcode;
    if (opcode == 0x0F) {
      int second = fetch8();
      if (second == 0x38 || second == 0x3A) {
        int third = fetch8();
        into.opcode = 0x0F0000 | second << 8 | third;
        index = (second == 0x38 ? 2 : 3) * 256 + third;
      } else {
        into.opcode = 0x0F00 | second;
        index = 256 + second;
      }
    } else {
      into.opcode = opcode;
    }
    int prefix =
        OpcodeMap.prefixIndex(into.rep != 0 ? into.rep : into.operandSizePrefix ? 0x66 : 0);
    if (cpu.map.hasModRm(index)) {
      into.modrm = fetch8();
      into.hasModRm = true;
      into.reg = (into.modrm >> 3 & 7) | (into.rex & 4) << 1;
      into.rm = (into.modrm & 7) | (into.rex & 1) << 3;
    }
    OpcodeRow row = cpu.map.find(index, prefix, into.modrm);
    into.row = row;
    if (row != null) {
      if ((row.has(OpcodeRow.NO64) && code64) || (row.has(OpcodeRow.ONLY64) && !code64)) {
        into.row = null;
      } else {
        operands(row);
      }
    }
    into.sequentialRip = wrapIp(into.rip + into.length);
    into.nextRip = into.sequentialRip;
    if (into.ripRelative) {
      into.offset += into.sequentialRip;
      if (into.addressSize == 4) {
        into.offset &= 0xFFFF_FFFFL;
      }
    }
  }

  private long wrapIp(long ip) {
    if (code64) {
      return ip;
    }
    return ip & 0xFFFF_FFFFL;
  }

  /** Consumes legacy prefixes and REX; returns the first opcode byte. */
  private int prefixes() {
    for (; ; ) {
      int b = fetch8();
      switch (b) {
        case 0x66 -> insn.operandSizePrefix = true;
        case 0x67 -> insn.addressSizePrefix = true;
        case 0xF0 -> insn.lock = true;
        case 0xF2, 0xF3 -> insn.rep = b;
        case 0x26 -> override(Segment.ES);
        case 0x2E -> override(Segment.CS);
        case 0x36 -> override(Segment.SS);
        case 0x3E -> override(Segment.DS);
        case 0x64 -> insn.segmentOverride = Segment.FS;
        case 0x65 -> insn.segmentOverride = Segment.GS;
        default -> {
          if (code64 && (b & 0xF0) == 0x40) {
            insn.rex = b;
            continue;
          }
          return b;
        }
      }
      // REX counts only right before the opcode (APM vol. 3, 1.2.7).
      insn.rex = 0;
    }
  }

  private void override(int segment) {
    // CS, DS, ES and SS overrides are ignored in 64-bit mode (APM vol. 3, 1.2.4).
    if (!code64) {
      insn.segmentOverride = segment;
    }
  }

  private void sizes() {
    if (code64) {
      insn.addressSize = insn.addressSizePrefix ? 4 : 8;
      insn.operandSize = insn.rexW() ? 8 : insn.operandSizePrefix ? 2 : 4;
    } else {
      boolean big = cpu.state.cs.big();
      insn.addressSize = big != insn.addressSizePrefix ? 4 : 2;
      insn.operandSize = big != insn.operandSizePrefix ? 4 : 2;
    }
  }

  private void operands(OpcodeRow row) {
    if (row.has(OpcodeRow.FORCE64)) {
      insn.operandSize = code64 ? 8 : 4;
    } else if (row.has(OpcodeRow.DEFAULT64) && code64) {
      insn.operandSize = insn.operandSizePrefix && !insn.rexW() ? 2 : 8;
    }
    if (insn.hasModRm && insn.modrm < 0xC0 && !row.has(OpcodeRow.REG_ALWAYS)) {
      insn.memory = true;
      if (insn.addressSize == 2) {
        address16();
      } else {
        address32();
      }
    }
    for (Operand operand : row.operands) {
      switch (operand) {
        case Ib, Ob -> {
          if (operand == Operand.Ob) {
            moffs();
          } else {
            insn.immediate = fetch8();
          }
        }
        case Ib2 -> insn.immediate2 = fetch8();
        case Bs, Jb -> insn.immediate = (byte) fetch8();
        case Iw -> insn.immediate = fetch(2);
        case Iz, Jz -> insn.immediate = insn.operandSize == 2 ? (short) fetch(2) : (int) fetch(4);
        case Iv -> insn.immediate = fetch(insn.operandSize);
        case Ap -> {
          insn.immediate = fetch(insn.operandSize);
          insn.immediate2 = fetch(2);
        }
        case Ov -> moffs();
        default -> {}
      }
    }
  }

  private void moffs() {
    insn.memory = true;
    insn.segment = insn.dataSegment();
    insn.offset = fetch(insn.addressSize);
  }

  private void address16() {
    int mod = insn.modrm >> 6;
    int rm = insn.modrm & 7;
    switch (rm) {
      case 0, 1 -> registers(3, rm + 6);
      case 2, 3 -> registers(5, rm + 4);
      case 4, 5 -> registers(rm + 2, -1);
      case 6 -> {
        if (mod == 0) {
          insn.displacement = (short) fetch(2);
        } else {
          registers(5, -1);
        }
      }
      default -> registers(3, -1);
    }
    if (mod == 1) {
      insn.displacement = (byte) fetch8();
    } else if (mod == 2) {
      insn.displacement = (short) fetch(2);
    }
    effectiveAddress(0xFFFF, insn.base == 5);
  }

  private void registers(int base, int index) {
    insn.base = base;
    insn.index = index;
  }

  private void address32() {
    int mod = insn.modrm >> 6;
    int rm = insn.modrm & 7;
    insn.base = insn.rm;
    if (rm == 4) {
      int sib = fetch8();
      insn.base = (sib & 7) | (insn.rex & 1) << 3;
      int index = (sib >> 3 & 7) | (insn.rex & 2) << 2;
      if (index != 4) {
        insn.index = index;
        insn.scale = sib >> 6;
      }
      if ((sib & 7) == 5 && mod == 0) {
        insn.displacement = (int) fetch(4);
        insn.base = -1;
      }
    } else if (rm == 5 && mod == 0) {
      insn.displacement = (int) fetch(4);
      insn.base = -1;
      insn.ripRelative = code64;
    }
    if (mod == 1) {
      insn.displacement = (byte) fetch8();
    } else if (mod == 2) {
      insn.displacement = (int) fetch(4);
    }
    long mask = insn.addressSize == 4 ? 0xFFFF_FFFFL : -1L;
    effectiveAddress(mask, insn.base == 4 || insn.base == 5);
  }

  /** Base, scaled index and displacement; a base on the stack makes SS the default segment. */
  private void effectiveAddress(long mask, boolean stack) {
    long[] gpr = cpu.state.gpr;
    long offset = insn.displacement;
    if (insn.base >= 0) {
      offset += gpr[insn.base];
    }
    if (insn.index >= 0) {
      offset += gpr[insn.index] << insn.scale;
    }
    insn.offset = offset & mask;
    int segment = stack ? Segment.SS : Segment.DS;
    insn.segment = insn.segmentOverride >= 0 ? insn.segmentOverride : segment;
  }

  private long fetch(int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) fetch8() << (8 * i);
    }
    return value;
  }

  private int fetch8() {
    CpuState s = cpu.state;
    int at = insn.length;
    if (at == MAX_LENGTH) {
      throw cpu.gp(0);
    }
    long offset = insn.rip + at;
    long linear;
    if (code64) {
      linear = offset;
      if (!Mmu.canonical(linear)) {
        throw cpu.gp(0);
      }
    } else {
      offset &= 0xFFFF_FFFFL;
      if (offset > s.cs.limit) {
        throw cpu.gp(0);
      }
      linear = (s.cs.base + offset) & 0xFFFF_FFFFL;
    }
    if (at == 0 || (linear & 0xFFF) == 0) {
      page = cpu.mmu.translate(linear, user ? Mmu.FETCH | Mmu.USER : Mmu.FETCH) & ~0xFFFL;
    }
    int value = cpu.memory.read8(page | (linear & 0xFFF));
    insn.bytes[at] = (byte) value;
    insn.length = at + 1;
    return value;
  }
}
