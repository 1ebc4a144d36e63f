package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import dev.precept.core.Segment;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Exit qualification, guest-linear address and instruction information (SDM vol. 3C, 27.2.1,
 * 27.2.4, tables 27-2 to 27-14).
 */
class ExitInformationTest {
  private static VmxMachine everything() {
    VmxMachine m = new VmxMachine();
    m.proc(
        ProcBased.INVLPG_EXITING
            | ProcBased.MWAIT_EXITING
            | ProcBased.MOV_DR_EXITING
            | ProcBased.CR3_LOAD_EXITING
            | ProcBased.CR3_STORE_EXITING
            | ProcBased.CR8_LOAD_EXITING
            | ProcBased.CR8_STORE_EXITING
            | ProcBased.UNCONDITIONAL_IO_EXITING);
    m.proc2(
        ProcBased2.DESCRIPTOR_TABLE_EXITING
            | ProcBased2.ENABLE_INVPCID
            | ProcBased2.RDRAND_EXITING
            | ProcBased2.RDSEED_EXITING);
    m.set(VmcsField.CR0_GUEST_HOST_MASK, 8).set(VmcsField.CR0_READ_SHADOW, 8);
    m.set(VmcsField.CR4_GUEST_HOST_MASK, 4).set(VmcsField.CR4_READ_SHADOW, 4);
    return m;
  }

