package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.Segment;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.VmEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * VM-entry checks on the guest-state area: VM-entry failure 33, which loads the host state of the
 * VMCS (SDM vol. 3C, 26.3.1, 26.7).
 */
class EntryGuestChecksTest {
  private static final long INVALID_GUEST_STATE = 0x8000_0021L;

  private static long hex(String value) {
    return Long.parseUnsignedLong(value.replace("_", ""), 16);
  }

  private static void assertFails(VmxMachine m, long qualification) {
    assertThat(m.launch()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(INVALID_GUEST_STATE);
    assertThat(m.qualification()).isEqualTo(qualification);
    assertThat(m.vmx.inGuest()).isFalse();
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
    assertThat(m.state.rflags).isEqualTo(2);
  }

  private static void assertFails(VmxMachine m) {
    assertFails(m, 0);
  }

  private static void assertEnters(VmxMachine m) {
    m.launch();

    assertThat(m.vmx.inGuest()).isTrue();
    assertThat(m.state.rip).isEqualTo(m.get(VmcsField.GUEST_RIP));
  }

  private static void assertEnters(VmxMachine m, boolean legal) {
    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "GUEST_CR0, 8000_0030",
    "GUEST_CR0, 8000_0011",
    "GUEST_CR0, 0000_0031",
    "GUEST_CR0, 1_8000_0031",
    "GUEST_CR4, 20",
    "GUEST_CR4, 2000",
    "GUEST_CR4, 8000_2020",
    "GUEST_CR3, 100_0000_0000",
    "GUEST_CR3, 8000_0000_0005_0000",
    "GUEST_DR7, 1_0000_0400",
    "GUEST_IA32_DEBUGCTL, 8000_0000",
    "GUEST_IA32_SYSENTER_ESP, 8000_0000_0000",
    "GUEST_IA32_SYSENTER_EIP, 8000_0000_0000",
    "GUEST_GDTR_BASE, 8000_0000_0000",
    "GUEST_IDTR_BASE, 8000_0000_0000",
    "GUEST_GDTR_LIMIT, 1_0000",
    "GUEST_IDTR_LIMIT, 8000_0000",
    "GUEST_RIP, 1_0000_0000_0000",
    "GUEST_RIP, 8000_0000_0000_0000",
    "GUEST_RFLAGS, 0",
    "GUEST_RFLAGS, A",
    "GUEST_RFLAGS, 22",
    "GUEST_RFLAGS, 8002",
    "GUEST_RFLAGS, 40_0002",
    "GUEST_RFLAGS, 2_0002",
    "GUEST_TR_SELECTOR, 2C",
    "GUEST_SS_SELECTOR, 13",
    "GUEST_TR_BASE, 8000_0000_0000",
    "GUEST_FS_BASE, 8000_0000_0000",
    "GUEST_GS_BASE, 8000_0000_0000",
    "GUEST_CS_BASE, 1_0000_0000",
    "GUEST_SS_BASE, 1_0000_0000",
    "GUEST_DS_BASE, 1_0000_0000",
    "GUEST_ES_BASE, 1_0000_0000",
    "GUEST_CS_ACCESS_RIGHTS, A098",
    "GUEST_CS_ACCESS_RIGHTS, A093",
    "GUEST_CS_ACCESS_RIGHTS, A08B",
    "GUEST_CS_ACCESS_RIGHTS, A0FB",
    "GUEST_CS_ACCESS_RIGHTS, A01B",
    "GUEST_CS_ACCESS_RIGHTS, A19B",
    "GUEST_CS_ACCESS_RIGHTS, E09B",
    "GUEST_CS_ACCESS_RIGHTS, 209B",
    "GUEST_CS_ACCESS_RIGHTS, 2A09B",
    "GUEST_CS_LIMIT, FFFF_F000",
    "GUEST_SS_ACCESS_RIGHTS, C091",
    "GUEST_SS_ACCESS_RIGHTS, C0F3",
    "GUEST_SS_ACCESS_RIGHTS, C083",
    "GUEST_SS_ACCESS_RIGHTS, C013",
    "GUEST_SS_ACCESS_RIGHTS, C893",
    "GUEST_SS_ACCESS_RIGHTS, 4093",
    "GUEST_DS_ACCESS_RIGHTS, C092",
    "GUEST_DS_ACCESS_RIGHTS, C099",
    "GUEST_DS_SELECTOR, 13",
    "GUEST_ES_ACCESS_RIGHTS, C083",
    "GUEST_FS_ACCESS_RIGHTS, C013",
    "GUEST_GS_ACCESS_RIGHTS, C193",
    "GUEST_TR_ACCESS_RIGHTS, 89",
    "GUEST_TR_ACCESS_RIGHTS, 83",
    "GUEST_TR_ACCESS_RIGHTS, 9B",
    "GUEST_TR_ACCESS_RIGHTS, B",
    "GUEST_TR_ACCESS_RIGHTS, 18B",
    "GUEST_TR_ACCESS_RIGHTS, 1008B",
    "GUEST_TR_ACCESS_RIGHTS, 808B",
    "GUEST_TR_LIMIT, 10_0000",
    "GUEST_LDTR_ACCESS_RIGHTS, 83",
    "GUEST_LDTR_ACCESS_RIGHTS, 92",
    "GUEST_LDTR_ACCESS_RIGHTS, 2",
    "GUEST_LDTR_ACCESS_RIGHTS, 282",
    "GUEST_LDTR_ACCESS_RIGHTS, 8082",
    "GUEST_ACTIVITY_STATE, 3",
    "GUEST_ACTIVITY_STATE, 4",
    "GUEST_ACTIVITY_STATE, FFFF_FFFF",
    "GUEST_INTERRUPTIBILITY_STATE, 3",
    "GUEST_INTERRUPTIBILITY_STATE, 1",
    "GUEST_INTERRUPTIBILITY_STATE, 4",
    "GUEST_INTERRUPTIBILITY_STATE, 20",
    "GUEST_PENDING_DEBUG_EXCEPTIONS, 10",
    "GUEST_PENDING_DEBUG_EXCEPTIONS, 2000",
    "GUEST_PENDING_DEBUG_EXCEPTIONS, 8000",
    "GUEST_PENDING_DEBUG_EXCEPTIONS, 1_0000"
  })
  void illegalGuestStateFails(VmcsField field, String value) {
    assertFails(new VmxMachine().set(field, hex(value)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "GUEST_CR0, E000_0031",
    "GUEST_RIP, FFFF_8000_0000_0000",
    "GUEST_RIP, 8000_0000_0000",
    "GUEST_RIP, FFFF_7FFF_FFFF_FFFF",
    "GUEST_RFLAGS, 3F_7FD7",
    "GUEST_SS_ACCESS_RIGHTS, C097",
    "GUEST_DS_ACCESS_RIGHTS, C09B",
    "GUEST_CS_ACCESS_RIGHTS, A099",
    "GUEST_CS_ACCESS_RIGHTS, A09F",
    "GUEST_DS_ACCESS_RIGHTS, 1FFFF",
    "GUEST_SS_ACCESS_RIGHTS, 1008F",
    "GUEST_LDTR_SELECTOR, 4",
    "GUEST_ACTIVITY_STATE, 1",
    "GUEST_ACTIVITY_STATE, 2",
    "GUEST_INTERRUPTIBILITY_STATE, 2",
    "GUEST_INTERRUPTIBILITY_STATE, 8",
    "GUEST_PENDING_DEBUG_EXCEPTIONS, 500F"
  })
  void legalGuestStateEnters(VmcsField field, String value) {
    long bits = hex(value);
    if (field == VmcsField.GUEST_RFLAGS) {
      bits &= ~CpuState.VM;
    }

    assertEnters(new VmxMachine().set(field, bits));
  }

  @Test
  void aRipThatIsNotCanonicalIsEnteredAndFaultsAtItsFetch() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RIP, 1L << 47);
    m.set(VmcsField.EXCEPTION_BITMAP, 1 << CpuFault.GP);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(1L << 47);
  }

  @Test
  void aFailedEntryChangesNothingButReasonAndQualification() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RFLAGS, 0);
    m.set(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION, 0x1234);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, 0x8000_0202L);

    m.launch();

    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION)).isEqualTo(0x1234);
    assertThat(m.get(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION)).isEqualTo(0x8000_0202L);
    assertThat(m.get(VmcsField.GUEST_RFLAGS)).isZero();
    assertThat(VmcsRegion.launched(m.memory, VmxMachine.VMCS)).isFalse();
  }

  @Test
  void debugControlsThatAreNotLoadedAreNotChecked() {
    VmxMachine m = new VmxMachine().noEntryControls(VmEntry.LOAD_DEBUG_CONTROLS);

    assertEnters(m.set(VmcsField.GUEST_DR7, -1L).set(VmcsField.GUEST_IA32_DEBUGCTL, 0x8000_0000L));
  }

  @ParameterizedTest(name = "PAT {0}")
  @CsvSource({"2, false", "3_00, false", "0007_0406_0007_0406, true"})
  void reservedMemoryTypesFailIfPatIsLoaded(String pat, boolean legal) {
    VmxMachine m = new VmxMachine().entryControls(VmEntry.LOAD_IA32_PAT);

    assertEnters(m.set(VmcsField.GUEST_IA32_PAT, hex(pat)), legal);
  }

  @ParameterizedTest(name = "EFER {0}")
  @CsvSource({"500, true", "D01, true", "100, false", "400, false", "0, false", "1500, false"})
  void eferMustAgreeWithTheMode(String efer, boolean legal) {
    VmxMachine m = new VmxMachine().entryControls(VmEntry.LOAD_IA32_EFER);

    assertEnters(m.set(VmcsField.GUEST_IA32_EFER, hex(efer)), legal);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "GUEST_CR4, 2_2010, false", "GUEST_RIP, 1_0000_0000, false",
    "GUEST_TR_ACCESS_RIGHTS, 83, true", "GUEST_CS_ACCESS_RIGHTS, E09B, true"
  })
  void stateOfA32BitGuest(VmcsField field, String value, boolean legal) {
    assertEnters(new VmxMachine().protected32().set(field, hex(value)), legal);
  }

  @Test
  void compatibilityModeHasA32BitInstructionPointer() {
    assertFails(new VmxMachine().compatibility().set(VmcsField.GUEST_RIP, 1L << 32));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "GUEST_DS_BASE, 1_0001",
    "GUEST_SS_LIMIT, 1_0000",
    "GUEST_ES_ACCESS_RIGHTS, C0F3",
    "GUEST_CS_ACCESS_RIGHTS, 93",
    "GUEST_FS_SELECTOR, 1001"
  })
  void virtual8086SegmentsHaveOneFormOnly(VmcsField field, String value) {
    assertFails(new VmxMachine().virtual8086().set(field, hex(value)));
  }

  @Test
  void virtual8086GuestsEnter() {
    assertEnters(new VmxMachine().virtual8086());
  }

  @Test
  void anUnrestrictedGuestMayBeInRealAddressMode() {
    assertEnters(new VmxMachine().realMode());
  }

  @ParameterizedTest(name = "CR0 {0}")
  @CsvSource({"30, true", "31, true", "8000_0030, false", "10, false"})
  void anUnrestrictedGuestIsFreeInPeAndPgOnly(String cr0, boolean legal) {
    assertEnters(new VmxMachine().realMode().set(VmcsField.GUEST_CR0, hex(cr0)), legal);
  }

  @Test
  void withoutUnrestrictedGuestRealAddressModeFails() {
    VmxMachine m = new VmxMachine().realMode();
    m.set(VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS, ProcBased2.ENABLE_EPT);

    assertFails(m);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "GUEST_CS_ACCESS_RIGHTS, 93, true", "GUEST_CS_ACCESS_RIGHTS, F3, false",
    "GUEST_SS_ACCESS_RIGHTS, F3, false", "GUEST_DS_SELECTOR, 3, true",
    "GUEST_SS_SELECTOR, 3, true", "GUEST_RFLAGS, 2_0002, false"
  })
  void segmentsOfAnUnrestrictedGuest(VmcsField field, String value, boolean legal) {
    assertEnters(new VmxMachine().realMode().set(field, hex(value)), legal);
  }

  @ParameterizedTest(name = "event {0}, RFLAGS {1}, interruptibility {2}, virtual NMIs {3}")
  @CsvSource({
    "80000020, 202, 0, false, true",
    "80000020, 2, 0, false, false",
    "80000020, 202, 1, false, false",
    "80000020, 202, 2, false, false",
    "80000202, 2, 2, false, false",
    "80000202, 2, 8, false, true",
    "80000202, 2, 8, true, false",
    "80000202, 2, 0, true, true",
    "80000306, 202, 1, false, true"
  })
  void blockedInterruptsAndNmisAreNotInjected(
      String event, String rflags, int interruptibility, boolean virtualNmis, boolean legal) {
    VmxMachine m = new VmxMachine();
    if (virtualNmis) {
      m.virtualNmis();
    }
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, hex(event));
    m.set(VmcsField.GUEST_RFLAGS, hex(rflags));
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, interruptibility);

    m.launch();

    // A legal event is delivered, or its delivery meets an exception: the IDT is empty.
    assertThat(m.reason()).isEqualTo(legal ? ExitReason.EXCEPTION_OR_NMI : INVALID_GUEST_STATE);
  }

  @ParameterizedTest(name = "activity {0}, event {1}")
  @CsvSource({
    "1, 80000020, true", "1, 80000202, true", "1, 80000301, true", "1, 80000312, true",
    "1, 80000306, false", "1, 80000420, false", "1, 80000501, false", "2, 80000202, true",
    "2, 80000312, true", "2, 80000020, false", "2, 80000301, false"
  })
  void inactiveStatesTakeSomeEventsOnly(int activity, String event, boolean legal) {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_ACTIVITY_STATE, activity);
    m.set(VmcsField.GUEST_RFLAGS, 0x202);
    m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 2);
    m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, hex(event));

    m.launch();

    assertThat(m.reason()).isEqualTo(legal ? ExitReason.EXCEPTION_OR_NMI : INVALID_GUEST_STATE);
  }

  @Test
  void haltNeedsCplZero() {
    assertFails(new VmxMachine().cpl3().set(VmcsField.GUEST_ACTIVITY_STATE, 1));
  }

  @Test
  void inactiveStatesGoWithoutBlockingByMovSs() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_ACTIVITY_STATE, 1);

    assertFails(m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 2));
  }

  @ParameterizedTest(name = "RFLAGS {0}, DEBUGCTL {1}, interruptibility {2}, pending {3}")
  @CsvSource({
    "102, 0, 2, 4000, true", "102, 0, 2, 0, false", "2, 0, 2, 4000, false", "2, 0, 2, 0, true",
    "102, 2, 2, 4000, false", "102, 2, 2, 0, true", "302, 0, 1, 0, false", "302, 0, 1, 4000, true",
    "102, 0, 0, 0, true"
  })
  void pendingSingleStepAgreesWithTheTrapFlagWhereItIsHeldBack(
      String rflags, int debugCtl, int interruptibility, String pending, boolean legal) {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_RFLAGS, hex(rflags));
    m.set(VmcsField.GUEST_IA32_DEBUGCTL, debugCtl);
    m.set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, interruptibility);

    assertEnters(m.set(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS, hex(pending)), legal);
  }

  @ParameterizedTest(name = "link pointer {0}")
  @CsvSource({"B001", "100_0000_0000", "2000", "D000"})
  void illegalLinkPointersFailWithQualificationFour(String pointer) {
    VmxMachine m = new VmxMachine();
    VmcsRegion.format(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);

    assertFails(m.set(VmcsField.VMCS_LINK_POINTER, hex(pointer)), 4);
  }

  @ParameterizedTest(name = "shadowing {0}, shadow VMCS {1}")
  @CsvSource({"false, false, true", "false, true, false", "true, false, false", "true, true, true"})
  void theLinkedVmcsIsAShadowVmcsJustIfShadowingIsOn(
      boolean shadowing, boolean shadow, boolean legal) {
    VmxMachine m = new VmxMachine().set(VmcsField.VMCS_LINK_POINTER, VmxMachine.SHADOW_VMCS);
    if (shadow) {
      VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);
    } else {
      VmcsRegion.format(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);
    }
    if (shadowing) {
      m.proc2(ProcBased2.VMCS_SHADOWING);
    }

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m, 4);
    }
  }

  private static VmxMachine pae(boolean ept) {
    VmxMachine m = new VmxMachine().protected32().set(VmcsField.GUEST_CR4, 0x2020);
    m.set(VmcsField.GUEST_CR3, VmxMachine.PAGES + 0x9000);
    return ept ? m.ept() : m;
  }

  @ParameterizedTest(name = "PDPTE {0}")
  @CsvSource({"1, true", "1E6, true", "3, false", "21, false", "8000_0000_0000_0001, false"})
  void pageDirectoryPointersInMemoryAreChecked(String pointer, boolean legal) {
    VmxMachine m = pae(false);
    m.memory.write64(VmxMachine.PAGES + 0x9000 + 24, hex(pointer));

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m, 2);
    }
  }

  @ParameterizedTest(name = "PDPTE {0}")
  @CsvSource({"1, true", "1E6, true", "3, false", "100_0000_0001, false"})
  void underEptPageDirectoryPointersOfTheVmcsAreChecked(String pointer, boolean legal) {
    VmxMachine m = pae(true);
    m.memory.write64(VmxMachine.PAGES + 0x9000, -1L);
    m.set(VmcsField.GUEST_PDPTE2, hex(pointer));

    if (legal) {
      assertEnters(m);
    } else {
      assertFails(m, 2);
    }
  }

  @Test
  void unusableSegmentsAreNotChecked() {
    VmxMachine m = new VmxMachine();
    for (int s : new int[] {Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      m.segment(s, 3, 0xFFFF_FFFF, 0x123, 0);
    }

    assertEnters(m);
  }
}
