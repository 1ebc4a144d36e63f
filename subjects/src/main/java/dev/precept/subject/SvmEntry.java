package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.StepResult;
import dev.precept.core.svm.Svm;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * VMLOAD and VMRUN from memory. Nothing of the guest that the VMCB holds is loaded behind the
 * core's back.
 */
final class SvmEntry implements CoreEntry {
  /** VMLOAD; VMRUN. The instruction after them is where an exit resumes the host. */
  private static final byte[] CODE = {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8};

  /** What VMRUN and VMLOAD do not load: it has to be in the CPU before the guest is entered. */
  private static final Register[] NOT_IN_VMCB = {
    Register.RCX,
    Register.RDX,
    Register.RBX,
    Register.RBP,
    Register.RSI,
    Register.RDI,
    Register.R8,
    Register.R9,
    Register.R10,
    Register.R11,
    Register.R12,
    Register.R13,
    Register.R14,
    Register.R15,
    Register.CR8,
    Register.DR0,
    Register.DR1,
    Register.DR2,
    Register.DR3,
    Register.XCR0,
    Register.PAT,
    Register.DEBUGCTL,
    Register.TSC,
    Register.TSC_AUX,
    Register.VM_CR,
    Register.VM_HSAVE_PA,
    Register.APIC_BASE,
    Register.SMBASE
  };

  private final Cpu cpu;

  SvmEntry(Features features, PhysicalMemory memory, OpcodeMap map) {
    Svm.register(map);
    cpu = CoreEntry.cpu(CpuModel.builder(), features, memory, map, new Svm());
  }

  @Override
  public Cpu cpu() {
    return cpu;
  }

  @Override
  public List<Long> ownPages(Case testCase) {
    return List.of(testCase.controlBlock().address(), Layout.HOST_SAVE);
  }

  @Override
  public List<Long> keptPages() {
    return List.of();
  }

  @Override
  public void writeHostCode(byte[] ram) {
    System.arraycopy(CODE, 0, ram, (int) Layout.HOST_CODE, CODE.length);
  }

  @Override
  public void prepare(Case testCase) {}

  @Override
  public String enter(Case testCase, ControlBlock controlBlock, boolean guest) {
    cpu.state.reset();
    CoreState.load(cpu.state, testCase.host());
    if (guest) {
      for (Register register : NOT_IN_VMCB) {
        CoreState.load(cpu.state, register, testCase.state().get(register));
      }
    }
    cpu.state.gpr[0] = controlBlock.address();
    cpu.state.rip = Layout.HOST_CODE;
    if (cpu.step() != StepResult.RETIRED) {
      return "VMLOAD in the host did not complete: vector " + cpu.lastVector;
    }
    int entered = cpu.step();
    if (entered == StepResult.EXITED) {
      return EXITED;
    }
    if (entered != StepResult.RETIRED) {
      return "VMRUN in the host did not complete: result " + entered + ", vector " + cpu.lastVector;
    }
    cpu.state.nmiMasked = guest && testCase.state().get(Register.NMI_MASKED) != 0;
    return ENTERED;
  }

  @Override
  public SortedMap<Integer, Long> fields(Case testCase, boolean inGuest) {
    return Collections.emptySortedMap();
  }
}
