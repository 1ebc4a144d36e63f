package dev.precept.core;

/**
 * One processor: state, memory, decoder, and {@link #step}. Not thread-safe.
 *
 * <p>A REP string instruction runs up to {@link #REP_LIMIT} iterations in one step (one with
 * RFLAGS.TF set); if it is not finished then, RIP stays and the step counts as {@link
 * StepResult#RETIRED}. A fault or exit in between leaves the completed iterations in the registers.
 */
public final class Cpu {
  /** Iterations of a REP string instruction in one step. */
  public static final int REP_LIMIT = 1024;

  private static final long DEBUGCTL_BTF = 2;

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

  /** Segment checks, descriptor loads. */
  public final Segmentation segments = new Segmentation(this);

  /** Exceptions, interrupts, and their delivery. */
  public final EventDelivery events = new EventDelivery(this);

  /** The way to the handlers of events. */
  public final GateTransfer gates = new GateTransfer(this);

  /** Hardware task switching. */
  public final TaskSwitch tasks = new TaskSwitch(this);

  /** DR0 to DR3 and the #DB trap behind an instruction. */
  public final Breakpoints breakpoints = new Breakpoints(this);

  /** The instruction being executed. */
  public final Instruction insn = new Instruction();

  final OpcodeMap map;

  /** Vector of the last event delivered, or of the last one that could not be (shutdown). */
  public int lastVector = -1;

  /** Error code of the last event delivered. */
  public int lastErrorCode;

  /** Whether the last event delivered pushed an error code (never in real mode). */
  public boolean lastHasErrorCode;

  /** What {@link #step} returns if the handler returns normally; a handler may set it. */
  public int result;

  /**
   * Set by a handler that loaded a whole new state, RIP and RFLAGS included (VMRUN, RSM): step then
   * leaves RIP, RF, TF's trap and the interrupt shadow as the handler left them. Step clears it
   * before each instruction.
   */
  public boolean stateReplaced;

  /** Whether an interrupt shadow follows this instruction (STI, MOV SS, VMRUN). */
  public boolean shadowAfter;

  /** Whether {@link #shadowAfter} is for MOV SS or POP SS. */
  public boolean movSsAfter;

  /** REP string instructions do one iteration only in this step. */
  public boolean singleIteration;

  /** Set by IRET, task switches and VMRUN: RFLAGS.RF is not cleared behind the instruction. */
  public boolean keepRf;

  /** RFLAGS.TF was set when the instruction began: #DB follows. MOV SS clears it. */
  public boolean singleStep;

  /** Event being delivered: vector, or -1 if none. */
  public int delivering = -1;

  /** Type of the event being delivered: a constant of {@link EventDelivery}. */
  public int deliveringType;

  /** Whether the event being delivered has an error code. */
  public boolean deliveringHasErrorCode;

  /** Error code of the event being delivered. */
  public int deliveringErrorCode;

  /** Column of the opcode rows' intercepts. */
  private final int vendor;

  /** RFLAGS as the event being delivered pushes it. */
  public long deliveringFlags;

