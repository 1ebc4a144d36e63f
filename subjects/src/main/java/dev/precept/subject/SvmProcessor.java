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
final class SvmProcessor implements CoreProcessor {
  /** VMLOAD; VMRUN. The instruction after them is where an exit resumes the host. */
  private static final byte[] CODE = {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8};

  private final Svm svm = new Svm();
  private final Cpu cpu;

  SvmProcessor(Features features, PhysicalMemory memory, OpcodeMap map) {
    Svm.register(map);
    cpu = CoreProcessor.cpu(CpuModel.builder(), features, memory, map, svm);
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
  public Entry enter(Case testCase, ControlBlock controlBlock, boolean guest) {
    cpu.state.reset();
    CoreState.load(cpu.state, testCase.host());
    if (guest) {
      for (Register register : VmrunRegisters.LEFT_ALONE) {
        CoreState.load(cpu.state, register, testCase.state().get(register));
      }
      CoreState.load(cpu.state, Register.TSC, testCase.state().get(Register.TSC));
    }
    cpu.state.gpr[0] = controlBlock.address();
    cpu.state.rip = Layout.HOST_CODE;
    if (cpu.step() != StepResult.RETIRED) {
      return Entry.refused("VMLOAD in the host did not complete: vector " + cpu.lastVector);
    }
    cpu.state.nmiMasked = guest && testCase.state().get(Register.NMI_MASKED) != 0;
    int entered = cpu.step();
    if (entered == StepResult.EXITED) {
      return Entry.EXITED;
    }
    if (entered == StepResult.DELIVERED && svm.inGuest()) {
      return Entry.DELIVERED;
    }
    if (entered != StepResult.RETIRED) {
      return Entry.refused(
          "VMRUN in the host did not complete: result " + entered + ", vector " + cpu.lastVector);
    }
    return Entry.RUNS;
  }

  @Override
  public SortedMap<Integer, Long> fields(Case testCase, boolean inGuest) {
    return Collections.emptySortedMap();
  }
}
