package dev.precept.core;

import java.util.ArrayList;
import java.util.List;

/** Operand kinds, spelt as in the manual's opcode map (APM vol. 3, appendix A.1). */
public enum Operand {
  /** Byte register or memory by ModRM.r/m. */
  Eb(1, true),
  /** Word register or memory. */
  Ew(2, true),
  /** Doubleword register or memory. */
  Ed(4, true),
  /** Register or memory of the operand size. */
  Ev(0, true),
  /** Register or memory, 8 bytes in 64-bit mode and 4 elsewhere. */
  Ey(-1, true),
  /** Register of the operand size, or word in memory (segment stores, SLDT, SMSW). */
  Mw(2, true),
  /** Memory of any size. */
  M(0, true),
  /** Byte register by ModRM.reg. */
  Gb(1, true),
  /** Word register by ModRM.reg. */
  Gw(2, true),
  /** Register of the operand size by ModRM.reg. */
  Gv(0, true),
  /** Register, 8 bytes in 64-bit mode and 4 elsewhere. */
  Gy(-1, true),
  /** General register by ModRM.r/m, whatever mod says, 8 bytes in 64-bit mode and 4 elsewhere. */
  Ry(-1, true),
  /** Control register by ModRM.reg. */
  Cy(-1, true),
  /** Debug register by ModRM.reg. */
  Dy(-1, true),
  /** Segment register by ModRM.reg. */
  Sw(2, true),
  /** Byte register by opcode bits 2:0. */
  Zb(1, false),
  /** Register of the operand size by opcode bits 2:0. */
  Zv(0, false),
  /** XMM register by ModRM.reg, 16 bytes. */
  Vo(16, true),
  /** XMM register or memory by ModRM.r/m, 16 bytes. */
  Wo(16, true),
  /** Immediate byte, zero-extended. */
  Ib(1, false),
  /** Immediate byte, sign-extended. */
  Bs(0, false),
  /** Immediate word. */
  Iw(2, false),
  /** Immediate byte behind another immediate (ENTER). */
  Ib2(1, false),
  /** Immediate word or doubleword, sign-extended to the operand size. */
  Iz(0, false),
  /** Immediate of the operand size, up to 8 bytes (MOV). */
  Iv(0, false),
  /** Byte displacement of a branch. */
  Jb(1, false),
  /** Word or doubleword displacement of a branch. */
  Jz(0, false),
  /** Far pointer: offset of the operand size, then selector. */
  Ap(0, false),
  /** Byte at an absolute offset. */
  Ob(1, false),
  /** Operand-size value at an absolute offset. */
  Ov(0, false),
  /** AL. */
  AL(1, false),
  /** rAX of the operand size. */
  rAX(0, false),
  /** CL. */
  CL(1, false),
  /** DX. */
  DX(2, false),
  /** The constant 1. */
  ONE(1, false),
  /** Physical address in rAX of the address size (VMRUN, VMLOAD, VMSAVE). */
  PA(0, false);

  private static final Operand[] NO_OPERANDS = {};

  /** 1, 2, 4; 0 operand size; -1 native (8 in 64-bit mode, else 4). */
  final int size;

  private final boolean modrm;

  Operand(int size, boolean modrm) {
    this.size = size;
    this.modrm = modrm;
  }

  boolean modrm() {
    return modrm;
  }

  /** Parses {@code "ADD Eb,Gb"}: what stands behind the first blank. */
  static Operand[] parse(String text) {
    int blank = text.indexOf(' ');
    if (blank < 0) {
      return NO_OPERANDS;
    }
    List<Operand> found = new ArrayList<>();
    for (String word : text.substring(blank + 1).split(",", -1)) {
      found.add(
          switch (word.trim()) {
            case "sIb" -> Bs;
            case "rAX.pa" -> PA;
            case "1" -> ONE;
            default -> valueOf(word.trim());
          });
    }
    return found.toArray(NO_OPERANDS);
  }
}
