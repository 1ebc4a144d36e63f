package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import org.junit.jupiter.api.Test;

/** Nested paging under a host in long mode (APM vol. 2, 15.25). */
class NestedPagingTest {
  private static final long NPT = 0x60000;
  private static final long HOST_PAGES = 0x70000;
  private static final int HOLE = 0x1F;

  /** Host in 64-bit mode; guest-physical 4 KiB pages map one to one but for page HOLE. */
  private static SvmMachine machine(String code) {
    SvmMachine machine = new SvmMachine().code(code);
    machine.memory.write64(HOST_PAGES, HOST_PAGES + 0x1000 | 7);
    machine.memory.write64(HOST_PAGES + 0x1000, HOST_PAGES + 0x2000 | 7);
    machine.memory.write64(HOST_PAGES + 0x2000, 0x87);
    CpuState host = machine.state;
    host.cr3 = HOST_PAGES;
    host.cr4 = CpuState.CR4_PAE;
    host.cr0 |= CpuState.CR0_PG;
    host.efer |= CpuState.EFER_LME | CpuState.EFER_LMA | CpuState.EFER_NXE;
    host.cs.set(0x08, 0xA9B, 0xFFFF_FFFFL, 0);
    machine.memory.write64(NPT, NPT + 0x1000 | 7);
    machine.memory.write64(NPT + 0x1000, NPT + 0x2000 | 7);
    machine.memory.write64(NPT + 0x2000, NPT + 0x3000 | 7);
    for (int page = 0; page < 256; page++) {
      machine.memory.write64(NPT + 0x3000 + 8L * page, page == HOLE ? 0 : page << 12 | 7);
    }
    machine.set64(VmcbLayout.NP_ENABLE, 0x81).set64(VmcbLayout.N_CR3, NPT);
    return machine.set64(VmcbLayout.G_PAT, 0x0007_0406_0007_0406L);
  }

  @Test
  void accessThroughAMissingNestedPageExitsWithItsAddress() {
    SvmMachine machine = machine("8B03");
    machine.state.gpr[3] = 0x1F123;

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(0x400);
    // A user read of a page that is not present, for the final address (bit 32).
    assertThat(machine.info1()).isEqualTo(1L << 32 | 4);
    assertThat(machine.info2()).isEqualTo(0x1F123);
    assertThat(machine.get(VmcbLayout.BYTES_FETCHED, 1)).isEqualTo(15);
  }

  @Test
  void writeToAReadOnlyNestedPageIsAProtectionFault() {
    SvmMachine machine = machine("8903");
    machine.memory.write64(NPT + 0x3000 + 8 * 0x41, 0x41005);
    machine.state.gpr[3] = SvmMachine.DATA;

    machine.run();

    assertThat(machine.info1()).isEqualTo(1L << 32 | 7);
  }

  @Test
  void guestTableWalkIsReportedAsOne() {
    SvmMachine machine = machine("90").long64();
    machine.set64(VmcbLayout.CR3, HOLE << 12);

    machine.run();

    // Guest table accesses count as user writes; bit 33 says table walk.
    assertThat(machine.info1()).isEqualTo(1L << 33 | 6);
    assertThat(machine.info2()).isEqualTo(HOLE << 12);
  }

  @Test
  void remappedPageIsWhatTheGuestReads() {
    SvmMachine machine = machine("8B03");
    machine.memory.write64(NPT + 0x3000 + 8 * 0x40, SvmMachine.DATA | 7);
    machine.memory.write32(SvmMachine.DATA + 8, 0x1234_5678);
    machine.state.gpr[3] = 0x40008;

    machine.run();

    assertThat(machine.state.gpr[0]).isEqualTo(0x1234_5678);
  }

  @Test
  void guestPatIsItsOwn() {
    SvmMachine machine = machine("0F31").intercept(ExitCode.VMEXIT_RDTSC);
    machine.set64(VmcbLayout.G_PAT, 0x0606_0606_0606_0606L);
    long host = machine.state.pat;
    machine.vmrun();
    assertThat(machine.state.pat).isEqualTo(0x0606_0606_0606_0606L);

    machine.cpu.step();

    assertThat(machine.state.pat).isEqualTo(host);
  }

  /** MOV CR3, EBX in PAE mode, with a reserved bit in the last pointer entry. */
  private static SvmMachine illegalPointer(long nested) {
    SvmMachine machine = machine("0F22DB").set64(VmcbLayout.NP_ENABLE, nested);
    long table = 0x50000;
    machine.memory.write64(table, table + 0x1000 | 1);
    machine.memory.write64(table + 0x18, 0x3);
    machine.memory.write64(table + 0x1000, 0xE7);
    machine.memory.write64(table + 0x40, table + 0x1000 | 1);
    machine.set64(VmcbLayout.CR0, 0x8000_0011L).set64(VmcbLayout.CR4, CpuState.CR4_PAE);
    machine.set64(VmcbLayout.CR3, table + 0x40);
    machine.state.gpr[3] = table;
    return machine;
  }

  @Test
  void loadingCr3LooksAtNoPointersUnderNestedPaging() {
    SvmMachine machine = illegalPointer(0x81);

    machine.run();

    assertThat(machine.inGuest()).isTrue();
    assertThat(machine.state.cr3).isEqualTo(0x50000);
  }

  @Test
  void loadingCr3ChecksPointersWithoutIt() {
    SvmMachine machine = illegalPointer(0);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 13);
  }
}
