package dev.precept.core.vmx;

import static dev.precept.core.OpcodeRow.CPL0;
import static dev.precept.core.OpcodeRow.MEM;
import static dev.precept.core.OpcodeRow.NOT_V86;
import static dev.precept.core.OpcodeRow.PROT;

import dev.precept.core.Cpu;
import dev.precept.core.CpuState;
import dev.precept.core.Instruction;
import dev.precept.core.Intercept;
import dev.precept.core.Mmu;
import dev.precept.core.OpcodeMap;
import dev.precept.core.OpcodeRow;
import dev.precept.core.Stage;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import java.util.Optional;

/**
 * The VMX instructions: VMXON and VMXOFF, VMCLEAR, VMPTRLD and VMPTRST, VMREAD and VMWRITE,
 * VMLAUNCH and VMRESUME, VMCALL, VMFUNC, INVEPT and INVVPID.
 *
 * <p>All but VMCALL and VMFUNC raise #UD outside VMX operation (VMXON: without CR4.VMXE) and in
 * real-address, virtual-8086 and compatibility mode; then they exit in a guest, whatever the CPL;
 * then #GP(0) unless CPL is 0. VMCALL exits in a guest before the modes are looked at.
 *
 * <p>Source: SDM vol. 3C, chapter 30.
 */
public final class VmxInstructions {
  /** IA32_FEATURE_CONTROL bits that VMXON wants (23.7). */
  static final long LOCKED = 1, VMXON_OUTSIDE_SMX = 4;

  private static final long STATUS =
      CpuState.CF | CpuState.PF | CpuState.AF | CpuState.ZF | CpuState.SF | CpuState.OF;

  private static final int RAX = 0, RCX = 1;

  /** VM function that switches the EPTP, and how many EPTPs its list has (25.5.5.3). */
  private static final int EPTP_SWITCHING = 0, EPTP_LIST_LENGTH = 512;

  /** IA32_VMX_EPT_VPID_CAP: INVEPT, first of its types 1 and 2; INVVPID, first of 0 to 3 (A.10). */
  private static final int INVEPT = 20, INVEPT_TYPE_1 = 25, INVVPID = 32, INVVPID_TYPE_0 = 40;

  private VmxInstructions() {}

  /** Adds the rows; they are #UD on a CPU whose strategy is not {@link Vmx}. */
  public static void register(OpcodeMap map) {
    int pointer = MEM | PROT | CPL0;
    exits(map.memory(0x0FC7, 6, 0xF3, "VMXON M", pointer, VmxInstructions::vmxon), Intercept.VMXON)
        .gate((cpu, insn) -> canEnter(cpu) && !compatibility(cpu));
    vmx(
        map.memory(0x0FC7, 6, 0x66, "VMCLEAR M", pointer, VmxInstructions::vmclear),
        Intercept.VMCLEAR);
    vmx(
        map.memory(0x0FC7, 6, 0, "VMPTRLD M", pointer, VmxInstructions::vmptrld),
        Intercept.VMPTRLD);
    vmx(
        map.memory(0x0FC7, 7, 0, "VMPTRST M", pointer, VmxInstructions::vmptrst),
        Intercept.VMPTRST);
    vmx(
        map.prefixed(0x0F78, 0, "VMREAD Ey,Gy", PROT | CPL0, VmxInstructions::vmread),
        Intercept.VMREAD);
    vmx(
        map.prefixed(0x0F79, 0, "VMWRITE Gy,Ey", PROT | CPL0, VmxInstructions::vmwrite),
        Intercept.VMWRITE);
    vmx(
        map.exact(0x0F01, 0xC2, 0, "VMLAUNCH", PROT | CPL0, (cpu, insn) -> enter(cpu, true)),
        Intercept.VMLAUNCH);
    vmx(
        map.exact(0x0F01, 0xC3, 0, "VMRESUME", PROT | CPL0, (cpu, insn) -> enter(cpu, false)),
        Intercept.VMRESUME);
    vmx(
        map.exact(0x0F01, 0xC4, 0, "VMXOFF", PROT | CPL0, VmxInstructions::vmxoff),
        Intercept.VMXOFF);
    vmx(
            map.prefixed(0x0F3880, 0x66, "INVEPT Gy,M", pointer, VmxInstructions::invept),
            Intercept.INVEPT)
        .gate((cpu, insn) -> operation(cpu) && can(cpu, ProcBased2.ENABLE_EPT, INVEPT));
    vmx(
            map.prefixed(0x0F3881, 0x66, "INVVPID Gy,M", pointer, VmxInstructions::invvpid),
            Intercept.INVVPID)
        .gate((cpu, insn) -> operation(cpu) && can(cpu, ProcBased2.ENABLE_VPID, INVVPID));
    map.exact(0x0F01, 0xC1, 0, "VMCALL", NOT_V86 | CPL0, VmxInstructions::vmcall)
        .gate((cpu, insn) -> operation(cpu))
        .vmx(Intercept.VMCALL, Stage.BEFORE_EXCEPTIONS);
    map.exact(0x0F01, 0xD4, 0, "VMFUNC", 0, VmxInstructions::vmfunc)
        .gate(VmxInstructions::functions);
  }

