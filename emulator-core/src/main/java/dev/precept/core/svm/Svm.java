package dev.precept.core.svm;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.OpcodeMap;
import dev.precept.core.Vendor;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.SystemInstructions;
import java.util.Arrays;

/**
 * AMD's Secure Virtual Machine as a strategy of the emulator core. One object belongs to one {@link
 * Cpu}; {@link SvmInstructions} has the instructions that drive it.
 *
 * <p>Which intercept wins over which exception is not here: the opcode rows say at which stage they
 * ask. Here is only whether an intercept is taken and what it reports.
 *
 * <p>Source: APM vol. 2, chapter 15.
 */
public final class Svm implements Virtualization {
  /** Exit code by {@link Intercept} id; -1 where SVM has no such intercept. */
  private static final int[] EXIT_CODES = exitCodes();

  /** EXITINFO1 of a CR access: the instruction was a MOV, so bits 3:0 name a register (15-2). */
  private static final long INFO_MOV_CR = 1L << 63;

  /** EXITINFO1 bits of an I/O intercept (figure 15-2); sizes are this bit shifted by log2. */
  private static final long IO_IN = 1,
      IO_STRING = 1 << 2,
      IO_REP = 1 << 3,
      IO_SZ8 = 1 << 4,
      IO_A16 = 1 << 7;

  private static final int IO_SEGMENT_SHIFT = 10, IO_PORT_SHIFT = 16;

  /** EXITINFO2 bits of a task-switch intercept (15.14.1). */
  private static final long TASK_INFO_IRET = 1L << 36,
      TASK_INFO_JMP = 1L << 38,
      TASK_INFO_ERROR_CODE = 1L << 44,
      TASK_INFO_RF = 1L << 48;

  private final VmcbControls controls = new VmcbControls();
  private final WorldSwitch world = new WorldSwitch(controls);

  /** Internal PAUSE counter, and when the last PAUSE ran (15.14.4). */
  private int pauseCount;

  private long lastPause;

  @Override
  public Vendor vendor() {
    return Vendor.SVM;
  }

  /** Adds the system instructions and SVM's own to {@code map}; the base families come apart. */
  public static void register(OpcodeMap map) {
    SystemInstructions.register(map);
    SvmInstructions.register(map);
  }

  /** Whether a guest is running. */
  public boolean inGuest() {
    return world.inGuest();
  }

  /** VMRUN of the VMCB at physical address {@code vmcb}. */
  void vmrun(Cpu cpu, Instruction insn, long vmcb) {
    pauseCount = cpu.memory.read16(vmcb + VmcbLayout.PAUSE_FILTER_COUNT);
    lastPause = cpu.state.tsc;
    world.vmrun(cpu, insn, vmcb);
  }

  /** STGI and CLGI: the guest's own flag where it is virtualized, else the processor's. */
  void setGif(Cpu cpu, boolean value) {
    if (inGuest() && controls.virtualInterrupt(VmcbControls.V_GIF_ENABLE)) {
      controls.virtualInterrupt &= ~VmcbControls.V_GIF;
      controls.virtualInterrupt |= value ? VmcbControls.V_GIF : 0;
    } else {
      cpu.state.gif = value;
    }
  }

  /** INVLPGB and TLBSYNC: in a guest only if the VMCB enables them (table B-1, offset 090h). */
  @Override
  public boolean allows(Cpu cpu, int id) {
    return (id != Intercept.INVLPGB && id != Intercept.TLBSYNC)
        || !inGuest()
        || !cpu.model.svmFeatures.tlbiCtl
        || (controls.nestedControl & VmcbControls.INVLPGB_ENABLE) != 0;
  }

  @Override
  public Saved save() {
    WorldSwitch saved = new WorldSwitch(new VmcbControls());
    saved.copyFrom(world);
    int savedCount = pauseCount;
    long savedPause = lastPause;
    return () -> {
      world.copyFrom(saved);
      pauseCount = savedCount;
      lastPause = savedPause;
    };
  }

  @Override
  public void reset() {
    world.reset();
  }

  @Override
  public boolean intercept(Cpu cpu, int id, Instruction insn) {
    if (!inGuest()) {
      return false;
    }
    int code = EXIT_CODES[id];
    long info1 = 0;
    switch (id) {
      case Intercept.PAUSE -> {
        if (!pauseExits(cpu)) {
          return false;
        }
      }
      case Intercept.HLT -> {
        // With both HLT intercepts set, the plain one has priority (table 15-7).
        if (!controls.intercepts(code)) {
          code = ExitCode.VMEXIT_IDLE_HLT;
          if (controls.virtualEventPending()) {
            return false;
          }
        }
      }
      case Intercept.MWAIT, Intercept.MWAITX -> {
        // The conditional intercept is checked first (table 15-7).
        if (cpu.state.monitorArmed && controls.intercepts(ExitCode.VMEXIT_MWAIT_CONDITIONAL)) {
          code = ExitCode.VMEXIT_MWAIT_CONDITIONAL;
        }
      }
      case Intercept.INTN ->
          info1 = cpu.model.svmFeatures.decodeAssists ? insn.immediate & 0xFF : 0;
      case Intercept.INVLPG ->
          info1 =
              cpu.model.svmFeatures.decodeAssists
                  ? cpu.segments.unchecked(insn.segment, insn.offset)
                  : 0;
      default -> {}
    }
    if (code < 0 || !controls.intercepts(code)) {
      return false;
    }
    world.exitInstruction(cpu, insn, code, info1, 0);
    return true;
  }

