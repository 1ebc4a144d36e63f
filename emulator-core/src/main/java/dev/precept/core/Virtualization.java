package dev.precept.core;

/**
 * A virtualization vendor as a strategy: {@link #NONE}, SVM, VMX. The core calls it at the stages
 * and in the callbacks below; every default does nothing.
 *
 * <p>A hook that decides to exit performs the whole world switch (saves guest state from {@code
 * cpu.state}, whose RIP still is the instruction's own, and loads the host's). {@link #intercept}
 * and {@link #shutdown} then return true; every other hook throws {@link ExitSignal#INSTANCE}. The
 * core touches nothing afterwards and {@link Cpu#step} returns {@link StepResult#EXITED}.
 *
 * <p>While an event is being delivered {@link Cpu#delivering} and its neighbours tell which, for
 * EXITINTINFO.
 */
public interface Virtualization {
  /** No virtualization: nothing is intercepted. */
  Virtualization NONE = new Virtualization() {};

  /** Whose this is: the column of the opcode rows' intercepts that counts. */
  default Vendor vendor() {
    return Vendor.NONE;
  }

  /**
   * Asks whether the instruction intercept {@code id} of {@link Intercept} is taken.
   *
   * @return true if the exit was taken
   */
  default boolean intercept(Cpu cpu, int id, Instruction insn) {
    return false;
  }

  /** MOV from CRn into general register {@code gpr}; SMSW with {@code gpr} -1. */
  default void readControlRegister(Cpu cpu, Instruction insn, int cr, int gpr) {}

  /**
   * MOV to CRn, LMSW or CLTS (gpr -1), after the value's checks and before it is loaded.
   *
   * @param cr register number, 0 to 15
   * @param gpr source general register, or -1 for LMSW and CLTS
   * @param value the value that would be loaded
   */
  default void writeControlRegister(Cpu cpu, Instruction insn, int cr, int gpr, long value) {}

  /** MOV from DRn into general register {@code gpr}. */
  default void readDebugRegister(Cpu cpu, Instruction insn, int dr, int gpr) {}

  /** MOV to DRn from general register {@code gpr}. */
  default void writeDebugRegister(Cpu cpu, Instruction insn, int dr, int gpr, long value) {}

  /** RDMSR, after common exceptions and before those of the particular MSR. */
  default void readMsr(Cpu cpu, Instruction insn, int msr) {}

  /** WRMSR, after common exceptions and before those of the particular MSR. */
  default void writeMsr(Cpu cpu, Instruction insn, int msr, long value) {}

  /**
   * Whether RDMSR and WRMSR of {@code msr} are given to {@link #readVirtualMsr} and {@link
   * #writeVirtualMsr} instead of the processor's MSR. Asked when neither exits.
   */
  default boolean virtualizesMsr(Cpu cpu, int msr) {
    return false;
  }

  /** What an MSR that is virtualized reads as. */
  default long readVirtualMsr(Cpu cpu, int msr) {
    throw new IllegalStateException("no MSR is virtualized");
  }

  /** Writes an MSR that is virtualized, with the faults of its value. */
  default void writeVirtualMsr(Cpu cpu, Instruction insn, int msr, long value) {
    throw new IllegalStateException("no MSR is virtualized");
  }

  /**
   * IN, OUT, INS, OUTS: after virtual-8086, IOPL and TSS-bitmap checks, before all others (APM vol.
   * 2, 15.10.2). INS and OUTS have no row operands; {@code insn.rep} tells REP, {@code
   * insn.addressSize} the address size.
   *
   * @param port 0 to FFFFh
   * @param size 1, 2 or 4 bytes
   * @param in true for IN and INS
   * @param string true for INS and OUTS
   * @param segment effective segment as Sreg number (INS: ES)
   */
  default void io(
      Cpu cpu, Instruction insn, int port, int size, boolean in, boolean string, int segment) {}

  /**
   * An exception is about to be delivered: before it is combined with one being delivered, before
   * CR2 is written for #PF (its address is {@code fault.address}) and before DR6 and DR7 are
   * written for #DB ({@link EventDelivery#recordDebug}). Not called for INTn, ICEBP and external
   * events, but for INT3 (#BP), INTO (#OF) and #DF.
   */
  default void exception(Cpu cpu, CpuFault fault) {}

  /** ICEBP (INT1) is about to deliver vector 1, without touching DR6. */
  default void icebp(Cpu cpu) {}

  /**
   * A task switch is about to take place; the incoming TSS and gate were checked.
   *
   * @param selector of the incoming TSS
   * @param reason one of the TASK_ constants
   * @param hasErrorCode whether an error code will be pushed
   * @param errorCode that error code
   * @param rf RFLAGS.RF as it would be saved in the outgoing TSS
   */
  default void taskSwitch(
      Cpu cpu, int selector, int reason, boolean hasErrorCode, int errorCode, boolean rf) {}

