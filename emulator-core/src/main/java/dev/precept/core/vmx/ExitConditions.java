package dev.precept.core.vmx;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.ProcBased3;
import java.util.Arrays;

/**
 * Whether an instruction exits, and what it then reports. Which exceptions win over the exit is not
 * here: the opcode rows say at which stage they ask.
 *
 * <p>Source: SDM vol. 3C, 25.1.2, 25.1.3, 27.2.1.
 */
final class ExitConditions {
  /** Basic exit reason by {@link Intercept} id; -1 where VMX has none. */
  private static final int[] REASONS = reasons();

  private static final int RAX = 0, RDX = 2;

  /** Access types of control-register exits (table 27-3); bit 6 says memory operand, for LMSW. */
  private static final int CR_MOV_FROM = 1 << 4, CR_CLTS = 2 << 4, CR_LMSW = 3 << 4;

  private static final int CR_LMSW_MEMORY = 1 << 6, CR_GPR_SHIFT = 8, CR_LMSW_SHIFT = 16;

  /** MOV DR (table 27-4): direction. */
  private static final int DR_MOV_FROM = 1 << 4;

  private static final int OPCODE_MOV_FROM_DR = 0x0F21;

  private final ActiveControls controls;
  private final GuestRun run;

  ExitConditions(ActiveControls controls, GuestRun run) {
    this.controls = controls;
    this.run = run;
  }

  int reason(int id) {
    return REASONS[id];
  }

  /** Whether the instruction whose intercept is {@code id} exits. */
  boolean met(Cpu cpu, int id, Instruction insn) {
    ActiveControls c = controls;
    long[] gpr = cpu.state.gpr;
    return switch (id) {
      case Intercept.RDTSC, Intercept.RDTSCP, Intercept.UMWAIT, Intercept.TPAUSE ->
          c.proc(ProcBased.RDTSC_EXITING);
      case Intercept.RDPMC -> c.proc(ProcBased.RDPMC_EXITING);
      case Intercept.HLT -> c.proc(ProcBased.HLT_EXITING);
      case Intercept.INVLPG, Intercept.INVPCID -> c.proc(ProcBased.INVLPG_EXITING);
      case Intercept.MONITOR -> c.proc(ProcBased.MONITOR_EXITING);
      case Intercept.MWAIT -> c.proc(ProcBased.MWAIT_EXITING);
      case Intercept.PAUSE -> pause(cpu);
      case Intercept.WBINVD, Intercept.WBNOINVD -> c.proc2(ProcBased2.WBINVD_EXITING);
      case Intercept.IDTR_READ,
          Intercept.GDTR_READ,
          Intercept.LDTR_READ,
          Intercept.TR_READ,
          Intercept.IDTR_WRITE,
          Intercept.GDTR_WRITE,
          Intercept.LDTR_WRITE,
          Intercept.TR_WRITE ->
          c.proc2(ProcBased2.DESCRIPTOR_TABLE_EXITING);
      case Intercept.RDRAND -> c.proc2(ProcBased2.RDRAND_EXITING);
      case Intercept.RDSEED -> c.proc2(ProcBased2.RDSEED_EXITING);
      case Intercept.XSAVES, Intercept.XRSTORS ->
          ((gpr[RDX] << 32 | (gpr[RAX] & 0xFFFF_FFFFL)) & cpu.state.xss & c.xssBitmap) != 0;
      case Intercept.ENCLS ->
          c.proc2(ProcBased2.ENABLE_ENCLS_EXITING)
              && ActiveControls.leafBit(c.enclsBitmap, cpu.gpr(RAX, 4));
      case Intercept.PCONFIG -> ActiveControls.leafBit(c.pconfigBitmap, cpu.gpr(RAX, 4));
      case Intercept.LOADIWKEY -> c.proc3(ProcBased3.LOADIWKEY_EXITING);
      // With MSR bitmaps it depends on each MSR of the list.
      case Intercept.RDMSRLIST, Intercept.WRMSRLIST -> !c.proc(ProcBased.USE_MSR_BITMAPS);
      case Intercept.VMREAD -> c.exitsForField(cpu.memory, encoding(cpu, insn), false);
      case Intercept.VMWRITE -> c.exitsForField(cpu.memory, encoding(cpu, insn), true);
      case Intercept.CR_READ -> readsControlRegister(insn.reg);
      case Intercept.CR_WRITE -> writesControlRegister(insn.reg, source(cpu, insn));
      case Intercept.CLTS -> (c.cr0Mask & c.cr0Shadow & CpuState.CR0_TS) != 0;
      case Intercept.LMSW -> lmsw(cpu.load(insn, 0) & 0xFFFF);
      // DR8 to DR15 do not exist: that #UD is none of those that the exit outranks.
      case Intercept.MOV_DR -> insn.reg < 8 && c.proc(ProcBased.MOV_DR_EXITING);
      // CPUID, GETSEC, INVD, XSETBV, RSM and what came with VMX.
      default -> REASONS[id] >= 0;
    };
  }

