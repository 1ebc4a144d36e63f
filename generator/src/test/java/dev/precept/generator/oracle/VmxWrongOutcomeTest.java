package dev.precept.generator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Difference;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.Judge;
import dev.precept.cases.Judgement;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An exit of SGDT, observed right through its VMCS, and wrong in one thing at a time. */
class VmxWrongOutcomeTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();

  private final VendorState vendor = VendorState.of(TABLES);
  private final List<MemoryPatch> changes = new ArrayList<>();
  private final SortedMap<Integer, Long> fields = new TreeMap<>();
  private final Set<Register> unseen = EnumSet.noneOf(Register.class);
  private Case testCase;
  private Expectation expectation;
  private MachineState live;

  @BeforeEach
  void observeWhatIsExpected() {
    observe("sgdt.long", "mode=long64 icpt.descriptor_table=1");
  }

  private void observe(String form, String assignment) {
    Setup setup =
        new CaseBuilder(TABLES)
            .setUp(
                TABLES.forms().stream().filter(f -> f.id().equals(form)).findFirst().orElseThrow(),
                Assignment.parse(TABLES, assignment),
                "test");
    testCase = setup.testCase();
    expectation = new Oracle(TABLES).expect(setup);
    Expected expected = expectation.allowed().get(0);
    live = expected.outcome().state().copy();
    fields.clear();
    fields.putAll(testCase.controlBlock().fields());
    for (Field field : TABLES.fields().values()) {
      if (!field.register().isEmpty()) {
        Register register = Register.valueOf(field.register());
        long value = expected.outcome().state().get(register);
        boolean rights = field.name().endsWith("access_rights");
        long saved = value == 0 ? 1 << 16 : (value & 0xFF) | (value & 0xF00) << 4;
        fields.put(field.offset(), rights ? saved : value);
      }
    }
    expected
        .outcome()
        .fields()
        .forEach(
            (name, value) -> {
              if (name.startsWith("host ")) {
                live.set(Register.valueOf(name.substring(5)), value);
              } else if (!name.equals("control field changed")) {
                String field = name.toLowerCase(Locale.ROOT).replace(' ', '_').replace('-', '_');
                put(field, value);
              }
            });
  }

  private int encoding(String field) {
    return TABLES.fields().get(field).offset();
  }

  private void put(String field, long value) {
    fields.put(encoding(field), value);
  }

  private void flip(String field, long bits) {
    fields.merge(encoding(field), bits, (old, wrong) -> old ^ wrong);
  }

  private Judgement judge() {
    Observation seen =
        new Observation(
            "test", OutcomeKind.EXIT, -1, -1, live, new byte[0], fields, unseen, changes, "");
    return Judge.judge(testCase, expectation, vendor.decode(testCase, seen));
  }

  private void assertSeen(String... names) {
    Judgement judgement = judge();
    assertThat(judgement.verdict()).isEqualTo(Verdict.VIOLATION);
    assertThat(judgement.differences())
        .extracting(Difference::name)
        .containsExactlyInAnyOrder(names);
  }

  @Test
  void theRightOutcomeHolds() {
    assertThat(judge().differences()).isEmpty();
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aWrongExitReasonIsSeen() {
    put("exit_reason", 47);
    assertSeen("outcome", "exit reason");
  }

  @Test
  void aReservedBitOfTheExitReasonIsSeen() {
    flip("exit_reason", 1 << 16);
    assertSeen("exit reason");
  }

  @Test
  void aFailedEntryIsNoExit() {
    flip("exit_reason", 1L << 31);
    assertSeen("outcome", "exit reason");
  }

  @Test
  void aWrongQualificationIsSeen() {
    flip("exit_qualification", 1);
    assertSeen("exit qualification");
  }

  @Test
  void aWrongBaseRegisterIsSeen() {
    flip("vm_exit_instruction_information", 1 << 23);
    assertSeen("VM-exit instruction information");
  }

  @Test
  void anUndefinedBitOfTheInstructionInformationIsNotCompared() {
    flip("vm_exit_instruction_information", 1 << 2 | 1 << 11);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aWrongLengthIsSeen() {
    flip("vm_exit_instruction_length", 1);
    assertSeen("VM-exit instruction length");
  }

  @Test
  void anEventThatThereWasNotIsSeen() {
    put("vm_exit_interruption_information", 0x8000_0306L);
    assertSeen("VM-exit interruption information");
  }

  @Test
  void anEventThatWasNotBeingDeliveredIsSeen() {
    put("idt_vectoring_information", 0x8000_0306L);
    assertSeen("IDT-vectoring information");
  }

  @Test
  void anInformationFieldThatIsNotBroughtBackIsMissed() {
    fields.remove(encoding("exit_qualification"));
    assertSeen("exit qualification");
  }

  @Test
  void aChangedControlIsSeen() {
    flip("primary_processor_based_vm_execution_controls", 1 << 7);
    assertSeen("control field changed");
  }

  @Test
  void aChangedHostFieldIsSeen() {
    flip("host_rsp", 8);
    assertSeen("control field changed");
  }

  @Test
  void anAdvancedRipIsSeen() {
    flip("guest_rip", 1);
    assertSeen("RIP");
  }

  @Test
  void aSavedResumeFlagIsSeen() {
    flip("guest_rflags", 1 << 16);
    assertSeen("RFLAGS");
  }

  @Test
  void aWrongSegmentLimitIsSeen() {
    flip("guest_ds_limit", 1);
    assertSeen("DS_LIMIT");
  }

  @Test
  void aWrongGranularityInTheAccessRightsIsSeen() {
    flip("guest_ds_access_rights", 1 << 15);
    assertSeen("DS_ATTR");
  }

  @Test
  void aSegmentThatBecameUnusableIsSeen() {
    flip("guest_es_access_rights", 1 << 16);
    assertSeen("ES_ATTR", "ES_LIMIT");
  }

  @Test
  void aChangedLiveRegisterIsSeen() {
    live.set(Register.RCX, ~live.get(Register.RCX));
    assertSeen("RCX");
  }

  @Test
  void aWrittenCr2IsSeen() {
    live.set(Register.CR2, 0x1234);
    assertSeen("CR2");
  }

  @Test
  void blockingByStiThatWasNotThereIsSeen() {
    flip("guest_interruptibility_state", 1);
    assertSeen("INTERRUPT_SHADOW", "guest interruptibility state");
  }

  @Test
  void aHostThatKeepsTheGuestsTablesIsSeen() {
    live.set(Register.GDTR_BASE, 0x16000);
    assertSeen("host GDTR_BASE");
  }

  @Test
  void aHostThatGoesOnBehindItsEntryIsSeen() {
    live.set(Register.RIP, 0x40003);
    assertSeen("host RIP");
  }

  @Test
  void aHostRegisterThatCannotBeSeenIsNotCompared() {
    live.set(Register.GDTR_BASE, 0x16000);
    unseen.add(Register.GDTR_BASE);
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aChangedMemoryByteIsSeen() {
    changes.add(new MemoryPatch(0x12100, new byte[] {(byte) ~testCase.initialByte(0x12100)}));
    assertSeen("memory 12100h");
  }

  @Test
  void whatTheProcessorKeepsInItsVmcsRegionIsNotCompared() {
    changes.add(new MemoryPatch(0x30008, new byte[] {1, 2, 3}));
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void whatIsSavedOfAnUnusableSegmentIsNotCompared() {
    observe("hlt", "mode=prot32 cpl=3");
    put("guest_gs_access_rights", 0x1_0000);
    assertThat(judge().verdict()).isEqualTo(Verdict.VIOLATION);

    observe("mov_load", "mode=prot32 cpl=3 mem.null=1");
    put("guest_ds_access_rights", 0x1_00F3);
    put("guest_ds_limit", 0x1234);
    put("guest_ds_base", 0x5678);
    assertThat(judge().differences()).isEmpty();
  }

  @Test
  void aSegmentThatIsNoLongerUnusableIsSeen() {
    observe("mov_load", "mode=prot32 cpl=3 mem.null=1");
    put("guest_ds_access_rights", 0);
    assertThat(judge().differences()).extracting(Difference::name).contains("DS_ATTR");
  }

  /** All exceptions share reason 0: the vector tells them apart. */
  @Test
  void anotherExceptionIsAnotherOutcome() {
    observe("hlt", "mode=long64 cpl=3");
    assertThat(judge().verdict()).isEqualTo(Verdict.HOLDS);

    put("vm_exit_interruption_information", 0x8000_0306L);
    assertSeen("outcome", "VM-exit interruption information");
  }

  /** 30.2: what a VMX instruction says in the flags is its outcome. */
  @Test
  void aVmfailForAnotherReasonIsAViolationOfPrecedence() {
    observe("vmclear", "mode=long64 guest=0 vmcs_pointer=vmxon");
    put("vm_instruction_error", 2);

    Observation seen =
        new Observation(
            "test", OutcomeKind.RETIRED, -1, -1, live, new byte[0], fields, unseen, changes, "");
    Judgement judgement = Judge.judge(testCase, expectation, vendor.decode(testCase, seen));
    assertThat(judgement.differences())
        .extracting(Difference::name)
        .containsExactly("outcome", "vm instruction error");
  }

  @Test
  void theRightVmfailHolds() {
    observe("vmclear", "mode=long64 guest=0 vmcs_pointer=vmxon");

    Observation seen =
        new Observation(
            "test", OutcomeKind.RETIRED, -1, -1, live, new byte[0], fields, unseen, changes, "");
    assertThat(vendor.decode(testCase, seen).code()).isEqualTo(3);
    assertThat(Judge.judge(testCase, expectation, vendor.decode(testCase, seen)).verdict())
        .isEqualTo(Verdict.HOLDS);
  }
}
