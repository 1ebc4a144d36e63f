package dev.precept.subject.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A checksum tells apart whatever can be observed. */
class ObservationDigestTest {
  private static Observation seen(
      OutcomeKind kind,
      int vector,
      long errorCode,
      MachineState state,
      Map<Integer, Long> fields,
      Set<Register> unseen,
      List<MemoryPatch> changes) {
    return new Observation(
        "svm/hlt/real/retires",
        kind,
        vector,
        errorCode,
        state,
        new byte[0x1000],
        new TreeMap<>(fields),
        unseen,
        changes,
        "");
  }

  private static Observation retired(MachineState state) {
    return seen(OutcomeKind.RETIRED, -1, -1, state, Map.of(), Set.of(), List.of());
  }

  private static MemoryPatch patch(long address, int... bytes) {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = (byte) bytes[i];
    }
    return new MemoryPatch(address, all);
  }

  @Test
  void whateverDiffersShows() {
    MachineState none = new MachineState();
    List<Observation> all = new ArrayList<>();
    all.add(retired(none));
    for (int i = 0; i < Register.COUNT; i++) {
      all.add(retired(new MachineState().set(Register.at(i), 1)));
    }
    all.add(seen(OutcomeKind.HALTED, -1, -1, none, Map.of(), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, 13, -1, none, Map.of(), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, -1, 0, none, Map.of(), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(1, 0L), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(1, 2L), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(2, 1L), Set.of(), List.of()));
    all.add(seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(), Set.of(Register.RAX), List.of()));
    all.add(
        seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(), Set.of(), List.of(patch(0x20000, 1))));
    all.add(
        seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(), Set.of(), List.of(patch(0x20001, 1))));
    all.add(
        seen(OutcomeKind.RETIRED, -1, -1, none, Map.of(), Set.of(), List.of(patch(0x20000, 1, 2))));
    all.add(
        seen(
            OutcomeKind.RETIRED,
            -1,
            -1,
            none,
            Map.of(),
            Set.of(),
            List.of(patch(0x20000, 1), patch(0x30000, 2))));
    all.add(Observation.unanswered("svm/hlt/real/retires", OutcomeKind.CRASH, "one reason"));
    all.add(Observation.unanswered("svm/hlt/real/retires", OutcomeKind.CRASH, "another"));
    all.add(Observation.unanswered("svm/hlt/real/exits", OutcomeKind.CRASH, "another"));

    ObservationDigest digest = new ObservationDigest();

    assertThat(all.stream().map(digest::of)).doesNotHaveDuplicates();
  }

  @Test
  void aBitOfTheControlBlockShows() {
    ObservationDigest digest = new ObservationDigest();
    Observation seen = retired(new MachineState());
    long before = digest.of(seen);

    seen.controlBlock()[0xFFF] = 1;

    assertThat(digest.of(seen)).isNotEqualTo(before);
  }

  @Test
  void theSameIsTheSameHoweverLongItIs() {
    Map<Integer, Long> fields = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      fields.put(i, (long) i);
    }
    Observation seen =
        seen(OutcomeKind.EXIT, -1, -1, new MachineState(), fields, Set.of(), List.of());

    assertThat(new ObservationDigest().of(seen)).isEqualTo(new ObservationDigest().of(seen));
  }
}
