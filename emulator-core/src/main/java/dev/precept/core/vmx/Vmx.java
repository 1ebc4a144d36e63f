package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.ExitSignal;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Msr;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.Vendor;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.SystemInstructions;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.ProcBased3;

/**
 * Intel's Virtual-Machine Extensions as a strategy of the emulator core. One object belongs to one
 * {@link Cpu}, which should have an Intel {@link CpuModel}; {@link VmxInstructions} has the
 * instructions that drive it.
 *
 * <p>Which exit wins over which exception is not here: the opcode rows say at which stage they ask,
 * and {@link ExitConditions} says whether an instruction exits. Here are the events that are no
 * instructions' own, and what of an instruction's effect a guest's controls change.
 *
 * <p>Source: SDM vol. 3C, chapters 23 to 30.
 */
public final class Vmx implements Virtualization {
  /** RDMSR, WRMSR, and the group of WRMSRNS, RDMSRLIST and WRMSRLIST. */
  private static final int OPCODE_RDMSR = 0x0F32, OPCODE_WRMSR = 0x0F30, OPCODE_0F01 = 0x0F01;

  private static final int OPCODE_IN_OUT_IMMEDIATE = 0xE4;

  /** Exit qualification of an I/O instruction (table 27-5). */
  private static final int IO_IN = 1 << 3,
      IO_STRING = 1 << 4,
      IO_REP = 1 << 5,
      IO_IMMEDIATE = 1 << 6,
      IO_PORT_SHIFT = 16;

  private static final int TASK_SOURCE_SHIFT = 30;

  /** Fraction bits of the TSC multiplier (25.3). */
  private static final int MULTIPLIER_FRACTION = 48;

  private final Vmcs vmcs = new Vmcs();
  private final ActiveControls controls = new ActiveControls();
  private final GuestRun run = new GuestRun();
  private final ExitConditions conditions = new ExitConditions(controls, run);
  private final ExitSwitch exit = new ExitSwitch(vmcs, controls, run);
  private final EntrySwitch entry = new EntrySwitch(vmcs, controls, run, exit);
  private final GuestEvents events = new GuestEvents(controls, run, exit);
  private final ExtendedPaging paging = new ExtendedPaging(controls, exit);
  private final PasidTranslation pasids = new PasidTranslation(controls, exit);

  /** In VMX operation, root or non-root. */
  private boolean on;

  private long vmxonPointer = Vmcs.NONE;

  /** Adds the system instructions and VMX's own to {@code map}; the base families come apart. */
  public static void register(OpcodeMap map) {
    SystemInstructions.register(map);
    VmxInstructions.register(map);
  }

  @Override
  public Vendor vendor() {
    return Vendor.VMX;
  }

  /** Whether a guest is running: VMX non-root operation. */
  public boolean inGuest() {
    return run.active;
  }

  /** Whether the processor is in VMX operation, root or non-root. */
  public boolean on() {
    return on;
  }

  /** Whether a guest with the "virtual NMIs" control runs under virtual-NMI blocking. */
  public boolean virtualNmisBlocked() {
    return run.active && run.virtualNmiBlocking;
  }

  /** The current-VMCS pointer; all ones if there is no current VMCS. */
  public long currentVmcs() {
    return vmcs.pointer;
  }

  /**
   * Puts {@code cpu} into VMX root operation without a current VMCS, as a VMXON that succeeds does,
   * whatever its mode and registers. Writes the model's revision identifier to the VMXON region and
   * sets CR4.VMXE, CR0.NE and IA32_FEATURE_CONTROL as VMXON needs them.
   *
   * @param cpu the processor that this strategy belongs to
   * @param region physical address of the VMXON region
   * @throws IllegalArgumentException if {@code region} is not 4-KByte aligned and within the
   *     physical-address width
   */
  public void enterRootOperation(Cpu cpu, long region) {
    if (!ControlChecks.page(cpu.model, region)) {
      throw new IllegalArgumentException("no VMXON region can be at %Xh".formatted(region));
    }
    CpuState state = cpu.state;
    state.cr0 |= CpuState.CR0_NE;
    state.cr4 |= CpuState.CR4_VMXE;
    state.featureControl |= VmxInstructions.LOCKED | VmxInstructions.VMXON_OUTSIDE_SMX;
    cpu.memory.write32(region, cpu.model.vmxCapabilities.revision());
    leave();
    vmxon(cpu, region);
  }

