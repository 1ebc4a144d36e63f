package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import dev.precept.core.Msr;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VM-entry checks on VMX controls: VMfailValid with error 7 (SDM vol. 3C, 26.2.1). */
class EntryControlChecksTest {
  private static final int ERROR = 7;

  private static VmxMachine with(VmcsField field, String value) {
    return new VmxMachine().set(field, Long.parseUnsignedLong(value.replace("_", ""), 16));
  }

  private static void assertFails(VmxMachine m) {
    m.launch();

    assertThat(m.failure()).isEqualTo(ERROR);
    assertThat(m.vmx.inGuest()).isFalse();
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_CODE + 6);
  }

  private static void assertEnters(VmxMachine m) {
    m.launch();

    assertThat(m.failure()).isZero();
    assertThat(m.vmx.inGuest()).isTrue();
  }

  @Test
  void theMachineAsItIsEnters() {
    assertEnters(new VmxMachine());
  }

  @ParameterizedTest(name = "{0} bit {1}")
  @CsvSource({
    "PIN_BASED_CONTROLS, 1", "PIN_BASED_CONTROLS, 4",
    "PRIMARY_PROCESSOR_BASED_CONTROLS, 1", "PRIMARY_PROCESSOR_BASED_CONTROLS, 26",
    "VM_EXIT_CONTROLS, 0", "VM_EXIT_CONTROLS, 17",
    "VM_ENTRY_CONTROLS, 0", "VM_ENTRY_CONTROLS, 12"
  })
  void aControlThatMustBeOneMustNotBeZero(VmcsField field, int bit) {
    VmxMachine m = new VmxMachine();

    assertFails(m.set(field, m.get(field) & ~(1L << bit)));
  }

  @ParameterizedTest(name = "{0} bit {1}")
  @CsvSource({
    "PIN_BASED_CONTROLS, 7",
    "PIN_BASED_CONTROLS, 31",
    "PRIMARY_PROCESSOR_BASED_CONTROLS, 0",
    "PRIMARY_PROCESSOR_BASED_CONTROLS, 18",
    "SECONDARY_PROCESSOR_BASED_CONTROLS, 0",
    "SECONDARY_PROCESSOR_BASED_CONTROLS, 31",
    "VM_EXIT_CONTROLS, 12",
    "VM_EXIT_CONTROLS, 31",
    "VM_ENTRY_CONTROLS, 10",
    "VM_ENTRY_CONTROLS, 11",
    "VM_ENTRY_CONTROLS, 31"
  })
  void aControlThatMustBeZeroMustNotBeOne(VmcsField field, int bit) {
    VmxMachine m = new VmxMachine();

    assertFails(m.set(field, m.get(field) | 1L << bit));
  }

  @Test
  void reservedTertiaryControlsMustBeZero() {
    assertFails(new VmxMachine().proc3(1L << 40));
  }

  @Test
  void reservedSecondaryControlsMayBeOneIfTheyAreNotActivated() {
    VmxMachine m = new VmxMachine().proc2(1).noProc(ProcBased.ACTIVATE_SECONDARY_CONTROLS);

    assertEnters(m);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "VM_EXIT_CONTROLS, 2",
    "VM_ENTRY_CONTROLS, 2",
    "PRIMARY_PROCESSOR_BASED_CONTROLS, 15"
  })
  void theTrueCapabilityMsrsFreeSomeDefaultOneControls(VmcsField field, int bit) {
    VmxMachine m = new VmxMachine();

    assertEnters(m.set(field, m.get(field) & ~(1L << bit)));
  }

  @Test
  void withoutTrueCapabilityMsrsDefaultOneControlsMustBeOne() {
    long basic = CpuModel.intel().vmxCapabilities.basic & ~(1L << 55);
    VmxMachine m = new VmxMachine(CpuModel.intelBuilder().capability(Msr.VMX_BASIC, basic).build());

    assertFails(m);
  }

  @ParameterizedTest
  @CsvSource({"4, true", "5, false", "FFFFFFFF, false"})
  void theCr3TargetCountIsFourAtMost(String count, boolean legal) {
    VmxMachine m = with(VmcsField.CR3_TARGET_COUNT, count);

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "IO_BITMAP_A_ADDRESS, 3001", "IO_BITMAP_A_ADDRESS, 100_0000_0000",
    "IO_BITMAP_B_ADDRESS, 4800", "IO_BITMAP_B_ADDRESS, 8000_0000_0000_0000",
    "MSR_BITMAPS_ADDRESS, 5004", "MSR_BITMAPS_ADDRESS, 100_0000_0000",
    "VIRTUAL_APIC_ADDRESS, 6008", "VIRTUAL_APIC_ADDRESS, 100_0000_0000",
    "VMREAD_BITMAP_ADDRESS, C001", "VMREAD_BITMAP_ADDRESS, 100_0000_0000",
    "VMWRITE_BITMAP_ADDRESS, C010", "VMWRITE_BITMAP_ADDRESS, 100_0000_0000",
    "EPTP_LIST_ADDRESS, D001", "EPTP_LIST_ADDRESS, 100_0000_0000",
    "LOW_PASID_DIRECTORY_ADDRESS, 1", "HIGH_PASID_DIRECTORY_ADDRESS, 100_0000_0000"
  })
  void addressesOfPagesAreAlignedAndWithinThePhysicalWidth(VmcsField field, String address) {
    VmxMachine m = with(field, address).ept();
    m.proc(ProcBased.USE_IO_BITMAPS | ProcBased.USE_TPR_SHADOW);
    m.proc2(
        ProcBased2.VMCS_SHADOWING | ProcBased2.ENABLE_VM_FUNCTIONS | ProcBased2.PASID_TRANSLATION);
    m.set(VmcsField.VM_FUNCTION_CONTROLS, 1);

    assertFails(m);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "IO_BITMAP_A_ADDRESS",
    "VIRTUAL_APIC_ADDRESS",
    "VMREAD_BITMAP_ADDRESS",
    "EPTP_LIST_ADDRESS",
    "LOW_PASID_DIRECTORY_ADDRESS",
    "EPT_POINTER",
    "VM_FUNCTION_CONTROLS"
  })
  void fieldsOfFeaturesThatAreOffAreNotChecked(VmcsField field) {
    assertEnters(new VmxMachine().set(field, -1L));
  }

  @ParameterizedTest(name = "threshold {0}, VTPR {1}")
  @CsvSource({"0, 0, true", "5, 0x50, true", "5, 0x4F, false", "16, 0xFF, false"})
  void theTprThresholdIsNotAboveTheVirtualTpr(int threshold, String vtpr, boolean legal) {
    VmxMachine m = new VmxMachine().proc(ProcBased.USE_TPR_SHADOW);
    m.set(VmcsField.TPR_THRESHOLD, threshold);
    m.memory.write32(VmxMachine.VAPIC + 0x80, Integer.decode(vtpr));

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m);
    }
  }

  @Test
  void virtualNmisNeedNmiExiting() {
    assertFails(new VmxMachine().pin(PinBased.VIRTUAL_NMIS));
  }

  @Test
  void nmiWindowExitingNeedsVirtualNmis() {
    assertFails(new VmxMachine().pin(PinBased.NMI_EXITING).proc(ProcBased.NMI_WINDOW_EXITING));
  }

  @Test
  void pageModificationLoggingNeedsEptAndAnAlignedLog() {
    assertFails(new VmxMachine().proc2(ProcBased2.ENABLE_PML));
    VmxMachine m = new VmxMachine().ept().proc2(ProcBased2.ENABLE_PML);

    assertFails(m.set(VmcsField.PML_ADDRESS, VmxMachine.AREA + 8));
  }

  @Test
  void theAreaOfVirtualizationExceptionsIsAligned() {
    VmxMachine m = new VmxMachine().ept().proc2(ProcBased2.EPT_VIOLATION_VE);

    assertFails(m.set(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS, VmxMachine.AREA + 8));
  }

  @Test
  void vpidZeroIsNotForGuests() {
    VmxMachine m = new VmxMachine().proc2(ProcBased2.ENABLE_VPID);

    assertFails(m.set(VmcsField.VIRTUAL_PROCESSOR_IDENTIFIER, 0));
  }

  @Test
  void theTscMultiplierIsNotZero() {
    VmxMachine m = new VmxMachine().proc2(ProcBased2.USE_TSC_SCALING);

    assertFails(m.set(VmcsField.TSC_MULTIPLIER, 0));
  }

  @ParameterizedTest(name = "EPTP {0}")
  @CsvSource({"7018", "701E", "705E"})
  void theseEptPointersAreLegal(String pointer) {
    assertEnters(with(VmcsField.EPT_POINTER, pointer).ept());
  }

  @ParameterizedTest(name = "EPTP {0}")
  @CsvSource({"7019", "701F", "7016", "7026", "709E", "781E", "100_0000_701E"})
  void theseEptPointersAreIllegal(String pointer) {
    assertFails(with(VmcsField.EPT_POINTER, pointer).ept());
  }

  @ParameterizedTest(name = "bit {0}, EPTP bits {1}")
  @CsvSource({"21, 40", "23, 80"})
  void aBitOfTheEptPointerIsLegalWhereTheProcessorHasWhatItEnables(int bit, String set) {
    long can = CpuModel.intel().vmxCapabilities.eptVpid;
    for (boolean offered : new boolean[] {true, false}) {
      CpuModel model =
          CpuModel.intelBuilder()
              .capability(Msr.VMX_EPT_VPID_CAP, offered ? can | 1L << bit : can & ~(1L << bit))
              .build();
      VmxMachine m = new VmxMachine(model);
      m.set(VmcsField.EPT_POINTER, 0x701E | Long.parseLong(set, 16)).ept();

      if (offered) {
        assertEnters(m);
      } else {
        assertFails(m);
      }
    }
  }

  @Test
  void anUnrestrictedGuestNeedsEpt() {
    assertFails(new VmxMachine().proc2(ProcBased2.UNRESTRICTED_GUEST));
  }

  @ParameterizedTest(name = "functions {0}, EPT {1}")
  @CsvSource({"0, false, true", "1, true, true", "1, false, false", "2, true, false"})
  void onlyEptpSwitchingIsAFunctionAndItNeedsEpt(String functions, boolean ept, boolean legal) {
    VmxMachine m = with(VmcsField.VM_FUNCTION_CONTROLS, functions);
    m.proc2(ProcBased2.ENABLE_VM_FUNCTIONS);
    if (ept) {
      m.ept();
    }

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m);
    }
  }

  @Test
  void savingThePreemptionTimerNeedsTheTimer() {
    assertFails(new VmxMachine().exitControls(VmExit.SAVE_VMX_PREEMPTION_TIMER_VALUE));
  }

  @ParameterizedTest(name = "{0} {1} count {2}")
  @CsvSource({
    "VM_EXIT_MSR_STORE, D008, 1, false",
    "VM_EXIT_MSR_LOAD, D008, 1, false",
    "VM_ENTRY_MSR_LOAD, D008, 1, false",
    "VM_EXIT_MSR_STORE, 100_0000_0000, 1, false",
    "VM_EXIT_MSR_LOAD, FF_FFFF_FFF0, 2, false",
    "VM_ENTRY_MSR_LOAD, FF_FFFF_FFF0, 2, false",
    "VM_EXIT_MSR_LOAD, FF_FFFF_FFF0, 1, true",
    "VM_EXIT_MSR_STORE, D008, 0, true"
  })
  void msrAreasAreAlignedAndWithinThePhysicalWidth(
      String area, String address, int count, boolean legal) {
    VmxMachine m = with(VmcsField.valueOf(area + "_ADDRESS"), address);
    m.set(VmcsField.valueOf(area + "_COUNT"), count);

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "80000100, reserved type",
    "80000203, NMI that is not vector 2",
    "80000320, hardware exception above 31",
    "80000701, other event that is not vector 0",
    "80000B00, error code for an exception that has none",
    "8000030D, no error code for one that has",
    "80000820, error code of an interrupt",
    "80001300, reserved bit 12",
    "C0000300, reserved bit 30"
  })
  void illegalEventsAreNotInjected(String event, String why) {
    assertFails(with(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, event));
  }

  @Test
  void anEventThatIsNotValidIsNotChecked() {
    assertEnters(with(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, "7FFFFFFF"));
  }

  @Test
  void errorCodesHaveSixteenBits() {
    VmxMachine m = with(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, "80000B0D");
    // The latest printings: 31:16 must be 0. Bit 15 of a page fault's is SGX's.
    VmxMachine legal = with(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, "80000B0D");

    assertFails(m.set(VmcsField.VM_ENTRY_EXCEPTION_ERROR_CODE, 0x1_0000));
    assertEnters(legal.gate(0x0D).set(VmcsField.VM_ENTRY_EXCEPTION_ERROR_CODE, 0x8000));
  }

  @ParameterizedTest(name = "type {0}")
  @CsvSource({"80000420", "80000501", "80000603"})
  void injectedInstructionsHaveFifteenBytesAtMost(String event) {
    VmxMachine m = with(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, event);

    assertFails(m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 16));
  }

  @Test
  void injectedInstructionsOfLengthZeroNeedTheCapability() {
    long misc = CpuModel.intel().vmxCapabilities.misc & ~(1L << 30);
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_MISC, misc).build();
    VmxMachine m = new VmxMachine(model);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0420L);

    assertFails(m);
  }

  @Test
  void inRealAddressModeNoEventHasAnErrorCode() {
    VmxMachine m = new VmxMachine().realMode();

    assertFails(m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0B0DL));
  }
}
