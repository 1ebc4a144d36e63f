package dev.precept.tables.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Evaluation over partial assignments. */
class CompiledConditionTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");

  private static final StateSpace SMALL =
      Spaces.of(
          Spaces.variable("a", 0, 1),
          Spaces.variable("b", 0, 1, 2, 3),
          Spaces.variable("c", 5, 0, -1),
          Spaces.variable("d", 0, 1),
          Spaces.variable("e", 1));

  /** Too many states for a table, so that the three-valued logic itself is at work. */
  private static final StateSpace LARGE =
      Spaces.of(
          Spaces.variable("a", 0, 1, 2, 3, 4, 5, 6, 7),
          Spaces.variable("b", 0, 1, 2, 3, 5, 8, 13, 21),
          Spaces.variable("c", 5, 0, -1, 1, 2, 3, 4, 6),
          Spaces.variable("d", 0, 1, 2, 4, 8, 16),
          Spaces.variable("e", 1, 2, 3, 0));

  @Test
  void aCertainAnswerHoldsInEveryCompletion() {
    checkSoundness(SMALL, 3_000, 1);
    checkSoundness(LARGE, 400, 2);
  }

  @Test
  void anAnswerIsExactWhereFewCompletionsAreLeft() {
    RandomExpressions expressions = new RandomExpressions(3, NAMES, false);
    Random random = new Random(4);
    for (int i = 0; i < 2_000; i++) {
      CompiledCondition condition = LARGE.compile(expressions.next(4));
      int[] classes = partial(LARGE, random, 3);
      if (completions(condition, LARGE, classes) <= 64) {
        EnumSet<Truth> seen = EnumSet.noneOf(Truth.class);
        complete(condition, LARGE, classes.clone(), 0, seen);
        Truth expected = seen.size() == 1 ? seen.iterator().next() : Truth.UNKNOWN;
        assertThat(condition.evaluate(classes)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aClassIsPossibleExactlyWhereSomeOfFewCompletionsAreAsWanted() {
    RandomExpressions expressions = new RandomExpressions(7, NAMES, false);
    Random random = new Random(8);
    int few = 0;
    for (int i = 0; i < 4_000; i++) {
      CompiledCondition condition = LARGE.compile(expressions.next(5));
      int[] classes = partial(LARGE, random, 2);
      boolean wanted = random.nextBoolean();
      for (int variable : condition.variables()) {
        if (classes[variable] >= 0) {
          continue;
        }
        long domain = (1L << LARGE.domainSize(variable)) - 1;
        long possible = condition.possible(classes, variable, domain, wanted);
        for (int one = 0; one < LARGE.domainSize(variable); one++) {
          int[] with = classes.clone();
          with[variable] = one;
          EnumSet<Truth> seen = EnumSet.noneOf(Truth.class);
          complete(condition, LARGE, with.clone(), 0, seen);
          boolean kept = (possible & 1L << one) != 0;
          boolean can = seen.contains(wanted ? Truth.TRUE : Truth.FALSE);
          if (completions(condition, LARGE, with) <= CompiledCondition.ENUMERATION_LIMIT) {
            assertThat(kept).isEqualTo(can);
            few++;
          } else {
            assertThat(kept || !can).isTrue();
          }
        }
      }
    }
    assertThat(few).isGreaterThan(1_000);
  }

  @Test
  void theAssignmentIsAsBeforeAfterwards() throws Exception {
    CompiledCondition condition = LARGE.compile(ExprParser.parse("a + b + c + d == e * 7"));
    int[] classes = {-1, 1, 2, -1, 0};
    assertThat(condition.evaluate(classes)).isNotNull();
    assertThat(classes).containsExactly(-1, 1, 2, -1, 0);
  }

  @Test
  void holdsAgreesWithTheEvaluator() {
    RandomExpressions expressions = new RandomExpressions(5, NAMES, false);
    Random random = new Random(6);
    for (int i = 0; i < 3_000; i++) {
      Expr expr = expressions.next(5);
      int[] classes = partial(LARGE, random, 0);
      boolean expected =
          Evaluator.holds(
              expr, name -> LARGE.number(LARGE.indexOf(name), classes[LARGE.indexOf(name)]));
      assertThat(LARGE.compile(expr).holds(classes)).isEqualTo(expected);
    }
  }

  @Test
  void itsVariablesAreThoseItDependsOnThroughDefinitions() throws Exception {
    StateSpace space =
        StateSpace.of(
            List.of(
                Spaces.variable("x", 0, 1), Spaces.variable("y", 0, 1), Spaces.variable("z", 0, 1)),
            Spaces.definitions("inner", "z && x", "outer", "inner || x"));
    CompiledCondition condition = space.compile(new Expr.Name("outer"));
    assertThat(condition.variables()).containsExactly(0, 2);
    assertThat(condition.evaluate(new int[] {0, -1, -1})).isEqualTo(Truth.FALSE);
  }

  @Test
  void aTautologyIsTrueWithNothingAssigned() throws Exception {
    assertThat(SMALL.compile(ExprParser.parse("a == 0 || a == 1")).evaluate(SMALL.unassigned()))
        .isEqualTo(Truth.TRUE);
  }

  @Test
  void anUndefinedConditionIsRefused() {
    assertThatThrownBy(() -> SMALL.compile(new Expr.Undefined()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void checkSoundness(StateSpace space, int rounds, long seed) {
    RandomExpressions expressions = new RandomExpressions(seed, NAMES, false);
    Random random = new Random(seed);
    for (int i = 0; i < rounds; i++) {
      CompiledCondition condition = space.compile(expressions.next(5));
      int[] classes = partial(space, random, 2);
      Truth truth = condition.evaluate(classes);
      if (truth != Truth.UNKNOWN) {
        EnumSet<Truth> seen = EnumSet.noneOf(Truth.class);
        complete(condition, space, classes.clone(), 0, seen);
        assertThat(seen).containsExactly(truth);
      }
    }
  }

  /** Each variable unassigned with a chance of {@code tenths} tenths and some. */
  private static int[] partial(StateSpace space, Random random, int tenths) {
    int[] classes = new int[space.size()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = random.nextInt(10) < tenths * 2 ? -1 : random.nextInt(space.domainSize(i));
    }
    return classes;
  }

  private static long completions(CompiledCondition condition, StateSpace space, int[] classes) {
    return Arrays.stream(condition.variables())
        .filter(v -> classes[v] < 0)
        .mapToLong(space::domainSize)
        .reduce(1, (x, y) -> x * y);
  }

  private static void complete(
      CompiledCondition condition, StateSpace space, int[] classes, int from, EnumSet<Truth> seen) {
    if (from == condition.variableCount()) {
      seen.add(condition.holds(classes) ? Truth.TRUE : Truth.FALSE);
      return;
    }
    int variable = condition.variable(from);
    if (classes[variable] >= 0) {
      complete(condition, space, classes, from + 1, seen);
      return;
    }
    for (int c = 0; c < space.domainSize(variable); c++) {
      classes[variable] = c;
      complete(condition, space, classes, from + 1, seen);
    }
    classes[variable] = -1;
  }
}