  @Override
  public Saved save() {
    Vmcs savedVmcs = new Vmcs();
    ActiveControls savedControls = new ActiveControls();
    GuestRun savedRun = new GuestRun();
    savedVmcs.copyFrom(vmcs);
    savedControls.copyFrom(controls);
    savedRun.copyFrom(run);
    boolean savedOn = on;
    long savedPointer = vmxonPointer;
    return () -> {
      vmcs.copyFrom(savedVmcs);
      controls.copyFrom(savedControls);
      run.copyFrom(savedRun);
      on = savedOn;
      vmxonPointer = savedPointer;
    };
  }

  Vmcs vmcs() {
    return vmcs;
  }

  ActiveControls controls() {
    return controls;
  }

  long vmxonPointer() {
    return vmxonPointer;
  }

  void vmxon(Cpu cpu, long region) {
    on = true;
    vmxonPointer = region;
    vmcs.deselect();
    cpu.state.monitorArmed = false;
  }

  void vmxoff(Cpu cpu) {
    leave();
    cpu.state.monitorArmed = false;
  }

  /** VM entry; returns as {@link EntrySwitch#enter}. */
  int enter(Cpu cpu) {
    return entry.enter(cpu);
  }

  /** VM exit of VMFUNC. */
  void exitVmFunction(Cpu cpu, Instruction insn) {
    exit.instruction(cpu, insn, ExitReason.VMFUNC, 0, 0, 0);
    throw ExitSignal.INSTANCE;
  }

  private void leave() {
    on = false;
    vmxonPointer = Vmcs.NONE;
    vmcs.deselect();
    controls.clear();
    run.active = false;
  }

  @Override
  public void reset() {
    leave();
  }

  @Override
  public boolean intercept(Cpu cpu, int id, Instruction insn) {
    if (!run.active || !conditions.met(cpu, id, insn)) {
      return false;
    }
    exit.instruction(
        cpu,
        insn,
        conditions.reason(id),
        conditions.qualification(cpu, id, insn),
        conditions.information(cpu, id, insn),
        conditions.linearAddress(cpu, id, insn));
    return true;
  }

  /** The "enable X" controls: without them the instruction is #UD in a guest (25.3). */
  @Override
  public boolean allows(Cpu cpu, int id) {
    if (!run.active) {
      return true;
    }
    return switch (id) {
      case Intercept.RDTSCP, Intercept.RDPID -> controls.proc2(ProcBased2.ENABLE_RDTSCP);
      case Intercept.INVPCID -> controls.proc2(ProcBased2.ENABLE_INVPCID);
      case Intercept.XSAVES, Intercept.XRSTORS -> controls.proc2(ProcBased2.ENABLE_XSAVES_XRSTORS);
      case Intercept.UMONITOR, Intercept.UMWAIT, Intercept.TPAUSE ->
          controls.proc2(ProcBased2.ENABLE_USER_WAIT_AND_PAUSE);
      case Intercept.PCONFIG -> controls.proc2(ProcBased2.ENABLE_PCONFIG);
      case Intercept.RDMSRLIST, Intercept.WRMSRLIST -> controls.proc3(ProcBased3.ENABLE_MSR_LIST);
      default -> true;
    };
  }

  /** MOV from CR, SMSW: the host's bits read as the read shadow has them (25.3). */
  @Override
  public long readableControlRegister(Cpu cpu, int cr, long value) {
    if (!run.active) {
      return value;
    }
    return switch (cr) {
      case 0 -> (value & ~controls.cr0Mask) | (controls.cr0Shadow & controls.cr0Mask);
      case 4 -> (value & ~controls.cr4Mask) | (controls.cr4Shadow & controls.cr4Mask);
      case 8 -> controls.proc(ProcBased.USE_TPR_SHADOW) ? vtpr(cpu.memory) >> 4 : value;
      default -> value;
    };
  }

