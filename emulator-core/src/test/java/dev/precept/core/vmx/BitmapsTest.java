package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What bitmaps select: ports, MSRs, MSRs of a list, supervisor states, leaves; and PAUSE loops (SDM
 * vol. 3C, 24.6.4, 24.6.9, 25.1.3).
 */
class BitmapsTest {
  private static void setBit(VmxMachine m, long bitmap, int bit) {
    long at = bitmap + (bit >> 3);
    m.memory.write8(at, m.memory.read8(at) | 1 << (bit & 7));
  }

  // I/O

  /** A guest that executes {@code code} with the port in DX, where only {@code marked} exits. */
  private static VmxMachine io(String code, String port, String marked) {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_IO_BITMAPS).code(code);
    m.state.gpr[2] = Long.parseLong(port, 16);
    int bit = Integer.parseInt(marked, 16);
    if (bit < 0x8000) {
      setBit(m, VmxMachine.IO_A, bit);
    } else if (bit < 0x1_0000) {
      setBit(m, VmxMachine.IO_B, bit - 0x8000);
    }
    return m;
  }

  @ParameterizedTest
  @CsvSource({
    "EC, 0, 0, true",
    "EC, 7FFF, 7FFF, true",
    "EC, 8000, 8000, true",
    "EC, FFFF, FFFF, true",
    "EC, 0, 8000, false",
    "EC, 8000, 0, false",
    "EC, 5, 4, false",
    "EC, 5, 6, false",
    "66ED, 4, 5, true",
    "66ED, 4, 6, false",
    "ED, 4, 7, true",
    "ED, 4, 8, false",
    "ED, 7FFD, 8000, true",
    "EF, 7FFE, 8001, true",
    "EE, 3F8, 3F8, true",
    "6E, 3F8, 3F8, true",
    "6C, 3F8, 3F9, false",
    "6F, 3F8, 3FB, true"
  })
  void portsExitWhoseBitIsSet(String code, String port, String marked, boolean exits) {
    VmxMachine m = io(code, port, marked);
    m.state.gpr[6] = VmxMachine.DATA;
    m.state.gpr[7] = VmxMachine.DATA;

    m.run();

    assertThat(m.vmx.inGuest()).isEqualTo(!exits);
    assertThat(m.reason()).isEqualTo(exits ? 30 : 0);
  }

  @ParameterizedTest
  @CsvSource({"66ED, FFFF", "ED, FFFD", "66EF, FFFF", "EF, FFFF"})
  void accessesThatWrapRoundExit(String code, String port) {
    VmxMachine m = io(code, port, "10000");

    m.run();

    assertThat(m.reason()).isEqualTo(30);
  }

  @Test
  void withBitmapsUnconditionalExitingIsIgnored() {
    VmxMachine m = io("EC", "80", "81").proc(ProcBased.UNCONDITIONAL_IO_EXITING);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aRepeatedInstructionExitsAtItsFirstIteration() {
    VmxMachine m = io("F36E", "80", "80");
    m.state.gpr[1] = 5;
    m.state.gpr[6] = VmxMachine.DATA;

    m.run();

    assertThat(m.reason()).isEqualTo(30);
    assertThat(m.state.gpr[1]).isEqualTo(5);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  // MSRs

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "1FFF, 0, 1FFF", "C0000000, 400, 0", "C0001FFF, 400, 1FFF"})
  void msrsExitWhoseBitIsSet(String msr, String bitmap, String bit) {
    int offset = Integer.parseInt(bitmap, 16);
    VmxMachine read = new VmxMachine().code("0F32");
    read.state.gpr[1] = Long.parseLong(msr, 16);
    setBit(read, VmxMachine.MSRS + offset, Integer.parseInt(bit, 16));
    VmxMachine write = new VmxMachine().code("0F30");
    write.state.gpr[1] = Long.parseLong(msr, 16);
    setBit(write, VmxMachine.MSRS + 0x800 + offset, Integer.parseInt(bit, 16));

    read.run();
    write.run();

    assertThat(read.reason()).isEqualTo(31);
    assertThat(write.reason()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2000", "BFFFFFFF", "C0002000", "FFFFFFFF", "40000000"})
  void msrsOutsideTheBitmapsExit(String msr) {
    VmxMachine m = new VmxMachine().code("0F32");
    m.state.gpr[1] = Long.parseLong(msr, 16);

    m.run();

    assertThat(m.reason()).isEqualTo(31);
  }

  @Test
  void onlyEcxSelectsTheMsr() {
    VmxMachine m = new VmxMachine().code("0F32");
    m.state.gpr[1] = 0x1_0000_0174L;

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void readAndWriteBitmapsAreApart() {
    VmxMachine m = new VmxMachine().code("0F32");
    m.state.gpr[1] = 0x174;
    setBit(m, VmxMachine.MSRS + 0x800, 0x174);
    setBit(m, VmxMachine.MSRS + 0x400, 0x174);
    setBit(m, VmxMachine.MSRS, 0x175);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void anMsrThatDoesNotExistFaultsIfItsBitIsClear() {
    VmxMachine m = new VmxMachine().code("0F32");
    m.state.gpr[1] = 0x1FFF;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  // MSR lists: numbers at RSI, values at RDI

  private static VmxMachine list(String code) {
    VmxMachine m = new VmxMachine().proc3(VmxControls.ProcBased3.ENABLE_MSR_LIST).code(code);
    m.state.gpr[6] = VmxMachine.DATA;
    m.state.gpr[7] = VmxMachine.DATA + 0x200;
    // Entries 1 and 63: IA32_SYSENTER_CS and IA32_SYSENTER_EIP.
    m.state.gpr[1] = 1L << 63 | 2;
    m.memory.write64(VmxMachine.DATA + 8, 0x174);
    m.memory.write64(VmxMachine.DATA + 63 * 8, 0x176);
    m.memory.write64(VmxMachine.DATA + 0x200 + 8, 0x10);
    m.memory.write64(VmxMachine.DATA + 0x200 + 63 * 8, 0x1234_5678);
    return m;
  }

  @Test
  void aWrittenListOfAllowedMsrsDoesNotExit() {
    VmxMachine m = list("F30F01C6");

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    assertThat(m.state.gpr[1]).isZero();
    assertThat(m.state.sysenterCs).isEqualTo(0x10);
    assertThat(m.state.sysenterEip).isEqualTo(0x1234_5678);
  }

  @Test
  void aWrittenListExitsAtTheMsrWhoseBitIsSet() {
    VmxMachine m = list("F30F01C6");
    setBit(m, VmxMachine.MSRS + 0x800, 0x176);

    m.run();

    assertThat(m.reason()).isEqualTo(79);
    assertThat(m.qualification()).isEqualTo(0x176);
    assertThat(m.get(VmcsField.MSR_DATA)).isEqualTo(0x1234_5678);
    assertThat(m.state.gpr[1]).as("what is left to do").isEqualTo(1L << 63);
    assertThat(m.get(VmcsField.GUEST_IA32_SYSENTER_CS)).isEqualTo(0x10);
    assertThat(m.get(VmcsField.GUEST_IA32_SYSENTER_EIP)).isZero();
  }

  @Test
  void aReadListExitsAtTheMsrWhoseBitIsSet() {
    VmxMachine m = list("F20F01C6").set(VmcsField.GUEST_IA32_SYSENTER_CS, 0x77);
    setBit(m, VmxMachine.MSRS, 0x176);

    m.run();

    assertThat(m.reason()).isEqualTo(78);
    assertThat(m.qualification()).isEqualTo(0x176);
    assertThat(m.state.gpr[1]).isEqualTo(1L << 63);
    assertThat(m.memory.read64(VmxMachine.DATA + 0x200 + 8)).isEqualTo(0x77);
    assertThat(m.memory.read64(VmxMachine.DATA + 0x200 + 63 * 8)).isEqualTo(0x1234_5678);
  }

  // XSAVES and XRSTORS

  @ParameterizedTest
  @CsvSource({
    "400, 400, 400, true",
    "400, 400, 0, false",
    "0, 400, 400, false",
    "400, 0, 400, false",
    "C00, 400, 800, false"
  })
  void supervisorStatesExitThatAreAskedForEnabledAndMarked(
      String asked, String enabled, String marked, boolean exits) {
    for (String code : new String[] {"0FC72B", "0FC71B"}) {
      VmxMachine m =
          new VmxMachine()
              .proc2(ProcBased2.ENABLE_XSAVES_XRSTORS)
              .set(VmcsField.GUEST_CR4, 0x2020 | CpuState.CR4_OSXSAVE)
              .set(VmcsField.XSS_EXITING_BITMAP, Long.parseLong(marked, 16))
              .code(code);
      m.state.gpr[0] = Long.parseLong(asked, 16);
      m.state.gpr[3] = VmxMachine.DATA;
      m.state.xss = Long.parseLong(enabled, 16);

      m.run();

      assertThat(m.reason() == 63 || m.reason() == 64).isEqualTo(exits);
    }
  }

  @Test
  void edxIsTheUpperHalfOfWhatIsAskedFor() {
    VmxMachine m =
        new VmxMachine()
            .proc2(ProcBased2.ENABLE_XSAVES_XRSTORS)
            .set(VmcsField.GUEST_CR4, 0x2020 | CpuState.CR4_OSXSAVE)
            .set(VmcsField.XSS_EXITING_BITMAP, 1L << 33)
            .code("0FC72B");
    m.state.gpr[2] = 2;
    m.state.gpr[3] = VmxMachine.DATA;
    m.state.xss = 1L << 33;

    m.run();

    assertThat(m.reason()).isEqualTo(63);
  }

  // Leaves

  @ParameterizedTest
  @CsvSource({
    "5, 5, true",
    "4, 5, false",
    "3E, 3E, true",
    "3F, 3F, true",
    "40, 3F, true",
    "FFFFFFFF, 3F, true",
    "40, 0, false",
    "100000005, 5, true"
  })
  void leavesExitWhoseBitIsSetAndFrom63OnThoseOfBit63(String rax, String bit, boolean exits) {
    long bitmap = 1L << Integer.parseInt(bit, 16);
    VmxMachine encls =
        new VmxMachine()
            .proc2(ProcBased2.ENABLE_ENCLS_EXITING)
            .set(VmcsField.ENCLS_EXITING_BITMAP, bitmap)
            .code("0F01CF");
    encls.state.gpr[0] = Long.parseLong(rax, 16);
    VmxMachine pconfig =
        new VmxMachine()
            .proc2(ProcBased2.ENABLE_PCONFIG)
            .set(VmcsField.PCONFIG_EXITING_BITMAP, bitmap)
            .code("0F01C5");
    pconfig.state.gpr[0] = Long.parseLong(rax, 16);

    encls.run();
    pconfig.run();

    assertThat(encls.reason() == 60).isEqualTo(exits);
    assertThat(pconfig.reason() == 65).isEqualTo(exits);
  }

  // PAUSE loops

  private static VmxMachine pauses(int gap, int window, String code) {
    return new VmxMachine()
        .proc2(ProcBased2.PAUSE_LOOP_EXITING)
        .set(VmcsField.PLE_GAP, gap)
        .set(VmcsField.PLE_WINDOW, window)
        .code(code);
  }

  /** How many of {@code code}'s instructions retire before the exit, at most 12. */
  private static int retired(VmxMachine m) {
    m.launch();
    int count = 0;
    while (count < 12 && m.cpu.step() == StepResult.RETIRED) {
      count++;
    }
    return count;
  }

  @Test
  void aPauseLongerInItsLoopThanTheWindowExits() {
    // A tick of the TSC each instruction: the fifth PAUSE comes 4 ticks behind the first.
    VmxMachine m = pauses(1, 3, "F390 F390 F390 F390 F390 F390");

    assertThat(retired(m)).isEqualTo(4);
    assertThat(m.reason()).isEqualTo(40);
  }

  @Test
  void aPauseAfterMoreThanTheGapBeginsANewLoop() {
    VmxMachine m = pauses(1, 3, "F390 F390 F390 90 F390 F390 F390 F390 F390 90 90 90 90");

    // The loop that the NOP interrupted begins again at the fifth instruction.
    assertThat(retired(m)).isEqualTo(8);
    assertThat(m.reason()).isEqualTo(40);
  }

  @Test
  void aboveCplZeroThereIsNoPauseLoopExiting() {
    VmxMachine m =
        pauses(1, 3, "F390 F390 F390 F390 F390 F390 F390 F390 F390 F390 F390 F390").cpl3();

    assertThat(retired(m)).isEqualTo(12);
  }

  @Test
  void pauseExitingComesFirst() {
    VmxMachine m = pauses(100, 100, "F390").proc(ProcBased.PAUSE_EXITING);

    assertThat(retired(m)).isZero();
  }

  // TSC

  /** What RDTSC returns with the TSC at {@code tsc} while it executes. */
  private static long rdtsc(VmxMachine m, long tsc) {
    m.launch();
    m.state.tsc = tsc - 1;
    m.cpu.step();
    return m.state.gpr[2] << 32 | m.state.gpr[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F31", "0F01F9", "0F32"})
  void theTscIsOffset(String code) {
    VmxMachine m =
        new VmxMachine()
            .proc(ProcBased.USE_TSC_OFFSETTING)
            .proc2(ProcBased2.ENABLE_RDTSCP)
            .set(VmcsField.TSC_OFFSET, -0x1000)
            .code(code);
    m.state.gpr[1] = 0x10;

    assertThat(rdtsc(m, 0x1234)).isEqualTo(0x234);
  }

  @Test
  void theTscIsScaledBeforeItIsOffset() {
    VmxMachine m =
        new VmxMachine()
            .proc(ProcBased.USE_TSC_OFFSETTING)
            .proc2(ProcBased2.USE_TSC_SCALING)
            .set(VmcsField.TSC_OFFSET, 5)
            .set(VmcsField.TSC_MULTIPLIER, 3L << 47)
            .code("0F31");

    assertThat(rdtsc(m, 0x1001)).isEqualTo(0x1001 * 3 / 2 + 5);
  }

  @Test
  void theProductHas128UnsignedBits() {
    VmxMachine m =
        new VmxMachine()
            .proc(ProcBased.USE_TSC_OFFSETTING)
            .proc2(ProcBased2.USE_TSC_SCALING)
            .set(VmcsField.TSC_MULTIPLIER, 0xFFFF_0000_0000_0000L)
            .code("0F31");

    // C000000000000000h times FFFFh, modulo 2 to the 64th.
    assertThat(rdtsc(m, 0xC000_0000_0000_0000L)).isEqualTo(0x4000_0000_0000_0000L);
  }

  @Test
  void withoutOffsettingThereIsNoScaling() {
    VmxMachine m =
        new VmxMachine()
            .proc2(ProcBased2.USE_TSC_SCALING)
            .set(VmcsField.TSC_OFFSET, 5)
            .set(VmcsField.TSC_MULTIPLIER, 3L << 47)
            .code("0F31");

    assertThat(rdtsc(m, 0x1001)).isEqualTo(0x1001);
  }
}
