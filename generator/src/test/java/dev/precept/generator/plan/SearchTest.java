package dev.precept.generator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.SmallTables;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The search against trying everything. */
class SearchTest {
  private static final Tables TABLES = SmallTables.tables().load();
  private static final StateSpace SPACE = StateSpace.of(TABLES);
  private static final String[] NAMES = {"a", "b", "c", "d", "n", "guest"};
  private static final int[] VARIABLES = Arrays.stream(NAMES).mapToInt(SPACE::indexOf).toArray();

  @Test
  void findsAnAnswerExactlyWhereThereIsOneAndTheNearest() {
    Random random = new Random(1);
    int unsatisfiable = 0;
    for (int round = 0; round < 400; round++) {
      List<Requirement> requirements = new ArrayList<>();
      int count = 2 + random.nextInt(6);
      for (int i = 0; i < count; i++) {
        CompiledCondition condition = SPACE.compile(expression(random, 3));
        requirements.add(
            random.nextBoolean() ? Requirement.holds(condition) : Requirement.fails(condition));
      }
      int best = leastDeviation(requirements);

      Optional<int[]> found =
          new Search(SPACE, VARIABLES, List.of())
              .nearest(new Search.Question(SPACE.quiet(), requirements));

      assertThat(found.map(SearchTest::deviation).orElse(-1)).as("round " + round).isEqualTo(best);
      unsatisfiable += best < 0 ? 1 : 0;
    }
    assertThat(unsatisfiable).as("rounds without an answer").isBetween(40, 360);
  }

  @Test
  void aPinnedVariableKeepsItsClass() {
    int a = SPACE.indexOf("a");

    assertThat(
            new Search(SPACE, VARIABLES, List.of())
                .nearest(new Search.Question(SPACE.quiet(), List.of(), a, 1))
                .orElseThrow()[a])
        .isEqualTo(1);
  }

  /** By brute force: -1 if nothing meets the requirements. */
  private static int leastDeviation(List<Requirement> requirements) {
    int best = -1;
    int[] classes = SPACE.quiet();
    int states = 1;
    for (int variable : VARIABLES) {
      states *= SPACE.domainSize(variable);
    }
    for (int state = 0; state < states; state++) {
      int rest = state;
      for (int variable : VARIABLES) {
        classes[variable] = rest % SPACE.domainSize(variable);
        rest /= SPACE.domainSize(variable);
      }
      boolean met = requirements.stream().allMatch(r -> r.condition().holds(classes) == r.wanted());
      if (met && (best < 0 || deviation(classes) < best)) {
        best = deviation(classes);
      }
    }
    return best;
  }

  private static int deviation(int[] classes) {
    int deviation = 0;
    int[] quiet = SPACE.quiet();
    for (int i = 0; i < classes.length; i++) {
      deviation += classes[i] == quiet[i] ? 0 : 1;
    }
    return deviation;
  }

  private static Expr expression(Random random, int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(5);
    return switch (kind) {
      case 1 -> new Expr.Unary("!", expression(random, depth - 1));
      case 2 -> new Expr.Binary("&&", expression(random, depth - 1), expression(random, depth - 1));
      case 3 -> new Expr.Binary("||", expression(random, depth - 1), expression(random, depth - 1));
      case 4 -> new Expr.Binary("<", new Expr.Name("n"), new Expr.Num(random.nextInt(5)));
      default -> new Expr.Name(NAMES[random.nextInt(NAMES.length)]);
    };
  }
}