  private static OpcodeRow vmx(OpcodeRow row, int id) {
    return exits(row, id).gate((cpu, insn) -> operation(cpu));
  }

  private static OpcodeRow exits(OpcodeRow row, int id) {
    return row.vmx(id, Stage.AFTER_UD);
  }

  private static Vmx vmx(Cpu cpu) {
    return (Vmx) cpu.virtualization;
  }

  /** In VMX operation and not in compatibility mode. */
  private static boolean operation(Cpu cpu) {
    return cpu.virtualization instanceof Vmx vmx && vmx.on() && !compatibility(cpu);
  }

  private static boolean compatibility(Cpu cpu) {
    return cpu.state.longMode() && !cpu.state.code64();
  }

  private static boolean canEnter(Cpu cpu) {
    return cpu.virtualization instanceof Vmx && (cpu.state.cr4 & CpuState.CR4_VMXE) != 0;
  }

  /** Whether a secondary control may be 1 and a bit of IA32_VMX_EPT_VPID_CAP is. */
  private static boolean can(Cpu cpu, int control, int bit) {
    return ((int) (cpu.model.vmxCapabilities.procBased2 >>> 32) & control) != 0
        && capability(cpu, bit);
  }

  private static boolean capability(Cpu cpu, int bit) {
    return (cpu.model.vmxCapabilities.eptVpid >>> bit & 1) != 0;
  }

  private static void succeed(Cpu cpu) {
    cpu.state.rflags &= ~STATUS;
  }

  private static void failInvalid(Cpu cpu) {
    cpu.state.rflags = (cpu.state.rflags & ~STATUS) | CpuState.CF;
  }

  private static void failValid(Cpu cpu, int error) {
    cpu.state.rflags = (cpu.state.rflags & ~STATUS) | CpuState.ZF;
    vmx(cpu).vmcs().write(VmcsField.VM_INSTRUCTION_ERROR, error);
  }

  /** VMfail: valid if there is a current VMCS that can take the error number (30.2). */
  private static void fail(Cpu cpu, int error) {
    if (vmx(cpu).vmcs().valid()) {
      failValid(cpu, error);
    } else {
      failInvalid(cpu);
    }
  }

  private static long pointerOperand(Cpu cpu, Instruction insn) {
    return cpu.readMemory(insn.segment, insn.offset, 8);
  }

  private static void vmxon(Cpu cpu, Instruction insn) {
    CpuState s = cpu.state;
    if (vmx(cpu).on()) {
      fail(cpu, VmInstructionError.VMXON_IN_VMX_ROOT_OPERATION);
      return;
    }
    long enabled = LOCKED | VMXON_OUTSIDE_SMX;
    if (!cpu.model.vmxCapabilities.cr0Supported(s.cr0, 0)
        || !cpu.model.vmxCapabilities.cr4Supported(s.cr4)
        || (s.featureControl & enabled) != enabled) {
      throw cpu.gp(0);
    }
    long region = pointerOperand(cpu, insn);
    int revision = cpu.model.vmxCapabilities.revision();
    if (!ControlChecks.page(cpu.model, region) || cpu.memory.read32(region) != revision) {
      failInvalid(cpu);
      return;
    }
    vmx(cpu).vmxon(cpu, region);
    succeed(cpu);
  }

  private static void vmxoff(Cpu cpu, Instruction insn) {
    vmx(cpu).vmxoff(cpu);
    succeed(cpu);
  }

  private static void vmclear(Cpu cpu, Instruction insn) {
    Vmx vmx = vmx(cpu);
    long region = pointerOperand(cpu, insn);
    if (!ControlChecks.page(cpu.model, region)) {
      fail(cpu, VmInstructionError.VMCLEAR_INVALID_PHYSICAL_ADDRESS);
      return;
    }
    if (region == vmx.vmxonPointer()) {
      fail(cpu, VmInstructionError.VMCLEAR_VMXON_POINTER);
      return;
    }
    VmcsRegion.setLaunched(cpu.memory, region, false);
    if (region == vmx.vmcs().pointer) {
      vmx.vmcs().deselect();
    }
    succeed(cpu);
  }

