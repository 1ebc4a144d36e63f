package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import dev.precept.core.Msr;
import dev.precept.core.Segment;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a VM exit saves and what it loads (SDM vol. 3C, 27.3 to 27.7). */
class ExitStateTest {
  @Test
  void aRoundTripLeavesTheGuestAreaAsItWas() {
    VmxMachine m = new VmxMachine().code("0FA2").set(VmcsField.GUEST_RFLAGS, 0x8D7);
    m.segment(Segment.FS, 0x23, 0xC0F3, 0xFFFF_FFFFL, 0xFFFF_8000_0000_1000L);
    m.segment(GuestArea.LDTR, 0x48, 0x82, 0x1FF, 0x9000);
    m.set(VmcsField.GUEST_IA32_SYSENTER_EIP, 0x33);
    long[] before = guestArea(m);

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(guestArea(m)).isEqualTo(before);
  }

  private static long[] guestArea(VmxMachine m) {
    return java.util.Arrays.stream(VmcsField.values())
        .filter(f -> (f.encoding >> 10 & 3) == 2)
        .mapToLong(m::get)
        .toArray();
  }

  @Test
  void registersThatTheGuestChangedAreSaved() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.launch();
    m.state.cr3 = 0x7000;
    m.state.gpr[4] = 0x1234;
    m.state.gs.set(0x33, 0xCF3, 0xFFFF_FFFFL, 0x7777);
    m.state.sysenterEsp = 0x5555;
    m.state.gdtrLimit = 0x77;
    m.state.cr3 = VmxMachine.PAGES;

    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_RSP)).isEqualTo(0x1234);
    assertThat(m.get(VmcsField.GUEST_GS_BASE)).isEqualTo(0x7777);
    assertThat(m.get(VmcsField.GUEST_GS_ACCESS_RIGHTS)).isEqualTo(0xC0F3);
    assertThat(m.get(VmcsField.GUEST_IA32_SYSENTER_ESP)).isEqualTo(0x5555);
    assertThat(m.get(VmcsField.GUEST_GDTR_LIMIT)).isEqualTo(0x77);
  }

  @Test
  void aNullSegmentIsSavedAsUnusableAndSsWithTheCpl() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.launch();
    m.state.ds.set(0, 0, 0, 0);
    m.state.ss.set(0, 0, 0, 0);

    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_DS_ACCESS_RIGHTS) >> 16 & 1).isOne();
    assertThat(m.get(VmcsField.GUEST_SS_ACCESS_RIGHTS)).isEqualTo(0x1_0000);
  }

  @ParameterizedTest
  @CsvSource({"true, 0x455, 1", "false, 0x400, 0"})
  void debugControlsAreSavedOnlyIfAsked(boolean save, String dr7, long debugCtl) {
    VmxMachine m = new VmxMachine().code("0FA2");
    if (!save) {
      m.set(
          VmcsField.VM_EXIT_CONTROLS,
          m.get(VmcsField.VM_EXIT_CONTROLS) & ~VmExit.SAVE_DEBUG_CONTROLS);
    }
    m.launch();
    m.state.dr[7] = 0x455;
    m.state.debugCtl = 1;

    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_DR7)).isEqualTo(Long.decode(dr7));
    assertThat(m.get(VmcsField.GUEST_IA32_DEBUGCTL)).isEqualTo(debugCtl);
  }

  @Test
  void patAndEferAreSavedIfAsked() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.exitControls(VmExit.SAVE_IA32_PAT | VmExit.SAVE_IA32_EFER);
    m.launch();
    m.state.efer |= CpuState.EFER_SCE;

    m.cpu.step();

    assertThat(m.get(VmcsField.GUEST_IA32_PAT)).isEqualTo(0x0007_0406_0007_0406L);
    assertThat(m.get(VmcsField.GUEST_IA32_EFER)).isEqualTo(0x501);
  }

  @Test
  void theModeOfTheGuestIsStoredInTheEntryControls() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.launch();
    m.state.efer &= ~CpuState.EFER_LMA;

    m.cpu.step();

    assertThat(m.get(VmcsField.VM_ENTRY_CONTROLS) & VmEntry.IA32E_MODE_GUEST).isZero();
  }

  @Test
  void theHostIsLoaded() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.set(VmcsField.HOST_FS_BASE, 0x1111).set(VmcsField.HOST_FS_SELECTOR, 0x18);
    m.set(VmcsField.HOST_GS_BASE, 0x2222);
    m.set(VmcsField.HOST_IA32_SYSENTER_CS, 3).set(VmcsField.HOST_IA32_SYSENTER_ESP, 4);
    m.set(VmcsField.HOST_IA32_SYSENTER_EIP, 5).set(VmcsField.HOST_RSP, 0x8888);
    m.set(VmcsField.GUEST_GDTR_BASE, 0x9999);
    m.launch();
    CpuState s = m.state;
    s.dr[7] = 0x455;
    s.debugCtl = 1;
    s.gpr[0] = 0x77;
    s.monitorArmed = true;
    s.cr2 = 0x66;

    m.cpu.step();

    assertThat(s.rip).isEqualTo(VmxMachine.HOST_EXIT);
    assertThat(s.gpr[4]).isEqualTo(0x8888);
    assertThat(s.rflags).isEqualTo(2);
    assertThat(s.cs.selector).isEqualTo(8);
    assertThat(s.cs.attributes).isEqualTo(0xA9B);
    assertThat(s.cs.limit).isEqualTo(0xFFFF_FFFFL);
    assertThat(s.ss.attributes).isEqualTo(0xC93);
    assertThat(s.fs.base).isEqualTo(0x1111);
    assertThat(s.fs.selector).isEqualTo(0x18);
    assertThat(s.gs.base).isEqualTo(0x2222);
    assertThat(s.gs.present()).isFalse();
    assertThat(s.tr.attributes).isEqualTo(0x8B);
    assertThat(s.tr.limit).isEqualTo(0x67);
    assertThat(s.ldtr.present()).isFalse();
    assertThat(s.gdtrBase).isEqualTo(VmxMachine.GDT);
    assertThat(s.gdtrLimit).isEqualTo(0xFFFF);
    assertThat(s.idtrLimit).isEqualTo(0xFFFF);
    assertThat(s.dr[7]).isEqualTo(0x400);
    assertThat(s.debugCtl).isZero();
    assertThat(s.sysenterCs).isEqualTo(3);
    assertThat(s.sysenterEsp).isEqualTo(4);
    assertThat(s.sysenterEip).isEqualTo(5);
    assertThat(s.monitorArmed).isFalse();
    assertThat(s.gpr[0]).as("general registers stay the guest's").isEqualTo(0x77);
    assertThat(s.cr2).isEqualTo(0x66);
    assertThat(s.cpl).isZero();
  }

  @Test
  void anExitFromRealAddressModeComesBackToTheHostsMode() {
    VmxMachine m = new VmxMachine().realMode().code("0FA2");

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(m.state.cr0).isEqualTo(0x8000_0031L);
    assertThat(m.state.cr4).isEqualTo(0x2020);
    assertThat(m.state.code64()).isTrue();
    assertThat(m.state.cr3).isEqualTo(VmxMachine.PAGES);
  }

  @Test
  void patAndEferOfTheHostAreLoadedIfAsked() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.exitControls(VmExit.LOAD_IA32_PAT | VmExit.LOAD_IA32_EFER);
    m.set(VmcsField.HOST_IA32_PAT, 0x0606_0606_0606_0606L);
    m.set(VmcsField.HOST_IA32_EFER, 0xD01);

    m.run();

    assertThat(m.state.pat).isEqualTo(0x0606_0606_0606_0606L);
    assertThat(m.state.efer).isEqualTo(0xD01);
  }

  @Test
  void theValidBitOfTheInjectedEventIsCleared() {
    VmxMachine m = new VmxMachine().gate(0x20);
    m.set(VmcsField.GUEST_RFLAGS, 0x202);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0020L);
    m.memory.write(VmxMachine.handler(0x20), VmxMachine.bytes("0FA2"));

    m.run();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(m.get(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION)).isEqualTo(0x20);
  }

  private static void area(VmxMachine m, String list, long address, long msr, long value) {
    m.memory.write64(address, msr & 0xFFFF_FFFFL);
    m.memory.write64(address + 8, value);
    m.set(VmcsField.valueOf(list + "_ADDRESS"), address);
    m.set(VmcsField.valueOf(list + "_COUNT"), 1);
  }

  @Test
  void msrsAreStoredAndLoaded() {
    VmxMachine m = new VmxMachine().code("0FA2");
    area(m, "VM_EXIT_MSR_STORE", VmxMachine.AREA, Msr.STAR, 0);
    area(m, "VM_EXIT_MSR_LOAD", VmxMachine.AREA + 0x100, Msr.STAR, 0x22);
    m.launch();
    m.state.star = 0x11;

    m.cpu.step();

    assertThat(m.memory.read64(VmxMachine.AREA + 8)).isEqualTo(0x11);
    assertThat(m.state.star).isEqualTo(0x22);
  }

  @ParameterizedTest(name = "{0} of MSR {1}")
  @CsvSource({
    "VM_EXIT_MSR_STORE, 0x123456, 1", "VM_EXIT_MSR_STORE, 0x808, 1",
    "VM_EXIT_MSR_LOAD, 0x123456, 4", "VM_EXIT_MSR_LOAD, 0xC0000100, 4",
    "VM_EXIT_MSR_LOAD, 0x480, 4"
  })
  void anMsrThatFailsIsAVmxAbort(String list, String msr, int indicator) {
    VmxMachine m = new VmxMachine().code("0FA2");
    area(m, list, VmxMachine.AREA, Long.decode(msr), 0);

    m.run();

    assertThat(VmcsRegion.abortIndicator(m.memory, VmxMachine.VMCS)).isEqualTo(indicator);
    assertThat(m.cpu.step()).isEqualTo(StepResult.SHUTDOWN);
  }

  @Test
  void anExitFromLongModeToA32BitHostIsAVmxAbort() {
    VmxMachine m = new VmxMachine().code("0FA2");
    m.launch();
    m.vmx.controls().exit &= ~VmExit.HOST_ADDRESS_SPACE_SIZE;

    m.cpu.step();

    assertThat(VmcsRegion.abortIndicator(m.memory, VmxMachine.VMCS)).isEqualTo(6);
    assertThat(m.cpu.step()).isEqualTo(StepResult.SHUTDOWN);
  }

  @Test
  void thePreemptionTimerIsSavedIfAsked() {
    VmxMachine m = new VmxMachine().code("90 90 0FA2");
    m.pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER);
    m.exitControls(VmExit.SAVE_VMX_PREEMPTION_TIMER_VALUE);
    m.set(VmcsField.VMX_PREEMPTION_TIMER_VALUE, 100);

    m.run();
    m.cpu.step();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(ExitReason.CPUID);
    assertThat(m.get(VmcsField.VMX_PREEMPTION_TIMER_VALUE)).isEqualTo(98);
  }
}