  /** The host's bits stay as they are. */
  @Override
  public long writableControlRegister(Cpu cpu, int cr, long value) {
    return cr == 0
        ? (value & ~controls.cr0Mask) | (cpu.state.cr0 & controls.cr0Mask)
        : (value & ~controls.cr4Mask) | (cpu.state.cr4 & controls.cr4Mask);
  }

  /** Bits that are fixed in VMX operation (23.8); PE and PG are free in an unrestricted guest. */
  @Override
  public boolean supportsControlRegister(Cpu cpu, int cr, long value) {
    if (!on) {
      return true;
    }
    if (cr == 4) {
      return cpu.model.vmxCapabilities.cr4Supported(value);
    }
    boolean free = run.active && controls.unrestrictedGuest();
    long notChecked = free ? CpuState.CR0_PE | CpuState.CR0_PG : 0;
    return cpu.model.vmxCapabilities.cr0Supported(value, notChecked);
  }

  private int vtpr(PhysicalMemory memory) {
    return memory.read8(controls.virtualApic + ActiveControls.VTPR);
  }

  @Override
  public boolean writesTpr(Cpu cpu, long value) {
    boolean virtual = run.active && controls.proc(ProcBased.USE_TPR_SHADOW);
    if (virtual) {
      cpu.memory.write32(controls.virtualApic + ActiveControls.VTPR, (int) value << 4);
    }
    return virtual;
  }

  /** TPR virtualization (29.1.2): trap-like exit below the threshold. */
  @Override
  public void controlRegisterWritten(Cpu cpu, Instruction insn, int cr) {
    if (cr == 8 && run.active && controls.proc(ProcBased.USE_TPR_SHADOW)) {
      belowThreshold(cpu, insn);
    }
  }

