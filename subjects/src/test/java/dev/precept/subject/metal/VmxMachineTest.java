package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a guest's end is read from the fields of its VMCS. */
@Timeout(60)
class VmxMachineTest {
  private static final Lane.Patience SHORT =
      new Lane.Patience(Duration.ofSeconds(30), Duration.ofMillis(300));

  private static final int LENGTH = 0x440C;

  private static final List<Integer> FIELDS =
      List.of(
          Vmcs.EXCEPTION_BITMAP,
          Vmcs.SECONDARY,
          Vmcs.EXIT_REASON,
          Vmcs.EXIT_EVENT,
          LENGTH,
          Vmcs.GUEST_PHYSICAL_ADDRESS,
          HandMade.CS_ACCESS,
          Vmcs.CR0,
          HandMade.CS_BASE,
          HandMade.RIP,
          HandMade.RFLAGS);

  /** No control is allowed to be 1 or must be; CR0 and CR4 are as the case has them. */
  private static final String[] PLAIN = {"msr 486 0", "msr 487 ffffffff", "msr 489 ffffffff"};

  /** EPT as the runner's: a secondary control, four levels, write-back, pages of 2 MiB. */
  private static final String[] WITH_EPT = {
    "msr 486 0", "msr 487 ffffffff", "msr 489 ffffffff", "msr 48b 200000000", "msr 48c 14040"
  };

  private static long[] fields(long... fieldsAndValues) {
    long[] pairs = fieldsAndValues.clone();
    for (int i = 0; i < pairs.length; i += 2) {
      pairs[i] = (long) Protocol.KEY_FIELD << 32 | FIELDS.indexOf((int) pairs[i]);
    }
    return pairs;
  }

  private static Observation run(Case testCase, String[] processor, long... fieldsAndValues) {
    FakeEmulator emulator =
        new FakeEmulator(
                one -> new FakeEmulator.Answer(Protocol.END_EXIT, 0, 0, fields(fieldsAndValues)))
            .withVmx(FIELDS, processor);
    List<Observation> seen = new ArrayList<>();
    try (MetalSubject subject = new MetalSubject(emulator, new byte[512], SHORT)) {
      subject.run(List.of(testCase), seen::add);
    }
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  private static Case cpuid(Map<Integer, Long> more) {
    return HandMade.of("cpuid", 0x0F, 0xA2).vmx(more);
  }

  @Test
  void anExitBringsAllFieldsThatTheProcessorHas() {
    Observation seen = run(cpuid(Map.of()), PLAIN, Vmcs.EXIT_REASON, 10, LENGTH, 2);

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.EXIT);
    assertThat(seen.fields()).containsOnlyKeys(FIELDS);
    assertThat(seen.fields()).containsEntry(Vmcs.EXIT_REASON, 10L).containsEntry(LENGTH, 2L);
    assertThat(seen.fields()).containsEntry(HandMade.RIP, 0xFFEL);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(Layout.HOST_EXIT);
    assertThat(seen.unseen()).contains(Register.TR_BASE, Register.CS_ATTR);
  }