  @Override
  public void readControlRegister(Cpu cpu, Instruction insn, int cr, int gpr) {
    int code = ExitCode.VMEXIT_CR0_READ + cr;
    if (controls.intercepts(code)) {
      world.exitInstruction(cpu, insn, code, moveInfo(cpu, gpr), 0);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void writeControlRegister(Cpu cpu, Instruction insn, int cr, int gpr, long value) {
    int code = ExitCode.VMEXIT_CR0_WRITE + cr;
    if (!controls.intercepts(code)) {
      if (cr != 0 || !selectiveWrite(cpu, insn, gpr, value)) {
        return;
      }
      code = ExitCode.VMEXIT_CR0_SEL_WRITE;
    }
    world.exitInstruction(cpu, insn, code, moveInfo(cpu, gpr), 0);
    throw ExitSignal.INSTANCE;
  }

  /**
   * The selective intercept: MOV if a bit other than TS and MP changes, LMSW whatever it writes,
   * CLTS never (table 15-7).
   */
  private boolean selectiveWrite(Cpu cpu, Instruction insn, int gpr, long value) {
    if (!controls.intercepts(ExitCode.VMEXIT_CR0_SEL_WRITE)) {
      return false;
    }
    if (gpr < 0) {
      return insn.opcode != 0x0F06;
    }
    return ((value ^ cpu.state.cr0) & ~(CpuState.CR0_TS | CpuState.CR0_MP)) != 0;
  }

  @Override
  public void controlRegisterWritten(Cpu cpu, Instruction insn, int cr) {
    if (cr == 8) {
      world.tprWritten(cpu);
    }
    int code = ExitCode.VMEXIT_CR0_WRITE_TRAP + cr;
    if (controls.intercepts(code)) {
      world.exitTrap(cpu, insn, code, controlRegister(cpu.state, cr));
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void eferWritten(Cpu cpu, Instruction insn) {
    if (controls.intercepts(ExitCode.VMEXIT_EFER_WRITE_TRAP)) {
      world.exitTrap(cpu, insn, ExitCode.VMEXIT_EFER_WRITE_TRAP, cpu.state.efer);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void readDebugRegister(Cpu cpu, Instruction insn, int dr, int gpr) {
    debugRegister(cpu, insn, ExitCode.VMEXIT_DR0_READ + dr, gpr);
  }

  @Override
  public void writeDebugRegister(Cpu cpu, Instruction insn, int dr, int gpr, long value) {
    debugRegister(cpu, insn, ExitCode.VMEXIT_DR0_WRITE + dr, gpr);
  }

  private void debugRegister(Cpu cpu, Instruction insn, int code, int gpr) {
    if (controls.intercepts(code)) {
      world.exitInstruction(cpu, insn, code, cpu.model.svmFeatures.decodeAssists ? gpr : 0, 0);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void readMsr(Cpu cpu, Instruction insn, int msr) {
    accessMsr(cpu, insn, msr, false);
  }

  @Override
  public void writeMsr(Cpu cpu, Instruction insn, int msr, long value) {
    accessMsr(cpu, insn, msr, true);
  }

  private void accessMsr(Cpu cpu, Instruction insn, int msr, boolean write) {
    if (controls.intercepts(ExitCode.VMEXIT_MSR)
        && controls.interceptsMsr(cpu.memory, msr, write)) {
      world.exitInstruction(cpu, insn, ExitCode.VMEXIT_MSR, write ? 1 : 0, 0);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void io(
      Cpu cpu, Instruction insn, int port, int size, boolean in, boolean string, int segment) {
    if (!controls.intercepts(ExitCode.VMEXIT_IOIO)
        || !controls.interceptsPort(cpu.memory, port, size)) {
      return;
    }
    // SZ8, SZ16, SZ32 are 1, 2, 4 bytes at bits 6:4; A16, A32, A64 are 2, 4, 8 bytes at bits 9:7.
    long info = (long) port << IO_PORT_SHIFT | IO_SZ8 * size | IO_A16 * (insn.addressSize >> 1);
    if (in) {
      info |= IO_IN;
    }
    if (string) {
      // Only string forms address memory; for IN and OUT the manual gives the field no meaning.
      info |= IO_STRING | (long) segment << IO_SEGMENT_SHIFT;
      if (insn.rep != 0) {
        info |= IO_REP;
      }
    }
    world.exitInstruction(cpu, insn, ExitCode.VMEXIT_IOIO, info, insn.sequentialRip);
    throw ExitSignal.INSTANCE;
  }

  @Override
  public void exception(Cpu cpu, CpuFault fault) {
    int code = ExitCode.VMEXIT_EXCP0 + fault.vector;
    if (fault.vector != CpuFault.NMI && controls.intercepts(code)) {
      if (fault.vector == CpuFault.DB) {
        // DR6 and DR7 are written before the intercept is looked at (15.12.2).
        cpu.events.recordDebug(fault);
      }
      world.exitException(cpu, fault, code);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void taskSwitch(
      Cpu cpu, int selector, int reason, boolean hasErrorCode, int errorCode, boolean rf) {
    if (!controls.intercepts(ExitCode.VMEXIT_TASK_SWITCH)) {
      return;
    }
    long info = 0;
    if (hasErrorCode) {
      info |= TASK_INFO_ERROR_CODE | (errorCode & 0xFFFF_FFFFL);
    }
    if (reason == TASK_IRET) {
      info |= TASK_INFO_IRET;
    }
    if (reason == TASK_JMP) {
      info |= TASK_INFO_JMP;
    }
    if (rf) {
      info |= TASK_INFO_RF;
    }
    world.exit(cpu, ExitCode.VMEXIT_TASK_SWITCH, selector & 0xFFFF, info, 0);
    throw ExitSignal.INSTANCE;
  }

  @Override
  public boolean shutdown(Cpu cpu) {
    if (!controls.intercepts(ExitCode.VMEXIT_SHUTDOWN)) {
      return false;
    }
    world.exit(cpu, ExitCode.VMEXIT_SHUTDOWN, 0, 0, 0);
    return true;
  }

  @Override
  public void busLock(Cpu cpu, Instruction insn) {
    if (!controls.intercepts(ExitCode.VMEXIT_BUSLOCK)) {
      return;
    }
    if (controls.busLockCounter == 0) {
      world.exit(cpu, ExitCode.VMEXIT_BUSLOCK, 0, 0, 0);
      throw ExitSignal.INSTANCE;
    }
    controls.busLockCounter--;
  }

  @Override
  public void boundary(Cpu cpu) {
    if (inGuest()) {
      world.virtualInterrupt(cpu);
    } else {
      world.hostTrap(cpu);
    }
  }

  @Override
  public void iretCompleted(Cpu cpu) {
    cpu.state.nmiMasked = false;
    controls.virtualInterrupt &= ~VmcbControls.V_NMI_MASK;
  }

  @Override
  public boolean pdptesLoadedWithCr3(Cpu cpu) {
    return !controls.nestedPaging();
  }

  @Override
  public boolean nested(Cpu cpu) {
    return controls.nestedPaging();
  }

  @Override
  public long translate(Cpu cpu, long guestPhysical, int access, boolean tableWalk) {
    return world.translate(cpu, guestPhysical, access, tableWalk);
  }

  @Override
  public long timestamp(Cpu cpu) {
    CpuState state = cpu.state;
    return inGuest() ? scaled(state.tsc, state.tscRatio) + controls.tscOffset : state.tsc;
  }

  /**
   * Counts a PAUSE and says whether it exits: the intercept occurs only if the counter goes below
   * zero (table 15-7, 15.14.4). The manual says in one place that the exit comes when the counter
   * reaches zero; twice it says "below" or "less than", which is followed here.
   */
  private boolean pauseExits(Cpu cpu) {
    if (controls.pauseFilterCount == 0) {
      return true;
    }
    long elapsed = cpu.state.tsc - lastPause;
    lastPause = cpu.state.tsc;
    if (controls.pauseFilterThreshold != 0 && elapsed > controls.pauseFilterThreshold) {
      pauseCount = controls.pauseFilterCount;
      return false;
    }
    pauseCount--;
    return pauseCount < 0;
  }

  /** {@code ratio} is a fixed-point number with 32 fraction bits (15.30.5). */
  private static long scaled(long tsc, long ratio) {
    return Math.multiplyHigh(tsc, ratio) << 32 | (tsc * ratio) >>> 32;
  }

  private static long controlRegister(CpuState state, int cr) {
    return switch (cr) {
      case 0 -> state.cr0;
      case 2 -> state.cr2;
      case 3 -> state.cr3;
      case 4 -> state.cr4;
      default -> state.cr8;
    };
  }

  private static long moveInfo(Cpu cpu, int gpr) {
    return gpr >= 0 && cpu.model.svmFeatures.decodeAssists ? INFO_MOV_CR | gpr : 0;
  }

  private static int[] exitCodes() {
    int[] codes = new int[Intercept.COUNT];
    Arrays.fill(codes, -1);
    codes[Intercept.RDTSC] = ExitCode.VMEXIT_RDTSC;
    codes[Intercept.RDTSCP] = ExitCode.VMEXIT_RDTSCP;
    codes[Intercept.RDPMC] = ExitCode.VMEXIT_RDPMC;
    codes[Intercept.PUSHF] = ExitCode.VMEXIT_PUSHF;
    codes[Intercept.POPF] = ExitCode.VMEXIT_POPF;
    codes[Intercept.CPUID] = ExitCode.VMEXIT_CPUID;
    codes[Intercept.RSM] = ExitCode.VMEXIT_RSM;
    codes[Intercept.IRET] = ExitCode.VMEXIT_IRET;
    codes[Intercept.INTN] = ExitCode.VMEXIT_SWINT;
    codes[Intercept.INVD] = ExitCode.VMEXIT_INVD;
    codes[Intercept.PAUSE] = ExitCode.VMEXIT_PAUSE;
    codes[Intercept.HLT] = ExitCode.VMEXIT_HLT;
    codes[Intercept.INVLPG] = ExitCode.VMEXIT_INVLPG;
    codes[Intercept.INVLPGA] = ExitCode.VMEXIT_INVLPGA;
    codes[Intercept.VMRUN] = ExitCode.VMEXIT_VMRUN;
    codes[Intercept.VMLOAD] = ExitCode.VMEXIT_VMLOAD;
    codes[Intercept.VMSAVE] = ExitCode.VMEXIT_VMSAVE;
    codes[Intercept.VMMCALL] = ExitCode.VMEXIT_VMMCALL;
    codes[Intercept.STGI] = ExitCode.VMEXIT_STGI;
    codes[Intercept.CLGI] = ExitCode.VMEXIT_CLGI;
    codes[Intercept.SKINIT] = ExitCode.VMEXIT_SKINIT;
    codes[Intercept.ICEBP] = ExitCode.VMEXIT_ICEBP;
    codes[Intercept.WBINVD] = ExitCode.VMEXIT_WBINVD;
    codes[Intercept.WBNOINVD] = ExitCode.VMEXIT_WBINVD;
    codes[Intercept.MONITOR] = ExitCode.VMEXIT_MONITOR;
    codes[Intercept.MONITORX] = ExitCode.VMEXIT_MONITOR;
    codes[Intercept.MWAIT] = ExitCode.VMEXIT_MWAIT;
    codes[Intercept.MWAITX] = ExitCode.VMEXIT_MWAIT;
    codes[Intercept.XSETBV] = ExitCode.VMEXIT_XSETBV;
    codes[Intercept.RDPRU] = ExitCode.VMEXIT_RDPRU;
    codes[Intercept.INVLPGB] = ExitCode.VMEXIT_INVLPGB;
    codes[Intercept.INVLPGB_ILLEGAL] = ExitCode.VMEXIT_INVLPGB_ILLEGAL;
    codes[Intercept.INVPCID] = ExitCode.VMEXIT_INVPCID;
    codes[Intercept.TLBSYNC] = ExitCode.VMEXIT_TLBSYNC;
    codes[Intercept.MCOMMIT] = ExitCode.VMEXIT_MCOMMIT;
    codes[Intercept.IDTR_READ] = ExitCode.VMEXIT_IDTR_READ;
    codes[Intercept.GDTR_READ] = ExitCode.VMEXIT_GDTR_READ;
    codes[Intercept.LDTR_READ] = ExitCode.VMEXIT_LDTR_READ;
    codes[Intercept.TR_READ] = ExitCode.VMEXIT_TR_READ;
    codes[Intercept.IDTR_WRITE] = ExitCode.VMEXIT_IDTR_WRITE;
    codes[Intercept.GDTR_WRITE] = ExitCode.VMEXIT_GDTR_WRITE;
    codes[Intercept.LDTR_WRITE] = ExitCode.VMEXIT_LDTR_WRITE;
    codes[Intercept.TR_WRITE] = ExitCode.VMEXIT_TR_WRITE;
    codes[Intercept.FERR_FREEZE] = ExitCode.VMEXIT_FERR_FREEZE;
    codes[Intercept.INTR] = ExitCode.VMEXIT_INTR;
    codes[Intercept.NMI] = ExitCode.VMEXIT_NMI;
    codes[Intercept.SMI] = ExitCode.VMEXIT_SMI;
    codes[Intercept.INIT] = ExitCode.VMEXIT_INIT;
    codes[Intercept.VINTR] = ExitCode.VMEXIT_VINTR;
    return codes;
  }
}
