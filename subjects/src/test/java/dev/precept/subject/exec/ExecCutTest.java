package dev.precept.subject.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Wherever in the conversation a program dies: what it did not say in full is no answer. */
@Timeout(240)
class ExecCutTest {
  private static final int EVERYTHING = 1 << 20;

  @TempDir private Path folder;
  private Programs programs;

  @BeforeEach
  void prepare() {
    programs = new Programs(folder);
  }

  private List<Observation> cut(int bytes) throws Exception {
    Files.deleteIfExists(folder.resolve("said"));
    return programs.run(programs.cut(bytes), "good-1", "good-2");
  }

  /** In each line: within it, before its end and behind it. */
  private static SortedSet<Integer> places(String said) {
    TreeSet<Integer> places = new TreeSet<>();
    for (int end = said.indexOf('\n'); end >= 0; end = said.indexOf('\n', end + 1)) {
      places.addAll(List.of(end - 20, end, end + 1));
    }
    return places;
  }

  @Test
  void aProgramThatDiesAtAnyByteNeverPassesForOneThatAnswered() throws Exception {
    assertThat(cut(EVERYTHING))
        .extracting(Observation::kind)
        .containsExactly(OutcomeKind.RETIRED, OutcomeKind.RETIRED);
    String said = Files.readString(folder.resolve("said"), StandardCharsets.UTF_8);
    int hello = said.indexOf('\n') + 1;
    int answer = said.indexOf('\n', hello) + 1;
    SortedSet<Integer> places = places(said);
    assertThat(places).hasSizeGreaterThan(8);

    List<Integer> unanswered = new ArrayList<>();
    for (int bytes : places.headSet(said.length())) {
      List<Observation> seen;
      try {
        seen = cut(bytes);
      } catch (ExecException e) {
        assertThat(bytes).as(e.getMessage()).isLessThan(hello);
        continue;
      }
      assertThat(seen)
          .as("cut after %d bytes", bytes)
          .extracting(Observation::caseId)
          .containsExactlyInAnyOrder("good-1", "good-2");
      for (Observation one : seen) {
        if (one.kind() == OutcomeKind.RETIRED) {
          assertThat(bytes).as("an answer that was said in full").isGreaterThanOrEqualTo(answer);
        } else {
          assertThat(one.kind()).isIn(OutcomeKind.CRASH, OutcomeKind.NO_ANSWER);
          assertThat(one.remark()).startsWith("the program");
          unanswered.add(bytes);
        }
      }
    }
    assertThat(unanswered).as("places that cost a case").hasSizeGreaterThan(2);
  }
}
