package dev.precept.generator.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.BaseImage;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import dev.precept.generator.Assignment;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import org.junit.jupiter.api.Test;

class BuildersTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();
  private static final CaseBuilder BUILDER = new CaseBuilder(TABLES);

  private final Memory memory =
      new Memory(new BaseImage("empty", new byte[(int) (Layout.END - Layout.START)]));

  private static Setup setUp(String form, String assignment) {
    InstructionForm found =
        TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow();
    return BUILDER.setUp(found, Assignment.parse(TABLES, assignment), "test");
  }

  @Test
  void aFlatCodeDescriptorIsWhatFigure4Shows() {
    long descriptor = Descriptors.segment(0xC9B, 0xFFFF_FFFFL, 0);

    assertThat(descriptor).isEqualTo(0x00CF_9B00_0000_FFFFL);
  }

  @Test
  void aDescriptorSplitsBaseAndByteGranularLimit() {
    long descriptor = Descriptors.segment(0x493, 0x1_2345, 0x89AB_CDEFL);

    assertThat(descriptor).isEqualTo(0x8941_93AB_CDEF_2345L);
  }

  @Test
  void anInterruptGateSplitsItsOffset() {
    assertThat(Descriptors.gate(0xEE, 0x80, 0x0001_2345L)).isEqualTo(0x0001_EE00_0080_2345L);
  }

  @Test
  void aWordAtPort7CrossesIntoTheMapsSecondByte() {
    IoBuilder.mask(memory, Layout.IOPM, 7, 3);

    assertThat(memory.read(Layout.IOPM, 4)).isEqualTo(0x0180);
  }

  @Test
  void theByteBehindPortFFFFIsBit10000hAndDoesNotWrap() {
    IoBuilder.mask(memory, Layout.IOPM, 0xFFFF, 2);

    assertThat(memory.read8(Layout.IOPM + 0x2000)).isEqualTo(1);
    assertThat(memory.read8(Layout.IOPM)).isZero();
  }

  @Test
  void bit6OfTheMaskIsPort0() {
    IoBuilder.mask(memory, Layout.IOPM, 0xFFFF, 0x40);

    assertThat(memory.read8(Layout.IOPM)).isEqualTo(1);
    assertThat(memory.read8(Layout.IOPM + 0x2000)).isZero();
  }

  @Test
  void anMsrsWriteBitIsTheUpperOfItsTwo() {
    MsrBuilder.map(memory, 0xC000_0081L, 2);

    // 800h bytes for the first range, then bit 2 * 81h + 1 = 103h.
    assertThat(memory.read8(Layout.MSRPM + 0x800 + 0x20)).isEqualTo(0x08);
  }

  @Test
  void theLastMsrOfARangeHasTheRangesLastBits() {
    MsrBuilder.map(memory, 0xC001_1FFFL, 3);

    assertThat(memory.read8(Layout.MSRPM + 0x17FF)).isEqualTo(0xC0);
  }

  @Test
  void anMsrOutsideAllRangesHasNoBits() {
    MsrBuilder.map(memory, 0x2000, 3);

    assertThat(memory.patches()).isEmpty();
  }

  @Test
  void aLimitCaseLeavesTheOperandsLastByteOutside() {
    Setup setup = setUp("smsw.mem", "mode=prot32 mem.limit=1");

    long last = setup.operand().offset() + setup.operand().size() - 1;
    assertThat(setup.before().get(Register.DS_LIMIT)).isEqualTo(last - 1);
  }

  @Test
  void aCrossingOperandEndsInTheSecondPage() {
    Setup setup = setUp("smsw.mem", "mode=prot32 mem.cross=1 mem.misaligned=1");

    assertThat(setup.operand().linear()).isEqualTo(Layout.DATA + 0xFFF);
  }

  @Test
  void aCpuidFieldOfSeveralBitsIsAFeatureBitForEach() {
    Setup setup = setUp("vmrun.width", "mode=long64 guest=1");

    int width = 0;
    for (FeatureBit bit : setup.testCase().features()) {
      boolean low = bit.leaf() == 0x8000_0008 && bit.register() == 0 && bit.bit() < 8;
      width |= low && bit.present() ? 1 << bit.bit() : 0;
    }
    assertThat(width).isEqualTo(40);
    assertThat(setup.testCase().features()).filteredOn(bit -> bit.leaf() == 0x8000_0008).hasSize(8);
  }

  @Test
  void anOuterIretFindsAFrameOfTheCasesOwnStateAtCpl0() {
    Setup setup = setUp("cpuid.iret_outer", "mode=prot32 guest=1 cpl=3 preceding=iret_outer");

    MachineState begins = setup.testCase().state();
    assertThat(begins.get(Register.CPL)).isZero();
    assertThat(begins.get(Register.CS_SEL) & 3).isZero();
    assertThat(setup.before().get(Register.CPL)).isEqualTo(3);
    long frame = begins.get(Register.SS_BASE) + begins.get(Register.RSP);
    assertThat(setup.memory().read(frame + 4, 4)).isEqualTo(setup.before().get(Register.CS_SEL));
    assertThat(setup.memory().read(frame + 16, 4)).isEqualTo(setup.before().get(Register.SS_SEL));
  }

  @Test
  void aCasesMemoryIsItsImageWithItsPatches() {
    Setup setup = setUp("smsw.mem", "mode=long64 mem.page=not_present");

    long entry = Layout.PT + 8 * (Layout.DATA >> 12);
    assertThat(setup.testCase().initialByte(entry) & 1).isZero();
  }

  @Test
  void theInstructionStandsAtRip() {
    Setup setup = setUp("rdtsc", "mode=real");

    long at = setup.before().get(Register.CS_BASE) + setup.before().get(Register.RIP);
    assertThat(setup.testCase().code()).isEqualTo(new MemoryPatch(at, new byte[] {0x0F, 0x31}));
  }

  @Test
  void anArmedMwaitRunsItsMonitorFirst() {
    Setup setup = setUp("mwait", "mode=long64 armed=1");

    assertThat(setup.testCase().steps()).isEqualTo(2);
    assertThat(setup.testCase().state().get(Register.RIP))
        .isEqualTo(setup.before().get(Register.RIP) - 3);
  }

  @Test
  void anOperandInTwoPagesIsReadFromBoth() {
    Setup setup =
        setUp("mov_load.cross", "mode=long64 mem.cross=1 mem.misaligned=1 pt.map=elsewhere");

    assertThat(setup.operand().physical(0)).isEqualTo(Layout.DATA + 0xFFF);
    assertThat(setup.operand().physical(1)).isEqualTo(0x26000);
    assertThat(setup.operand().read(setup.memory(), 4)).isEqualTo(0xC3C2C1C0L);
  }

  @Test
  void anAddressInTheLastGibHasItsOwnDirectoryPointer() {
    Setup setup = setUp("mov_load.map", "mode=prot32 cr4.pae=1 pt.map=last_gib");

    assertThat(setup.operand().linear()).isEqualTo(0xC000_0000L + Layout.DATA + 0x100);
    assertThat(setup.operand().physical()).isEqualTo(0x26100);
    assertThat(setup.memory().read(Layout.PAE_PDPT + 3 * 8, 8)).isEqualTo(0x27001);
  }

  @Test
  void nothingIsBuiltWhereNoAddressReaches() {
    assertThatThrownBy(() -> setUp("smsw.mem", "mode=long64 mem.noncanonical=1 addressing=disp"))
        .isInstanceOf(UnbuildableException.class);
  }
}
