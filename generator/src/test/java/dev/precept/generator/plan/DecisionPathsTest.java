package dev.precept.generator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.SmallTables;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts that a form's space is cut into: disjoint, complete, and alike inside. */
class DecisionPathsTest {
  private static FormSpace space(SmallTables small) {
    Tables tables = small.load();
    return new Planner(tables).space(tables.forms().get(0), Mode.LONG64);
  }

  private static List<int[]> paths(FormSpace space) {
    List<int[]> all = new ArrayList<>();
    space.decisionPaths().visit(path -> all.add(path.clone()));
    return all;
  }

  /** Every lawful state, with all classes of every variable that the form speaks of. */
  private static List<int[]> everyState(FormSpace space) {
    List<int[]> all = new ArrayList<>();
    add(space, space.quiet(), 0, all);
    return all;
  }

  private static void add(FormSpace space, int[] classes, int variable, List<int[]> all) {
    StateSpace states = space.space();
    if (variable == states.size()) {
      if (space.lawful(classes)) {
        all.add(classes.clone());
      }
      return;
    }
    int quiet = classes[variable];
    boolean free = space.concerns(variable) && !states.variable(variable).name().equals("mode");
    for (int value = 0; value < states.domainSize(variable); value++) {
      if (free || value == quiet) {
        classes[variable] = value;
        add(space, classes, variable + 1, all);
      }
    }
    classes[variable] = quiet;
  }

  private static boolean agrees(int[] path, int[] state) {
    for (int i = 0; i < path.length; i++) {
      if (path[i] >= 0 && path[i] != state[i]) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ud.a > gp.b > exit.x",
        "ud.a > gp.ab > exit.x > exit.y",
        "{ud.a gp.b} > gp.n > exit.x",
        "gp.a_or_b > exit.x? > gp.n",
        "gp.not_b > ud.a? > exit.x"
      })
  void everyStateIsOnExactlyOnePath(String order) {
    FormSpace space = space(SmallTables.tables().law("a -> d", "tied").form("i", order));
    List<int[]> paths = paths(space);

    assertThat(everyState(space))
        .isNotEmpty()
        .allSatisfy(
            state ->
                assertThat(paths.stream().filter(path -> agrees(path, state)).count())
                    .isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ud.a > gp.b > exit.x", "{ud.a gp.b} > gp.n > exit.x", "ud.a? > gp.b"})
  void onAPathTheSameChecksWin(String order) {
    FormSpace space = space(SmallTables.tables().form("i", order));
    List<int[]> states = everyState(space);

    assertThat(paths(space))
        .allSatisfy(
            path ->
                assertThat(
                        states.stream()
                            .filter(state -> agrees(path, state))
                            .map(space::winners)
                            .distinct())
                    .hasSizeLessThanOrEqualTo(1));
  }

  @Test
  void aVisitorMayStop() {
    List<int[]> seen = new ArrayList<>();
    space(SmallTables.tables().form("i", "ud.a > gp.b > exit.x"))
        .decisionPaths()
        .visit(
            path -> {
              seen.add(path.clone());
              return seen.size() < 2;
            });

    assertThat(seen).hasSize(2);
  }
}
