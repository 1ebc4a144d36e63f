package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Instructions that only Intel processors have, without virtualization (SDM vol. 2). RDI, RSI and
 * the like point at 8000h and up.
 */
class IntelInstructionsTest {
  private static final int RDRAND = 0, RDSEED = 1;
  private static final long AREA = 0x8000;

  private static TestMachine machine(String hex, int cpl) {
    return machine(CpuModel.intel(), hex, cpl);
  }

  private static TestMachine machine(CpuModel model, String hex, int cpl) {
    TestMachine m = TestMachine.long64(model, cpl);
    String digits = hex.replace(" ", "");
    for (int i = 0; i < digits.length(); i += 2) {
      m.memory.write8(m.state.rip + i / 2, Integer.parseInt(digits.substring(i, i + 2), 16));
    }
    return m;
  }

  private static void raises(TestMachine m, int vector) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(vector);
  }

  private static TestMachine retires(TestMachine m) {
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
    return m;
  }

  private static long status(TestMachine m) {
    return m.state.rflags & 0x8D5;
  }

  /** Instruction, and the CPUID bit (leaf, subleaf, register, bit) that it comes with. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0FC7F3, 1, 0, 2, 30",
    "0FC7FB, 7, 0, 1, 18",
    "F30FC7FB, 7, 0, 2, 22",
    "F30FAEF3, 7, 0, 2, 5",
    "F20FAEF3, 7, 0, 2, 5",
    "660FAEF3, 7, 0, 2, 5",
    "0FC72B, 13, 1, 0, 3",
    "0FC71B, 13, 1, 0, 3",
    "F20F38F803, 7, 0, 2, 29",
    "F30F38F803, 7, 0, 2, 29",
    "0F37, 1, 0, 2, 6",
    "0F01CF, 18, 0, 0, 0",
    "0F01C5, 7, 0, 3, 18",
    "F30F38DCC1, 7, 0, 2, 23",
    "F20F01C6, 7, 1, 0, 27",
    "F30F01C6, 7, 1, 0, 27"
  })
  void withoutItsCpuidBitTheInstructionIsUndefined(
      String code, int leaf, int subleaf, int register, int bit) {
    CpuModel without = CpuModel.intelBuilder().bit(leaf, subleaf, register, bit, false).build();
    Consumer<TestMachine> enabled =
        m -> {
          m.state.cr4 |=
              CpuState.CR4_OSXSAVE | CpuState.CR4_SMXE | CpuState.CR4_KL | CpuState.CR4_OSFXSR;
          m.state.gpr[3] = AREA;
          m.state.gpr[0] = 0;
        };
    TestMachine has = machine(code, 0);
    enabled.accept(has);
    TestMachine hasNot = machine(without, code, 0);
    enabled.accept(hasNot);

    has.step();

    assertThat(has.cpu.lastVector).isNotEqualTo(CpuFault.UD);
    raises(hasNot, CpuFault.UD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0FC7F3",
        "0FC7FB",
        "F30FC7FB",
        "F30FAEF3",
        "F20FAEF3",
        "660FAEF3",
        "F20F38F803",
        "F30F38F803",
        "0F01CF",
        "0F01C5",
        "F20F01C6",
        "F30F01C6"
      })
  void onAnAmdProcessorTheInstructionIsUndefined(String code) {
    raises(machine(CpuModel.amd(), code, 0), CpuFault.UD);
  }

  // RDRAND, RDSEED

  @ParameterizedTest
  @ValueSource(ints = {RDRAND, RDSEED})
  void aRandomNumberSetsCarryAndClearsTheOtherFlags(int which) {
    TestMachine m = machine(which == RDRAND ? "0FC7F3" : "0FC7FB", 3);
    m.state.rflags |= 0x8D4;

    retires(m);

    assertThat(status(m)).isEqualTo(CpuState.CF);
  }

  @ParameterizedTest
  @CsvSource({
    "660FC7F3, FFFFFFFFFFFF0000, FFFF",
    "0FC7F3, 0, FFFFFFFF",
    "480FC7F3, 0, FFFFFFFFFFFFFFFF"
  })
  void aRandomNumberHasTheOperandSize(String code, String kept, String written) {
    long seen = 0;
    TestMachine m = machine(code, 0);
    for (int i = 0; i < 64; i++) {
      m.state.rip = TestMachine.CODE;
      m.state.gpr[3] = -1L;
      retires(m);
      long low = Long.parseUnsignedLong(kept, 16);
      assertThat(m.state.gpr[3] & low).isEqualTo(low);
      seen |= m.state.gpr[3] & ~low;
    }

    assertThat(seen).isEqualTo(Long.parseUnsignedLong(written, 16));
  }

  @Test
  void randomNumbersDiffer() {
    TestMachine m = machine("480FC7F3 480FC7F2", 0);

    retires(m);
    retires(m);

    assertThat(m.state.gpr[3]).isNotEqualTo(m.state.gpr[2]);
  }

  // RDPID

  @Test
  void rdpidReadsTscAux() {
    TestMachine m = machine("F30FC7FB", 3);
    m.state.tscAux = 0x8765_4321L;
    m.state.gpr[3] = -1L;

    retires(m);

    assertThat(m.state.gpr[3]).isEqualTo(0x8765_4321L);
  }

  // UMONITOR, UMWAIT, TPAUSE

  @Test
  void umonitorArmsTheMonitorAtItsAddress() {
    TestMachine m = machine("F30FAEF3", 3);
    m.state.gpr[3] = AREA;

    retires(m);

    assertThat(m.state.monitorArmed).isTrue();
    assertThat(m.state.monitorAddress).isEqualTo(AREA);
  }

  @Test
  void umonitorFaultsLikeALoad() {
    TestMachine m = machine("F30FAEF3", 0);
    m.state.gpr[3] = 0x4000_0000L;

    raises(m, CpuFault.PF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F20FAEF3", "660FAEF3"})
  void waitingEndsAtOnceAndClearsFlags(String code) {
    TestMachine m = machine(code, 3);
    m.state.rflags |= 0x8D5;
    m.state.gpr[3] = 1;

    retires(m);

    assertThat(status(m)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"F20FAEF3", "660FAEF3"})
  void statesToWaitInThatDoNotExistAreProtected(String code) {
    TestMachine m = machine(code, 0);
    m.state.gpr[3] = 2;

    raises(m, CpuFault.GP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F20FAEF3", "660FAEF3"})
  void onlyBits31To0NameTheState(String code) {
    TestMachine m = machine(code, 0);
    m.state.gpr[3] = 1L << 32;

    retires(m);
  }

  @ParameterizedTest
  @CsvSource({"F20FAEF3, 3", "660FAEF3, 3", "F20FAEF3, 0", "660FAEF3, 0"})
  void timeStampDisableProtectsWaitingAboveCplZero(String code, int cpl) {
    TestMachine m = machine(code, cpl);
    m.state.cr4 |= CpuState.CR4_TSD;

    if (cpl == 3) {
      raises(m, CpuFault.GP);
    } else {
      retires(m);
    }
  }

  // XSAVES, XRSTORS

  private static TestMachine xsaves(String code) {
    TestMachine m = machine(code, 0);
    m.state.cr4 |= CpuState.CR4_OSXSAVE;
    m.state.xcr0 = 3;
    m.state.x87Control = 0x37F;
    m.state.x87Tag = 0xFFFF;
    m.state.xss = 1 << 10;
    m.state.pasid = 0x8000_0123L;
    m.state.xmmLow[5] = 0x55;
    m.state.gpr[3] = AREA;
    m.state.gpr[0] = -1L;
    m.state.gpr[2] = -1L;
    for (int i = 0; i < 584; i += 8) {
      m.memory.write64(AREA + i, -1L);
    }
    return m;
  }

  @Test
  void xsavesSavesWhatIsEnabledAskedForAndInUse() {
    TestMachine m = retires(xsaves("0FC72B"));

    // x87 state is initial, so it is not saved.
    assertThat(m.memory.read64(AREA + 512)).isEqualTo(0x402);
    assertThat(m.memory.read64(AREA + 520)).isEqualTo(1L << 63 | 0x403);
    assertThat(m.memory.read64(AREA + 528)).isZero();
    assertThat(m.memory.read64(AREA + 160 + 80)).isEqualTo(0x55);
    assertThat(m.memory.read64(AREA + 576)).isEqualTo(0x8000_0123L);
    assertThat(m.memory.read64(AREA)).isEqualTo(-1L);
  }

  @Test
  void xsavesOfPartDoesNotTouchTheRest() {
    TestMachine m = xsaves("0FC72B");
    m.state.gpr[0] = 2;
    m.state.gpr[2] = 0;

    retires(m);

    assertThat(m.memory.read64(AREA + 512)).isEqualTo(2);
    assertThat(m.memory.read64(AREA + 520)).isEqualTo(1L << 63 | 2);
    assertThat(m.memory.read64(AREA + 576)).isEqualTo(-1L);
  }

  @Test
  void xrstorsGivesBackWhatXsavesSaved() {
    TestMachine m = retires(xsaves("0FC72B 0FC71B"));
    m.state.xmmLow[5] = 0;
    m.state.pasid = 0;
    m.state.x87Control = 0x300;

    retires(m);

    assertThat(m.state.xmmLow[5]).isEqualTo(0x55);
    assertThat(m.state.pasid).isEqualTo(0x8000_0123L);
    // Asked for and not in the area: initialized.
    assertThat(m.state.x87Control).isEqualTo(0x37F);
  }

  @ParameterizedTest
  @CsvSource({
    "520, 402, not compacted",
    "520, 8000000000000802, a component that is not enabled",
    "512, 403, a component that the format does not have",
    "528, 1, reserved header bytes",
    "24, 10000, reserved MXCSR bits",
    "576, 100000, reserved PASID bits"
  })
  void xrstorsOfAnIllegalAreaIsProtected(int offset, String value, String why) {
    TestMachine m = xsaves("0FC72B 0FC71B");
    m.state.gpr[0] = 0x402;
    m.state.gpr[2] = 0;
    retires(m);
    m.memory.write64(AREA + offset, Long.parseUnsignedLong(value, 16));
    m.state.gpr[0] = -1L;

    raises(m, CpuFault.GP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0FC72B", "0FC71B"})
  void xsavesAndXrstorsMakeTheirChecksInOrder(String code) {
    TestMachine unset = xsaves(code);
    unset.state.cr4 &= ~CpuState.CR4_OSXSAVE;
    raises(unset, CpuFault.UD);
    TestMachine user = machine(code, 3);
    user.state.cr4 |= CpuState.CR4_OSXSAVE;
    user.state.cr0 |= CpuState.CR0_TS;
    raises(user, CpuFault.GP);
    TestMachine busy = xsaves(code);
    busy.state.cr0 |= CpuState.CR0_TS;
    busy.state.gpr[3] = AREA + 1;
    raises(busy, CpuFault.NM);
    TestMachine unaligned = xsaves(code);
    unaligned.state.gpr[3] = 0x4000_0008L;
    raises(unaligned, CpuFault.GP);
    TestMachine absent = xsaves(code);
    absent.state.gpr[3] = 0x4000_0000L;
    raises(absent, CpuFault.PF);
  }

  // ENQCMD, ENQCMDS: RAX the register of the device, [RBX] the command

  private static TestMachine enqueue(String code, int cpl) {
    TestMachine m = machine(code, cpl);
    m.state.gpr[0] = 0x9000;
    m.state.gpr[3] = AREA;
    m.state.pasid = 1L << 31 | 5;
    return m;
  }

  @ParameterizedTest
  @CsvSource({"F20F38F803, 3", "F30F38F803, 0"})
  void noDeviceAcceptsACommand(String code, int cpl) {
    TestMachine m = enqueue(code, cpl);
    m.memory.write64(0x9000, 0x77);
    m.state.rflags |= 0x895;

    retires(m);

    assertThat(status(m)).isEqualTo(CpuState.ZF);
    assertThat(m.memory.read64(0x9000)).isEqualTo(0x77);
  }

  @Test
  void enqcmdsIsForCplZero() {
    raises(enqueue("F30F38F803", 3), CpuFault.GP);
  }

  @ParameterizedTest
  @CsvSource({
    "F20F38F803, 0, destination not aligned",
    "F30F38F803, 0, destination not aligned",
    "F20F38F803, 1, no valid PASID",
    "F20F38F803, 2, bits 31:0 of the command",
    "F30F38F803, 2, bits 30:20 of the command"
  })
  void illegalCommandsAreProtected(String code, int what, String why) {
    TestMachine m = enqueue(code, 0);
    switch (what) {
      case 0 -> m.state.gpr[0] += 8;
      case 1 -> m.state.pasid = 5;
      default -> m.memory.write32(AREA, 1 << 20);
    }

    raises(m, CpuFault.GP);
  }

  @Test
  void enqcmdsTakesPasidAndPrivilegeFromTheCommand() {
    TestMachine m = enqueue("F30F38F803", 0);
    m.state.pasid = 0;
    m.memory.write32(AREA, 1 << 31 | 0xF_FFFF);

    retires(m);
  }

  // GETSEC, ENCLS, PCONFIG, LOADIWKEY

  @Test
  void getsecNeedsSmxe() {
    raises(machine("0F37", 0), CpuFault.UD);
  }

  @Test
  void getsecReportsThatThereIsNoChipset() {
    TestMachine m = machine("0F37", 3);
    m.state.cr4 |= CpuState.CR4_SMXE;
    m.state.gpr[3] = 7;

    retires(m);

    assertThat(m.state.gpr[0]).isZero();
  }

  @Test
  void otherLeavesOfGetsecAreUndefined() {
    TestMachine m = machine("0F37", 0);
    m.state.cr4 |= CpuState.CR4_SMXE;
    m.state.gpr[0] = 1;

    raises(m, CpuFault.UD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"660F37", "F20F37", "F30F37", "F00F37"})
  void prefixesMakeGetsecUndefined(String code) {
    TestMachine m = machine(code, 0);
    m.state.cr4 |= CpuState.CR4_SMXE;

    raises(m, CpuFault.UD);
  }

  @ParameterizedTest
  @CsvSource({"0F01CF, 3, 6", "0F01CF, 0, 13", "0F01C5, 3, 6", "0F01C5, 0, 13"})
  void enclsAndPconfigAreUndefinedAboveCplZeroAndHaveNoLeavesAtCplZero(
      String code, int cpl, int vector) {
    raises(machine(code, cpl), vector);
  }

  private static TestMachine loadKey(long eax) {
    TestMachine m = machine("F30F38DCC1", 0);
    m.state.cr4 |= CpuState.CR4_KL | CpuState.CR4_OSFXSR;
    m.state.gpr[0] = eax;
    return m;
  }

  @Test
  void loadiwkeyClearsFlags() {
    TestMachine m = loadKey(0);
    m.state.rflags |= 0x8D5;

    assertThat(status(retires(m))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 0x20, 1, 2})
  void keysThatCannotBeAreProtected(int eax) {
    // 1 and 2 need CPUID Fn0000_0019_ECX bits that are not set.
    raises(loadKey(eax), CpuFault.GP);
  }

  @Test
  void loadiwkeyMakesItsChecksInOrder() {
    TestMachine noKey = loadKey(0);
    noKey.state.cr4 &= ~CpuState.CR4_KL;
    raises(noKey, CpuFault.UD);
    TestMachine emulated = loadKey(0);
    emulated.state.cr0 |= CpuState.CR0_EM;
    raises(emulated, CpuFault.UD);
    TestMachine user = machine("F30F38DCC1", 3);
    user.state.cr4 |= CpuState.CR4_KL | CpuState.CR4_OSFXSR;
    user.state.cr0 |= CpuState.CR0_TS;
    raises(user, CpuFault.GP);
    TestMachine busy = loadKey(0x20);
    busy.state.cr0 |= CpuState.CR0_TS;
    raises(busy, CpuFault.NM);
  }

  // RDMSRLIST, WRMSRLIST

  private static TestMachine list(String code) {
    TestMachine m = machine(code, 0);
    m.state.gpr[6] = AREA;
    m.state.gpr[7] = AREA + 0x200;
    m.state.gpr[1] = 5;
    m.memory.write64(AREA, 0x174);
    m.memory.write64(AREA + 16, 0x175);
    m.memory.write64(AREA + 0x200, 0x10);
    m.memory.write64(AREA + 0x210, 0x20);
    return m;
  }

  @Test
  void rdmsrlistReadsTheMsrsWhoseBitsAreSet() {
    TestMachine m = list("F20F01C6");
    m.state.sysenterCs = 0x77;
    m.state.sysenterEsp = 0x88;
    m.memory.write64(AREA + 0x208, -1L);

    retires(m);

    assertThat(m.memory.read64(AREA + 0x200)).isEqualTo(0x77);
    assertThat(m.memory.read64(AREA + 0x208)).isEqualTo(-1L);
    assertThat(m.memory.read64(AREA + 0x210)).isEqualTo(0x88);
    assertThat(m.state.gpr[1]).isZero();
  }

  @Test
  void wrmsrlistWritesTheMsrsWhoseBitsAreSet() {
    TestMachine m = retires(list("F30F01C6"));

    assertThat(m.state.sysenterCs).isEqualTo(0x10);
    assertThat(m.state.sysenterEsp).isEqualTo(0x20);
    assertThat(m.state.gpr[1]).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"F20F01C6", "F30F01C6"})
  void aListThatFaultsKeepsWhatItHasDone(String code) {
    TestMachine m = list(code);
    m.memory.write64(AREA + 16, 0x1FFF);

    raises(m, CpuFault.GP);

    assertThat(m.state.gpr[1]).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"6, 4", "7, 4"})
  void tablesAreAligned(int register, int by) {
    TestMachine m = list("F20F01C6");
    m.state.gpr[register] += by;

    raises(m, CpuFault.GP);
  }

  @Test
  void numbersHave32Bits() {
    TestMachine m = list("F20F01C6");
    m.memory.write64(AREA, 1L << 32 | 0x174);

    raises(m, CpuFault.GP);
  }

  @Test
  void listsAreForCplZeroIn64BitMode() {
    TestMachine user = machine("F20F01C6", 3);
    TestMachine compatibility = list("F20F01C6");
    compatibility.state.cs.attributes = (compatibility.state.cs.attributes & ~0x200) | 0x400;

    raises(user, CpuFault.GP);
    raises(compatibility, CpuFault.UD);
  }

  // Decoding

  @ParameterizedTest
  @CsvSource({
    "8B443B10, 7, 0, 16, false, base and index",
    "8B44BB80, 7, 2, -128, false, scale",
    "8B0510000000, -1, 0, 16, true, RIP-relative",
    "8B042510000000, -1, 0, 16, false, displacement alone",
    "8B03, -1, 0, 0, false, base alone",
    "428B04E3, 12, 3, 0, false, extended index"
  })
  void addressesAreDecodedIntoTheirParts(
      String code, int index, int scale, long displacement, boolean relative, String why) {
    TestMachine m = machine(code, 0);
    m.state.gpr[3] = AREA;

    m.step();

    Instruction insn = m.cpu.insn;
    assertThat(insn.index).isEqualTo(index);
    assertThat(insn.scale).isEqualTo(scale);
    assertThat(insn.displacement).isEqualTo(displacement);
    assertThat(insn.ripRelative).isEqualTo(relative);
  }
}
