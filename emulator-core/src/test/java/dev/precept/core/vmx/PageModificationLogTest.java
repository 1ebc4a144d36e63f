package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Page-modification logging (SDM vol. 3C, 28.2.5). */
class PageModificationLogTest {
  private static final int LOG_FULL = 62, VIOLATION = 48, CPUID = 10;
  private static final long ACCESSED = 1 << 8, DIRTY = 1 << 9;

  private static final long LOG = VmxMachine.AREA;

  /** MOV [RBX], RAX; CPUID. */
  private static final String STORE = "488903 0FA2";

  /** A guest whose EPT entries have their flags set, but for those of the page of data. */
  private static VmxMachine guest(String code, long index, long flags) {
    VmxMachine m = new VmxMachine().ept().proc2(ProcBased2.ENABLE_PML).code(code);
    m.set(VmcsField.EPT_POINTER, VmxMachine.EPT | 6 | 3 << 3 | 1 << 6);
    m.set(VmcsField.PML_ADDRESS, LOG).set(VmcsField.PML_INDEX, index);
    for (long table = VmxMachine.EPT; table < VmxMachine.EPT + 0x3000; table += 0x1000) {
      m.memory.write64(table, m.memory.read64(table) | ACCESSED);
    }
    for (long page = 0; page < 1 << 20; page += 0x1000) {
      long entry = m.eptEntry(page);
      m.memory.write64(entry, m.memory.read64(entry) | ACCESSED | DIRTY);
    }
    flags(m, flags);
    m.state.gpr[3] = VmxMachine.DATA + 0x18;
    return m;
  }

  private static void flags(VmxMachine m, long flags) {
    long entry = m.eptEntry(VmxMachine.DATA);
    m.memory.write64(entry, (m.memory.read64(entry) & ~(ACCESSED | DIRTY)) | flags);
  }

  private static long flags(VmxMachine m) {
    return m.memory.read64(m.eptEntry(VmxMachine.DATA)) & (ACCESSED | DIRTY);
  }

  @ParameterizedTest
  @CsvSource({"511, 510", "1, 0", "0, 65535"})
  void aPageThatBecomesDirtyIsLoggedAndTheIndexGoesDown(int index, int next) {
    VmxMachine m = guest(STORE, index, ACCESSED);

    m.run();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(CPUID);
    assertThat(m.memory.read64(LOG + 8L * index)).isEqualTo(VmxMachine.DATA);
    assertThat(m.get(VmcsField.PML_INDEX)).isEqualTo(next);
    assertThat(flags(m)).isEqualTo(ACCESSED | DIRTY);
  }

  @ParameterizedTest
  @CsvSource({"488903 0FA2, 300", "488B03 0FA2, 0"})
  void neitherADirtyPageNorAReadIsLogged(String code, String flags) {
    VmxMachine m = guest(code, 511, Long.parseLong(flags, 16));

    m.run();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(CPUID);
    assertThat(m.memory.read64(LOG + 8 * 511)).isZero();
    assertThat(m.get(VmcsField.PML_INDEX)).isEqualTo(511);
  }

  @ParameterizedTest
  @CsvSource({"488903, 100, 512", "488903, 0, 65535", "488B03, 0, 512", "488B03, 200, 512"})
  void aFlagThatWouldHaveToBeSetExitsIfThereIsNoRoom(String code, String flags, int index) {
    long before = Long.parseLong(flags, 16);
    VmxMachine m = guest(code, index, before);
    m.memory.write64(VmxMachine.DATA + 0x18, 0x1122);
    m.state.gpr[0] = 0x3344;

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(LOG_FULL);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(flags(m)).isEqualTo(before);
    assertThat(m.memory.read64(VmxMachine.DATA + 0x18)).isEqualTo(0x1122);
    assertThat(m.get(VmcsField.PML_INDEX)).isEqualTo(index);
  }

  @Test
  void behindItsLastEntryTheLogIsFull() {
    VmxMachine m = guest(STORE, 0, ACCESSED);
    m.run();
    flags(m, ACCESSED);
    m.state.rip = VmxMachine.GUEST_CODE;

    assertThat(m.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(LOG_FULL);
  }

  @Test
  void withFlagsUpToDateAFullLogIsNotLookedAt() {
    VmxMachine m = guest(STORE, 512, ACCESSED | DIRTY);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aReadOnlyPageIsAViolationThoughTheLogIsFull() {
    VmxMachine m = guest(STORE, 512, ACCESSED);
    long entry = m.eptEntry(VmxMachine.DATA);
    m.memory.write64(entry, m.memory.read64(entry) & ~2L);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
  }

  @Test
  void withoutTheControlNothingIsLogged() {
    VmxMachine m = guest(STORE, 512, ACCESSED);
    m.set(VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS, ProcBased2.ENABLE_EPT);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
    assertThat(flags(m)).isEqualTo(ACCESSED | DIRTY);
  }
}
