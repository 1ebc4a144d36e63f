package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exceptions, injected events and virtual interrupts (APM vol. 2, 15.7.2, 15.12, 15.20, 15.21). */
class EventsTest {
  private static final long HANDLER = 0x22000;
  private static final long INVALID_OPCODE = 6;

  /** A guest with a GDT, and an IDT whose gates all lead to HANDLER; no exception intercepted. */
  private static SvmMachine machine(String code) {
    SvmMachine machine = new SvmMachine().code(code).set32(VmcbLayout.INTERCEPT_EXCEPTION, 0);
    machine.memory.write64(SvmMachine.GDT + 0x08, 0x00CF_9B00_0000_FFFFL);
    machine.memory.write64(SvmMachine.GDT + 0x10, 0x00CF_9300_0000_FFFFL);
    // Available 32-bit TSS at DATA.
    machine.memory.write64(SvmMachine.GDT + 0x28, 0x0000_8904_1000_0067L);
    for (int vector = 0; vector < 256; vector++) {
      gate(machine, vector, true);
    }
    return machine;
  }

  private static void gate(SvmMachine machine, int vector, boolean present) {
    long low = (0x08L << 16) | (HANDLER & 0xFFFF);
    long high = (HANDLER & 0xFFFF_0000L) | (present ? 0x8E00 : 0x0E00);
    machine.memory.write64(SvmMachine.IDT + 8L * vector, high << 32 | low);
  }

  private static void interceptException(SvmMachine machine, int vector) {
    machine.intercept(ExitCode.VMEXIT_EXCP0 + vector);
  }