  private final Decoder decoder = new Decoder(this);
  private final CpuFault fault = new CpuFault();
  private long savedRsp;
  private long savedRflags;
  private boolean restore;

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
    vendor = virtualization.vendor().ordinal();
  }

  /**
   * Executes one instruction or delivers one event.
   *
   * @return a constant of {@link StepResult}
   */
  public int step() {
    if (state.shutdown) {
      return asleep();
    }
    delivering = -1;
    restore = false;
    breakpoints.pending = state.heldDebug;
    breakpoints.held = state.heldDebug;
    state.heldDebug = 0;
    result = StepResult.RETIRED;
    shadowAfter = false;
    movSsAfter = false;
    singleIteration = false;
    keepRf = false;
    stateReplaced = false;
    state.tsc++;
    try {
      try {
        virtualization.boundary(this);
        if (result != StepResult.RETIRED) {
          // A virtual interrupt was delivered; its handler's first instruction is the next step.
          return result;
        }
        if (state.halted) {
          return StepResult.HALTED;
        }
        singleStep = state.flag(CpuState.TF);
        return execute();
      } catch (CpuFault f) {
        rollBack();
        return events.raise(f);
      }
    } catch (ExitSignal exit) {
      delivering = -1;
      return StepResult.EXITED;
    }
  }

  private int asleep() {
    delivering = -1;
    try {
      virtualization.asleep(this);
      return StepResult.SHUTDOWN;
    } catch (ExitSignal exit) {
      return StepResult.EXITED;
    }
  }

  private int execute() {
    CpuState s = state;
    Instruction i = insn;
    if ((s.dr[7] & 0xFF) != 0 && !s.flag(CpuState.RF)) {
      breakpoints.code();
    }
    decoder.decode(i);
    commit();
    OpcodeRow row = i.row;
    if (row == null) {
      return events.raise(ud());
    }
    int flags = row.flags;
    if (i.lock
        && (flags & OpcodeRow.LOCK_OK) == 0
        && ((flags & OpcodeRow.LOCKABLE) == 0 || !i.memory)) {
      return events.raise(ud());
    }
    Stage stage = row.stages[vendor];
    int intercept = row.intercepts[vendor];
    if (stage == Stage.BEFORE_EXCEPTIONS && virtualization.intercept(this, intercept, i)) {
      return StepResult.EXITED;
    }
    if (((flags & OpcodeRow.MEM) != 0 && !i.memory)
        || ((flags & OpcodeRow.REG) != 0 && i.memory)
        || !row.gate.open(this, i)
        || ((flags & OpcodeRow.PROT) != 0 && s.realOrV86())
        || ((flags & OpcodeRow.NOT_V86) != 0 && s.v86())) {
      return events.raise(ud());
    }
    if (stage == Stage.AFTER_UD && virtualization.intercept(this, intercept, i)) {
      return StepResult.EXITED;
    }
    if (((flags & OpcodeRow.CPL0) != 0 && s.cpl != 0)
        || ((flags & OpcodeRow.PROT_GP) != 0 && s.realMode())
        || ((flags & OpcodeRow.V86_GP) != 0 && s.v86())) {
      return events.raise(gp(0));
    }
    row.privilege.execute(this, i);
    if (row.physicalOperand) {
      i.physicalAddress = gpr(0, i.addressSize);
      if ((i.physicalAddress & 0xFFF) != 0
          || i.physicalAddress >>> model.physicalAddressBits != 0) {
        return events.raise(gp(0));
      }
    }
    if (stage == Stage.AFTER_PRIVILEGE && virtualization.intercept(this, intercept, i)) {
      return StepResult.EXITED;
    }
    row.check.execute(this, i);
    if (stage == Stage.AFTER_CHECKS && virtualization.intercept(this, intercept, i)) {
      return StepResult.EXITED;
    }
    if (stage == Stage.AFTER_MEMORY) {
      if (i.memory) {
        readMemory(i.segment, i.offset, size(i, 0));
      }
      if (virtualization.intercept(this, intercept, i)) {
        return StepResult.EXITED;
      }
    }
    row.handler.execute(this, i);
    if (stateReplaced) {
      return result;
    }
    s.rip = i.nextRip;
    s.interruptShadow = shadowAfter;
    s.movSsShadow = movSsAfter;
    if (!keepRf) {
      s.rflags &= ~CpuState.RF;
    }
    restore = false;
    if (result != StepResult.DELIVERED) {
      long trap = trapBits();
      if (trap != 0) {
        return debugTrap(trap);
      }
    }
    return result;
  }

  private int debugTrap(long dr6) {
    if (movSsAfter && model.intel) {
      state.heldDebug = dr6;
      return result;
    }
    virtualization.debugTrap(this, dr6);
    CpuFault debug = fault(CpuFault.DB);
    debug.dr6 = dr6;
    debug.trap = true;
    return events.raise(debug);
  }

  /** DR6 bits of the #DB trap behind the instruction, which has completed but for RIP; or 0. */
  public long trapBits() {
    boolean stepped = singleStep && (!branchesOnly() || insn.nextRip != insn.sequentialRip);
    return stepped ? breakpoints.pending | CpuState.DR6_BS : breakpoints.pending;
  }

  /** IA32_DEBUGCTL.BTF: RFLAGS.TF traps behind taken branches only (SDM vol. 3B, 17.4.1). */
  private boolean branchesOnly() {
    return model.intel && (state.debugCtl & DEBUGCTL_BTF) != 0;
  }

  /** Makes the registers as they are now what a fault of this instruction goes back to. */
  private void commit() {
    savedRsp = state.gpr[4];
    savedRflags = state.rflags;
    restore = true;
  }

  /** From here on a fault of this instruction restores nothing (after a task switch or VMRUN). */
  public void noRollBack() {
    restore = false;
  }

  /** Takes rSP and RFLAGS back to where they were at the last {@link #commit}. */
  public void rollBack() {
    if (restore && !stateReplaced) {
      state.gpr[4] = savedRsp;
      state.rflags = savedRflags;
      restore = false;
    }
  }

  /**
   * Injects an event as VMRUN's EVENTINJ and VM entry do; sets {@link #result}. Software interrupts
   * and software exceptions need a gate of sufficient DPL.
   *
   * @param type a constant of {@link EventDelivery}
   * @param vector 0 to 255
   * @param hasErrorCode whether {@code errorCode} is pushed
   * @param returnRip instruction pointer to push
   * @param flags RFLAGS to push
   * @param redirectable whether virtual-mode extensions may keep it in virtual-8086 mode
   */
  public void inject(
      int type,
      int vector,
      boolean hasErrorCode,
      int errorCode,
      long returnRip,
      long flags,
      boolean redirectable) {
    restore = false;
    result = events.inject(type, vector, hasErrorCode, errorCode, returnRip, flags, redirectable);
  }

  /** Prepares an exception without error code; {@code throw cpu.fault(CpuFault.UD);}. */
  public CpuFault fault(int vector) {
    fault.vector = vector;
    fault.hasErrorCode = false;
    fault.errorCode = 0;
    fault.address = 0;
    fault.dr6 = 0;
    fault.trap = false;
    fault.software = false;
    fault.fetch = false;
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
    Operand operand = insn.row.operands[index];
    switch (operand) {
      case Eb, Ew, Ed, Ev, Ey, Mw, M -> {
        if (insn.memory) {
          return readMemory(insn.segment, insn.offset, size(insn, index));
        }
        return operand == Operand.Eb ? gpr8(insn.rm) : gpr(insn.rm, size(insn, index));
      }
      case Ry -> {
        return gpr(insn.rm, size(insn, index));
      }
      case Gb -> {
        return gpr8(insn.reg);
      }
      case Gw, Gv, Gy -> {
        return gpr(insn.reg, size(insn, index));
      }
      case Zb -> {
        return gpr8((insn.opcode & 7) | (insn.rex & 1) << 3);
      }
      case Zv -> {
        return gpr((insn.opcode & 7) | (insn.rex & 1) << 3, insn.operandSize);
      }
      case Sw -> {
        return state.sreg[insn.group() % 6].selector;
      }
      case Ob, Ov -> {
        return readMemory(insn.segment, insn.offset, size(insn, index));
      }
      case AL -> {
        return state.gpr[0] & 0xFF;
      }
      case CL -> {
        return state.gpr[1] & 0xFF;
      }
      case rAX -> {
        return gpr(0, insn.operandSize);
      }
      case DX -> {
        return state.gpr[2] & 0xFFFF;
      }
      case ONE -> {
        return 1;
      }
      case Ib2 -> {
        return insn.immediate2;
      }
      case PA -> {
        return insn.physicalAddress;
      }
      case Cy, Dy -> {
        return insn.reg;
      }
      default -> {
        return insn.immediate & mask(size(insn, index));
      }
    }
  }

  /**
   * Reads operand {@code index} that the instruction will write back: a memory operand is checked
   * for writing first, so that a fault reports a write; a LOCKed one may cost a bus lock.
   */
  public long loadForUpdate(Instruction insn, int index) {
    if (insn.memory) {
      return readForUpdate(insn, size(insn, index), insn.lock);
    }
    return load(insn, index);
  }

  /** As {@link #loadForUpdate} for the memory operand itself, of any size up to 8. */
  public long readForUpdate(Instruction insn, int size, boolean locked) {
    long linear = linear(insn.segment, insn.offset, size, true);
    mmu.probe(linear, size, userAccess() | Mmu.WRITE);
    // A bus lock is needed only where the line cannot be locked: a split access (15.14.5).
    if (locked && (linear & 63) + size > 64) {
      virtualization.busLock(this, insn);
    }
    return mmu.read(linear, size, userAccess());
  }

  /** Writes operand {@code index} of {@code insn}; 32-bit registers are zero-extended. */
  public void store(Instruction insn, int index, long value) {
    Operand operand = insn.row.operands[index];
    switch (operand) {
      case Eb, Ew, Ed, Ev, Ey, Mw, M -> {
        int size = size(insn, index);
        if (insn.memory) {
          writeMemory(insn.segment, insn.offset, size, value);
        } else if (operand == Operand.Eb) {
          setGpr8(insn.rm, value);
        } else {
          setGpr(insn.rm, size, value);
        }
      }
      case Ry -> setGpr(insn.rm, size(insn, index), value);
      case Gb -> setGpr8(insn.reg, value);
      case Gw, Gv, Gy -> setGpr(insn.reg, size(insn, index), value);
      case Zb -> setGpr8((insn.opcode & 7) | (insn.rex & 1) << 3, value);
      case Zv -> setGpr((insn.opcode & 7) | (insn.rex & 1) << 3, insn.operandSize, value);
      case Ob, Ov -> writeMemory(insn.segment, insn.offset, size(insn, index), value);
      case AL -> setGpr(0, 1, value);
      case rAX -> setGpr(0, insn.operandSize, value);
      default -> throw ud();
    }
  }

  /** Size in bytes of operand {@code index}: a word in memory, but a full register, for Mw. */
  public int size(Instruction insn, int index) {
    Operand operand = insn.row.operands[index];
    if (operand == Operand.Mw && !insn.memory) {
      return insn.operandSize;
    }
    return switch (operand.size) {
      case 0 -> insn.operandSize;
      case -1 -> state.code64() ? 8 : 4;
      default -> operand.size;
    };
  }

  /** All ones in the low {@code size} bytes. */
  public static long mask(int size) {
    return size >= 8 ? -1L : (1L << (8 * size)) - 1;
  }

  /** Reads general register {@code number} zero-extended from {@code size} (1, 2, 4, 8) bytes. */
  public long gpr(int number, int size) {
    return state.gpr[number] & mask(size);
  }

  /** Writes a general register: 8 bytes, 4 (zero-extends), 2 or (low-byte) 1 (merge). */
  public void setGpr(int number, int size, long value) {
    switch (size) {
      case 8 -> state.gpr[number] = value;
      case 4 -> state.gpr[number] = value & 0xFFFF_FFFFL;
      case 2 -> state.gpr[number] = (state.gpr[number] & ~0xFFFFL) | (value & 0xFFFF);
      default -> state.gpr[number] = (state.gpr[number] & ~0xFFL) | (value & 0xFF);
    }
  }

  /** Reads a byte register: AH to BH for 4 to 7 without REX. */
  public long gpr8(int number) {
    return number >= 4 && number < 8 && insn.rex == 0
        ? state.gpr[number - 4] >> 8 & 0xFF
        : state.gpr[number] & 0xFF;
  }

  /** Writes a byte register: AH to BH for 4 to 7 without REX. */
  public void setGpr8(int number, long value) {
    if (number >= 4 && number < 8 && insn.rex == 0) {
      state.gpr[number - 4] = (state.gpr[number - 4] & ~0xFF00L) | (value & 0xFF) << 8;
    } else {
      setGpr(number, 1, value);
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
    return segments.linear(segment, offset, size, write);
  }

  /** Access bits of an explicit data access at the current CPL. */
  public int userAccess() {
    if (state.cpl != 3) {
      return 0;
    }
    return state.flag(CpuState.AC) && (state.cr0 & CpuState.CR0_AM) != 0
        ? Mmu.USER | Mmu.ALIGNED
        : Mmu.USER;
  }

  /** Pushes {@code size} bytes on the stack. */
  public void push(int size, long value) {
    long mask = stackMask();
    long rsp = (state.gpr[4] - size) & mask;
    writeMemory(Segment.SS, rsp, size, value);
    setRsp(rsp, mask);
  }

  /** Pops {@code size} bytes off the stack. */
  public long pop(int size) {
    long mask = stackMask();
    long value = readMemory(Segment.SS, state.gpr[4] & mask, size);
    setRsp(state.gpr[4] + size, mask);
    return value;
  }

  /** Reads the stack {@code displacement} bytes above rSP without changing it. */
  public long peek(int displacement, int size) {
    return readMemory(Segment.SS, (state.gpr[4] + displacement) & stackMask(), size);
  }

  /** Width of the stack pointer as a mask: 64 bits in 64-bit mode, else by SS.B. */
  public long stackMask() {
    return state.code64() ? -1L : state.ss.big() ? 0xFFFF_FFFFL : 0xFFFF;
  }

  /** Sets the bits of rSP that {@code mask} covers. */
  public void setRsp(long rsp, long mask) {
    state.gpr[4] = (state.gpr[4] & ~mask) | (rsp & mask);
  }

  /** Checks an instruction pointer of the current code segment: #GP(0) if out of bounds. */
  public void checkRip(long rip) {
    if (state.code64() ? !Mmu.canonical(rip) : rip > state.cs.limit || rip < 0) {
      throw gp(0);
    }
  }
}