  private static void vmptrld(Cpu cpu, Instruction insn) {
    Vmx vmx = vmx(cpu);
    long region = pointerOperand(cpu, insn);
    if (!ControlChecks.page(cpu.model, region)) {
      fail(cpu, VmInstructionError.VMPTRLD_INVALID_PHYSICAL_ADDRESS);
      return;
    }
    if (region == vmx.vmxonPointer()) {
      fail(cpu, VmInstructionError.VMPTRLD_VMXON_POINTER);
      return;
    }
    int header = VmcsRegion.header(cpu.memory, region);
    boolean shadow = (header & VmcsRegion.SHADOW) != 0;
    boolean shadowing =
        ((int) (cpu.model.vmxCapabilities.procBased2 >>> 32) & ProcBased2.VMCS_SHADOWING) != 0;
    if ((header & ~VmcsRegion.SHADOW) != cpu.model.vmxCapabilities.revision()
        || (shadow && !shadowing)) {
      fail(cpu, VmInstructionError.VMPTRLD_INCORRECT_REVISION_IDENTIFIER);
      return;
    }
    vmx.vmcs().select(cpu.memory, region);
    succeed(cpu);
  }

  private static void vmptrst(Cpu cpu, Instruction insn) {
    cpu.writeMemory(insn.segment, insn.offset, 8, vmx(cpu).vmcs().pointer);
    succeed(cpu);
  }

  /** Basic checks in the order of 26.1, then the VM entry proper. */
  private static void enter(Cpu cpu, boolean launch) {
    Vmcs vmcs = vmx(cpu).vmcs();
    if (!vmcs.valid() || vmcs.shadow()) {
      failInvalid(cpu);
    } else if (cpu.state.interruptShadow && cpu.state.movSsShadow) {
      failValid(cpu, VmInstructionError.VM_ENTRY_EVENTS_BLOCKED_BY_MOV_SS);
    } else if (launch && vmcs.launched()) {
      failValid(cpu, VmInstructionError.VMLAUNCH_NON_CLEAR_VMCS);
    } else if (!launch && !vmcs.launched()) {
      failValid(cpu, VmInstructionError.VMRESUME_NON_LAUNCHED_VMCS);
    } else {
      int error = vmx(cpu).enter(cpu);
      if (error != EntrySwitch.ENTERED) {
        failValid(cpu, error);
      }
    }
  }

  /** There is no dual-monitor treatment of SMIs and SMM. */
  private static void vmcall(Cpu cpu, Instruction insn) {
    fail(cpu, VmInstructionError.VMCALL_IN_VMX_ROOT_OPERATION);
  }

  /** Region that VMREAD and VMWRITE access: in a guest, that of the VMCS link pointer (30.3). */
  private static long accessedRegion(Cpu cpu) {
    Vmx vmx = vmx(cpu);
    if (!vmx.inGuest()) {
      return vmx.vmcs().pointer;
    }
    return vmx.vmcs().read(VmcsField.VMCS_LINK_POINTER);
  }

  private static Optional<VmcsField> field(Cpu cpu, Instruction insn) {
    long encoding = cpu.gpr(insn.reg, cpu.state.code64() ? 8 : 4);
    Optional<VmcsField> field =
        encoding >>> 31 == 0 ? VmcsField.of((int) encoding) : Optional.empty();
    return field.filter(f -> f.exists(cpu.model.vmxCapabilities));
  }

  /** The destination is accessed only when pointer and field are known to be good. */
  private static void vmread(Cpu cpu, Instruction insn) {
    long region = accessedRegion(cpu);
    if (region == Vmcs.NONE) {
      failInvalid(cpu);
      return;
    }
    if (field(cpu, insn).isEmpty()) {
      failValid(cpu, VmInstructionError.UNSUPPORTED_VMCS_COMPONENT);
      return;
    }
    cpu.store(insn, 0, VmcsRegion.read(cpu.memory, region, (int) cpu.state.gpr[insn.reg]));
    succeed(cpu);
  }