  private static long source(Cpu cpu, Instruction insn) {
    return cpu.gpr(insn.rm, cpu.state.code64() ? 8 : 4);
  }

  private static long encoding(Cpu cpu, Instruction insn) {
    return cpu.gpr(insn.reg, cpu.state.code64() ? 8 : 4);
  }

  private boolean readsControlRegister(int cr) {
    return (cr == 3 && controls.proc(ProcBased.CR3_STORE_EXITING))
        || (cr == 8 && controls.proc(ProcBased.CR8_STORE_EXITING));
  }

  private boolean writesControlRegister(int cr, long value) {
    return switch (cr) {
      case 0 -> ((value ^ controls.cr0Shadow) & controls.cr0Mask) != 0;
      case 3 -> controls.proc(ProcBased.CR3_LOAD_EXITING) && !cr3Target(value);
      case 4 -> ((value ^ controls.cr4Shadow) & controls.cr4Mask) != 0;
      case 8 -> controls.proc(ProcBased.CR8_LOAD_EXITING);
      default -> false;
    };
  }

  private boolean cr3Target(long value) {
    for (int i = 0; i < controls.cr3TargetCount; i++) {
      if (controls.cr3Targets[i] == value) {
        return true;
      }
    }
    return false;
  }

  /** LMSW never clears PE, so a 0 there differs from no shadow. */
  private boolean lmsw(long word) {
    boolean sets = (controls.cr0Mask & word & ~controls.cr0Shadow & CpuState.CR0_PE) != 0;
    return sets || ((word ^ controls.cr0Shadow) & controls.cr0Mask & 0xE) != 0;
  }

  /** PAUSE exiting, and at CPL 0 PAUSE-loop exiting. */
  private boolean pause(Cpu cpu) {
    if (controls.proc(ProcBased.PAUSE_EXITING)) {
      return true;
    }
    if (cpu.state.cpl != 0 || !controls.proc2(ProcBased2.PAUSE_LOOP_EXITING)) {
      return false;
    }
    long now = cpu.state.tsc;
    long gap = now - run.lastPause;
    boolean first = !run.pauseSeen || Long.compareUnsigned(gap, controls.pleGap & 0xFFFF_FFFFL) > 0;
    run.pauseSeen = true;
    run.lastPause = now;
    if (first) {
      run.firstPause = now;
      return false;
    }
    long inLoop = now - run.firstPause;
    return Long.compareUnsigned(inLoop, controls.pleWindow & 0xFFFF_FFFFL) > 0;
  }

  /** Exit qualification of the instruction. */
  long qualification(Cpu cpu, int id, Instruction insn) {
    return switch (id) {
      case Intercept.INVLPG -> cpu.segments.unchecked(insn.segment, insn.offset);
      case Intercept.MWAIT -> cpu.state.monitorArmed ? 1 : 0;
      // Without WBNOINVD the prefix is ignored.
      case Intercept.WBNOINVD -> cpu.model.wbnoinvd ? 1 : 0;
      case Intercept.CR_READ -> insn.reg | CR_MOV_FROM | insn.rm << CR_GPR_SHIFT;
      case Intercept.CR_WRITE -> insn.reg | insn.rm << CR_GPR_SHIFT;
      case Intercept.CLTS -> CR_CLTS;
      case Intercept.LMSW ->
          CR_LMSW
              | (insn.memory ? CR_LMSW_MEMORY : 0)
              | (cpu.load(insn, 0) & 0xFFFF) << CR_LMSW_SHIFT;
      case Intercept.MOV_DR ->
          insn.reg
              | (insn.opcode == OPCODE_MOV_FROM_DR ? DR_MOV_FROM : 0)
              | insn.rm << CR_GPR_SHIFT;
      default -> reportsDisplacement(id) ? displacement(insn) : 0;
    };
  }

