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
import java.util.stream.IntStream;
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
      List<Requirement> requirements = requirements(random, 2 + random.nextInt(6));
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
  void lawsHoldInEveryQuestionWhateverIsPinned() {
    Random random = new Random(2);
    int unsatisfiable = 0;
    int questions = 0;
    for (int round = 0; round < 200; round++) {
      List<Requirement> laws = requirements(random, 1 + random.nextInt(5));
      Search search = new Search(SPACE, VARIABLES, laws);
      for (int question = 0; question < 5; question++) {
        List<Requirement> goals = requirements(random, random.nextInt(4));
        int[] pins = pins(random, random.nextInt(4));
        List<Requirement> all = new ArrayList<>(goals);
        all.addAll(laws);
        int best = leastDeviation(all, pins);

        Optional<int[]> found = search.nearest(new Search.Question(SPACE.quiet(), goals, pins));

        assertThat(found.map(SearchTest::deviation).orElse(-1))
            .as("round %d, question %d", round, question)
            .isEqualTo(best);
        unsatisfiable += best < 0 ? 1 : 0;
        questions++;
      }
    }
    assertThat(unsatisfiable).isBetween(questions / 10, questions * 9 / 10);
  }

  @Test
  void whatAnEmptyAnswerComesOfHasNoneByItself() {
    Random random = new Random(3);
    int unsatisfiable = 0;
    int fewer = 0;
    for (int round = 0; round < 400; round++) {
      List<Requirement> requirements = requirements(random, 4 + random.nextInt(6));
      Search search = new Search(SPACE, VARIABLES, List.of());
      if (search.nearest(new Search.Question(SPACE.quiet(), requirements)).isPresent()) {
        continue;
      }

      List<Requirement> decisive = List.copyOf(search.decisive());

      assertThat(leastDeviation(decisive)).as("round " + round).isEqualTo(-1);
      unsatisfiable++;
      fewer += decisive.size() < requirements.size() ? 1 : 0;
    }
    assertThat(unsatisfiable).as("rounds without an answer").isBetween(40, 360);
    assertThat(fewer).as("of which something was not needed").isGreaterThan(unsatisfiable / 2);
  }

  /** Pins of {@code count} variables, which are different ones. */
  private static int[] pins(Random random, int count) {
    int first = random.nextInt(VARIABLES.length);
    int[] pins = new int[2 * count];
    for (int i = 0; i < count; i++) {
      int variable = VARIABLES[(first + i) % VARIABLES.length];
      pins[2 * i] = variable;
      pins[2 * i + 1] = random.nextInt(SPACE.domainSize(variable));
    }
    return pins;
  }

  private static List<Requirement> requirements(Random random, int count) {
    List<Requirement> requirements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      CompiledCondition condition = SPACE.compile(expression(random, 3));
      requirements.add(
          random.nextBoolean() ? Requirement.holds(condition) : Requirement.fails(condition));
    }
    return requirements;
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
  private static int leastDeviation(List<Requirement> requirements, int... pins) {
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
      boolean met =
          IntStream.range(0, pins.length / 2).allMatch(i -> classes[pins[2 * i]] == pins[2 * i + 1])
              && requirements.stream().allMatch(r -> r.condition().holds(classes) == r.wanted());
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