  /** Reasons of a task switch. */
  int TASK_CALL = 0, TASK_IRET = 1, TASK_JMP = 2, TASK_EVENT = 3;

  /**
   * The processor is about to shut down.
   *
   * @return true if the exit was taken instead
   */
  default boolean shutdown(Cpu cpu) {
    return false;
  }

  /** A LOCKed or split access is about to lock the bus; after the operand's fault checks. */
  default void busLock(Cpu cpu, Instruction insn) {}

  /** Before each instruction boundary's fetch: pending (virtual) interrupts. */
  default void boundary(Cpu cpu) {}

  /**
   * A write of CRn (MOV, LMSW, CLTS) took effect; the instruction is complete but for RIP, which is
   * {@code insn.nextRip}. Exits here are trap-like.
   */
  default void controlRegisterWritten(Cpu cpu, Instruction insn, int cr) {}

  /** A WRMSR of EFER took effect; as {@link #controlRegisterWritten}. */
  default void eferWritten(Cpu cpu, Instruction insn) {}

  /** State that was put aside. */
  interface Saved {
    /** Puts it back; as often as one likes. Allocates nothing. */
    void restore();
  }

  /** Puts aside what the strategy holds beside {@link CpuState} and memory. */
  default Saved save() {
    return () -> {};
  }

  /** The processor is reset: forgets any guest without writing anything back. */
  default void reset() {}

  /**
   * Whether a guest is allowed the instruction of an {@link Intercept} id; where not, it raises #UD
   * as if it did not exist. Asked by the gates of the instructions that a control can take away.
   */
  default boolean allows(Cpu cpu, int id) {
    return true;
  }

  /** Time-stamp counter as RDTSC, RDTSCP and RDMSR give it here. */
  default long timestamp(Cpu cpu) {
    return cpu.state.tsc;
  }

  /** IRET begins to execute: it may still fault. */
  default void iretBegins(Cpu cpu) {}

  /** IRET completed: NMIs are unblocked. */
  default void iretCompleted(Cpu cpu) {
    cpu.state.nmiMasked = false;
  }

  /**
   * A #DB trap is about to follow the instruction that has just completed.
   *
   * @param dr6 the DR6 bits of the trap
   */
  default void debugTrap(Cpu cpu, long dr6) {}

  /** The processor is in shutdown: whether anything wakes it. Called once a step. */
  default void asleep(Cpu cpu) {}

  /** What software reads of control register {@code cr} (0, 4 or 8), which holds {@code value}. */
  default long readableControlRegister(Cpu cpu, int cr, long value) {
    return value;
  }

  /** What a write of {@code value} to CR0 or CR4 leaves there: bits of the host's stay. */
  default long writableControlRegister(Cpu cpu, int cr, long value) {
    return value;
  }

  /** Whether CR0 or CR4 may hold {@code value} here; if not, writing it is #GP(0). */
  default boolean supportsControlRegister(Cpu cpu, int cr, long value) {
    return true;
  }

  /**
   * Writes the task priority that MOV to CR8 gives, if it is virtual.
   *
   * @return true if it is, and CR8 stays as it is
   */
  default boolean writesTpr(Cpu cpu, long value) {
    return false;
  }

  /**
   * Translates the PASID of a command that ENQCMD or ENQCMDS sends, or exits.
   *
   * @param command PASID in bits 19:0; for ENQCMDS the command's first doubleword
   * @return the PASID to send, 20 bits
   */
  default int translatePasid(Cpu cpu, Instruction insn, int command) {
    return command & 0xF_FFFF;
  }

  /** Whether {@link #translate} does anything (nested paging is on). */
  default boolean nested(Cpu cpu) {
    return false;
  }

  /**
   * Translates a guest-physical to a system-physical address under nested paging, or exits.
   *
   * <p>{@link Mmu#linear} is the linear address whose translation needs it.
   *
   * @param access PTE bits of the access: {@link Mmu#WRITE}, {@link Mmu#USER}, {@link Mmu#FETCH}
   * @param tableWalk true for the guest's own page-table entries, which are read, and written only
   *     to set accessed and dirty bits; false for the final address
   */
  default long translate(Cpu cpu, long guestPhysical, int access, boolean tableWalk) {
    return guestPhysical;
  }

  /**
   * Whether PAE paging uses the page-directory-pointer entries in {@link CpuState#pdpte}, loaded
   * together with CR3, and not those in memory.
   */
  default boolean pdptesInRegisters(Cpu cpu) {
    return false;
  }

  /**
   * Whether loading CR3 under PAE paging looks at the page-directory-pointer entries: a guest with
   * SVM's nested paging finds them on its walks alone (APM vol. 2, 15.25.10).
   */
  default boolean pdptesLoadedWithCr3(Cpu cpu) {
    return true;
  }
}
