package dev.precept.subject.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.subject.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded cases, run again. */
class ReplayTest {
  private static final BaseImage FIRST = image("first", 0x11);
  private static final BaseImage SECOND = image("second", 0x22);
  private static final Map<String, BaseImage> IMAGES = Map.of("first", FIRST, "second", SECOND);

  @TempDir private Path folder;

  private static BaseImage image(String name, int fill) {
    byte[] bytes = new byte[(int) (Layout.END - Layout.START)];
    Arrays.fill(bytes, (byte) fill);
    return new BaseImage(name, bytes);
  }

  /** A case of which nothing is as in {@code testCase(0, ...)} where a part is its own. */
  private static Case testCase(String id, int number, BaseImage base) {
    ControlBlock shadow = new ControlBlock(0x13000, Map.of(0x6800, (long) number));
    Map<Integer, Long> fields =
        number % 2 == 0 ? Map.of(0x4402, 10L + number, 0x681E, 7L) : Map.of(0x4402, 10L + number);
    return new Case(
        id,
        "vmx",
        number % 3 == 0 ? List.of() : List.of(new FeatureBit(1, 0, 2, number, true)),
        number % 2 == 0 ? Context.GUEST : Context.HOST,
        new MachineState().set(Register.RAX, -number).set(Register.SMM, number % 2),
        new MachineState().set(Register.CR3, 0x1000L * number),
        base,
        List.of(
            new MemoryPatch(Layout.START + number, new byte[] {1, 2, 3, (byte) number, 5, 6}),
            new MemoryPatch(Layout.START + number + 3, new byte[] {9, 9}),
            new MemoryPatch(Layout.END - 1, new byte[] {(byte) number})),
        new ControlBlock(0x11000, fields, number % 2 == 0 ? Optional.of(shadow) : Optional.empty()),
        number % 2 == 0 ? ControlBlock.NONE : ControlBlock.at(0x12000),
        1 + number,
        new MemoryPatch(0x20000, new byte[] {0x0F, (byte) number}));
  }

  private static List<Case> cases(String form) {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      cases.add(testCase("vmx/" + form + "/real/" + i, i, i % 3 == 1 ? SECOND : FIRST));
    }
    return cases;
  }

  private static Observation retired(Case testCase) {
    return new Observation(
        testCase.id(),
        OutcomeKind.RETIRED,
        -1,
        -1,
        testCase.state(),
        new byte[] {1},
        Collections.emptySortedMap(),
        Set.of(),
        List.of(),
        "");
  }

  /** A subject that does with a case as it is told. */
  private record Told(Function<Case, Observation> what) implements Subject {
    @Override
    public String name() {
      return "told";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      batch.forEach(testCase -> observations.accept(what.apply(testCase)));
    }

    @Override
    public void close() {}
  }

  private void record(List<String> forms) throws IOException {
    Recording recording = new Recording();
    try (Subject subject = recording.of(new Told(ReplayTest::retired))) {
      for (String form : forms) {
        cases(form).forEach(one -> subject.run(List.of(one), seen -> {}));
      }
    }
    recording.save(folder);
  }

  private Replay.Outcome replay(Set<String> forms, Function<Case, Observation> what) {
    return new Replay(folder, IMAGES::get).run(forms, () -> new Told(what), 2);
  }

  @Test
  void casesComeAsTheyWere() throws IOException {
    List<Case> come = Collections.synchronizedList(new ArrayList<>());
    record(List.of("hlt"));

    Replay.Outcome outcome =
        replay(
            Set.of("vmx/hlt"),
            testCase -> {
              come.add(testCase);
              return retired(testCase);
            });

    assertThat(come).isEqualTo(cases("hlt"));
    assertThat(outcome).isEqualTo(new Replay.Outcome(Set.of("vmx/hlt"), 6));
  }

  @Test
  void aFormIsNotTheSameIfOneOfItsCasesIsNot() throws IOException {
    record(List.of("hlt", "cpuid", "rdtsc"));

    Replay.Outcome outcome =
        replay(
            Set.of("vmx/hlt", "vmx/cpuid", "vmx/rdtsc"),
            testCase ->
                testCase.id().equals("vmx/cpuid/real/5")
                    ? Observation.unanswered(testCase.id(), OutcomeKind.CRASH, "it broke")
                    : retired(testCase));

    assertThat(outcome.same()).containsExactlyInAnyOrder("vmx/hlt", "vmx/rdtsc");
  }

  @Test
  void aFormThatComesTwiceIsRunTwice() throws IOException {
    record(List.of("hlt", "cpuid", "hlt"));

    assertThat(replay(Set.of("vmx/hlt"), ReplayTest::retired).cases()).isEqualTo(12);
  }

  @Test
  void aFormWithoutARecordIsNotTheSame() throws IOException {
    record(List.of("hlt"));

    assertThat(replay(Set.of("vmx/hlt", "vmx/cpuid"), ReplayTest::retired).same())
        .containsExactly("vmx/hlt");
  }

  @Test
  void aRecordThatIsCutOffSomewhereIsNotTheSame() throws IOException {
    record(List.of("hlt"));
    Path file = folder.resolve("vmx/hlt.cases");
    byte[] whole = Files.readAllBytes(file);

    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      assertThat(replay(Set.of("vmx/hlt"), ReplayTest::retired).same()).as("%d", length).isEmpty();
    }
  }

  @Test
  void aRecordWithAWrongByteIsNotTheSameOrStillTheSameCases() throws IOException {
    record(List.of("hlt"));
    Path file = folder.resolve("vmx/hlt.cases");
    byte[] whole = Files.readAllBytes(file);

    for (int at = 0; at < whole.length; at++) {
      byte[] wrong = whole.clone();
      wrong[at] ^= 0x10;
      Files.write(file, wrong);

      Replay.Outcome outcome = replay(Set.of("vmx/hlt"), ReplayTest::retired);

      assertThat(outcome.same().isEmpty() || outcome.cases() == 6).as("byte %d", at).isTrue();
    }
  }

  @Test
  void anotherRecordTakesTheOldOnesPlaceAndLeavesOtherForms() throws IOException {
    record(List.of("hlt", "cpuid"));
    Recording again = new Recording();
    try (Subject subject = again.of(new Told(ReplayTest::retired))) {
      subject.run(List.of(cases("hlt").get(0)), seen -> {});
    }
    again.save(folder);

    Replay.Outcome outcome = replay(Set.of("vmx/hlt", "vmx/cpuid"), ReplayTest::retired);

    assertThat(outcome).isEqualTo(new Replay.Outcome(Set.of("vmx/hlt", "vmx/cpuid"), 7));
  }
}