  @Test
  void faultDuringDeliveryExitsWithTheFirstEventInExitIntInfo() {
    SvmMachine machine = machine("0F0B");
    gate(machine, 6, false);
    interceptException(machine, 11);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 11);
    // Error code: index 6 of the IDT, EXT.
    assertThat(machine.info1()).isEqualTo(6 * 8 + 2 + 1);
    assertThat(machine.get64(VmcbLayout.EXITINTINFO)).isEqualTo(0x8000_0300L | INVALID_OPCODE);
  }

  @Test
  void exceptionIsCheckedForItsInterceptBeforeItBecomesADoubleFault() {
    SvmMachine machine = machine("0F22C0").rax(0x8000_0000L);
    gate(machine, 13, false);
    interceptException(machine, 11);
    interceptException(machine, 8);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 11);
    // #GP has an error code, which is 0: EV is bit 11.
    assertThat(machine.get64(VmcbLayout.EXITINTINFO)).isEqualTo(0x8000_0B0DL);
  }

  @Test
  void doubleFaultInterceptAloneIsTakenForTheCombination() {
    SvmMachine machine = machine("0F22C0").rax(0x8000_0000L);
    gate(machine, 13, false);
    interceptException(machine, 8);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 8);
    assertThat(machine.info1()).isZero();
  }

  @Test
  void shutdownInterceptReplacesShutdown() {
    SvmMachine machine = machine("0F0B").intercept(ExitCode.VMEXIT_SHUTDOWN);
    machine.segment(VmcbLayout.IDTR, 0, 0, 0, SvmMachine.IDT);

    assertThat(machine.run()).isEqualTo(StepResult.EXITED);

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_SHUTDOWN);
    assertThat(machine.state.shutdown).isFalse();
  }

  @Test
  void interceptedPageFaultDoesNotWriteCr2() {
    SvmMachine machine = new SvmMachine().long64().code("8B03").set64(VmcbLayout.CR2, 0x77);
    machine.state.gpr[3] = 0x4000_0000L;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 14);
    assertThat(machine.get64(VmcbLayout.CR2)).isEqualTo(0x77);
    assertThat(machine.info2()).isEqualTo(0x4000_0000L);
  }

  @Test
  void intNDoesNotCheckExceptionIntercepts() {
    SvmMachine machine = machine("CD0D").set32(VmcbLayout.INTERCEPT_EXCEPTION, -1);

    assertThat(machine.run()).isEqualTo(StepResult.DELIVERED);

    assertThat(machine.state.rip).isEqualTo(HANDLER);
  }

  @Test
  void icebpDoesNotCheckTheDebugExceptionIntercept() {
    SvmMachine machine = machine("F1").set32(VmcbLayout.INTERCEPT_EXCEPTION, -1);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
    assertThat(machine.state.rip).isEqualTo(HANDLER);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0x80000020", "0x80000202", "0x8000030D", "0x80000306"})
  void injectedEventIsDeliveredBeforeTheFirstInstructionAndNotIntercepted(String event) {
    SvmMachine machine = machine("0F31").set32(VmcbLayout.INTERCEPT_EXCEPTION, -1);
    machine.set64(VmcbLayout.EVENTINJ, Long.decode(event));

    machine.vmrun();

    assertThat(machine.inGuest()).isTrue();
    assertThat(machine.state.rip).isEqualTo(HANDLER);
    assertThat(machine.memory.read32(SvmMachine.STACK - 12)).isEqualTo((int) SvmMachine.GUEST_CODE);
  }

  @Test
  void injectedExceptionPushesItsErrorCode() {
    SvmMachine machine = machine("0F31");
    machine.set64(VmcbLayout.EVENTINJ, 0x1234L << 32 | 0x8000_0B0DL);

    machine.vmrun();

    assertThat(machine.state.gpr[4]).isEqualTo(SvmMachine.STACK - 16);
    assertThat(machine.memory.read32(SvmMachine.STACK - 16)).isEqualTo(0x1234);
  }

  @Test
  void injectedSoftwareInterruptReturnsToNrip() {
    SvmMachine machine = machine("CD80").set64(VmcbLayout.NRIP, SvmMachine.GUEST_CODE + 2);
    machine.set64(VmcbLayout.EVENTINJ, 0x8000_0480L);

    machine.vmrun();

    assertThat(machine.memory.read32(SvmMachine.STACK - 12))
        .isEqualTo((int) SvmMachine.GUEST_CODE + 2);
  }

  @Test
  void faultDuringInjectionExitsWithTheInjectedEventInExitIntInfo() {
    SvmMachine machine = machine("90").set64(VmcbLayout.EVENTINJ, 0x8000_0033L);
    gate(machine, 0x33, false);
    interceptException(machine, 11);

    machine.vmrun();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 11);
    assertThat(machine.get64(VmcbLayout.EXITINTINFO)).isEqualTo(0x8000_0033L);
    assertThat(machine.get64(VmcbLayout.EVENTINJ)).isZero();
  }

  @Test
  void injectedNmiDoesNotBlockNmis() {
    SvmMachine machine = machine("90").set64(VmcbLayout.EVENTINJ, 0x8000_0202L);

    machine.vmrun();

    assertThat(machine.state.nmiMasked).isFalse();
  }

  /** V_IRQ pending with a priority, a V_TPR, and whether TPR is ignored. */
  private static SvmMachine virtualInterrupt(int priority, int tpr, boolean ignore, long rflags) {
    SvmMachine machine = machine("90 90").set64(VmcbLayout.RFLAGS, rflags);
    long word = 0x55L << 32 | (ignore ? 1 << 20 : 0) | priority << 16 | 1 << 8 | tpr;
    return machine.set64(VmcbLayout.VIRTUAL_INTERRUPT, word | 1 << 24);
  }

  @ParameterizedTest(name = "priority {0}, TPR {1}, ignore {2}, RFLAGS {3}: taken {4}")
  @CsvSource({
    "5, 4, false, 0x202, true",
    "5, 5, false, 0x202, false",
    "5, 6, false, 0x202, false",
    "5, 6, true, 0x202, true",
    "5, 4, false, 0x002, false"
  })
  void virtualInterruptIsTakenByPriorityAndIf(
      int priority, int tpr, boolean ignore, String rflags, boolean taken) {
    SvmMachine machine = virtualInterrupt(priority, tpr, ignore, Long.decode(rflags));

    machine.run();

    assertThat(machine.state.rip).isEqualTo(taken ? HANDLER : SvmMachine.GUEST_CODE + 1);
  }

  @Test
  void virtualInterruptWaitsForTheEndOfTheShadow() {
    SvmMachine machine = virtualInterrupt(5, 4, false, 0x202);
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.INTERRUPT_SHADOW, 1);
    machine.run();
    assertThat(machine.state.rip).isEqualTo(SvmMachine.GUEST_CODE + 1);

    machine.cpu.step();

    assertThat(machine.state.rip).isEqualTo(HANDLER);
  }

  @Test
  void vintrInterceptLeavesTheInterruptPending() {
    SvmMachine machine = virtualInterrupt(5, 4, false, 0x202);
    machine.intercept(ExitCode.VMEXIT_VINTR);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_VINTR);
    assertThat(machine.get64(VmcbLayout.VIRTUAL_INTERRUPT) & 1 << 8).isNotZero();
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE);
  }

  @Test
  void takenVirtualInterruptIsNoLongerPending() {
    SvmMachine machine = virtualInterrupt(5, 4, false, 0x202);
    machine.memory.write(HANDLER, SvmMachine.bytes("0F31"));
    machine.intercept(ExitCode.VMEXIT_RDTSC);
    machine.run();

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_RDTSC);
    assertThat(machine.get64(VmcbLayout.VIRTUAL_INTERRUPT) & 1 << 8).isZero();
  }

  @Test
  void cr8WritesReachVtprAndNotTheHostWhereMasked() {
    SvmMachine machine = machine("F00F22C0 0F31").rax(9).intercept(ExitCode.VMEXIT_RDTSC);
    machine.set64(VmcbLayout.VIRTUAL_INTERRUPT, 1 << 24 | 3);
    machine.state.cr8 = 7;
    machine.run();

    machine.cpu.step();

    assertThat(machine.get(VmcbLayout.VIRTUAL_INTERRUPT, 1)).isEqualTo(9);
    assertThat(machine.state.cr8).isEqualTo(7);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"93, 0F22D8, 0x7000", "90, 0F22C0, 0x40011", "98, F00F22C0, 5"})
  void controlRegisterWriteTrapExitsAfterTheInstruction(
      String exitCode, String code, String value) {
    SvmMachine machine = machine(code).rax(Long.decode(value));
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(exitCode, 16));
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE + code.length() / 2);
    assertThat(machine.get64(VmcbLayout.CR3)).isEqualTo(exitCode.equals("93") ? 0x7000 : 0);
  }

  @Test
  void writeTrapSavesRfAndShadowAsBehindTheInstruction() {
    SvmMachine machine = machine("0F22D8").set64(VmcbLayout.RFLAGS, 0x1_0002);
    machine.intercept(ExitCode.VMEXIT_CR0_WRITE_TRAP + 3);
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.INTERRUPT_SHADOW, 1);

    machine.run();

    assertThat(machine.get64(VmcbLayout.RFLAGS)).isEqualTo(2);
    assertThat(machine.get(VmcbLayout.INTERRUPT_SHADOW, 1)).isZero();
  }

  @Test
  void eferWriteTrapExitsAfterTheInstruction() {
    SvmMachine machine = machine("0F30").rax(0x1001).intercept(ExitCode.VMEXIT_EFER_WRITE_TRAP);
    machine.state.gpr[1] = 0xC000_0080L;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EFER_WRITE_TRAP);
    assertThat(machine.get64(VmcbLayout.EFER)).isEqualTo(0x1001);
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE + 2);
  }

  @Test
  void busLockExitsOnceTheThresholdIsUsedUp() {
    SvmMachine machine = machine("F0FF00 F0FF00").rax(SvmMachine.DATA + 62);
    machine.intercept(ExitCode.VMEXIT_BUSLOCK);
    machine.memory.write16(SvmMachine.VMCB + VmcbLayout.BUS_LOCK_THRESHOLD_COUNTER, 1);
    machine.run();
    assertThat(machine.inGuest()).isTrue();

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_BUSLOCK);
    assertThat(machine.get(VmcbLayout.BUS_LOCK_THRESHOLD_COUNTER, 2)).isZero();
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE + 3);
    assertThat(machine.memory.read32(SvmMachine.DATA + 62)).isEqualTo(1);
  }

  @Test
  void taskSwitchReportsTheIncomingSelectorAndTheFarJump() {
    SvmMachine machine = machine("EA00000000 2800").intercept(ExitCode.VMEXIT_TASK_SWITCH);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_TASK_SWITCH);
    assertThat(machine.info1()).isEqualTo(0x28);
    assertThat(machine.info2() & ~0xFFFF_FFFFL).isEqualTo(1L << 38);
    assertThat(machine.nrip()).isZero();
  }

  @Test
  void virtualGifIsWhatStgiAndClgiChangeInTheGuest() {
    SvmMachine machine = machine("0F01DD 0F31").intercept(ExitCode.VMEXIT_RDTSC);
    machine.set64(VmcbLayout.VIRTUAL_INTERRUPT, 1 << 25 | 1 << 9);
    machine.run();
    assertThat(machine.state.gif).isTrue();

    machine.cpu.step();

    assertThat(machine.get64(VmcbLayout.VIRTUAL_INTERRUPT) & 1 << 9).isZero();
  }

  @ParameterizedTest(name = "{0}: GIF {1}")
  @CsvSource({"0F01DC, true", "0F01DD, false"})
  void hostStgiAndClgiChangeGif(String code, boolean gif) {
    SvmMachine machine = new SvmMachine();
    machine.memory.write(SvmMachine.HOST_CODE, SvmMachine.bytes(code));
    machine.state.gif = !gif;

    machine.cpu.step();

    assertThat(machine.state.gif).isEqualTo(gif);
  }

  @Test
  void hostTrapFlagTrapsAfterTheExit() {
    SvmMachine machine = machine("0F31").intercept(ExitCode.VMEXIT_RDTSC);
    CpuState host = machine.state;
    host.rflags = 0x102;
    host.idtrBase = SvmMachine.IDT;
    host.idtrLimit = 0x7FF;
    host.gdtrBase = SvmMachine.GDT;
    host.gdtrLimit = 0xFF;
    machine.run();

    assertThat(machine.cpu.step()).isEqualTo(StepResult.DELIVERED);

    assertThat(machine.cpu.lastVector).isEqualTo(1);
    assertThat(machine.memory.read32(SvmMachine.STACK - 12)).isEqualTo((int) SvmMachine.HOST_NEXT);
  }

  @Test
  void guestReadsTheTimeStampCounterWithTheOffset() {
    SvmMachine machine = machine("0F31").set64(VmcbLayout.TSC_OFFSET, 0x5_0000_0000L);
    machine.state.tsc = 0x100;

    machine.run();

    assertThat(machine.state.gpr[2]).isEqualTo(5);
  }
}