  @Test
  void anUndefinedInstructionBehindIsTheEndAndNoExit() {
    Observation seen =
        run(
            cpuid(Map.of()),
            PLAIN,
            Vmcs.EXIT_EVENT,
            0x8000_0306L,
            HandMade.RIP,
            0x1000,
            HandMade.RFLAGS,
            0x1_0002);

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.RIP)).isEqualTo(0x1000);
    assertThat(seen.state().get(Register.RFLAGS)).as("RF is the exit's").isEqualTo(2);
    assertThat(seen.fields()).as("nobody could read them while the guest runs").isEmpty();
  }

  @Test
  void anUndefinedInstructionUnderTestIsAnExit() {
    Observation seen = run(cpuid(Map.of()), PLAIN, Vmcs.EXIT_EVENT, 0x8000_0306L);

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.EXIT);
  }

  @Test
  void whereUndefinedInstructionsDoNotExitTheEndIsAnEptViolation() {
    Observation seen =
        run(
            cpuid(Map.of(Vmcs.EXCEPTION_BITMAP, 0L)),
            WITH_EPT,
            Vmcs.EXIT_REASON,
            48,
            Vmcs.GUEST_PHYSICAL_ADDRESS,
            Layout.SENTINEL,
            HandMade.RIP,
            0x1000);

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
  }

  @Test
  void andWithoutEptTheCaseIsNotApplicable() {
    Observation seen = run(cpuid(Map.of(Vmcs.EXCEPTION_BITMAP, 0L)), PLAIN);

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NOT_APPLICABLE);
    assertThat(seen.remark()).contains("EPT");
  }

  @Test
  void aProcessorWithVmxRunsNoCaseForSvm() {
    Observation seen = run(HandMade.of("nop", 0x90).build(), PLAIN);

    assertThat(seen.kind()).isEqualTo(OutcomeKind.NOT_APPLICABLE);
    assertThat(seen.remark()).contains("no SVM");
  }

  @Test
  void aFieldThatNoExitWritesAndThatChangedIsFoundOneByOne() {
    long field = (long) Protocol.KEY_FIELD << 32 | FIELDS.indexOf(Vmcs.EXCEPTION_BITMAP);
    FakeEmulator emulator =
        new FakeEmulator(
                one ->
                    new FakeEmulator.Answer(
                        Protocol.END_EXIT, 0, 0, fields(Vmcs.EXIT_REASON, 10, LENGTH, 2)))
            .checking(
                group ->
                    group.stream().anyMatch(one -> one.tag() == 2)
                        ? new long[] {field, 0x77}
                        : new long[0])
            .withVmx(FIELDS, PLAIN);
    List<Case> cases = new ArrayList<>();
    for (int tag = 1; tag <= 3; tag++) {
      cases.add(HandMade.of("case " + tag, 0x0F, 0xA2).with(Register.RBX, tag).vmx(Map.of()));
    }
    Map<String, Observation> seen = new HashMap<>();
    try (MetalSubject subject = new MetalSubject(emulator, new byte[512], SHORT)) {
      subject.run(cases, one -> seen.put(one.caseId(), one));
    }

    assertThat(seen.get("case 2").fields()).containsEntry(Vmcs.EXCEPTION_BITMAP, 0x77L);
    assertThat(seen.get("case 1").fields()).doesNotContainEntry(Vmcs.EXCEPTION_BITMAP, 0x77L);
    assertThat(seen.get("case 3").fields()).doesNotContainEntry(Vmcs.EXCEPTION_BITMAP, 0x77L);
  }

  @Test
  void tablesHaveTheLimitsThatAnExitLeaves() {
    FakeEmulator emulator =
        new FakeEmulator(
                one ->
                    new FakeEmulator.Answer(
                        Protocol.END_EXIT,
                        Protocol.MARK_LIMITS,
                        0,
                        fields(Vmcs.EXIT_REASON, 10, LENGTH, 2)))
            .withVmx(FIELDS, PLAIN);
    List<Observation> seen = new ArrayList<>();
    try (MetalSubject subject = new MetalSubject(emulator, new byte[512], SHORT)) {
      subject.run(List.of(cpuid(Map.of())), seen::add);
    }

    assertThat(seen).singleElement().extracting(Observation::kind).isEqualTo(OutcomeKind.EXIT);
    assertThat(seen.get(0).state().get(Register.GDTR_LIMIT)).isEqualTo(0xFFFF);
    assertThat(seen.get(0).state().get(Register.IDTR_LIMIT)).isEqualTo(0xFFFF);
  }

  @Test
  void aRegisterThatTheProcessorDoesNotHaveIsUnseen() {
    String missing = "missing " + Integer.toHexString(Register.XSS.ordinal());

    Observation seen = run(cpuid(Map.of()), new String[] {PLAIN[0], PLAIN[1], PLAIN[2], missing});

    assertThat(seen.unseen()).contains(Register.XSS).doesNotContain(Register.PAT);
  }

  @Test
  void aVmlaunchThatFailsIsTold() {
    FakeEmulator emulator =
        new FakeEmulator(one -> new FakeEmulator.Answer(Protocol.END_ENTRY_FAILED, 0, 7))
            .withVmx(FIELDS, PLAIN);
    List<Observation> seen = new ArrayList<>();
    try (MetalSubject subject = new MetalSubject(emulator, new byte[512], SHORT)) {
      subject.run(List.of(cpuid(Map.of())), seen::add);
    }

    assertThat(seen).singleElement().extracting(Observation::kind).isEqualTo(OutcomeKind.CRASH);
    assertThat(seen.get(0).remark()).contains("VM-instruction error 7");
  }
}