  private static boolean reportsDisplacement(int id) {
    return switch (id) {
      case Intercept.INVEPT,
          Intercept.INVVPID,
          Intercept.INVPCID,
          Intercept.IDTR_READ,
          Intercept.GDTR_READ,
          Intercept.LDTR_READ,
          Intercept.TR_READ,
          Intercept.IDTR_WRITE,
          Intercept.GDTR_WRITE,
          Intercept.LDTR_WRITE,
          Intercept.TR_WRITE,
          Intercept.VMCLEAR,
          Intercept.VMPTRLD,
          Intercept.VMPTRST,
          Intercept.VMREAD,
          Intercept.VMWRITE,
          Intercept.VMXON,
          Intercept.XSAVES,
          Intercept.XRSTORS ->
          true;
      default -> false;
    };
  }

  /** The displacement; with RIP-relative addressing its sum with the next instruction's address. */
  private static long displacement(Instruction insn) {
    return insn.ripRelative ? insn.displacement + insn.sequentialRip : insn.displacement;
  }

  /** Linear address of LMSW's memory operand; INS and OUTS have a hook of their own. */
  long linearAddress(Cpu cpu, int id, Instruction insn) {
    return id == Intercept.LMSW && insn.memory
        ? cpu.segments.unchecked(insn.segment, insn.offset)
        : 0;
  }

  /** VM-exit instruction information of the instruction. */
  int information(Cpu cpu, int id, Instruction insn) {
    boolean code64 = cpu.state.code64();
    return switch (id) {
      case Intercept.GDTR_READ -> InstructionInformation.descriptorTable(insn, code64, 0);
      case Intercept.IDTR_READ -> InstructionInformation.descriptorTable(insn, code64, 1);
      case Intercept.GDTR_WRITE -> InstructionInformation.descriptorTable(insn, code64, 2);
      case Intercept.IDTR_WRITE -> InstructionInformation.descriptorTable(insn, code64, 3);
      case Intercept.LDTR_READ -> InstructionInformation.systemSegment(insn, 0);
      case Intercept.TR_READ -> InstructionInformation.systemSegment(insn, 1);
      case Intercept.LDTR_WRITE -> InstructionInformation.systemSegment(insn, 2);
      case Intercept.TR_WRITE -> InstructionInformation.systemSegment(insn, 3);
      case Intercept.INVEPT, Intercept.INVVPID, Intercept.INVPCID ->
          InstructionInformation.memoryAndRegister(insn);
      case Intercept.VMREAD, Intercept.VMWRITE -> InstructionInformation.operandAndRegister(insn);
      case Intercept.RDRAND, Intercept.RDSEED ->
          InstructionInformation.register(insn, insn.operandSize);
      case Intercept.UMWAIT, Intercept.TPAUSE -> InstructionInformation.register(insn, 4);
      case Intercept.LOADIWKEY -> InstructionInformation.twoRegisters(insn);
      case Intercept.VMCLEAR,
          Intercept.VMPTRLD,
          Intercept.VMPTRST,
          Intercept.VMXON,
          Intercept.XSAVES,
          Intercept.XRSTORS ->
          InstructionInformation.memory(insn);
      default -> 0;
    };
  }

