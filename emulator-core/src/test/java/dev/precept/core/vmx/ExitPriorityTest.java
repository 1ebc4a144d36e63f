package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Segment;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which of an exception and the VM exit wins, where both are armed (SDM vol. 3C, 25.1.1). All
 * exceptions exit too, so that the exit tells the winner.
 */
class ExitPriorityTest {
  private static Exiting instruction(String name) {
    return Exiting.all().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
  }

  private static void cr4(VmxMachine m, long bits) {
    m.set(VmcsField.GUEST_CR4, m.get(VmcsField.GUEST_CR4) | bits);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"RDTSC", "RDTSCP", "TPAUSE", "UMWAIT"})
  void timeStampDisablePrecedesTheExit(String name) {
    VmxMachine m = instruction(name).armed().cpl3();
    cr4(m, CpuState.CR4_TSD);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"SGDT", "SIDT", "SLDT", "STR"})
  void userModeInstructionPreventionPrecedesTheExit(String name) {
    VmxMachine m = instruction(name).armed().cpl3();
    cr4(m, CpuState.CR4_UMIP);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @Test
  void performanceCounterEnablePrecedesTheExit() {
    VmxMachine m = instruction("RDPMC").armed().cpl3();
    m.set(VmcsField.GUEST_CR4, m.get(VmcsField.GUEST_CR4) & ~CpuState.CR4_PCE);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @Test
  void theExitPrecedesTheFaultOfACounterThatDoesNotExist() {
    VmxMachine m = instruction("RDPMC").armed();
    m.state.gpr[1] = 0x1234;

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.RDPMC);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"RDMSR", "WRMSR"})
  void theExitPrecedesTheFaultOfAnMsrThatDoesNotExist(String name) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    m.state.gpr[1] = 0x4000_0000;

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "INVPCID", "SGDT", "SIDT", "LGDT", "LIDT", "SLDT", "STR", "LLDT", "LTR", "VMCLEAR", "VMPTRLD",
    "VMPTRST", "VMXON", "INVEPT", "INVVPID", "XSAVES", "XRSTORS"
  })
  void theExitPrecedesThePageFaultOfTheOperand(String name) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    boolean rbx = name.startsWith("X");
    m.state.gpr[rbx ? 3 : 0] = VmxMachine.UNMAPPED;
    m.state.gpr[2] = 0;
    if (rbx) {
      m.state.gpr[0] = 1 << 10;
    }

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "INVPCID", "SGDT", "LGDT", "SLDT", "LLDT", "VMCLEAR", "INVEPT", "XSAVES", "XRSTORS", "INVLPG"
  })
  void theExitPrecedesTheFaultOfANoncanonicalOperand(String name) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    boolean rbx = name.startsWith("X");
    m.state.gpr[rbx ? 3 : 0] = 0x8000_0000_0000_0000L;

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"XSAVES", "XRSTORS", "LOADIWKEY"})
  void theExitPrecedesDeviceNotAvailable(String name) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    m.set(VmcsField.GUEST_CR0, m.get(VmcsField.GUEST_CR0) | CpuState.CR0_TS);

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @ParameterizedTest(name = "{0} with ECX {1}")
  @CsvSource({"MONITOR, 1", "MWAIT, 2"})
  void theExitPrecedesTheFaultOfExtensionsThatDoNotExist(String name, int ecx) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    m.state.gpr[1] = ecx;

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @Test
  void theExitPrecedesMonitorsPageFault() {
    VmxMachine m = instruction("MONITOR").armed();
    m.state.gpr[0] = VmxMachine.UNMAPPED;

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.MONITOR);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"TPAUSE", "UMWAIT"})
  void theExitPrecedesTheFaultOfAStateThatDoesNotExist(String name) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed();
    m.state.gpr[3] = 2;

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource({
    "MOV to CR0, 0x100000000, CR0_GUEST_HOST_MASK, 0x10000",
    "MOV to CR0, 0x80000000, CR0_GUEST_HOST_MASK, 0x10000",
    "MOV to CR4, 0x8000, CR4_GUEST_HOST_MASK, 0x4",
    "MOV to CR3, 0x8000000000000000, CR3_TARGET_VALUE_0, 0",
    "MOV to CR8, 0x10, CR3_TARGET_VALUE_0, 0"
  })
  void theExitPrecedesTheFaultOfTheValue(String name, String value, VmcsField field, String mask) {
    Exiting i = instruction(name);
    VmxMachine m = i.armed().set(field, Long.decode(mask));
    m.state.gpr[3] = Long.parseUnsignedLong(value.substring(2), 16);

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
  }

  @Test
  void lmswsOperandFaultsPrecedeTheExit() {
    VmxMachine m = instruction("LMSW").armed().code("0F0130");
    m.state.gpr[0] = VmxMachine.UNMAPPED;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.PF);
  }

  @Test
  void lmswFromMemoryExitsAfterReadingItsOperand() {
    VmxMachine m = instruction("LMSW").armed().code("0F0130");
    m.state.gpr[0] = VmxMachine.DATA + 8;

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CONTROL_REGISTER_ACCESS);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F21E3", "0F23E3", "0F21EB"})
  void movDrExitsBeforeDr4AndDr5AreUndefined(String code) {
    VmxMachine m = instruction("MOV to DR").armed().code(code).cpl3();
    cr4(m, CpuState.CR4_DE);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.MOV_DR);
  }

  @Test
  void movDrOfDr8IsUndefinedBeforeItExits() {
    VmxMachine m = instruction("MOV to DR").armed().code("440F23C3");

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void movDrExitsBeforeGeneralDetect() {
    VmxMachine m = instruction("MOV from DR").armed().set(VmcsField.GUEST_DR7, 0x2400);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.MOV_DR);
  }

  @Test
  void movDrExitsBeforeTheFaultOfTheUpperHalf() {
    VmxMachine m = instruction("MOV to DR").armed().code("0F23FB");
    m.state.gpr[3] = 1L << 32;

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.MOV_DR);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F22CB", "0F20CB", "0F22EB"})
  void controlRegistersThatDoNotExistAreUndefinedBeforeAnyExit(String code) {
    VmxMachine m =
        new VmxMachine()
            .code(code)
            .proc(ProcBased.CR3_LOAD_EXITING | ProcBased.CR8_LOAD_EXITING)
            .set(VmcsField.CR0_GUEST_HOST_MASK, -1L)
            .set(VmcsField.CR4_GUEST_HOST_MASK, -1L);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"INS", "OUTS"})
  void segmentAndPageFaultsOfStringIoFollowTheExit(String name) {
    VmxMachine m = instruction(name).armed().protected32();
    int unusable = AccessRights.UNUSABLE;
    m.segment(Segment.ES, 0, unusable, 0, 0);
    m.segment(Segment.DS, 0, unusable, 0, 0);
    m.launch();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[7] = VmxMachine.UNMAPPED;

    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.IO_INSTRUCTION);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"IN", "OUT", "INS", "OUTS"})
  void ioWithinIoplOrTheBitmapExits(String name) {
    VmxMachine byIopl = instruction(name).armed().cpl3().set(VmcsField.GUEST_RFLAGS, 0x3002);
    VmxMachine byBitmap = instruction(name).armed().cpl3();
    byBitmap.memory.write16(VmxMachine.TSS + 0x66, 0x68);
    byBitmap.set(VmcsField.GUEST_TR_LIMIT, 0xFFF);

    byIopl.run();
    byBitmap.run();

    assertThat(byIopl.reason()).isEqualTo(ExitReason.IO_INSTRUCTION);
    assertThat(byBitmap.reason()).isEqualTo(ExitReason.IO_INSTRUCTION);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "RDTSCP, 0F01F9",
    "RDPID, F30FC7FB",
    "INVPCID, 660F388200",
    "XSAVES, 0FC72B",
    "XRSTORS, 0FC71B",
    "UMONITOR, F30FAEF3",
    "UMWAIT, F20FAEF3",
    "TPAUSE, 660FAEF3",
    "PCONFIG, 0F01C5",
    "RDMSRLIST, F20F01C6",
    "WRMSRLIST, F30F01C6"
  })
  void withoutItsEnableControlTheInstructionIsUndefinedBeforeAllElse(String name, String code) {
    VmxMachine m = new VmxMachine().code(code).cpl3();
    m.proc(ProcBased.RDTSC_EXITING | ProcBased.INVLPG_EXITING);
    cr4(m, CpuState.CR4_TSD | CpuState.CR4_OSXSAVE);

    m.run();

    assertThat(m.exceptionVector()).as(name).isEqualTo(CpuFault.UD);
  }

  @Test
  void theExitOfGetsecNeedsSmxe() {
    VmxMachine m = new VmxMachine().code("0F37");

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void theRegisterFormOfVmxonIsUndefined() {
    VmxMachine m = new VmxMachine().code("F30FC7F0");

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void secondaryControlsCountAsZeroUnlessTheyAreActivated() {
    VmxMachine m = instruction("WBINVD").armed().noProc(ProcBased.ACTIVATE_SECONDARY_CONTROLS);

    m.run();

    assertThat(m.vmx.inGuest()).isTrue();
  }

  @Test
  void rsmOutsideSystemManagementModeIsUndefined() {
    VmxMachine m = new VmxMachine().code("0FAA").proc2(ProcBased2.ENABLE_RDTSCP);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void rsmInSystemManagementModeExits() {
    VmxMachine m = new VmxMachine().code("0FAA");
    m.launch();
    m.state.smm = true;

    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.RSM);
  }
}
