package dev.precept.core;

/**
 * One row of the opcode map: all that decoding and the straight-line checks of {@link Cpu#step}
 * need to know of an opcode. Built once while tables are registered, then only read.
 *
 * <p>The order of checks is fixed (and is what rows rely on); where in it the intercept stands is a
 * column of the row for each {@link Vendor}:
 *
 * <ol>
 *   <li>fetch (#PF, #GP), decode: undefined opcode, {@link #NO64}/{@link #ONLY64}, LOCK (#UD)
 *   <li>{@link Stage#BEFORE_EXCEPTIONS}
 *   <li>{@link #gate} closed, {@link #PROT} in real or virtual-8086 mode, {@link #NOT_V86} in
 *       virtual-8086 mode (#UD)
 *   <li>{@link Stage#AFTER_UD}
 *   <li>{@link #CPL0} (#GP(0)), {@link #PROT_GP} in real mode and {@link #V86_GP} in virtual-8086
 *       mode (#GP(0)); {@link #privilege}; operand {@code rAX.pa} misaligned or beyond the physical
 *       width (#GP(0))
 *   <li>{@link Stage#AFTER_PRIVILEGE}
 *   <li>{@link #check} (whatever flags cannot say)
 *   <li>{@link Stage#AFTER_CHECKS}
 *   <li>only for rows that use it: memory operand, {@link Stage#AFTER_MEMORY}
 *   <li>{@link #handler}, which performs memory accesses and calls hooks
 * </ol>
 */
public final class OpcodeRow {
  /** #GP(0) unless CPL is 0. */
  public static final int CPL0 = 1;

  /** #UD in real and virtual-8086 mode. */
  public static final int PROT = 1 << 1;

  /** #UD in virtual-8086 mode. */
  public static final int NOT_V86 = 1 << 2;

  /** #GP(0) in real mode. */
  public static final int PROT_GP = 1 << 3;

  /** #GP(0) in virtual-8086 mode. */
  public static final int V86_GP = 1 << 4;

  /** LOCK is allowed with a memory operand; without this flag LOCK is #UD. */
  public static final int LOCKABLE = 1 << 5;

  /** #UD in 64-bit mode. */
  public static final int NO64 = 1 << 6;

  /** #UD outside 64-bit mode. */
  public static final int ONLY64 = 1 << 7;

  /** Operand size is 64 in 64-bit mode unless 66h makes it 16 (PUSH, POP, near branches). */
  public static final int DEFAULT64 = 1 << 8;

  /** Operand size is 64 in 64-bit mode and 32 elsewhere, whatever prefixes say (MOV CRn). */
  public static final int FORCE64 = 1 << 9;

  /** ModRM must designate memory, else #UD. */
  public static final int MEM = 1 << 10;

  /** ModRM must designate a register, else #UD. */
  public static final int REG = 1 << 11;

  /** mod is ignored: r/m is always a register (MOV CRn, DRn). */
  public static final int REG_ALWAYS = 1 << 12;

  /** A LOCK prefix means something else here and is decoded by the handler (MOV CR8). */
  public static final int LOCK_OK = 1 << 13;

  /** Executes an instruction: memory accesses, hooks, register writes, in that order. */
  @FunctionalInterface
  public interface Handler {
    /** Executes {@code insn}. */
    void execute(Cpu cpu, Instruction insn);
  }

  /** Whether the opcode exists at all here (CPUID, EFER.SVME); if not, #UD. */
  @FunctionalInterface
  public interface Gate {
    /** True if the instruction exists. */
    boolean open(Cpu cpu, Instruction insn);
  }

  /** The manual's spelling, with operands: {@code "ADD Eb,Gb"}. */
  public final String name;

  /** Flag constants of this class, ored. */
  public final int flags;

  /** Performs the instruction. */
  public final Handler handler;

  /** Operands in order. */
  final Operand[] operands;

  /** Whether rAX is a physical address to be checked. */
  final boolean physicalOperand;

  /** Whether a ModRM byte follows the opcode. */
  boolean modrm;

  /** How narrow the ModRM pattern is: 2 exact byte, 1 register or memory form, 0 neither. */
  int specificity;

  /** Mandatory prefix: -1 any, 0 none, 66h, F2h or F3h. */
  int prefix = -1;

  /** #UD if closed. */
  public Gate gate = (cpu, insn) -> true;

  /** Privilege checks with a condition (CR4.TSD, PCE, UMIP); as {@link #check}. */
  Handler privilege = (cpu, insn) -> {};

  /** Checks that flags cannot say; throws {@link CpuFault} through {@link Cpu}. */
  public Handler check = (cpu, insn) -> {};

  /** Id from {@link Intercept}, by {@link Vendor}. */
  final int[] intercepts = new int[Vendor.COUNT];

  /** When the intercept is checked, by {@link Vendor}. */
  final Stage[] stages = {Stage.NONE, Stage.NONE, Stage.NONE};

  OpcodeRow(String text, int flags, Handler handler) {
    this.name = text;
    this.flags = flags;
    this.handler = handler;
    this.operands = Operand.parse(text);
    boolean physical = false;
    for (Operand operand : operands) {
      modrm |= operand.modrm();
      physical |= operand == Operand.PA;
    }
    physicalOperand = physical;
  }

  /** #UD unless {@code newGate} is open. */
  public OpcodeRow gate(Gate newGate) {
    gate = newGate;
    return this;
  }

  /** Privilege checks to make behind the privilege flags. */
  public OpcodeRow privilege(Handler newCheck) {
    privilege = newCheck;
    return this;
  }

  /** Checks to make after those of privilege. */
  public OpcodeRow check(Handler newCheck) {
    check = newCheck;
    return this;
  }

  /** SVM's intercept and when it is checked. */
  public OpcodeRow svm(int id, Stage when) {
    return intercept(Vendor.SVM, id, when);
  }

  /** VMX's VM exit and when it is checked. */
  public OpcodeRow vmx(int id, Stage when) {
    return intercept(Vendor.VMX, id, when);
  }

  private OpcodeRow intercept(Vendor vendor, int id, Stage when) {
    intercepts[vendor.ordinal()] = id;
    stages[vendor.ordinal()] = when;
    return this;
  }

  /** Whether all {@code bits} are set. */
  public boolean has(int bits) {
    return (flags & bits) != 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
