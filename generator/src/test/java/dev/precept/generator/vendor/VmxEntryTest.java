package dev.precept.generator.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.generator.Assignment;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a real processor could enter the guests of VMX cases. */
class VmxEntryTest {
  /** Forms in which VM entry itself is in question, or loads what others do not. */
  private static final List<String> ALWAYS =
      List.of("vmlaunch.activity", "cpuid.vnmi_inject", "nop.btf", "jmp_near.btf");

  private static final int VMX_MISC = 0x485, ACTIVE_HLT_SHUTDOWN = 7;

  private static final Tables TABLES = TableLoader.load("vmx").orThrow();
  private static final CaseBuilder BUILDER = new CaseBuilder(TABLES);

  /** One form of so many, and of its cases one of so many: all of them take minutes. */
  private static final int FORMS = 5, CASES = 7;

  private static List<String> violations(Case made, ControlBlock block) {
    return block.present()
        ? EntryChecks.violations(
            block.fields(), made.initialByte(Layout.VIRTUAL_APIC + 0x80), states(made))
        : List.of();
  }

  /** Active, and those that IA32_VMX_MISC[8:6] says; HLT and shutdown where the case does not. */
  private static int states(Case made) {
    int states = ACTIVE_HLT_SHUTDOWN;
    for (FeatureBit feature : made.features()) {
      if (feature.register() == FeatureBit.MSR
          && feature.leaf() == VMX_MISC
          && feature.bit() >= 6
          && feature.bit() <= 8) {
        int state = 1 << (feature.bit() - 5);
        states = feature.present() ? states | state : states & ~state;
      }
    }
    return states;
  }

  @Test
  void vmEntrySucceedsOrFailsAsPlannedForTheGuestsOfASampleOfCases() {
    List<InstructionForm> forms = new ArrayList<>();
    for (int i = 0; i < TABLES.forms().size(); i += FORMS) {
      if (!isEntry(TABLES.forms().get(i))) {
        forms.add(TABLES.forms().get(i));
      }
    }
    TABLES.forms().stream()
        .filter(form -> hasEvents(form) || ALWAYS.contains(form.id()))
        .forEach(forms::add);
    List<PlannedCase> cases = new Planner(TABLES).plan(forms::contains).cases();
    List<String> refused = new ArrayList<>();
    for (int i = 0; i < cases.size(); i += CASES) {
      PlannedCase planned = cases.get(i);
      Case made = BUILDER.build(planned.form(), planned.assignment(), planned.id());
      if (planned.winners().stream().anyMatch(winner -> winner.startsWith("invalid."))) {
        if (violations(made, made.controlBlock()).isEmpty()) {
          refused.add(planned.id() + " is to be refused, and would not be");
        }
        continue;
      }
      for (ControlBlock block : List.of(made.controlBlock(), made.priorControlBlock())) {
        violations(made, block).forEach(what -> refused.add(planned.id() + ": " + what));
      }
    }
    assertThat(refused).isEmpty();
  }

  private static boolean hasEvents(InstructionForm form) {
    List<String> checks = form.order().checks();
    return checks.contains("event.injected")
        || checks.contains("window.open")
        || checks.contains("mtf.injected");
  }

  /** Forms that are about entry itself. */
  private static boolean isEntry(InstructionForm form) {
    return form.id().equals("vmlaunch.entry") || form.id().equals("vmlaunch.link");
  }

  @Test
  void vmEntryFailsForTheGuestsOfWhichTheTablesSaySo() {
    List<String> wrong = new ArrayList<>();
    for (PlannedCase planned : new Planner(TABLES).plan(VmxEntryTest::isEntry).cases()) {
      Case made = BUILDER.build(planned.form(), planned.assignment(), planned.id());
      List<String> violations = violations(made, made.controlBlock());
      boolean runs = planned.winners().equals(List.of(PlannedCase.NONE));
      if (runs != violations.isEmpty()) {
        wrong.add(planned.id() + ": " + (runs ? violations : "entered"));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static Case made(String assignment) {
    InstructionForm form =
        TABLES.forms().stream().filter(f -> f.id().equals("rdtsc")).findFirst().orElseThrow();
    return BUILDER.build(form, Assignment.parse(TABLES, assignment), "test");
  }

  /** The checks see what they are there to see. */
  @ParameterizedTest(name = "{0}: field {1} is {2}")
  @CsvSource({
    "long64, 0x4000, 0, pin-based default1",
    "long64, 0x400A, 5, CR3-target count",
    "long64, 0x6800, 0x80000011, CR0.NE",
    "prot32, 0x6800, 0x80010020, CR0.PE and PG",
    "long64, 0x6804, 0x20, 'CR0 63:32, or CR4.VMXE'",
    "long64, 0x2806, 0, EFER.LMA",
    "prot32, 0x4816, 0x409A, CS: type",
    "prot32, 0x4818, 0xC0F3, SS: DPL is not the RPL",
    "prot16, 0x4800, 0x1FFFFF, 'ES: G, limit 31:20'",
    "v86, 0x4800, 0xFFFE, ES: limit or rights in virtual-8086 mode",
    "long64, 0x4822, 0x89, TR: type",
    "long64, 0x681E, 0x800000000000, RIP",
    "prot32, 0x681E, 0x100000000, RIP",
    "long64, 0x6820, 0, RFLAGS reserved bits",
    "long64, 0x0C02, 0, host CS or TR is null",
    "long64, 0x6C16, 0x800000000000, host address 6c16",
    "long64, 0x2800, 0x54000, link pointer without VMCS shadowing",
    "real, 0x401E, 0x2, CR0.PE and PG",
    "real, 0x201A, 0x50006, EPTP page-walk length",
  })
  void aFieldThatEntryRefusesIsSeen(String mode, String field, String value, String what) {
    Case made = made("mode=" + mode + (mode.equals("v86") ? " cpl=3" : ""));
    TreeMap<Integer, Long> fields = new TreeMap<>(made.controlBlock().fields());
    assertThat(EntryChecks.violations(fields, 0, ACTIVE_HLT_SHUTDOWN)).isEmpty();

    fields.put(Integer.decode(field), Long.decode(value));

    assertThat(EntryChecks.violations(fields, 0, ACTIVE_HLT_SHUTDOWN)).contains(what);
  }

  @Test
  void aTprThresholdAboveVtprIsSeen() {
    TreeMap<Integer, Long> fields = new TreeMap<>(made("mode=long64").controlBlock().fields());
    fields.merge(0x4002, 1L << 21, (old, bit) -> old | bit);
    fields.put(0x401C, 3L);

    assertThat(EntryChecks.violations(fields, 0x3F, ACTIVE_HLT_SHUTDOWN)).isEmpty();
    assertThat(EntryChecks.violations(fields, 0x2F, ACTIVE_HLT_SHUTDOWN))
        .containsExactly("TPR threshold above VTPR");
  }
}
