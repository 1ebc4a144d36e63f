package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which of an exception and the intercept wins, where both are armed (APM vol. 2, table 15-7).
 * Every exception is intercepted, so that the exit code names the winner: 46h #UD, 4Dh #GP, 4Eh
 * #PF.
 */
class PriorityTest {
  private static final int UD = 0x46, GP = 0x4D, PF = 0x4E;

  @ParameterizedTest(name = "{1}: #GP for CPL before {0}")
  @CsvSource({
    "10, 0F22C0",
    "00, 0F20C0",
    "10, 0F06",
    "10, 0F01F0",
    "20, 0F21C0",
    "30, 0F23C0",
    "6A, 0F0118",
    "6B, 0F0110",
    "6C, 0F00D0",
    "6D, 0F00D8",
    "76, 0F08",
    "89, 0F09",
    "79, 0F0138",
    "7A, 0F01DF",
    "80, 0F01D8",
    "82, 0F01DA",
    "83, 0F01DB",
    "84, 0F01DC",
    "85, 0F01DD",
    "86, 0F01DE",
    "A0, 0F01FE",
    "A1, 0F01FE",
    "A2, 660F388200",
    "A4, 0F01FF",
    "78, F4"
  })
  void privilegeFaultPrecedesTheIntercept(String exitCode, String code) {
    SvmMachine machine = new SvmMachine().code(code).rax(0x1000).cpl3();
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(GP);
    assertThat(machine.info1()).isZero();
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"6E, 0F31, 4D", "87, 0F01F9, 4D", "8E, 0F01FD, 46"})
  void timeStampDisablePrecedesTheIntercept(String exitCode, String code, String fault) {
    SvmMachine machine = new SvmMachine().code(code).cpl3().set64(VmcbLayout.CR4, 4);
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(fault, 16));
  }

  @ParameterizedTest(name = "{0} EAX {2}")
  @CsvSource({
    "80, 0F01D8, 0x1800",
    "82, 0F01DA, 0x1001",
    "83, 0F01DB, 0x1FFF",
    "10, 0F22C0, 0x80000010",
    "65, 0F22C0, 0x20000011",
    "14, 0F22E0, 0x8000"
  })
  void illegalOperandPrecedesTheIntercept(String exitCode, String code, String eax) {
    SvmMachine machine = new SvmMachine().code(code).rax(Long.decode(eax));
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(GP);
  }

  @Test
  void rdpmcOfACounterThatDoesNotExistPrecedesTheIntercept() {
    SvmMachine machine = new SvmMachine().code("0F33").intercept(ExitCode.VMEXIT_RDPMC);
    machine.state.gpr[1] = 6;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(GP);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "66, 0F0108", "67, 0F0100", "68, 0F0000", "69, 0F0008", "6A, 0F0118", "6B, 0F0110",
    "6C, 0F0010", "6D, 0F0018", "10, 0F0130", "00, 0F0120", "65, 0F0130", "A2, 660F388200"
  })
  void interceptPrecedesMemoryFaults(String exitCode, String code) {
    SvmMachine machine = new SvmMachine().long64().code(code).rax(0x4000_0000L);
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(exitCode, 16));
  }

  @Test
  void monitorsPageFaultPrecedesTheIntercept() {
    SvmMachine machine = new SvmMachine().long64().code("0F01C8").rax(0x4000_0000L);
    machine.intercept(ExitCode.VMEXIT_MONITOR);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(PF);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F01C8", "0F01C9"})
  void monitorAndMwaitAboveCplZeroAreUndefined(String code) {
    SvmMachine machine = new SvmMachine().code(code).cpl3();
    machine.intercept(ExitCode.VMEXIT_MONITOR).intercept(ExitCode.VMEXIT_MWAIT);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @Test
  void xsetbvInterceptPrecedesPrivilege() {
    SvmMachine machine = new SvmMachine().code("0F01D1").cpl3().set64(VmcbLayout.CR4, 1 << 18);
    machine.intercept(ExitCode.VMEXIT_XSETBV);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_XSETBV);
  }

  @Test
  void xsetbvWithoutOsxsaveIsUndefinedBeforeTheIntercept() {
    SvmMachine machine = new SvmMachine().code("0F01D1").intercept(ExitCode.VMEXIT_XSETBV);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @Test
  void invlpgbInterceptPrecedesItsIllegalOperands() {
    SvmMachine machine = new SvmMachine().code("0F01FE").rax(0xFC0);
    machine.intercept(ExitCode.VMEXIT_INVLPGB).intercept(ExitCode.VMEXIT_INVLPGB_ILLEGAL);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_INVLPGB);
  }

  @Test
  void illegalInvlpgbExitsByItsOwnIntercept() {
    SvmMachine machine = new SvmMachine().code("0F01FE").rax(0xFC0);
    machine.intercept(ExitCode.VMEXIT_INVLPGB_ILLEGAL);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_INVLPGB_ILLEGAL);
  }

  @Test
  void legalInvlpgbDoesNotExitForTheIllegalIntercept() {
    SvmMachine machine = new SvmMachine().code("0F01FE").rax(0x1000);
    machine.intercept(ExitCode.VMEXIT_INVLPGB_ILLEGAL);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
  }

  @ParameterizedTest(name = "VMEXIT {0}h")
  @CsvSource({"A0", "A1"})
  void invlpgbInterceptsPrecedeTheUndefinedOpcodeOfTheVmcbsEnableBit(String exitCode) {
    SvmMachine machine = new SvmMachine().code("0F01FE").set64(VmcbLayout.NP_ENABLE, 0);
    machine.intercept(Integer.parseInt(exitCode, 16));

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(exitCode, 16));
  }

  @Test
  void privilegeFaultOfInvlpgbPrecedesTheUndefinedOpcodeOfTheVmcbsEnableBit() {
    SvmMachine machine = new SvmMachine().code("0F01FE").set64(VmcbLayout.NP_ENABLE, 0).cpl3();

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(GP);
  }

  @Test
  void invlpgbThatTheVmcbDoesNotEnableIsUndefined() {
    SvmMachine machine = new SvmMachine().code("0F01FE").set64(VmcbLayout.NP_ENABLE, 0);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @Test
  void vmmcallInterceptPrecedesAnyException() {
    SvmMachine machine = new SvmMachine().code("0F01D9").intercept(ExitCode.VMEXIT_VMMCALL);
    machine.set64(VmcbLayout.CR0, 0x10);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_VMMCALL);
  }

  @Test
  void vmmcallIsUndefinedWhereNotIntercepted() {
    SvmMachine machine = new SvmMachine().code("0F01D9");

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F01D8", "0F01DA", "0F01DB", "0F01DC", "0F01DD", "0F01DE", "0F01DF"})
  void svmInstructionsAreUndefinedInRealMode(String code) {
    SvmMachine machine = new SvmMachine().code(code).set64(VmcbLayout.CR0, 0x10);
    for (int exit = ExitCode.VMEXIT_VMRUN; exit <= ExitCode.VMEXIT_SKINIT; exit++) {
      machine.intercept(exit);
    }

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @Test
  void generalDetectPrecedesTheDrIntercept() {
    SvmMachine machine = new SvmMachine().code("0F21C0").set64(VmcbLayout.DR7, 0x2400);
    machine.intercept(ExitCode.VMEXIT_DR0_READ);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 1);
    assertThat(machine.get64(VmcbLayout.DR6)).isEqualTo(0xFFFF_2FF0L);
    assertThat(machine.get64(VmcbLayout.DR7)).isEqualTo(0x400);
  }

  @Test
  void cr4DebugExtensionsMakeDr4UndefinedBeforeTheIntercept() {
    SvmMachine machine = new SvmMachine().code("0F21E0").set64(VmcbLayout.CR4, 8);
    machine.intercept(ExitCode.VMEXIT_DR0_READ + 4);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(UD);
  }

  @Test
  void msrInterceptPrecedesExceptionsOfTheMsr() {
    SvmMachine machine = new SvmMachine().code("0F32").intercept(ExitCode.VMEXIT_MSR);
    machine.state.gpr[1] = 0x9999_9999L;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_MSR);
  }

  @Test
  void cr3InterceptPrecedesIllegalPdptes() {
    SvmMachine machine = new SvmMachine().code("0F22D8").rax(SvmMachine.DATA);
    machine.set64(VmcbLayout.CR4, 1 << 5).set64(VmcbLayout.CR3, SvmMachine.PAGES);
    machine.set64(VmcbLayout.CR0, 0x8000_0011L);
    machine.memory.write64(SvmMachine.PAGES, SvmMachine.PAGES + 0x1001);
    machine.memory.write64(SvmMachine.PAGES + 0x1000, 0x83);
    machine.memory.write64(SvmMachine.DATA, 0x7);
    machine.intercept(ExitCode.VMEXIT_CR0_WRITE + 3);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_CR0_WRITE + 3);
  }

  @ParameterizedTest(name = "CR0 write {0} at selective {1}: exit {2}")
  @CsvSource({
    // from CR0 = 11h: TS is 8, MP is 2; AM is 40000h, EM is 4
    "0x13, false",
    "0x19, false",
    "0x1B, false",
    "0x15, true",
    "0x40011, true",
    "0x11, false"
  })
  void selectiveCr0WriteExitsOnlyForOtherBits(String value, boolean exits) {
    SvmMachine machine = new SvmMachine().code("0F22C0").rax(Long.decode(value));
    machine.intercept(ExitCode.VMEXIT_CR0_SEL_WRITE);

    machine.run();

    assertThat(machine.inGuest()).isEqualTo(!exits);
  }

  @Test
  void plainCr0WriteInterceptPrecedesTheSelectiveOne() {
    SvmMachine machine = new SvmMachine().code("0F22C0").rax(0x40011);
    machine.intercept(ExitCode.VMEXIT_CR0_WRITE).intercept(ExitCode.VMEXIT_CR0_SEL_WRITE);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_CR0_WRITE);
  }

  @Test
  void lmswThatChangesNothingExitsForTheSelectiveIntercept() {
    SvmMachine machine = new SvmMachine().code("0F01F0").rax(1);
    machine.intercept(ExitCode.VMEXIT_CR0_SEL_WRITE);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_CR0_SEL_WRITE);
  }

  @Test
  void cltsDoesNotCheckTheSelectiveIntercept() {
    SvmMachine machine = new SvmMachine().code("0F06").set64(VmcbLayout.CR0, 0x19);
    machine.intercept(ExitCode.VMEXIT_CR0_SEL_WRITE);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
    assertThat(machine.state.cr0).isEqualTo(0x11);
  }

  @ParameterizedTest(name = "armed {0}: {1}")
  @CsvSource({"true, 8C", "false, 8B"})
  void conditionalMwaitInterceptComesFirstWhereArmed(boolean armed, String exitCode) {
    SvmMachine machine = new SvmMachine().code("0F01C9");
    machine.intercept(ExitCode.VMEXIT_MWAIT).intercept(ExitCode.VMEXIT_MWAIT_CONDITIONAL);
    machine.state.monitorArmed = armed;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(Integer.parseInt(exitCode, 16));
  }

  @Test
  void conditionalMwaitInterceptAloneLetsAnUnarmedMwaitPass() {
    SvmMachine machine = new SvmMachine().code("0F01C9");
    machine.intercept(ExitCode.VMEXIT_MWAIT_CONDITIONAL);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
  }

  @Test
  void hltInterceptPrecedesIdleHlt() {
    SvmMachine machine = new SvmMachine().code("F4");
    machine.intercept(ExitCode.VMEXIT_HLT).intercept(ExitCode.VMEXIT_IDLE_HLT);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_HLT);
  }

  @Test
  void idleHltDoesNotExitWhileAVirtualInterruptIsPending() {
    SvmMachine machine = new SvmMachine().code("F4").intercept(ExitCode.VMEXIT_IDLE_HLT);
    machine.set64(VmcbLayout.VIRTUAL_INTERRUPT, 1 << 8 | 1 << 16);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
  }
}