  private static int[] reasons() {
    int[] r = new int[Intercept.COUNT];
    Arrays.fill(r, -1);
    r[Intercept.CPUID] = ExitReason.CPUID;
    r[Intercept.GETSEC] = ExitReason.GETSEC;
    r[Intercept.HLT] = ExitReason.HLT;
    r[Intercept.INVD] = ExitReason.INVD;
    r[Intercept.INVLPG] = ExitReason.INVLPG;
    r[Intercept.RDPMC] = ExitReason.RDPMC;
    r[Intercept.RDTSC] = ExitReason.RDTSC;
    r[Intercept.RSM] = ExitReason.RSM;
    r[Intercept.VMCALL] = ExitReason.VMCALL;
    r[Intercept.VMCLEAR] = ExitReason.VMCLEAR;
    r[Intercept.VMLAUNCH] = ExitReason.VMLAUNCH;
    r[Intercept.VMPTRLD] = ExitReason.VMPTRLD;
    r[Intercept.VMPTRST] = ExitReason.VMPTRST;
    r[Intercept.VMREAD] = ExitReason.VMREAD;
    r[Intercept.VMRESUME] = ExitReason.VMRESUME;
    r[Intercept.VMWRITE] = ExitReason.VMWRITE;
    r[Intercept.VMXOFF] = ExitReason.VMXOFF;
    r[Intercept.VMXON] = ExitReason.VMXON;
    r[Intercept.CR_READ] = ExitReason.CONTROL_REGISTER_ACCESS;
    r[Intercept.CR_WRITE] = ExitReason.CONTROL_REGISTER_ACCESS;
    r[Intercept.CLTS] = ExitReason.CONTROL_REGISTER_ACCESS;
    r[Intercept.LMSW] = ExitReason.CONTROL_REGISTER_ACCESS;
    r[Intercept.MOV_DR] = ExitReason.MOV_DR;
    r[Intercept.MWAIT] = ExitReason.MWAIT;
    r[Intercept.MONITOR] = ExitReason.MONITOR;
    r[Intercept.PAUSE] = ExitReason.PAUSE;
    r[Intercept.GDTR_READ] = ExitReason.GDTR_OR_IDTR_ACCESS;
    r[Intercept.IDTR_READ] = ExitReason.GDTR_OR_IDTR_ACCESS;
    r[Intercept.GDTR_WRITE] = ExitReason.GDTR_OR_IDTR_ACCESS;
    r[Intercept.IDTR_WRITE] = ExitReason.GDTR_OR_IDTR_ACCESS;
    r[Intercept.LDTR_READ] = ExitReason.LDTR_OR_TR_ACCESS;
    r[Intercept.TR_READ] = ExitReason.LDTR_OR_TR_ACCESS;
    r[Intercept.LDTR_WRITE] = ExitReason.LDTR_OR_TR_ACCESS;
    r[Intercept.TR_WRITE] = ExitReason.LDTR_OR_TR_ACCESS;
    r[Intercept.INVEPT] = ExitReason.INVEPT;
    r[Intercept.RDTSCP] = ExitReason.RDTSCP;
    r[Intercept.INVVPID] = ExitReason.INVVPID;
    r[Intercept.WBINVD] = ExitReason.WBINVD_OR_WBNOINVD;
    r[Intercept.WBNOINVD] = ExitReason.WBINVD_OR_WBNOINVD;
    r[Intercept.XSETBV] = ExitReason.XSETBV;
    r[Intercept.RDRAND] = ExitReason.RDRAND;
    r[Intercept.INVPCID] = ExitReason.INVPCID;
    r[Intercept.ENCLS] = ExitReason.ENCLS;
    r[Intercept.RDSEED] = ExitReason.RDSEED;
    r[Intercept.XSAVES] = ExitReason.XSAVES;
    r[Intercept.XRSTORS] = ExitReason.XRSTORS;
    r[Intercept.PCONFIG] = ExitReason.PCONFIG;
    r[Intercept.UMWAIT] = ExitReason.UMWAIT;
    r[Intercept.TPAUSE] = ExitReason.TPAUSE;
    r[Intercept.LOADIWKEY] = ExitReason.LOADIWKEY;
    r[Intercept.RDMSRLIST] = ExitReason.RDMSRLIST;
    r[Intercept.WRMSRLIST] = ExitReason.WRMSRLIST;
    return r;
  }
}
