package dev.precept.core.instructions;

import static dev.precept.core.CpuState.AF;
import static dev.precept.core.CpuState.CF;
import static dev.precept.core.CpuState.OF;
import static dev.precept.core.CpuState.PF;
import static dev.precept.core.CpuState.SF;
import static dev.precept.core.CpuState.ZF;
import static dev.precept.core.OpcodeRow.LOCKABLE;
import static dev.precept.core.OpcodeRow.NO64;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.Instruction;
import dev.precept.core.OpcodeMap;

/** Integer arithmetic and logic (APM vol. 3, chapter 3): ADD to CMP, INC to NEG, TEST, MUL, DIV. */
public final class ArithmeticInstructions {
  private static final String[] NAMES = {"ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"};
  private static final long STATUS = CF | PF | AF | ZF | SF | OF;

  private ArithmeticInstructions() {}

  /** Adds this family's rows. */
  public static void register(OpcodeMap map) {
    for (int n = 0; n < 8; n++) {
      int operation = n;
      int lock = n == 7 ? 0 : LOCKABLE;
      String name = NAMES[n];
      map.row(8 * n, name + " Eb,Gb", lock, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(8 * n + 1, name + " Ev,Gv", lock, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(8 * n + 2, name + " Gb,Eb", 0, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(8 * n + 3, name + " Gv,Ev", 0, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(8 * n + 4, name + " AL,Ib", 0, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(8 * n + 5, name + " rAX,Iz", 0, (cpu, insn) -> alu(cpu, insn, operation));
      map.group(0x80, n, name + " Eb,Ib", lock, (cpu, insn) -> alu(cpu, insn, operation));
      map.group(0x81, n, name + " Ev,Iz", lock, (cpu, insn) -> alu(cpu, insn, operation));
      map.group(0x82, n, name + " Eb,Ib", lock | NO64, (cpu, insn) -> alu(cpu, insn, operation));
      map.group(0x83, n, name + " Ev,sIb", lock, (cpu, insn) -> alu(cpu, insn, operation));
      map.row(0x40 + n, "INC Zv", NO64, ArithmeticInstructions::increment);
      map.row(0x48 + n, "DEC Zv", NO64, ArithmeticInstructions::decrement);
    }
    map.group(0xFE, 0, "INC Eb", LOCKABLE, ArithmeticInstructions::increment);
    map.group(0xFE, 1, "DEC Eb", LOCKABLE, ArithmeticInstructions::decrement);
    map.group(0xFF, 0, "INC Ev", LOCKABLE, ArithmeticInstructions::increment);
    map.group(0xFF, 1, "DEC Ev", LOCKABLE, ArithmeticInstructions::decrement);
    map.row(0x84, "TEST Eb,Gb", 0, ArithmeticInstructions::test);
    map.row(0x85, "TEST Ev,Gv", 0, ArithmeticInstructions::test);
    map.row(0xA8, "TEST AL,Ib", 0, ArithmeticInstructions::test);
    map.row(0xA9, "TEST rAX,Iz", 0, ArithmeticInstructions::test);
    for (int n = 0; n < 2; n++) {
      map.group(0xF6, n, "TEST Eb,Ib", 0, ArithmeticInstructions::test);
      map.group(0xF7, n, "TEST Ev,Iz", 0, ArithmeticInstructions::test);
    }
    map.group(0xF6, 2, "NOT Eb", LOCKABLE, ArithmeticInstructions::not);
    map.group(0xF7, 2, "NOT Ev", LOCKABLE, ArithmeticInstructions::not);
    map.group(0xF6, 3, "NEG Eb", LOCKABLE, ArithmeticInstructions::negate);
    map.group(0xF7, 3, "NEG Ev", LOCKABLE, ArithmeticInstructions::negate);
    map.group(0xF6, 4, "MUL Eb", 0, ArithmeticInstructions::multiply);
    map.group(0xF7, 4, "MUL Ev", 0, ArithmeticInstructions::multiply);
    map.group(0xF6, 5, "IMUL Eb", 0, ArithmeticInstructions::multiply);
    map.group(0xF7, 5, "IMUL Ev", 0, ArithmeticInstructions::multiply);
    map.group(0xF6, 6, "DIV Eb", 0, ArithmeticInstructions::divide);
    map.group(0xF7, 6, "DIV Ev", 0, ArithmeticInstructions::divide);
    map.group(0xF6, 7, "IDIV Eb", 0, ArithmeticInstructions::divide);
    map.group(0xF7, 7, "IDIV Ev", 0, ArithmeticInstructions::divide);
    map.row(0x69, "IMUL Gv,Ev,Iz", 0, (cpu, insn) -> multiplyInto(cpu, insn, 1, 2));
    map.row(0x6B, "IMUL Gv,Ev,sIb", 0, (cpu, insn) -> multiplyInto(cpu, insn, 1, 2));
    map.row(0x0FAF, "IMUL Gv,Ev", 0, (cpu, insn) -> multiplyInto(cpu, insn, 0, 1));
    String[] shifts = {"ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAL", "SAR"};
    for (int n = 0; n < 8; n++) {
      map.group(0xC0, n, shifts[n] + " Eb,Ib", 0, ArithmeticInstructions::shift);
      map.group(0xC1, n, shifts[n] + " Ev,Ib", 0, ArithmeticInstructions::shift);
      map.group(0xD0, n, shifts[n] + " Eb,1", 0, ArithmeticInstructions::shift);
      map.group(0xD1, n, shifts[n] + " Ev,1", 0, ArithmeticInstructions::shift);
      map.group(0xD2, n, shifts[n] + " Eb,CL", 0, ArithmeticInstructions::shift);
      map.group(0xD3, n, shifts[n] + " Ev,CL", 0, ArithmeticInstructions::shift);
    }
    map.row(0x98, "CBW", 0, ArithmeticInstructions::convertInAccumulator);
    map.row(0x99, "CWD", 0, ArithmeticInstructions::convertToPair);
    map.row(0x0FC0, "XADD Eb,Gb", LOCKABLE, ArithmeticInstructions::exchangeAdd);
    map.row(0x0FC1, "XADD Ev,Gv", LOCKABLE, ArithmeticInstructions::exchangeAdd);
  }

  private static void alu(Cpu cpu, Instruction insn, int operation) {
    int size = cpu.size(insn, 0);
    boolean compare = operation == 7;
    boolean memoryDestination = (insn.memory && (insn.opcode & 2) == 0) || insn.opcode >= 0x80;
    long a = memoryDestination && !compare ? cpu.loadForUpdate(insn, 0) : cpu.load(insn, 0);
    long b = cpu.load(insn, 1) & Cpu.mask(size);
    long carry = cpu.state.rflags & CF;
    long flags;
    long r;
    switch (operation) {
      case 0, 2 -> {
        long c = operation == 2 ? carry : 0;
        r = a + b + c;
        flags = addFlags(a, b, r, size);
      }
      case 3, 5, 7 -> {
        long c = operation == 3 ? carry : 0;
        r = a - b - c;
        flags = subFlags(a, b, r, size);
      }
      case 1 -> {
        r = a | b;
        flags = logicFlags(r, size);
      }
      case 4 -> {
        r = a & b;
        flags = logicFlags(r, size);
      }
      default -> {
        r = a ^ b;
        flags = logicFlags(r, size);
      }
    }
    if (!compare) {
      cpu.store(insn, 0, r);
    }
    setStatus(cpu, flags);
  }

  static void setStatus(Cpu cpu, long flags) {
    cpu.state.rflags = (cpu.state.rflags & ~STATUS) | flags;
  }

  private static long sign(long value, int size) {
    return value >>> (8 * size - 1) & 1;
  }

  static long logicFlags(long result, int size) {
    long r = result & Cpu.mask(size);
    long flags = r == 0 ? ZF : 0;
    if (sign(r, size) != 0) {
      flags |= SF;
    }
    if ((Integer.bitCount((int) r & 0xFF) & 1) == 0) {
      flags |= PF;
    }
    return flags;
  }

  static long addFlags(long a, long b, long r, int size) {
    long flags = logicFlags(r, size) | ((a ^ b ^ r) & AF);
    long carry = (a & b) | ((a | b) & ~r);
    flags |= sign(carry, size);
    return sign((a ^ r) & (b ^ r), size) != 0 ? flags | OF : flags;
  }

  static long subFlags(long a, long b, long r, int size) {
    long flags = logicFlags(r, size) | ((a ^ b ^ r) & AF);
    long borrow = (~a & b) | ((~a | b) & r);
    flags |= sign(borrow, size);
    return sign((a ^ b) & (a ^ r), size) != 0 ? flags | OF : flags;
  }

  private static void increment(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    long a = cpu.loadForUpdate(insn, 0);
    cpu.store(insn, 0, a + 1);
    setStatus(cpu, (addFlags(a, 1, a + 1, size) & ~CF) | (cpu.state.rflags & CF));
  }

  private static void decrement(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    long a = cpu.loadForUpdate(insn, 0);
    cpu.store(insn, 0, a - 1);
    setStatus(cpu, (subFlags(a, 1, a - 1, size) & ~CF) | (cpu.state.rflags & CF));
  }

  private static void not(Cpu cpu, Instruction insn) {
    cpu.store(insn, 0, ~cpu.loadForUpdate(insn, 0));
  }

  private static void negate(Cpu cpu, Instruction insn) {
    long a = cpu.loadForUpdate(insn, 0);
    cpu.store(insn, 0, -a);
    setStatus(cpu, subFlags(0, a, -a, cpu.size(insn, 0)));
  }

  private static void test(Cpu cpu, Instruction insn) {
    long r = cpu.load(insn, 0) & cpu.load(insn, 1);
    setStatus(cpu, logicFlags(r, cpu.size(insn, 0)));
  }

  private static void exchangeAdd(Cpu cpu, Instruction insn) {
    long a = cpu.loadForUpdate(insn, 0);
    long b = cpu.load(insn, 1);
    if (insn.memory) {
      cpu.store(insn, 0, a + b);
      cpu.store(insn, 1, a);
    } else {
      // With equal registers the sum stays.
      cpu.store(insn, 1, a);
      cpu.store(insn, 0, a + b);
    }
    setStatus(cpu, addFlags(a, b, a + b, cpu.size(insn, 0)));
  }

  private static long extend(long value, int size) {
    int shift = 64 - 8 * size;
    return value << shift >> shift;
  }

  private static void multiply(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    boolean signed = insn.group() == 5;
    long a = cpu.gpr(0, size);
    long b = cpu.load(insn, 0);
    long low;
    long high;
    boolean overflow;
    if (signed) {
      a = extend(a, size);
      b = extend(b, size);
      low = a * b;
      high = size == 8 ? Math.multiplyHigh(a, b) : low >> (8 * size);
      overflow = size == 8 ? high != low >> 63 : extend(low, size) != low;
    } else {
      low = a * b;
      high = size == 8 ? unsignedHigh(a, b) : low >>> (8 * size);
      overflow = high != 0;
    }
    if (size == 1) {
      cpu.setGpr(0, 2, low);
    } else {
      cpu.setGpr(0, size, low);
      cpu.setGpr(2, size, high);
    }
    setStatus(cpu, logicFlags(low, size) | (overflow ? CF | OF : 0));
  }

  private static long unsignedHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }

  private static void multiplyInto(Cpu cpu, Instruction insn, int first, int second) {
    int size = insn.operandSize;
    long a = extend(cpu.load(insn, first), size);
    long b = extend(cpu.load(insn, second), size);
    long low = a * b;
    boolean overflow = size == 8 ? Math.multiplyHigh(a, b) != low >> 63 : extend(low, size) != low;
    cpu.store(insn, 0, low);
    setStatus(cpu, logicFlags(low, size) | (overflow ? CF | OF : 0));
  }

  private static void divide(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    boolean signed = insn.group() == 7;
    long divisor = cpu.load(insn, 0);
    if (divisor == 0) {
      throw cpu.fault(CpuFault.DE);
    }
    if (size == 8) {
      divide128(cpu, divisor, signed);
      return;
    }
    int bits = 8 * size;
    long dividend = size == 1 ? cpu.gpr(0, 2) : cpu.gpr(2, size) << bits | cpu.gpr(0, size);
    long quotient;
    long remainder;
    boolean fits;
    if (signed) {
      long d = extend(divisor, size);
      long n = extend(dividend, 2 * size);
      quotient = n / d;
      remainder = n % d;
      // The quotient of the most negative value by -1 does not fit 64 bits either.
      fits = extend(quotient, size) == quotient && !(n == Long.MIN_VALUE && d == -1);
    } else {
      quotient = Long.divideUnsigned(dividend, divisor);
      remainder = Long.remainderUnsigned(dividend, divisor);
      fits = quotient >>> bits == 0;
    }
    if (!fits) {
      throw cpu.fault(CpuFault.DE);
    }
    if (size == 1) {
      cpu.setGpr(0, 2, (quotient & 0xFF) | (remainder & 0xFF) << 8);
    } else {
      cpu.setGpr(0, size, quotient);
      cpu.setGpr(2, size, remainder);
    }
  }

  private static void divide128(Cpu cpu, long divisor, boolean signed) {
    long high = cpu.state.gpr[2];
    long low = cpu.state.gpr[0];
    boolean negative = signed && high < 0;
    boolean flip = signed && negative != divisor < 0;
    if (negative) {
      low = -low;
      high = ~high + (low == 0 ? 1 : 0);
    }
    long d = signed && divisor < 0 ? -divisor : divisor;
    if (Long.compareUnsigned(high, d) >= 0) {
      throw cpu.fault(CpuFault.DE);
    }
    long quotient = 0;
    long rest = high;
    for (int i = 63; i >= 0; i--) {
      boolean out = rest < 0;
      rest = rest << 1 | (low >>> i & 1);
      if (out || Long.compareUnsigned(rest, d) >= 0) {
        rest -= d;
        quotient |= 1L << i;
      }
    }
    if (signed && (flip ? Long.compareUnsigned(quotient, Long.MIN_VALUE) > 0 : quotient < 0)) {
      throw cpu.fault(CpuFault.DE);
    }
    cpu.state.gpr[0] = flip ? -quotient : quotient;
    cpu.state.gpr[2] = negative ? -rest : rest;
  }

  private static void convertInAccumulator(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    cpu.setGpr(0, size, extend(cpu.state.gpr[0], size / 2));
  }

  private static void convertToPair(Cpu cpu, Instruction insn) {
    int size = insn.operandSize;
    cpu.setGpr(2, size, extend(cpu.state.gpr[0], size) >> 63);
  }

  private static void shift(Cpu cpu, Instruction insn) {
    int size = cpu.size(insn, 0);
    int bits = 8 * size;
    int count = (int) cpu.load(insn, 1) & (size == 8 ? 63 : 31);
    long a = cpu.loadForUpdate(insn, 0);
    if (count == 0) {
      cpu.store(insn, 0, a);
      return;
    }
    long old = cpu.state.rflags;
    long carry = old & CF;
    long r = a;
    int group = insn.group();
    for (int i = 0; i < count; i++) {
      long top = sign(r, size);
      long bottom = r & 1;
      switch (group) {
        case 0 -> {
          r = r << 1 | top;
          carry = top;
        }
        case 1 -> {
          r = r >>> 1 | bottom << (bits - 1);
          carry = bottom;
        }
        case 2 -> {
          r = r << 1 | carry;
          carry = top;
        }
        case 3 -> {
          r = r >>> 1 | carry << (bits - 1);
          carry = bottom;
        }
        case 5 -> {
          r = r >>> 1;
          carry = bottom;
        }
        case 7 -> {
          r = r >>> 1 | top << (bits - 1);
          carry = bottom;
        }
        default -> {
          r = r << 1;
          carry = top;
        }
      }
      r &= Cpu.mask(size);
    }
    cpu.store(insn, 0, r);
    long top = sign(r, size);
    long overflow =
        switch (group) {
          case 0, 2, 4, 6 -> top ^ carry;
          case 1, 3 -> top ^ (r >>> (bits - 2) & 1);
          case 5 -> sign(a, size);
          default -> 0;
        };
    long flags = group < 4 ? old & (PF | AF | ZF | SF) : logicFlags(r, size);
    setStatus(cpu, flags | carry | (overflow != 0 ? OF : 0));
  }
}