  private static VmxMachine run(String code) {
    VmxMachine m = everything().code(code);
    m.launch();
    for (int i = 0; i < 16; i++) {
      if (i != 4) {
        m.state.gpr[i] = 0x1_0000 + 0x1000L * i;
      }
    }
    m.state.gpr[2] = 0x12345;
    m.cpu.step();
    return m;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0F22C3, 300, MOV CR0 RBX",
    "410F22C1, 900, MOV CR0 R9",
    "0F22DF, 703, MOV CR3 RDI",
    "0F20DC, 413, MOV RSP CR3",
    "0F22E0, 4, MOV CR4 RAX",
    "440F22C0, 8, MOV CR8 RAX",
    "450F20C7, F18, MOV R15 CR8",
    "0F06, 20, CLTS",
    "0F01F1, 10000030, LMSW CX",
    "0F013424, 70, LMSW [RSP]",
    "0F23C3, 300, MOV DR0 RBX",
    "0F21FE, 617, MOV RSI DR7",
    "410F21E7, F14, MOV R15 DR4",
    "0F013B, 13000, INVLPG [RBX]",
    "0F01C9, 0, MWAIT with nothing armed"
  })
  void qualificationOfRegisterAccesses(String code, String qualification, String name) {
    VmxMachine m = run(code);

    assertThat(Long.toHexString(m.qualification())).isEqualToIgnoringCase(qualification);
  }

  @Test
  void lmswReportsItsMemoryOperandsAddressAndWord() {
    VmxMachine m = everything().code("0F0133");
    m.launch();
    m.state.gpr[3] = VmxMachine.DATA + 0x20;
    m.memory.write16(VmxMachine.DATA + 0x20, 0xBEE0);
    m.cpu.step();

    assertThat(m.qualification()).isEqualTo(0xBEE0_0070L);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.DATA + 0x20);
  }

  @ParameterizedTest
  @CsvSource({"0F09, true, 0", "F30F09, true, 1", "F30F09, false, 0"})
  void wbnoinvdIsToldFromWbinvdWhereItExists(String code, boolean exists, int qualification) {
    CpuModel model = CpuModel.intelBuilder().bit(0x8000_0008, 0, 1, 9, exists).build();
    VmxMachine m = new VmxMachine(model).proc2(ProcBased2.WBINVD_EXITING).code(code);

    m.run();

    assertThat(m.reason()).isEqualTo(54);
    assertThat(m.qualification()).isEqualTo(qualification);
  }

  @Test
  void mwaitReportsThatTheMonitorIsArmed() {
    VmxMachine m = everything().code("0F01C9");
    m.launch();
    m.state.monitorArmed = true;
    m.cpu.step();

    assertThat(m.qualification()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "E480, 800048", "E680, 800040", "E580, 80004B", "66E580, 800049", "EC, 23450008",
    "ED, 2345000B", "66EF, 23450001", "6C, 23450018", "F36C, 23450038", "66F26F, 23450031",
    "F36F, 23450033"
  })
  void qualificationOfInputAndOutput(String code, String qualification) {
    VmxMachine m = run(code);

    assertThat(Long.toHexString(m.qualification())).isEqualToIgnoringCase(qualification);
  }

  @Test
  void stringIoReportsTheLinearAddressOfItsOperand() {
    VmxMachine ins = run("6C");
    VmxMachine outs = everything().code("646E").set(VmcsField.GUEST_FS_BASE, 0x5000);
    outs.launch();
    outs.state.gpr[6] = 0x123;
    outs.cpu.step();

    assertThat(ins.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(0x1_7000);
    assertThat(ins.information()).isEqualTo(2 << 7);
    assertThat(outs.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(0x5123);
    assertThat(outs.information()).isEqualTo(2 << 7 | 4 << 15);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0F0100, 0, SGDT [RAX]",
    "0F014112, 12, SGDT [RCX+12h]",
    "0F0141F0, FFFFFFFFFFFFFFF0, SGDT [RCX-10h]",
    "0F018178563412, 12345678, SGDT [RCX+12345678h]",
    "0F010500010000, 20107, SGDT [RIP+100h]",
    "670F010500010000, 20108, SGDT [EIP+100h]",
    "0F00C0, 0, SLDT EAX"
  })
  void qualificationIsTheDisplacement(String code, String qualification, String name) {
    VmxMachine m = run(code);

    assertThat(Long.toHexString(m.qualification())).isEqualToIgnoringCase(qualification);
  }

  /** 64-bit address size 2 in bits 9:7, segment DS 3 in bits 17:15. */
  private static final int MEMORY = 2 << 7 | 3 << 15;

  private static final int NO_INDEX = 1 << 22, NO_BASE = 1 << 27;

  private static long base(int register) {
    return (long) register << 23;
  }

  private static long index(int register, int scale) {
    return (long) register << 18 | scale;
  }

  @Test
  void memoryOperandsReportBaseIndexScaleAndSegment() {
    assertThat(run("0F0103").information()).isEqualTo(MEMORY | NO_INDEX | base(3));
    assertThat(run("430F01448C10").information()).isEqualTo(MEMORY | base(12) | index(9, 2));
    assertThat(run("0F0104CD00000000").information()).isEqualTo(MEMORY | NO_BASE | index(1, 3));
    assertThat(run("0F010500000000").information()).isEqualTo(MEMORY | NO_BASE | NO_INDEX);
    assertThat(run("640F0103").information()).isEqualTo(2 << 7 | 4 << 15 | NO_INDEX | base(3));
    assertThat(run("0F0145FF").information())
        .isEqualTo(2 << 7 | Segment.SS << 15 | NO_INDEX | base(5));
    assertThat(run("670F0103").information()).isEqualTo(1 << 7 | 3 << 15 | NO_INDEX | base(3));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F0103, 0", "0F010B, 1", "0F0113, 2", "0F011B, 3"})
  void descriptorTableInstructionsReportTheirIdentity(String code, int identity) {
    assertThat(run(code).information())
        .isEqualTo((MEMORY | NO_INDEX | base(3) | (long) identity << 28) & 0xFFFF_FFFFL);
  }

  @Test
  void descriptorTableInstructionsReportTheirOperandSizeOutside64BitMode() {
    VmxMachine wide = everything().protected32().code("0F0113");
    VmxMachine narrow = everything().protected32().code("660F0113");

    wide.run();
    narrow.run();

    long common = 1 << 7 | 3 << 15 | NO_INDEX | base(3) | 2L << 28;
    assertThat(wide.information()).isEqualTo(common | 1 << 11);
    assertThat(narrow.information()).isEqualTo(common);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F0003, 0", "0F000B, 1", "0F0013, 2", "0F001B, 3"})
  void systemSegmentInstructionsReportMemoryAndIdentity(String code, int identity) {
    assertThat(run(code).information())
        .isEqualTo((MEMORY | NO_INDEX | base(3) | (long) identity << 28) & 0xFFFF_FFFFL);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F00C3, 3, 0", "410F00CA, 10, 1", "0F00D6, 6, 2", "0F00DF, 7, 3"})
  void systemSegmentInstructionsReportTheirRegister(String code, int register, int identity) {
    assertThat(run(code).information()).isEqualTo(1 << 10 | register << 3 | (long) identity << 28);
  }

  @Test
  void addressesOf16BitModesReportBothRegisters() {
    VmxMachine m = everything().virtual8086().code("0F0140FF");

    m.run();

    assertThat(m.information()).isEqualTo(3 << 15 | base(3) | index(6, 0));
    assertThat(m.qualification()).isEqualTo(-1L);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"660F38820B, 1", "66440F388213, 10"})
  void invpcidReportsItsRegister(String code, int register) {
    assertThat(run(code).information())
        .isEqualTo((MEMORY | NO_INDEX | base(3) | (long) register << 28) & 0xFFFF_FFFFL);
  }

  @Test
  void inveptAndInvvpidReportTheirRegister() {
    long common = MEMORY | NO_INDEX | base(3) | 2L << 28;

    assertThat(run("660F388013").information()).isEqualTo(common);
    assertThat(run("660F388113").information()).isEqualTo(common);
  }

  @Test
  void vmreadAndVmwriteReportBothOperands() {
    assertThat(run("0F78D1").information()).isEqualTo(1 << 10 | 1 << 3 | 2L << 28);
    assertThat(run("0F79D1").information()).isEqualTo(1 << 10 | 1 << 3 | 2L << 28);
    assertThat(run("0F7813").information()).isEqualTo(MEMORY | NO_INDEX | base(3) | 2L << 28);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"660FC733", "0FC733", "0FC73B", "F30FC733"})
  void pointerInstructionsReportTheirOperand(String code) {
    assertThat(run(code).information()).isEqualTo(MEMORY | NO_INDEX | base(3));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0FC7F3, 3, 1", "480FC7F0, 0, 2", "660FC7F7, 7, 0", "410FC7F9, 9, 1"})
  void randomNumbersReportTheirRegisterAndItsSize(String code, int register, int size) {
    assertThat(run(code).information()).isEqualTo(register << 3 | size << 11);
  }

  @Test
  void tpauseAndUmwaitReportTheirRegister() {
    Exiting tpause =
        Exiting.all().stream().filter(i -> i.name().equals("TPAUSE")).findFirst().orElseThrow();
    VmxMachine m = tpause.armed();

    m.run();

    assertThat(m.information()).isEqualTo(3 << 3 | 1 << 11);
  }

  @Test
  void loadiwkeyReportsBothRegisters() {
    Exiting load =
        Exiting.all().stream().filter(i -> i.name().equals("LOADIWKEY")).findFirst().orElseThrow();
    VmxMachine m = load.armed().code("F30F38DCD1");

    m.run();

    assertThat(m.information()).isEqualTo(2 << 3 | 1L << 28);
  }

  @Test
  void otherInstructionsReportNothing() {
    VmxMachine m = everything().code("0FA2");
    m.set(VmcsField.VM_EXIT_INSTRUCTION_INFORMATION, -1L).set(VmcsField.EXIT_QUALIFICATION, -1L);

    m.run();

    assertThat(m.information()).isZero();
    assertThat(m.qualification()).isZero();
  }
}
