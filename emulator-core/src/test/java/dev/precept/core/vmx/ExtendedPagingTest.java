package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Msr;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.VmEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * EPT violations and misconfigurations, EPT accessed and dirty flags (SDM vol. 3C, 28.2, 27.2.1).
 */
class ExtendedPagingTest {
  private static final int VIOLATION = 48, MISCONFIGURATION = 49;

  /** MOV RAX, [RBX] and MOV [RBX], RAX; RBX holds DATA. */
  private static final String LOAD = "488B03", STORE = "488903", ADD = "480103";

  private static final long ACCESSED = 1 << 8, DIRTY = 1 << 9;

  private static VmxMachine guest(String code) {
    VmxMachine m = new VmxMachine().ept().code(code);
    m.state.gpr[3] = VmxMachine.DATA;
    return m;
  }

  /** The same with guest page tables of the guest's own, one page each, that map as the host's. */
  private static VmxMachine withTables(String code) {
    VmxMachine m = guest(code).set(VmcsField.GUEST_CR3, VmxMachine.PAGES);
    // Flags of the tables and of the first 2 MiB set, so that nothing needs to be updated.
    m.memory.write64(VmxMachine.PAGES, VmxMachine.PAGES + 0x1000 | 0x27);
    m.memory.write64(VmxMachine.PAGES + 0x1000, VmxMachine.PAGES + 0x2000 | 0x27);
    m.memory.write64(VmxMachine.PAGES + 0x2000, 0xE7);
    return m;
  }

  private static void rights(VmxMachine m, long address, int rights) {
    long entry = m.memory.read64(m.eptEntry(address));
    m.memory.write64(m.eptEntry(address), (entry & ~7L) | rights);
  }

  private static void accessedAndDirty(VmxMachine m) {
    m.set(VmcsField.EPT_POINTER, VmxMachine.EPT | 6 | 3 << 3 | 1 << 6);
  }