  private void belowThreshold(Cpu cpu, Instruction insn) {
    if (vtpr(cpu.memory) >> 4 < controls.tprThreshold) {
      exit.trap(cpu, insn, ExitReason.TPR_BELOW_THRESHOLD);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void readMsr(Cpu cpu, Instruction insn, int msr) {
    if (run.active && controls.exitsForMsr(cpu.memory, msr, false)) {
      boolean list = insn.opcode != OPCODE_RDMSR;
      exitForMsr(cpu, insn, list ? ExitReason.RDMSRLIST : ExitReason.RDMSR, list, msr);
    }
  }

  @Override
  public void writeMsr(Cpu cpu, Instruction insn, int msr, long value) {
    if (run.active && controls.exitsForMsr(cpu.memory, msr, true)) {
      boolean list = insn.opcode != OPCODE_WRMSR && insn.rep != 0;
      if (list) {
        exit.recordMsrData(value);
      }
      exitForMsr(cpu, insn, list ? ExitReason.WRMSRLIST : ExitReason.WRMSR, list, msr);
    }
  }

  /** The TPR of the x2APIC, whatever mode the local APIC is in (29.5). */
  @Override
  public boolean virtualizesMsr(Cpu cpu, int msr) {
    return msr == Msr.X2APIC_TPR
        && run.active
        && controls.proc(ProcBased.USE_TPR_SHADOW)
        && controls.proc2(ProcBased2.VIRTUALIZE_X2APIC_MODE);
  }

  @Override
  public long readVirtualMsr(Cpu cpu, int msr) {
    return cpu.memory.read64(controls.virtualApic + ActiveControls.VTPR);
  }

  @Override
  public void writeVirtualMsr(Cpu cpu, Instruction insn, int msr, long value) {
    if (value >>> 8 != 0) {
      throw cpu.gp(0);
    }
    cpu.memory.write64(controls.virtualApic + ActiveControls.VTPR, value);
    belowThreshold(cpu, insn);
  }

  /** The MSR is reported for the lists only, where ECX has no MSR; WRMSRNS is told from WRMSR. */
  private void exitForMsr(Cpu cpu, Instruction insn, int reason, boolean list, int msr) {
    long qualification = list ? msr & 0xFFFF_FFFFL : insn.opcode == OPCODE_0F01 ? 1 : 0;
    exit.instruction(cpu, insn, reason, qualification, 0, 0);
    throw ExitSignal.INSTANCE;
  }

  @Override
  public void io(
      Cpu cpu, Instruction insn, int port, int size, boolean in, boolean string, int segment) {
    if (!run.active || !controls.exitsForPort(cpu.memory, port, size)) {
      return;
    }
    long qualification = size - 1 | (long) port << IO_PORT_SHIFT;
    qualification |= in ? IO_IN : 0;
    // E4 to E7 have the port as an immediate.
    qualification |= (insn.opcode & ~3) == OPCODE_IN_OUT_IMMEDIATE ? IO_IMMEDIATE : 0;
    int information = 0;
    long linear = 0;
    if (string) {
      qualification |= IO_STRING | (insn.rep != 0 ? IO_REP : 0);
      information = InstructionInformation.string(insn, in, segment);
      linear = cpu.segments.unchecked(segment, cpu.gpr(in ? 7 : 6, insn.addressSize));
    }
    exit.instruction(cpu, insn, ExitReason.IO_INSTRUCTION, qualification, information, linear);
    throw ExitSignal.INSTANCE;
  }

  @Override
  public void exception(Cpu cpu, CpuFault fault) {
    if (run.active && controls.exits(fault.vector, fault.hasErrorCode ? fault.errorCode : 0)) {
      exit.exception(cpu, fault);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void icebp(Cpu cpu) {
    if (run.active && controls.exits(CpuFault.DB, 0)) {
      exit.icebp(cpu);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public boolean shutdown(Cpu cpu) {
    if (!run.active) {
      return false;
    }
    exit.tripleFault(cpu);
    return true;
  }

  /** Task switches are not allowed in a guest (25.4.2). */
  @Override
  public void taskSwitch(
      Cpu cpu, int selector, int reason, boolean hasErrorCode, int errorCode, boolean rf) {
    if (run.active) {
      long qualification = (selector & 0xFFFF) | (long) reason << TASK_SOURCE_SHIFT;
      exit.taskSwitch(cpu, qualification, reason != TASK_EVENT, rf);
      throw ExitSignal.INSTANCE;
    }
  }

  @Override
  public void boundary(Cpu cpu) {
    if (run.active) {
      events.boundary(cpu);
    }
  }

  @Override
  public void asleep(Cpu cpu) {
    if (run.active) {
      events.asleep(cpu);
    }
  }

  @Override
  public void debugTrap(Cpu cpu, long dr6) {
    if (run.active) {
      events.debugTrap(cpu, dr6);
    }
  }

  @Override
  public void iretBegins(Cpu cpu) {
    if (run.active) {
      events.iretBegins(cpu);
    }
  }

  @Override
  public void iretCompleted(Cpu cpu) {
    if (!run.active) {
      cpu.state.nmiMasked = false;
    }
  }

  @Override
  public boolean nested(Cpu cpu) {
    return run.active && controls.ept();
  }

  @Override
  public boolean pdptesInRegisters(Cpu cpu) {
    return run.active && controls.ept();
  }

  @Override
  public long translate(Cpu cpu, long guestPhysical, int access, boolean tableWalk) {
    return paging.translate(cpu, guestPhysical, access, tableWalk);
  }

  @Override
  public int translatePasid(Cpu cpu, Instruction insn, int command) {
    return run.active && controls.proc2(ProcBased2.PASID_TRANSLATION)
        ? pasids.translate(cpu, insn, command)
        : command & PasidTranslation.PASID;
  }

  @Override
  public long timestamp(Cpu cpu) {
    long tsc = cpu.state.tsc;
    if (!run.active || !controls.proc(ProcBased.USE_TSC_OFFSETTING)) {
      return tsc;
    }
    boolean scaling = controls.proc2(ProcBased2.USE_TSC_SCALING);
    return (scaling ? scaled(tsc, controls.tscMultiplier) : tsc) + controls.tscOffset;
  }

  /** The 128-bit product of two unsigned numbers, shifted right by 48. */
  private static long scaled(long tsc, long multiplier) {
    long high = Math.multiplyHigh(tsc, multiplier);
    high += (tsc >> 63 & multiplier) + (multiplier >> 63 & tsc);
    return high << (64 - MULTIPLIER_FRACTION) | (tsc * multiplier) >>> MULTIPLIER_FRACTION;
  }
}
