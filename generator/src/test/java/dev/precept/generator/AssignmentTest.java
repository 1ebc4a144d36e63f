package dev.precept.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static final Tables SMALL = SmallTables.tables().load();

  @Test
  void quietClassesAreNotListedButTheModeIs() {
    assertThat(Assignment.of(SMALL, Map.of("a", 0, "b", 1)).text()).isEqualTo("mode=long64 b=1");
  }

  @Test
  void modeAndCplComeFirst() throws Exception {
    Tables svm = TableLoader.load("svm").orThrow();

    assertThat(Assignment.parse(svm, "icpt.rdtsc=1 cr4.tsd=1 cpl=3 mode=prot32").text())
        .isEqualTo("mode=prot32 cpl=3 cr4.tsd=1 icpt.rdtsc=1");
  }

  @Test
  void whatIsWrittenReadsBackAsTheSameAssignment() throws Exception {
    Tables svm = TableLoader.load("svm").orThrow();
    Map<String, Integer> allExits = new HashMap<>();
    svm.exitBits().forEach(bit -> allExits.put(bit, 1));
    allExits.put("icpt.hlt", 0);
    allExits.put("icpt.exc_gp", 0);
    Assignment assignment = Assignment.of(svm, allExits);

    assertThat(Assignment.parse(svm, assignment.text())).isEqualTo(assignment);
  }

  @Test
  void manyExitBitsAreOneWord() throws Exception {
    Tables svm = TableLoader.load("svm").orThrow();
    Map<String, Integer> allExits = new HashMap<>();
    svm.exitBits().forEach(bit -> allExits.put(bit, 1));

    assertThat(Assignment.of(svm, allExits).text()).isEqualTo("mode=long64 icpt.*=1");
  }

  @Test
  void variablesNotListedAreQuiet() {
    assertThat(Assignment.parse(SMALL, "mode=real").value(SMALL, "guest")).isEqualTo(1);
  }

  @Test
  void aVariableThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> Assignment.parse(SMALL, "mode=real e=1"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("'e'");
  }

  @Test
  void aClassThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> Assignment.parse(SMALL, "a=2"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("'a'")
        .hasMessageContaining("'2'");
  }
}
