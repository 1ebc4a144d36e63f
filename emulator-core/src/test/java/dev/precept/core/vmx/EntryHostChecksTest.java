package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VM-entry checks on the host-state area: VMfailValid with error 8 (SDM vol. 3C, 26.2.2-4). */
class EntryHostChecksTest {
  private static final int ERROR = 8;

  private static long hex(String value) {
    return Long.parseUnsignedLong(value.replace("_", ""), 16);
  }

  private static void assertFails(VmxMachine m) {
    m.launch();

    assertThat(m.failure()).isEqualTo(ERROR);
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_CODE + 6);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "HOST_CR0, 8000_0030",
    "HOST_CR0, 8000_0011",
    "HOST_CR0, 0000_0031",
    "HOST_CR0, 1_8000_0031",
    "HOST_CR4, 20",
    "HOST_CR4, 8000_2020",
    "HOST_CR3, 100_0000_0000",
    "HOST_CR3, 8000_0000_0005_0000",
    "HOST_IA32_SYSENTER_ESP, 8000_0000_0000",
    "HOST_IA32_SYSENTER_EIP, 8000_0000_0000",
    "HOST_FS_BASE, 8000_0000_0000",
    "HOST_GS_BASE, 8000_0000_0000",
    "HOST_TR_BASE, 8000_0000_0000",
    "HOST_GDTR_BASE, 8000_0000_0000",
    "HOST_IDTR_BASE, 8000_0000_0000",
    "HOST_CS_SELECTOR, 9",
    "HOST_CS_SELECTOR, C",
    "HOST_CS_SELECTOR, 0",
    "HOST_SS_SELECTOR, 11",
    "HOST_DS_SELECTOR, 14",
    "HOST_ES_SELECTOR, 12",
    "HOST_FS_SELECTOR, 1",
    "HOST_GS_SELECTOR, 4",
    "HOST_TR_SELECTOR, 2B",
    "HOST_TR_SELECTOR, 0",
    "HOST_RIP, 8000_0000_0000",
    "HOST_CR4, 2000"
  })
  void illegalHostStateFails(VmcsField field, String value) {
    assertFails(new VmxMachine().set(field, hex(value)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "HOST_CR0, E000_0031", "HOST_SS_SELECTOR, 0", "HOST_DS_SELECTOR, 0",
    "HOST_CR4, 2_2020", "HOST_RIP, FFFF_8000_0000_0000", "HOST_CR3, FF_FFFF_F000"
  })
  void legalHostStateEnters(VmcsField field, String value) {
    VmxMachine m = new VmxMachine().set(field, hex(value));

    m.launch();

    assertThat(m.failure()).isZero();
  }

  @ParameterizedTest(name = "PAT {0}")
  @CsvSource({"2", "3_00", "8_0000", "FF00_0000_0000_0000"})
  void reservedMemoryTypesFailIfPatIsLoaded(String pat) {
    VmxMachine m = new VmxMachine().set(VmcsField.HOST_IA32_PAT, hex(pat));

    assertFails(m.exitControls(VmExit.LOAD_IA32_PAT));
  }

  @ParameterizedTest(name = "EFER {0}")
  @CsvSource({"0", "100", "400", "502", "1500"})
  void illegalEferFailsIfItIsLoaded(String efer) {
    VmxMachine m = new VmxMachine().set(VmcsField.HOST_IA32_EFER, hex(efer));

    assertFails(m.exitControls(VmExit.LOAD_IA32_EFER));
  }

  @Test
  void a64BitHostNeedsA64BitAddressSpace() {
    VmxMachine m = new VmxMachine();
    m.noEntryControls(VmEntry.IA32E_MODE_GUEST);
    m.set(
        VmcsField.VM_EXIT_CONTROLS,
        m.get(VmcsField.VM_EXIT_CONTROLS) & ~VmExit.HOST_ADDRESS_SPACE_SIZE);

    assertFails(m);
  }

  @Test
  void a32BitHostMayHaveNo64BitGuest() {
    VmxMachine m = legacyHost();
    m.entryControls(VmEntry.IA32E_MODE_GUEST);

    assertFails(m);
  }

  @Test
  void a32BitHostMayHaveNo64BitAddressSpace() {
    assertFails(legacyHost().exitControls(VmExit.HOST_ADDRESS_SPACE_SIZE));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"HOST_RIP, 1_0000_0000", "HOST_CR4, 2_2000", "HOST_SS_SELECTOR, 0"})
  void a32BitHostHas32BitStateOnly(VmcsField field, String value) {
    assertFails(legacyHost().set(field, hex(value)));
  }

  @Test
  void a32BitHostCanLaunchA32BitGuest() {
    VmxMachine m = legacyHost();

    m.launch();

    assertThat(m.failure()).isZero();
    assertThat(m.vmx.inGuest()).isTrue();
  }

  /** Host and guest in 32-bit protected mode with 32-bit paging. */
  private static VmxMachine legacyHost() {
    VmxMachine m = new VmxMachine().protected32();
    m.state.efer = 0;
    m.state.cr3 = m.get(VmcsField.GUEST_CR3);
    m.state.cr4 = CpuState.CR4_PSE | CpuState.CR4_VMXE;
    m.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    m.set(VmcsField.HOST_CR3, m.state.cr3).set(VmcsField.HOST_CR4, m.state.cr4);
    return m.set(
        VmcsField.VM_EXIT_CONTROLS,
        m.get(VmcsField.VM_EXIT_CONTROLS) & ~VmExit.HOST_ADDRESS_SPACE_SIZE);
  }
}
