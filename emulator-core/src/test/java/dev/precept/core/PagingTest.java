package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Page-fault error codes (APM vol. 2, 8.4.2) and permissions (5.6), one access each. */
class PagingTest {
  private static final long PAGE = 0x60_0000;
  private static final long PDE = TestMachine.TABLES + 0x2000 + 8 * 3;

  /** 64-bit mode with RAX pointing at a page whose page-directory entry has {@code bits}. */
  private static TestMachine page(int cpl, long bits) {
    TestMachine m = TestMachine.long64(cpl);
    m.memory.write64(PDE, PAGE | bits);
    m.state.gpr[0] = PAGE;
    return m;
  }

  private static void faults(TestMachine m, int errorCode) {
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.PF);
    assertThat(m.cpu.lastErrorCode).isEqualTo(errorCode);
    assertThat(m.state.cr2).isEqualTo(PAGE);
  }

  @Test
  void aSupervisorReadOfAnAbsentPageHasErrorCodeZero() {
    faults(page(0, 0x86).code(0x8B, 0x00), 0);
  }

  @Test
  void aSupervisorWriteOfAnAbsentPageSetsW() {
    faults(page(0, 0x86).code(0x89, 0x00), 2);
  }

  @Test
  void aUserReadOfAnAbsentPageSetsU() {
    faults(page(3, 0x86).code(0x8B, 0x00), 4);
  }

  @Test
  void aUserReadOfASupervisorPageSetsPAndU() {
    faults(page(3, 0x83).code(0x8B, 0x00), 5);
  }

  @Test
  void aUserWriteOfAReadOnlyPageSetsPWAndU() {
    faults(page(3, 0x85).code(0x89, 0x00), 7);
  }

  @Test
  void aSupervisorWriteOfAReadOnlyPageFaultsUnderWp() {
    faults(page(0, 0x85).code(0x89, 0x00), 3);
  }

  @Test
  void aSupervisorWriteOfAReadOnlyPageSucceedsWithoutWp() {
    TestMachine m = page(0, 0x85).code(0x89, 0x00);
    m.state.cr0 &= ~CpuState.CR0_WP;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void aReadModifyWriteOfAReadOnlyPageReportsAWrite() {
    faults(page(3, 0x85).code(0x01, 0x00), 7);
  }

  @Test
  void anAddressBitBeyondThePhysicalWidthSetsRsvd() {
    faults(page(0, 0x87 | 1L << 40).code(0x8B, 0x00), 9);
  }

  @Test
  void nxWithoutEferNxeIsReserved() {
    TestMachine m = page(0, 0x87 | 1L << 63).code(0x8B, 0x00);
    m.state.efer &= ~CpuState.EFER_NXE;
    faults(m, 9);
  }

  @Test
  void aFetchFromANoExecutePageSetsPAndI() {
    TestMachine m = page(0, 0x87 | 1L << 63);
    m.state.rip = PAGE;
    faults(m, 0x11);
  }

  @Test
  void aSupervisorFetchFromAUserPageFaultsUnderSmep() {
    TestMachine m = page(0, 0x87);
    m.state.cr4 |= CpuState.CR4_SMEP;
    // Only the page under test is a user page.
    for (int i = 0; i < 3; i++) {
      m.memory.write64(TestMachine.TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x83);
    }
    m.state.rip = PAGE;
    faults(m, 0x11);
  }

  @Test
  void aSupervisorReadOfAUserPageFaultsUnderSmap() {
    TestMachine m = smap().code(0x8B, 0x00);
    faults(m, 1);
  }

  @Test
  void aSupervisorReadOfAUserPageSucceedsUnderSmapWithAc() {
    TestMachine m = smap().code(0x8B, 0x00);
    m.state.rflags |= CpuState.AC;
    assertThat(m.step()).isEqualTo(StepResult.RETIRED);
  }

  private static TestMachine smap() {
    TestMachine m = page(0, 0x87);
    m.state.cr4 |= CpuState.CR4_SMAP;
    for (int i = 0; i < 3; i++) {
      m.memory.write64(TestMachine.TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x83);
    }
    return m;
  }

  @Test
  void aReadSetsAccessedAndNotDirty() {
    TestMachine m = page(0, 0x87).code(0x8B, 0x00);
    m.step();
    assertThat(m.memory.read64(PDE)).isEqualTo(PAGE | 0xA7);
  }

  @Test
  void aWriteSetsAccessedAndDirty() {
    TestMachine m = page(0, 0x87).code(0x89, 0x00);
    m.step();
    assertThat(m.memory.read64(PDE)).isEqualTo(PAGE | 0xE7);
  }

  @Test
  void aNonCanonicalAddressRaisesGpAndNotPf() {
    TestMachine m = TestMachine.long64(0).code(0x8B, 0x00);
    m.state.gpr[0] = 0x8000_0000_0000L;
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
  }

  @Test
  void aNonCanonicalAddressBasedOnRbpRaisesSs() {
    TestMachine m = TestMachine.long64(0).code(0x8B, 0x45, 0x00);
    m.state.gpr[5] = 0x8000_0000_0000L;
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.SS);
  }

  @Test
  void aPageFaultComesBeforeTheAlignmentCheck() {
    TestMachine m = page(3, 0x83).code(0x8B, 0x40, 0x01);
    m.state.cr0 |= CpuState.CR0_AM;
    m.state.rflags |= CpuState.AC;
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.PF);
  }

  @Test
  void aMisalignedUserReadRaisesAc() {
    TestMachine m = page(3, 0x87).code(0x8B, 0x40, 0x01);
    m.state.cr0 |= CpuState.CR0_AM;
    m.state.rflags |= CpuState.AC;
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.AC);
  }

  @Test
  void thirtyTwoBitPagingWithPseMapsFourMegabytes() {
    TestMachine m = TestMachine.protected32(0);
    m.memory.write32(TestMachine.TABLES, 0x87);
    m.memory.write32(TestMachine.TABLES + 4, 0x80_0087);
    m.memory.write32((0xC1_2340 & 0x3F_FFFF) | 0x80_0000, 0xCAFE);
    m.state.cr3 = TestMachine.TABLES;
    m.state.cr4 = CpuState.CR4_PSE;
    m.state.cr0 |= CpuState.CR0_PG;
    m.state.gpr[0] = 0x41_2340;
    m.code(0x8B, 0x08);
    m.step();
    assertThat(m.state.gpr[1]).isEqualTo(0xCAFE);
  }

  @Test
  void paePagingWalksThreeLevels() {
    TestMachine m = TestMachine.protected32(0);
    m.memory.write64(TestMachine.TABLES, TestMachine.TABLES + 0x1001);
    m.memory.write64(TestMachine.TABLES + 0x1000, 0x87);
    m.memory.write64(TestMachine.TABLES + 0x1008, 0x60_0087);
    m.memory.write32(0x60_0040, 0xCAFE);
    m.state.cr3 = TestMachine.TABLES;
    m.state.cr4 = CpuState.CR4_PAE;
    m.state.cr0 |= CpuState.CR0_PG;
    m.state.gpr[0] = 0x20_0040;
    m.code(0x8B, 0x08);
    m.step();
    assertThat(m.state.gpr[1]).isEqualTo(0xCAFE);
  }
}
