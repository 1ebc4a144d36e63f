package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Where the intercept stands among the exceptions (APM vol. 2, table 15-7 and 15.10.2). */
class CheckOrderTest {
  /** Exits on everything and remembers the intercept. */
  private static final class Everything implements Virtualization {
    private int seen = -1;
    private boolean io;
    private int taskSelector = -1;

    @Override
    public Vendor vendor() {
      return Vendor.SVM;
    }

    @Override
    public boolean intercept(Cpu cpu, int id, Instruction insn) {
      seen = id;
      return true;
    }

    @Override
    public void io(
        Cpu cpu, Instruction insn, int port, int size, boolean in, boolean string, int segment) {
      io = true;
      throw ExitSignal.INSTANCE;
    }

    @Override
    public void taskSwitch(
        Cpu cpu, int selector, int reason, boolean hasErrorCode, int errorCode, boolean rf) {
      taskSelector = selector;
      throw ExitSignal.INSTANCE;
    }
  }

  private final Everything strategy = new Everything();

  /** 32-bit protected mode at CPL 3 with every intercept set. */
  private TestMachine user(Consumer<TestMachine> change) {
    return machine(3, change);
  }

  private TestMachine machine(int cpl, Consumer<TestMachine> change) {
    TestMachine from = TestMachine.protected32(cpl);
    TestMachine m = new TestMachine(CpuModel.amd(), strategy);
    System.arraycopy(from.memory.ram(), 0, m.memory.ram(), 0, m.memory.size());
    copy(from.state, m.state);
    change.accept(m);
    return m;
  }

  private static void copy(CpuState from, CpuState to) {
    for (int i = 0; i < 6; i++) {
      to.sreg[i].set(from.sreg[i]);
    }
    to.tr.set(from.tr);
    to.cpl = from.cpl;
    to.cr0 = from.cr0;
    to.rip = from.rip;
    to.gpr[4] = from.gpr[4];
    to.gdtrBase = from.gdtrBase;
    to.gdtrLimit = from.gdtrLimit;
    to.idtrBase = from.idtrBase;
    to.idtrLimit = from.idtrLimit;
  }

  @Test
  void theHltInterceptComesAfterThePrivilegeCheck() {
    TestMachine m = user(x -> x.code(0xF4));
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
  }

  @Test
  void theHltInterceptIsTakenAtCplZero() {
    TestMachine m = machine(0, x -> x.code(0xF4));
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
    assertThat(strategy.seen).isEqualTo(Intercept.HLT);
  }

  @Test
  void thePushfInterceptComesBeforeAStackFault() {
    TestMachine m =
        user(
            x -> {
              x.code(0x9C);
              x.state.ss.limit = 0;
            });
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
    assertThat(strategy.seen).isEqualTo(Intercept.PUSHF);
  }

  @Test
  void theIretInterceptComesBeforeAStackFault() {
    TestMachine m =
        user(
            x -> {
              x.code(0xCF);
              x.state.ss.limit = 0;
            });
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
  }

  @Test
  void theIntnInterceptComesBeforeTheGateCheck() {
    TestMachine m = user(x -> x.code(0xCD, 0x20));
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
    assertThat(strategy.seen).isEqualTo(Intercept.INTN);
  }

  @Test
  void theRsmInterceptComesBeforeUndefinedOpcode() {
    TestMachine m = machine(0, x -> x.code(0x0F, 0xAA));
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
  }

  @Test
  void lockComesBeforeAnyIntercept() {
    TestMachine m = machine(0, x -> x.code(0xF0, 0x9C));
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.UD);
  }

  @Test
  void ioplAndTheTssBitmapComeBeforeTheIoIntercept() {
    TestMachine m =
        user(
            x -> {
              x.code(0xEC);
              x.memory.write8(TestMachine.TSS + 0x68, 1);
              x.state.gpr[2] = 0;
            });
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
    assertThat(strategy.io).isFalse();
  }

  @Test
  void theIoInterceptComesBeforeTheMemoryOperandOfIns() {
    TestMachine m =
        user(
            x -> {
              x.code(0x6C);
              x.state.es.limit = 0;
              x.state.gpr[7] = 0x1000;
            });
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
    assertThat(strategy.io).isTrue();
  }

  @Test
  void anIoPermissionOfTheNextBitmapByteCounts() {
    TestMachine m =
        user(
            x -> {
              x.code(0xED);
              // Ports 7 to 10: bits 0 to 2 of the second byte.
              x.memory.write8(TestMachine.TSS + 0x69, 1);
              x.state.gpr[2] = 7;
            });
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
  }

  @Test
  void theTaskSwitchInterceptComesAfterTheIncomingTssWasChecked() {
    TestMachine m =
        machine(
            0,
            x -> {
              x.code(0xEA, 0, 0, 0, 0, 0x30, 0);
              x.descriptor(0x30, 0x9000, 0x66, 0x089);
            });
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.TS);
    assertThat(m.cpu.lastErrorCode).isEqualTo(0x30);
    assertThat(strategy.taskSelector).isEqualTo(-1);
  }

  @Test
  void theTaskSwitchInterceptLeavesTheOldTaskRunning() {
    TestMachine m =
        machine(
            0,
            x -> {
              x.code(0xEA, 0, 0, 0, 0, 0x30, 0);
              x.descriptor(0x30, 0x9000, 0x67, 0x089);
            });
    assertThat(m.step()).isEqualTo(StepResult.EXITED);
    assertThat(strategy.taskSelector).isEqualTo(0x30);
    assertThat(m.state.tr.selector).isEqualTo(TestMachine.TR);
  }
}