  @ParameterizedTest
  @CsvSource({
    "488B03, 0, 181, read of nothing",
    "488B03, 4, 1A1, read of execute-only",
    "488903, 0, 182, write of nothing",
    "488903, 1, 18A, write of read-only",
    "488903, 5, 1AA, write of read-execute"
  })
  void violationsReportTheAccessAndTheRights(
      String code, int rights, String qualification, String why) {
    VmxMachine m = guest(code);
    rights(m, VmxMachine.DATA, rights);

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(Long.toHexString(m.qualification())).isEqualToIgnoringCase(qualification);
    assertThat(m.get(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(VmxMachine.DATA);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.DATA);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION)).isZero();
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
  }

  @Test
  void aFetchReportsThatItWasOne() {
    VmxMachine m = guest("90");
    rights(m, VmxMachine.GUEST_CODE, 3);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.qualification()).isEqualTo(0x19C);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void rightsAreThoseOfAllLevels() {
    VmxMachine m = withTables(STORE);
    m.memory.write64(VmxMachine.EPT + 0x1000, VmxMachine.EPT + 0x2000 | 5);

    m.run();

    assertThat(m.qualification()).isEqualTo(0x1AA);
  }

  @Test
  void theFirstByteOutOfReachOfAnAccessAcrossPagesIsReported() {
    VmxMachine m = guest(LOAD);
    m.state.gpr[3] = VmxMachine.DATA + 0xFFC;
    rights(m, VmxMachine.DATA + 0x1000, 0);

    m.run();

    assertThat(m.get(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(VmxMachine.DATA + 0x1000);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.DATA + 0x1000);
  }

  @Test
  void faultsOfGuestPagingComeBeforeTheViolation() {
    VmxMachine m = guest(LOAD);
    m.state.gpr[3] = VmxMachine.UNMAPPED;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.PF);
  }

  @Test
  void readingAGuestPageTableIsARead() {
    VmxMachine m = withTables(LOAD);
    rights(m, VmxMachine.PAGES + 0x1000, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    // Bit 8 clear: the address is that of a paging-structure entry.
    assertThat(m.qualification()).isEqualTo(0x81);
    assertThat(m.get(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(VmxMachine.PAGES + 0x1000);
  }

  @Test
  void updatingAGuestAccessedFlagIsAWrite() {
    VmxMachine m = withTables(LOAD);
    rights(m, VmxMachine.PAGES + 0x1000, 5);
    m.launch();
    m.memory.write64(VmxMachine.PAGES + 0x1000, VmxMachine.PAGES + 0x2000 | 7);

    m.cpu.step();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.qualification()).isEqualTo(0xAA);
  }

  @Test
  void updatingAGuestDirtyFlagIsAWrite() {
    VmxMachine m = withTables(STORE);
    m.memory.write64(VmxMachine.PAGES + 0x2000, 0xA7);
    rights(m, VmxMachine.PAGES + 0x2000, 5);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.qualification()).isEqualTo(0xAA);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.DATA);
  }

  @Test
  void withFlagsUpToDateAReadOnlyPageTableWillDo() {
    VmxMachine m = withTables(STORE);
    rights(m, VmxMachine.PAGES, 1);
    rights(m, VmxMachine.PAGES + 0x1000, 1);
    rights(m, VmxMachine.PAGES + 0x2000, 1);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void withEptFlagsAccessesToGuestPageTablesCountAsWrites() {
    VmxMachine m = withTables(LOAD);
    accessedAndDirty(m);
    rights(m, VmxMachine.PAGES + 0x2000, 5);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    // Both bit 0 and bit 1.
    assertThat(m.qualification()).isEqualTo(0xAB);
  }

  @ParameterizedTest
  @CsvSource({"488B03, 100", "488903, 300"})
  void accessedAndDirtyFlagsAreSet(String code, String flags) {
    VmxMachine m = guest(code);
    accessedAndDirty(m);

    m.run();

    assertThat(m.memory.read64(VmxMachine.EPT) & (ACCESSED | DIRTY)).isEqualTo(ACCESSED);
    assertThat(m.memory.read64(VmxMachine.EPT + 0x1000) & ACCESSED).isNotZero();
    assertThat(m.memory.read64(VmxMachine.EPT + 0x2000) & ACCESSED).isNotZero();
    assertThat(m.memory.read64(m.eptEntry(VmxMachine.DATA)) & (ACCESSED | DIRTY))
        .isEqualTo(Long.parseLong(flags, 16));
    assertThat(m.memory.read64(m.eptEntry(VmxMachine.DATA + 0x1000)) & ACCESSED).isZero();
    // Page tables are read as if they were written.
    assertThat(m.memory.read64(m.eptEntry(VmxMachine.PAGES)) & DIRTY).isNotZero();
  }

  @Test
  void withoutTheEnableFlagsAreNotSet() {
    VmxMachine m = guest(STORE);

    m.run();

    assertThat(m.memory.read64(VmxMachine.EPT) & (ACCESSED | DIRTY)).isZero();
    assertThat(m.memory.read64(m.eptEntry(VmxMachine.DATA)) & (ACCESSED | DIRTY)).isZero();
  }

  // Misconfigurations, by the entry at each level

  @ParameterizedTest
  @CsvSource({
    "3, 2, write-only",
    "3, 6, write and execute",
    "3, 17, memory type 2",
    "3, 1F, memory type 3",
    "3, 3F, memory type 7",
    "3, 8000000000037, address too wide",
    "2, 2, write-only",
    "2, F, reserved bit 3",
    "2, 47, reserved bit 6",
    "2, 10B7, address of a 2-MByte page not aligned",
    "1, F, reserved bit 3",
    "1, 2000B7, address of a 1-GByte page not aligned",
    "0, 87, reserved bit 7",
    "0, 27, reserved bit 5"
  })
  void misconfigurations(int level, String value, String why) {
    VmxMachine m = guest(LOAD);
    long bits = Long.parseUnsignedLong(value, 16);
    long at = level == 3 ? m.eptEntry(VmxMachine.DATA) : VmxMachine.EPT + 0x1000L * level;
    boolean leaf = level == 3 || ((bits & 0x80) != 0 && level > 0);
    m.memory.write64(at, bits | (leaf ? 0 : VmxMachine.EPT + 0x1000 * (level + 1L)));
    m.launch();

    m.cpu.step();

    assertThat(m.reason()).isEqualTo(MISCONFIGURATION);
    assertThat(m.qualification()).isZero();
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isZero();
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @ParameterizedTest
  @CsvSource({
    "E07, ignored bits 11:9",
    "FF0000000000007, ignored bits 62:52",
    "87, ignored bit 7",
    "47, ignore PAT",
    "7, uncacheable",
    "27, write-through",
    "2F, write-protected"
  })
  void theseEntriesAreLegal(String value, String why) {
    VmxMachine m = guest(LOAD);
    m.memory.write64(
        m.eptEntry(VmxMachine.DATA), Long.parseLong(value, 16) | (VmxMachine.DATA & ~0xFFFL));

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void ofAnEntryThatIsNotPresentNothingElseIsLookedAt() {
    VmxMachine m = guest(LOAD);
    m.memory.write64(m.eptEntry(VmxMachine.DATA), 0x7FFF_FFFF_FFFF_FFF8L);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
  }

  @Test
  void aMisconfigurationComesBeforeAViolationFurtherUp() {
    VmxMachine m = withTables(STORE);
    m.memory.write64(VmxMachine.EPT + 0x2000, VmxMachine.EPT + 0x3000 | 5);
    m.memory.write64(m.eptEntry(VmxMachine.DATA), (VmxMachine.DATA & ~0xFFFL) | 0x17);

    m.run();

    assertThat(m.reason()).isEqualTo(MISCONFIGURATION);
  }

  @ParameterizedTest
  @CsvSource({"0, true, execute-only", "16, false, 2-MByte pages", "17, false, 1-GByte pages"})
  void whatTheCapabilityDoesNotOfferIsAMisconfiguration(int bit, boolean leaf, String why) {
    long can = CpuModel.intel().vmxCapabilities.eptVpid;
    for (boolean offered : new boolean[] {true, false}) {
      CpuModel model =
          CpuModel.intelBuilder()
              .capability(Msr.VMX_EPT_VPID_CAP, offered ? can | 1L << bit : can & ~(1L << bit))
              .build();
      VmxMachine m = new VmxMachine(model).ept().code(LOAD);
      m.state.gpr[3] = VmxMachine.DATA;
      if (leaf) {
        rights(m, VmxMachine.DATA, 4);
      } else {
        m.memory.write64(VmxMachine.EPT + (bit == 16 ? 0x2000 : 0x1000), 0xB7);
      }

      int result = m.run();

      if (!offered) {
        assertThat(m.reason()).isEqualTo(MISCONFIGURATION);
      } else if (leaf) {
        assertThat(m.reason()).isEqualTo(VIOLATION);
      } else {
        assertThat(result).isEqualTo(StepResult.RETIRED);
      }
    }
  }

  @Test
  void pagesOfTwoMegabytesAndOneGigabyteTranslateTheirOffset() {
    VmxMachine m = guest(LOAD);
    // The guest's second GByte is the first; of its third GByte, the first 2 MBytes are.
    m.memory.write64(VmxMachine.EPT + 0x1008, 0xB7);
    m.memory.write64(VmxMachine.EPT + 0x1010, VmxMachine.EPT + 0x2000 | 7);
    m.memory.write64(VmxMachine.EPT + 0x2000, 0xB7);
    m.memory.write64(VmxMachine.PAGES + 0x1000 + 8, 0x4000_0087L);
    m.memory.write64(VmxMachine.PAGES + 0x1000 + 16, 0x8000_0087L);
    m.memory.write64(VmxMachine.DATA + 0x10, 0x1234);
    m.state.gpr[3] = 0x4000_0010L + VmxMachine.DATA;

    m.run();
    assertThat(m.state.gpr[0]).isEqualTo(0x1234);
    m.state.gpr[0] = 0;
    m.state.gpr[3] = 0x8000_0010L + VmxMachine.DATA;
    m.state.rip = VmxMachine.GUEST_CODE;
    m.cpu.step();

    assertThat(m.state.gpr[0]).isEqualTo(0x1234);
  }

  @Test
  void addressesAreTranslatedPageByPage() {
    VmxMachine m = guest(LOAD);
    m.memory.write64(m.eptEntry(VmxMachine.DATA), 0x6_0037);
    m.memory.write64(0x6_0000, 0xABCD);

    m.run();

    assertThat(m.state.gpr[0]).isEqualTo(0xABCD);
  }

  // What has happened of the instruction, and events being delivered

  @Test
  void nothingOfTheInstructionHasHappened() {
    // PUSHA-like case: POP [RBX] reads the stack, moves RSP, then cannot write.
    VmxMachine m = guest("8F03");
    rights(m, VmxMachine.DATA, 1);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.get(VmcsField.GUEST_RSP)).isEqualTo(VmxMachine.STACK);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @Test
  void aReadModifyWriteIsStoppedBeforeItWritesFlags() {
    VmxMachine m = guest(ADD).set(VmcsField.GUEST_RFLAGS, 0x8D7);
    m.state.gpr[0] = 1;
    rights(m, VmxMachine.DATA, 1);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.get(VmcsField.GUEST_RFLAGS)).isEqualTo(0x1_08D7);
    assertThat(m.qualification() & 2).isNotZero();
  }

  @Test
  void rfIsSavedAsOne() {
    VmxMachine m = guest(LOAD);
    rights(m, VmxMachine.DATA, 0);

    m.run();

    assertThat(m.get(VmcsField.GUEST_RFLAGS)).isEqualTo(0x1_0002);
  }

  @Test
  void aRepeatedInstructionStopsBetweenIterations() {
    VmxMachine m = guest("F3A4");
    m.state.gpr[1] = 4;
    m.state.gpr[6] = VmxMachine.DATA;
    m.state.gpr[7] = VmxMachine.DATA + 0xFFE;
    rights(m, VmxMachine.DATA + 0x1000, 1);
    m.launch();
    while (m.vmx.inGuest()) {
      m.cpu.step();
    }

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.state.gpr[1]).isEqualTo(2);
    assertThat(m.state.gpr[7]).isEqualTo(VmxMachine.DATA + 0x1000);
  }

  @Test
  void aViolationDuringDeliveryReportsTheEvent() {
    VmxMachine m = guest("CD30").gate(0x30).set(VmcsField.EXCEPTION_BITMAP, 0);
    rights(m, VmxMachine.IDT, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(0x8000_0430L);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    // A read of the IDT: linear address and final address.
    assertThat(m.qualification()).isEqualTo(0x181);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isEqualTo(VmxMachine.IDT + 0x300);
  }

  @Test
  void aMisconfigurationDuringDeliveryOfAnExceptionReportsItsErrorCode() {
    VmxMachine m = guest(LOAD).gate(CpuFault.PF).set(VmcsField.EXCEPTION_BITMAP, 0);
    m.state.gpr[3] = VmxMachine.UNMAPPED;
    m.memory.write64(m.eptEntry(VmxMachine.STACK - 8), 2);

    m.run();

    assertThat(m.reason()).isEqualTo(MISCONFIGURATION);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isEqualTo(0x8000_0B0EL);
    assertThat(m.get(VmcsField.IDT_VECTORING_ERROR_CODE)).isZero();
    assertThat(m.get(VmcsField.GUEST_PHYSICAL_ADDRESS) & ~0xFFFL)
        .isEqualTo(VmxMachine.STACK - 0x1000);
    assertThat(m.state.cr2).isEqualTo(VmxMachine.UNMAPPED);
  }

  @Test
  void anIretThatViolatesReportsThatItUnblockedNmis() {
    VmxMachine m =
        guest("48CF")
            .set(VmcsField.GUEST_INTERRUPTIBILITY_STATE, 8)
            .set(VmcsField.GUEST_RSP, VmxMachine.DATA);
    rights(m, VmxMachine.DATA, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.qualification()).isEqualTo(0x1181);
    assertThat(m.get(VmcsField.GUEST_INTERRUPTIBILITY_STATE)).isZero();
  }

  // PAE guests: the page-directory-pointer entries are registers

  private static VmxMachine pae(String code) {
    VmxMachine m = new VmxMachine().ept().protected32().code(code);
    m.noEntryControls(VmEntry.IA32E_MODE_GUEST);
    m.set(VmcsField.GUEST_CR4, CpuState.CR4_VMXE | CpuState.CR4_PAE);
    m.set(VmcsField.GUEST_CR3, VmxMachine.UNMAPPED);
    m.set(VmcsField.GUEST_PDPTE0, VmxMachine.PAGES + 0x2000 | 1);
    m.state.gpr[3] = VmxMachine.DATA;
    return m;
  }

  @Test
  void entryLoadsThePointerEntriesFromTheVmcsAndCr3IsNotReadThrough() {
    VmxMachine m = pae("8B03");
    m.launch();
    m.memory.write32(VmxMachine.DATA, 0x55);

    assertThat(m.cpu.step()).isEqualTo(StepResult.RETIRED);

    assertThat(m.state.gpr[0]).isEqualTo(0x55);
  }

  @Test
  void movToCr3LoadsThePointerEntriesFromGuestPhysicalMemory() {
    VmxMachine m = pae("0F22DB 0FA2");
    m.state.gpr[3] = VmxMachine.DATA + 0x20;
    m.memory.write64(m.eptEntry(VmxMachine.DATA), 0x6_0037);
    m.memory.write64(0x6_0020, VmxMachine.PAGES + 0x2000 | 1);
    m.memory.write64(0x6_0028, 0);
    m.memory.write64(0x6_0030, (VmxMachine.DATA & ~0xFFFL) | 1);
    m.memory.write64(0x6_0038, 0);

    m.run();
    m.cpu.step();

    assertThat(m.reason()).isEqualTo(10);
    assertThat(m.get(VmcsField.GUEST_CR3)).isEqualTo(VmxMachine.DATA + 0x20);
    assertThat(m.get(VmcsField.GUEST_PDPTE0)).isEqualTo(VmxMachine.PAGES + 0x2000 | 1);
    assertThat(m.get(VmcsField.GUEST_PDPTE1)).isZero();
    assertThat(m.get(VmcsField.GUEST_PDPTE2)).isEqualTo((VmxMachine.DATA & ~0xFFFL) | 1);
  }

  @Test
  void movToCr3ThatCannotReadThePointerEntriesViolatesWithoutALinearAddress() {
    VmxMachine m = pae("0F22DB");
    m.state.gpr[3] = VmxMachine.DATA;
    rights(m, VmxMachine.DATA, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.qualification()).isEqualTo(1);
    assertThat(m.get(VmcsField.GUEST_PHYSICAL_ADDRESS)).isEqualTo(VmxMachine.DATA);
    assertThat(m.get(VmcsField.GUEST_LINEAR_ADDRESS)).isZero();
    assertThat(m.get(VmcsField.GUEST_CR3)).isEqualTo(VmxMachine.UNMAPPED);
  }

  @Test
  void loadingThePointerEntriesIsARead() {
    VmxMachine m = pae("0F22DB");
    accessedAndDirty(m);
    m.state.gpr[3] = VmxMachine.DATA + 0x20;
    m.memory.write64(VmxMachine.DATA + 0x20, VmxMachine.PAGES + 0x2000 | 1);
    rights(m, VmxMachine.DATA, 1);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void movToCr3OfIllegalPointerEntriesIsProtected() {
    VmxMachine m = pae("0F22DB");
    m.state.gpr[3] = VmxMachine.DATA + 0x20;
    m.memory.write64(VmxMachine.DATA + 0x20, 3);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @Test
  void withoutEptThePointerEntriesComeFromCr3() {
    VmxMachine m = new VmxMachine().protected32().code("8B03");
    m.set(VmcsField.GUEST_CR4, CpuState.CR4_VMXE | CpuState.CR4_PAE);
    m.set(VmcsField.GUEST_CR3, VmxMachine.DATA + 0x20);
    m.set(VmcsField.GUEST_PDPTE0, 0);
    m.memory.write64(VmxMachine.DATA + 0x20, VmxMachine.PAGES + 0x2000 | 1);
    m.state.gpr[3] = VmxMachine.DATA;

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }
}