  /** The source is read when the pointer is known to be good, before the field is looked at. */
  private static void vmwrite(Cpu cpu, Instruction insn) {
    long region = accessedRegion(cpu);
    if (region == Vmcs.NONE) {
      failInvalid(cpu);
      return;
    }
    long value = cpu.load(insn, 1);
    Optional<VmcsField> field = field(cpu, insn);
    if (field.isEmpty()) {
      failValid(cpu, VmInstructionError.UNSUPPORTED_VMCS_COMPONENT);
      return;
    }
    if (field.get().readOnly() && !writesAnyField(cpu)) {
      failValid(cpu, VmInstructionError.VMWRITE_READ_ONLY_VMCS_COMPONENT);
      return;
    }
    VmcsRegion.write(cpu.memory, region, (int) cpu.state.gpr[insn.reg], value);
    succeed(cpu);
  }

  /** IA32_VMX_MISC bit 29. */
  private static boolean writesAnyField(Cpu cpu) {
    return (cpu.model.vmxCapabilities.misc >>> 29 & 1) != 0;
  }

  private static boolean functions(Cpu cpu, Instruction insn) {
    return cpu.virtualization instanceof Vmx vmx
        && vmx.inGuest()
        && vmx.controls().proc2(ProcBased2.ENABLE_VM_FUNCTIONS)
        && cpu.gpr(RAX, 4) < 64;
  }

  /** VM function 0 switches to an EPTP of the list; every other exits because it is not enabled. */
  private static void vmfunc(Cpu cpu, Instruction insn) {
    Vmx vmx = vmx(cpu);
    ActiveControls controls = vmx.controls();
    long function = cpu.gpr(RAX, 4);
    long entry = cpu.gpr(RCX, 4);
    if ((controls.vmFunctions >>> function & 1) == 0
        || function != EPTP_SWITCHING
        || entry >= EPTP_LIST_LENGTH) {
      vmx.exitVmFunction(cpu, insn);
    }
    long pointer = cpu.memory.read64(controls.eptpList + 8 * entry);
    if (!ExtendedPaging.pointerLegal(cpu.model, pointer)) {
      vmx.exitVmFunction(cpu, insn);
    }
    vmx.vmcs().write(VmcsField.EPT_POINTER, pointer);
    controls.eptPointer = pointer;
    if (VmcsField.EPTP_INDEX.exists(cpu.model.vmxCapabilities)) {
      // A processor with #VE loads ECX[15:0], too (25.5.5.3).
      vmx.vmcs().write(VmcsField.EPTP_INDEX, entry);
      controls.eptpIndex = (int) entry;
    }
  }

  /** Translations are not cached, so there is nothing to invalidate. */
  private static void invept(Cpu cpu, Instruction insn) {
    long type = cpu.gpr(insn.reg, cpu.state.code64() ? 8 : 4);
    boolean known = type == 1 || type == 2;
    if (!known || !capability(cpu, INVEPT_TYPE_1 + (int) type - 1)) {
      fail(cpu, VmInstructionError.INVALID_OPERAND_TO_INVEPT_INVVPID);
      return;
    }
    long pointer = descriptor(cpu, insn, 0);
    if (type == 1 && !ExtendedPaging.pointerLegal(cpu.model, pointer)) {
      fail(cpu, VmInstructionError.INVALID_OPERAND_TO_INVEPT_INVVPID);
      return;
    }
    succeed(cpu);
  }

  private static void invvpid(Cpu cpu, Instruction insn) {
    long type = cpu.gpr(insn.reg, cpu.state.code64() ? 8 : 4);
    boolean known = type >= 0 && type <= 3;
    if (!known || !capability(cpu, INVVPID_TYPE_0 + (int) type)) {
      fail(cpu, VmInstructionError.INVALID_OPERAND_TO_INVEPT_INVVPID);
      return;
    }
    long vpid = descriptor(cpu, insn, 0);
    long address = descriptor(cpu, insn, 8);
    if (vpid >>> 16 != 0 || (type != 2 && vpid == 0) || (type == 0 && !Mmu.canonical(address))) {
      fail(cpu, VmInstructionError.INVALID_OPERAND_TO_INVEPT_INVVPID);
      return;
    }
    succeed(cpu);
  }

  /** Half of the 16-byte descriptor, all of which is checked first. */
  private static long descriptor(Cpu cpu, Instruction insn, int at) {
    long linear = cpu.linear(insn.segment, insn.offset, 16, false);
    int access = cpu.userAccess() & Mmu.USER;
    cpu.mmu.probe(linear, 16, access);
    return cpu.mmu.read(cpu.segments.wrap(linear + at), 8, access);
  }
}
