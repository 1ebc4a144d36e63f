package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Difference;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Judge;
import dev.precept.cases.Judgement;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.cases.Verdict;
import dev.precept.generator.Assignment;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.VendorState;
import dev.precept.tables.Field;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A page fault that exits, observed right, and wrong in one thing at a time. */
class WrongOutcomeTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();

  private final VendorState vendor = VendorState.of(TABLES);
  private final List<MemoryPatch> changes = new ArrayList<>();
  private Case testCase;
  private Expectation expectation;
  private MachineState live;
  private byte[] block;
  private final Set<Register> unseen = EnumSet.noneOf(Register.class);

  /** Guest instruction bytes in the VMCB, behind their number (APM vol. 2, 15.8.4). */
  private static final int BYTES = 0xD1;

  /** V_TPR, and V_IRQ in the byte behind it (APM vol. 2, table B-1). */
  private static final int VIRTUAL_INTERRUPT = 0x60;

  @BeforeEach
  void observeWhatIsExpected() {
    Setup setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream()
                    .filter(f -> f.id().equals("smsw.mem"))
                    .findFirst()
                    .orElseThrow(),
                Assignment.parse(TABLES, "mode=long64 mem.page=not_present icpt.cr0_read=0"),
                "test");
    testCase = setup.testCase();
    expectation = new Oracle(TABLES).expect(setup);
    Expected expected = expectation.allowed().get(0);
    live = expected.outcome().state().copy();
    block = new byte[0x1000];
    for (int i = 0; i < block.length; i++) {
      block[i] = testCase.initialByte(Layout.CONTROL_BLOCK + i);
    }
    for (Field field : TABLES.fields().values()) {
      if (!field.register().isEmpty()) {
        Register register = Register.valueOf(field.register());
        put(field.name(), expected.outcome().state().get(register));
      }
    }
    put("exitcode", expected.outcome().code());
    expected
        .outcome()
        .fields()
        .forEach(
            (name, value) -> {
              if (name.startsWith("host ")) {
                live.set(Register.valueOf(name.substring(5)), value);
              } else if (TABLES.fields().containsKey(name.toLowerCase(Locale.ROOT))) {
                put(name.toLowerCase(Locale.ROOT), value);
              }
            });
    put("bytes_fetched", 15);
    for (int i = 0; i < 15; i++) {
      block[BYTES + i] = testCase.initialByte(testCase.code().address() + i);
    }
  }

  private void put(String field, long value) {
    Field at = TABLES.fields().get(field);
    for (int i = 0; i < Math.min(8, at.width()); i++) {
      block[at.offset() + i] = (byte) (value >>> (8 * i));
    }
  }

  private Judgement judge() {
    Observation seen =
        new Observation(
            "test",
            OutcomeKind.EXIT,
            -1,
            -1,
            live,
            block,
            Collections.emptySortedMap(),
            unseen,
            changes,
            "");
    return Judge.judge(testCase, expectation, vendor.decode(testCase, seen));
  }

  private void assertSeen(String name) {
    Judgement judgement = judge();
    assertThat(judgement.verdict()).isEqualTo(Verdict.VIOLATION);
    assertThat(judgement.differences()).extracting(Difference::name).containsExactly(name);
  }

  @Test
  void aWrongNumberOfFetchedBytesIsSeen() {
    put("bytes_fetched", 14);
    assertSeen("guest instruction bytes 63:0");
  }

  @Test
  void aWrongVirtualTprIsSeen() {
    block[VIRTUAL_INTERRUPT] ^= 8;
    assertSeen("V_IRQ and V_TPR");
  }

  @Test
  void aVirtualInterruptThatIsNoLongerPendingIsSeen() {
    block[VIRTUAL_INTERRUPT + 1] ^= 1;
    assertSeen("V_IRQ and V_TPR");
  }

  @Test
  void aWrongGuestInstructionByteIsSeen() {
    block[BYTES + 14] ^= 1;
    assertSeen("guest instruction bytes 127:64");
  }

  @Test
  void aHostRegisterThatCannotBeSeenIsNotComparedButTheSavedOneIs() {
    unseen.add(Register.CR4);
    live.set(Register.CR4, 0x7777);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
    put("cr4", 0x7777);
    assertSeen("CR4");
  }

  @Test
  void segmentAttributesThatTheProcessorDoesNotObserveAreNotCompared() {
    flip("cs.attrib", ~0x602);
    flip("ss.attrib", ~0x40E);
    flip("ds.attrib", ~0x4EE);
    flip("es.attrib", ~0x4EE);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void eachSegmentAttributeThatTheProcessorObservesIsCompared() {
    assertBitsSeen("cs", 0x602);
    assertBitsSeen("ss", 0x40E);
    assertBitsSeen("ds", 0x4EE);
    assertBitsSeen("es", 0x4EE);
  }

  private void assertBitsSeen(String segment, int bits) {
    for (int bit = 1; bit <= 0x800; bit <<= 1) {
      if ((bits & bit) != 0) {
        flip(segment + ".attrib", bit);
        assertSeen(segment.toUpperCase(Locale.ROOT) + "_ATTR");
        flip(segment + ".attrib", bit);
      }
    }
  }

  private void flip(String field, int bits) {
    Field at = TABLES.fields().get(field);
    block[at.offset()] ^= (byte) bits;
    block[at.offset() + 1] ^= (byte) (bits >> 8 & 0xF);
  }

  @Test
  void guestInterruptMaskBesideTheInterruptShadowIsNotCompared() {
    Field shadow = TABLES.fields().get("interrupt_shadow");
    block[shadow.offset()] ^= 2;
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
    block[shadow.offset()] ^= 1;
    assertSeen("INTERRUPT_SHADOW");
  }

  @Test
  void aBreakpointOfTheHostThatIsNotDisabledIsSeenButNotWhatElseIsInDr7() {
    live.set(Register.DR7, 0xFFFF_2700L);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
    live.set(Register.DR7, 0x480);
    assertSeen("host DR7");
  }

  @Test
  void theResumeFlagThatAnInterceptedFaultSavesIsNotCompared() {
    long saved = expectation.allowed().get(0).outcome().state().get(Register.RFLAGS);
    put("rflags", saved | 0x10000);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
    put("rflags", saved | 0x20000);
    assertSeen("RFLAGS");
  }

  @Test
  void theRightOutcomeHolds() {
    assertThat(judge().differences()).isEmpty();
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aWrongExitCodeIsSeen() {
    put("exitcode", 0x4D);
    assertSeen("outcome");
  }

  @Test
  void aWrongBitOfExitinfo1IsSeen() {
    put("exitinfo1", 0);
    assertSeen("EXITINFO1");
  }

  @Test
  void aWrongFaultAddressIsSeen() {
    put("exitinfo2", Layout.DATA);
    assertSeen("EXITINFO2");
  }

  @Test
  void anEventThatWasNotBeingDeliveredIsSeen() {
    put("exitintinfo", 0x8000_0B0EL);
    assertSeen("EXITINTINFO");
  }

  @Test
  void anAdvancedRipIsSeen() {
    put("rip", live.get(Register.RIP) + 3);
    assertSeen("RIP");
  }

  @Test
  void aChangedSavedRegisterIsSeen() {
    put("cr0", 0);
    assertSeen("CR0");
  }

  @Test
  void aChangedLiveRegisterIsSeen() {
    live.set(Register.R9, 1);
    assertSeen("R9");
  }

  @Test
  void aWrittenCr2IsSeen() {
    put("cr2", Layout.DATA + 0x100);
    assertSeen("CR2");
  }

  @Test
  void aChangedMemoryByteIsSeen() {
    changes.add(new MemoryPatch(Layout.DATA + 0x100, new byte[] {0x55}));
    assertSeen("memory 12100h");
  }

  @Test
  void aChangedInterceptVectorIsSeen() {
    block[0x00C] ^= 1;
    assertSeen("memory 3000Ch");
  }

  @Test
  void aHostLeftInTheGuestsPageTablesIsSeen() {
    live.set(Register.CR3, Layout.PML4);
    assertSeen("host CR3");
  }

  @Test
  void gifLeftSetIsSeen() {
    live.set(Register.GIF, 1);
    assertSeen("host GIF");
  }
}
