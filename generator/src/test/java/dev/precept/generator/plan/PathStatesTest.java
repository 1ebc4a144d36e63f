package dev.precept.generator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.Assignment;
import dev.precept.generator.SmallTables;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** States drawn from decision paths, where {@code a} implies {@code d}. */
class PathStatesTest {
  private static FormSpace space(String order) {
    Tables tables = SmallTables.tables().law("a -> d", "tied").form("i", order).load();
    return new Planner(tables).space(tables.forms().get(0), Mode.LONG64);
  }

  private interface Check {
    void check(int[] path, int[] state, int number);
  }

  private static int forEach(FormSpace space, Check check) {
    PathStates states = space.pathStates();
    int[] seen = {0};
    space
        .decisionPaths()
        .visit(
            path -> {
              for (int number = 0; number < 8; number++) {
                Optional<Assignment> state = states.state(path, number);
                if (state.isPresent()) {
                  seen[0]++;
                  check.check(path.clone(), space.classes(state.get()), number);
                }
              }
              return true;
            });
    return seen[0];
  }

  @Test
  void everyStateIsLawfulAndOnItsPath() {
    FormSpace space = space("gp.b > gp.n > exit.x");

    int seen =
        forEach(
            space,
            (path, state, number) -> {
              assertThat(space.lawful(state)).isTrue();
              for (int i = 0; i < path.length; i++) {
                assertThat(path[i]).isIn(-1, state[i]);
              }
            });

    assertThat(seen).isPositive();
  }

  @Test
  void whatDecidesNothingIsSeenInEveryClass() {
    FormSpace space = space("gp.b > gp.n > exit.x");
    int number = space.space().indexOf("n");
    Set<Integer> classes = new HashSet<>();

    forEach(
        space,
        (path, state, draw) -> {
          if (path[number] < 0) {
            classes.add(state[number]);
          }
        });

    assertThat(classes).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void theFirstStateOfAPathIsQuietWhereNothingDecides() {
    FormSpace space = space("gp.b > gp.n > exit.x");
    int number = space.space().indexOf("n");

    forEach(
        space,
        (path, state, draw) -> {
          if (draw == 0 && path[number] < 0) {
            assertThat(state[number]).isZero();
          }
        });
  }

  @Test
  void theSamePathGivesTheSameStates() {
    FormSpace space = space("gp.b > gp.n > exit.x");
    PathStates again = space("gp.b > gp.n > exit.x").pathStates();

    forEach(
        space,
        (path, state, draw) ->
            assertThat(space.classes(again.state(path, draw).orElseThrow())).isEqualTo(state));
  }
}
