package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import dev.precept.core.Msr;
import dev.precept.core.Segment;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.VmEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What VM entry loads (SDM vol. 3C, 26.3.2, 26.4). */
class EntryStateTest {
  private static VmxMachine msr(VmxMachine m, int index, long msr, long value) {
    boolean number = msr >> 31 == -1;
    m.memory.write64(VmxMachine.AREA + 16L * index, number ? msr & 0xFFFF_FFFFL : msr);
    m.memory.write64(VmxMachine.AREA + 16L * index + 8, value);
    m.set(VmcsField.VM_ENTRY_MSR_LOAD_ADDRESS, VmxMachine.AREA);
    return m.set(VmcsField.VM_ENTRY_MSR_LOAD_COUNT, index + 1);
  }

  @Test
  void loadsRegistersFromTheGuestArea() {
    VmxMachine m = new VmxMachine();
    m.set(VmcsField.GUEST_RSP, 0x1234).set(VmcsField.GUEST_RFLAGS, 0x8D7);
    m.set(VmcsField.GUEST_DR7, 0xFFFF_FFFFL).set(VmcsField.GUEST_IA32_DEBUGCTL, 1);
    m.set(VmcsField.GUEST_IA32_SYSENTER_CS, 0x11).set(VmcsField.GUEST_IA32_SYSENTER_ESP, 0x22);
    m.set(VmcsField.GUEST_IA32_SYSENTER_EIP, 0x33);
    m.segment(Segment.FS, 0x23, 0xC0F3, 0xFFFF_FFFFL, 0xFFFF_8000_0000_1000L);
    m.segment(GuestArea.LDTR, 0x48, 0x82, 0x1FF, 0x9000);

    m.launch();

    CpuState s = m.state;
    assertThat(s.rip).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(s.gpr[4]).isEqualTo(0x1234);
    assertThat(s.rflags).isEqualTo(0x8D7);
    assertThat(s.dr[7]).isEqualTo(0xFFFF_2FFFL);
    assertThat(s.debugCtl).isEqualTo(1);
    assertThat(s.sysenterCs).isEqualTo(0x11);
    assertThat(s.sysenterEsp).isEqualTo(0x22);
    assertThat(s.sysenterEip).isEqualTo(0x33);
    assertThat(s.fs.selector).isEqualTo(0x23);
    assertThat(s.fs.base).isEqualTo(0xFFFF_8000_0000_1000L);
    assertThat(s.fs.attributes).isEqualTo(0xCF3);
    assertThat(s.ldtr.limit).isEqualTo(0x1FF);
    assertThat(s.ldtr.present()).isTrue();
    assertThat(s.cpl).isZero();
  }

  @Test
  void theCplIsTheDplOfSs() {
    VmxMachine m = new VmxMachine().cpl3();

    m.launch();

    assertThat(m.state.cpl).isEqualTo(3);
  }

  @Test
  void cdNwAndEtOfCr0StayAsTheyAre() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_CR0, 0xE000_0021L);

    m.launch();

    assertThat(m.state.cr0).isEqualTo(0x8000_0031L);
  }

  @Test
  void debugControlsAreLoadedOnlyIfAsked() {
    VmxMachine m = new VmxMachine().noEntryControls(VmEntry.LOAD_DEBUG_CONTROLS);
    m.set(VmcsField.GUEST_DR7, 0x455).set(VmcsField.GUEST_IA32_DEBUGCTL, 1);

    m.launch();

    assertThat(m.state.dr[7]).isEqualTo(0x400);
    assertThat(m.state.debugCtl).isZero();
  }

  @ParameterizedTest
  @CsvSource({"true, 0x0606060606060606", "false, 0x0007040600070406"})
  void patIsLoadedOnlyIfAsked(boolean load, String pat) {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_IA32_PAT, 0x0606_0606_0606_0606L);
    if (load) {
      m.entryControls(VmEntry.LOAD_IA32_PAT);
    }

    m.launch();

    assertThat(m.state.pat).isEqualTo(Long.decode(pat));
  }

  @Test
  void eferIsLoadedIfAsked() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_IA32_EFER, 0xD01);

    m.entryControls(VmEntry.LOAD_IA32_EFER).launch();

    assertThat(m.state.efer).isEqualTo(0xD01);
  }

  @Test
  void withoutLoadingEferLmeAndLmaFollowTheModeOfTheGuest() {
    VmxMachine m = new VmxMachine().protected32();
    m.state.efer |= CpuState.EFER_NXE;

    m.launch();

    assertThat(m.state.efer).isEqualTo(CpuState.EFER_NXE);
  }

  @Test
  void withPagingOffLmeIsNotModified() {
    VmxMachine m = new VmxMachine().realMode();

    m.launch();

    assertThat(m.state.efer).isEqualTo(CpuState.EFER_LME);
  }

  @Test
  void addressRangeMonitoringEnds() {
    VmxMachine m = new VmxMachine();
    m.state.monitorArmed = true;

    m.launch();

    assertThat(m.state.monitorArmed).isFalse();
  }

  @Test
  void launchMarksTheVmcsAsLaunched() {
    VmxMachine m = new VmxMachine();

    m.launch();

    assertThat(VmcsRegion.launched(m.memory, VmxMachine.VMCS)).isTrue();
  }

  @Test
  void resumeContinuesWhereTheGuestWas() {
    VmxMachine m = new VmxMachine().code("0FA2 0FA2");
    m.run();
    m.set(VmcsField.GUEST_RIP, VmxMachine.GUEST_CODE + 2);

    m.resume();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.rip).isEqualTo(VmxMachine.GUEST_CODE + 2);
  }

  @Test
  void msrsAreLoadedInOrder() {
    VmxMachine m = msr(new VmxMachine(), 0, Msr.STAR, 1);
    msr(m, 1, Msr.KERNEL_GS_BASE, 0x5000);
    msr(m, 2, Msr.STAR, 3);

    m.launch();

    assertThat(m.state.star).isEqualTo(3);
    assertThat(m.state.kernelGsBase).isEqualTo(0x5000);
  }

  @ParameterizedTest(name = "MSR {0} value {1}")
  @CsvSource({
    "0xC0000100, 0",
    "0xC0000101, 0",
    "0x800, 0",
    "0x8FF, 0",
    "0x123456, 0",
    "0x100000010, 0",
    "0xC0000082, 0x800000000000",
    "0x480, 0"
  })
  void anMsrThatCannotBeLoadedFailsTheEntryWithItsNumber(String msr, String value) {
    VmxMachine m = msr(new VmxMachine(), 0, Msr.STAR, 7);
    msr(m, 1, Long.decode(msr), Long.decode(value));

    assertThat(m.launch()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(0x8000_0022L);
    assertThat(m.qualification()).isEqualTo(2);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
    assertThat(VmcsRegion.launched(m.memory, VmxMachine.VMCS)).isFalse();
  }

  @Test
  void aListBeyondTheMaximumFails() {
    VmxMachine m = msr(new VmxMachine(), 0, Msr.STAR, 0);
    for (int i = 0; i < 600; i++) {
      m.memory.write64(VmxMachine.PAGES + 0x1_0000 + 16L * i, Msr.STAR & 0xFFFF_FFFFL);
    }
    m.set(VmcsField.VM_ENTRY_MSR_LOAD_ADDRESS, VmxMachine.PAGES + 0x1_0000);

    m.set(VmcsField.VM_ENTRY_MSR_LOAD_COUNT, 600).launch();

    assertThat(m.qualification()).isEqualTo(513);
  }
}
