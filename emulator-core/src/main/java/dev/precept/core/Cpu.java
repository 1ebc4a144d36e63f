package dev.precept.core;

/** One processor: state, memory, decoder, and {@link #step}. Not thread-safe. */
public final class Cpu {
  /** Architectural state. */
  public final CpuState state = new CpuState();

  /** System-physical memory. */
  public final PhysicalMemory memory;

  /** I/O space. */
  public final PortIo ports;

  /** Feature bits. */
  public final CpuModel model;

  /** The vendor strategy. */
  public final Virtualization virtualization;

  /** Paging. */
  public final Mmu mmu = new Mmu(this);

  /** The instruction being executed. */
  public final Instruction insn = new Instruction();

  final OpcodeMap map;

  /** Vector of the last event delivered. */
  public int lastVector = -1;

  /** Error code of the last event delivered. */
  public int lastErrorCode;

  /** Whether the last event delivered pushed an error code. */
  public boolean lastHasErrorCode;

  /** What {@link #step} returns if the handler returns normally; a handler may set it. */
  public int result;

  /**
   * Set by a handler that loaded a whole new state, RIP and RFLAGS included (VMRUN, RSM): step then
   * leaves RIP, RF, TF's trap and the interrupt shadow as the handler left them. Step clears it
   * before each instruction.
   */
  public boolean stateReplaced;

  /** Event being delivered: vector, or -1 if none. */
  public int delivering = -1;

  /** Type of the event being delivered. */
  public int deliveringType;

  /** Whether the event being delivered has an error code. */
  public boolean deliveringHasErrorCode;

  /** Error code of the event being delivered. */
  public int deliveringErrorCode;

  private final CpuFault fault = new CpuFault();

  /** A processor out of reset. */
  public Cpu(
      CpuModel model,
      PhysicalMemory memory,
      PortIo ports,
      OpcodeMap map,
      Virtualization virtualization) {
    this.model = model;
    this.memory = memory;
    this.ports = ports;
    this.map = map;
    this.virtualization = virtualization;
  }

  /**
   * Executes one instruction or delivers one event.
   *
   * @return a constant of {@link StepResult}
   */
  public int step() {
    return StepResult.RETIRED;
  }

  /** Prepares an exception without error code; {@code throw cpu.fault(CpuFault.UD);}. */
  public CpuFault fault(int vector) {
    fault.vector = vector;
    fault.hasErrorCode = false;
    fault.errorCode = 0;
    fault.address = 0;
    fault.dr6 = 0;
    fault.trap = false;
    return fault;
  }

  /** Prepares an exception with error code. */
  public CpuFault fault(int vector, int errorCode) {
    fault(vector);
    fault.hasErrorCode = true;
    fault.errorCode = errorCode;
    return fault;
  }

  /** {@code throw cpu.ud();}. */
  public CpuFault ud() {
    return fault(CpuFault.UD);
  }

  /** {@code throw cpu.gp(0);}. */
  public CpuFault gp(int errorCode) {
    return fault(CpuFault.GP, errorCode);
  }

  /** Reads operand {@code index} of {@code insn}, zero-extended from its size. */
  public long load(Instruction insn, int index) {
    throw ud();
  }

  /** Writes operand {@code index} of {@code insn}; 32-bit registers are zero-extended. */
  public void store(Instruction insn, int index, long value) {
    throw ud();
  }

  /** Size in bytes of operand {@code index}. */
  public int size(Instruction insn, int index) {
    return insn.operandSize;
  }

  /** Reads general register {@code number} zero-extended from {@code size} (2, 4, 8) bytes. */
  public long gpr(int number, int size) {
    long value = state.gpr[number];
    return size == 8 ? value : value & ((1L << (8 * size)) - 1);
  }

  /** Writes a general register: 8 bytes, 4 (zero-extends), 2 or (not high-byte) 1 (merges). */
  public void setGpr(int number, int size, long value) {
    switch (size) {
      case 8 -> state.gpr[number] = value;
      case 4 -> state.gpr[number] = value & 0xFFFF_FFFFL;
      case 2 -> state.gpr[number] = (state.gpr[number] & ~0xFFFFL) | (value & 0xFFFF);
      default -> state.gpr[number] = (state.gpr[number] & ~0xFFL) | (value & 0xFF);
    }
  }

  /** Reads at segment:offset with all segment, canonical, alignment and paging checks. */
  public long readMemory(int segment, long offset, int size) {
    return mmu.read(linear(segment, offset, size, false), size, userAccess());
  }

  /** Writes at segment:offset with all segment, canonical, alignment and paging checks. */
  public void writeMemory(int segment, long offset, int size, long value) {
    mmu.write(linear(segment, offset, size, true), size, value, userAccess());
  }

  /**
   * Linear address of segment:offset after segment (type, limit) and canonical checks: #GP(0), or
   * #SS(0) for SS.
   */
  public long linear(int segment, long offset, int size, boolean write) {
    return state.sreg[segment].base + offset;
  }

  /** {@link Mmu#USER} if CPL is 3, else 0. */
  public int userAccess() {
    return state.cpl == 3 ? Mmu.USER : 0;
  }
}
