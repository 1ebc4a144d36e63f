package dev.precept.generator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.SmallTables;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On small tables whose plan can be worked out by hand. */
class PlannerTest {

  private static Plan plan(SmallTables tables) {
    return new Planner(tables.load()).plan();
  }

  private static PlannedCase planned(Plan plan, String tail) {
    return plan.cases().stream()
        .filter(each -> each.id().equals("svm/i/long64/" + tail))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    tail + " among " + plan.cases().stream().map(PlannedCase::id).toList()));
  }

  private static List<String> tails(Plan plan) {
    return plan.cases().stream()
        .map(each -> each.id().substring("svm/i/long64/".length()))
        .toList();
  }

  private static PairStatus pair(Plan plan, String first, String second) {
    return plan.pairs().stream()
        .filter(each -> each.first().equals(first) && each.second().equals(second))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aPairArmsBothAndNothingElse() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a > gp.b > exit.x"));

    assertThat(planned(plan, "ud.a>exit").assignment().text())
        .isEqualTo("mode=long64 a=1 icpt.x=1");
  }

  @Test
  void theEarlierOfAPairWins() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a > gp.b > exit.x"));

    assertThat(planned(plan, "gp.b>exit").winners()).containsExactly("gp.b");
  }

  @Test
  void withoutAnOrderEitherMayWin() {
    Plan plan = plan(SmallTables.tables().form("i", "{ud.a gp.b} > exit.x"));

    assertThat(planned(plan, "ud.a~gp.b").winners()).containsExactly("ud.a", "gp.b");
    assertThat(pair(plan, "ud.a", "gp.b").status()).isEqualTo(PairStatus.Status.OPEN_TESTED);
  }

  @Test
  void whereACheckMayBeLeftOutTheNextOneMayWin() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a? > gp.b > exit.x"));

    assertThat(planned(plan, "ud.a~gp.b").winners()).containsExactly("ud.a", "gp.b");
    assertThat(pair(plan, "ud.a", "gp.b").status()).isEqualTo(PairStatus.Status.OPEN_TESTED);
  }

  @Test
  void whereOnlyAnOptionalCheckIsArmedTheInstructionMayComplete() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.b > exit.x?"));

    assertThat(planned(plan, "exit").winners()).containsExactly("exit.x", "none");
    assertThat(planned(plan, "gp.b>exit").winners()).containsExactly("gp.b");
  }

  @Test
  void ofChecksWithTheSameOutcomeTheWinnerCannotBeSeen() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a > gp.b > gp.c > exit.x"));

    assertThat(pair(plan, "gp.b", "gp.c").status()).isEqualTo(PairStatus.Status.ALIKE_TESTED);
    assertThat(pair(plan, "ud.a", "gp.b").status()).isEqualTo(PairStatus.Status.TESTED);
  }

  @Test
  void conditionsThatExcludeEachOtherAreAnImpossiblePair() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a > gp.not_a > exit.x"));

    PairStatus pair = pair(plan, "ud.a", "gp.not_a");
    assertThat(pair.status()).isEqualTo(PairStatus.Status.IMPOSSIBLE);
    assertThat(pair.reason()).isEqualTo("the conditions exclude each other");
  }

  @Test
  void aLawThatMakesAPairImpossibleIsTheReason() {
    Plan plan =
        plan(
            SmallTables.tables()
                .law("!(c && d)", "c and d never meet")
                .law("!(a && b)", "a and b share a bit")
                .form("i", "ud.a > gp.b > exit.x"));

    PairStatus pair = pair(plan, "ud.a", "gp.b");
    assertThat(pair.status()).isEqualTo(PairStatus.Status.IMPOSSIBLE);
    assertThat(pair.reason()).isEqualTo("a and b share a bit (common/constraints.csv:3)");
  }

  @Test
  void impossibilityThroughAChainOfLawsIsFound() {
    Plan plan =
        plan(
            SmallTables.tables()
                .law("a -> c", "a needs c")
                .law("c -> d", "c needs d")
                .law("d -> !b", "d forbids b")
                .form("i", "ud.a > gp.b > exit.x"));

    assertThat(pair(plan, "ud.a", "gp.b").reason())
        .isEqualTo(
            "a needs c (common/constraints.csv:2); c needs d (common/constraints.csv:3); "
                + "d forbids b (common/constraints.csv:4)");
  }

  @Test
  void aPairThatAlwaysArmsAnEarlierCheckIsMasked() {
    Plan plan = plan(SmallTables.tables().form("i", "ud.a > gp.ab > exit.x"));

    PairStatus pair = pair(plan, "gp.ab", "exit.x");
    assertThat(pair.status()).isEqualTo(PairStatus.Status.MASKED);
    assertThat(pair.reason()).isEqualTo("ud.a is always armed too");
  }

  @Test
  void laterChecksMayBeArmedWhereTheyCannotBeQuiet() {
    Plan plan =
        plan(
            SmallTables.tables()
                .law("a && b -> c", "a and b bring c about")
                .form("i", "ud.a > gp.b > gp.c > exit.x"));

    assertThat(pair(plan, "ud.a", "gp.b").status()).isEqualTo(PairStatus.Status.TESTED);
    assertThat(planned(plan, "ud.a>gp.b").assignment().text()).isEqualTo("mode=long64 a=1 b=1 c=1");
  }

  @Test
  void everyPairIsAccountedForOnceAFormAndMode() {
    Plan plan =
        plan(
            SmallTables.tables()
                .form("i", "all", "ud.a > gp.not_a > {gp.b gp.ab} > exit.x > exit.y", ""));

    assertThat(plan.pairs()).hasSize(6 * (6 * 5 / 2));
    assertThat(plan.pairs().stream().map(p -> p.mode() + p.first() + p.second()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aFormIsNotPlannedWhereItsBytesMeanSomethingElse() {
    Plan plan = plan(SmallTables.tables().form("i", "prot32 long64", "gp.b > exit.x", ""));

    assertThat(plan.cases().stream().map(each -> each.mode().word()).distinct())
        .containsExactly("prot32", "long64");
  }

  @Test
  void whereItsChecksSayThatItIsInvalidThatIsTested() {
    Plan plan = plan(SmallTables.tables().form("i", "long64", "ud.mode > gp.b > exit.x", ""));

    assertThat(plan.cases().stream().map(PlannedCase::id)).contains("svm/i/v86/ud.mode>exit");
  }

  @Test
  void eachClauseOfAConjunctionIsSwitchedOffAlone() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.ab > exit.x"));

    assertThat(planned(plan, "mcdc.gp.ab.a").assignment().text()).isEqualTo("mode=long64 b=1");
    assertThat(planned(plan, "mcdc.gp.ab.b").assignment().text()).isEqualTo("mode=long64 a=1");
  }

  @Test
  void eachClauseOfADisjunctionIsSwitchedOnAlone() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.a_or_b > exit.x"));

    assertThat(plan.cases())
        .filteredOn(each -> each.winners().equals(List.of("gp.a_or_b")))
        .extracting(each -> each.assignment().text())
        .contains("mode=long64 a=1", "mode=long64 b=1");
  }

  @Test
  void aClauseNamesTheTwoCasesThatDifferInItsVariableAlone() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.ab > exit.x"));

    ClauseStatus clause =
        plan.clauses().stream()
            .filter(each -> each.check().equals("gp.ab") && each.variable().equals("b"))
            .findFirst()
            .orElseThrow();
    assertThat(clause.shown()).isTrue();
    assertThat(planned(plan, tail(clause.on())).assignment().text())
        .isEqualTo("mode=long64 a=1 b=1");
    assertThat(planned(plan, tail(clause.off())).assignment().text()).isEqualTo("mode=long64 a=1");
  }

  @Test
  void aVariableThatALawTiesToAnotherDecidesNothingOnItsOwn() {
    Plan plan =
        plan(SmallTables.tables().law("a -> b", "tied").law("b -> a", "tied").form("i", "gp.ab"));

    assertThat(plan.clauses()).isNotEmpty().noneMatch(ClauseStatus::shown);
  }

  private static String tail(String id) {
    return id.substring(id.lastIndexOf('/') + 1);
  }

  @Test
  void everyValueOfANumberMeetsItsComparison() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.n > exit.x"));

    assertThat(planned(plan, "gp.n").assignment().text()).isEqualTo("mode=long64 d=1 n=2");
    assertThat(planned(plan, "gp.n.at.n=1").winners()).containsExactly(PlannedCase.NONE);
    assertThat(planned(plan, "gp.n.at.n=3").winners()).containsExactly("gp.n");
  }

  @Test
  void valuesThatOnlyVaryComeWithTheExitAndWithCompletion() {
    Plan plan = plan(SmallTables.tables().form("i", "long64", "exit.x", "n"));

    assertThat(tails(plan))
        .contains("exit.vary.n=1", "exit.vary.n=3", "retires.vary.n=1", "retires.vary.n=3");
  }

  @Test
  void outsideAGuestTheExitDoesNotHappen() {
    Plan plan = plan(SmallTables.tables().form("i", "exit.x"));

    PlannedCase host = planned(plan, "host.exit");
    assertThat(host.assignment().text()).isEqualTo("mode=long64 guest=0 icpt.x=1");
    assertThat(host.winners()).containsExactly(PlannedCase.NONE);
  }

  @Test
  void everyOtherExitBitSetExitsNowhere() {
    Plan plan = plan(SmallTables.tables().form("i", "exit.x"));

    PlannedCase others = planned(plan, "others.retires");
    assertThat(others.assignment().text()).isEqualTo("mode=long64 icpt.y=1");
    assertThat(others.winners()).containsExactly(PlannedCase.NONE);
  }

  @Test
  void theExitBitAloneIsEnough() {
    Plan plan = plan(SmallTables.tables().form("i", "exit.x"));

    assertThat(planned(plan, "only.exit").assignment().text())
        .isEqualTo("mode=long64 icpt.exc_gp=0 icpt.x=1");
  }

  @Test
  void aFaultIsAlsoDeliveredWhereItsInterceptIsOff() {
    Plan plan = plan(SmallTables.tables().form("i", "gp.b > exit.x"));

    assertThat(planned(plan, "gp.b.delivered").assignment().text())
        .isEqualTo("mode=long64 b=1 icpt.exc_gp=0");
  }

  @Test
  void aFormWithSeveralExitsNamesThem() {
    Plan plan = plan(SmallTables.tables().form("i", "exit.x > exit.y"));

    assertThat(planned(plan, "exit.x>exit.y").winners()).containsExactly("exit.x");
  }

  @Test
  void oneHotSetsEachForeignBitByItself() {
    Tables tables = SmallTables.tables().form("i", "exit.x").load();
    Planner planner = new Planner(tables);
    PlannedCase hot =
        planner.plan().cases().stream()
            .filter(each -> each.kind() == CaseKind.EXIT_ONE_HOT)
            .findFirst()
            .orElseThrow();

    assertThat(planner.oneHot(hot.form(), hot.mode(), hot.assignment()).toString())
        .isEqualTo("{icpt.y=mode=long64 icpt.exc_gp=0 icpt.y=1, icpt.exc_gp=mode=long64}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void theBuiltInTablesHaveTheSamePlanEveryTimeInWhichStrictPairsAreWonByTheirFirst(String vendor) {
    Tables tables = TableLoader.load(vendor).orThrow();
    Plan one = new Planner(tables).plan();
    Plan other = new Planner(tables).plan();

    assertThat(other.cases()).isEqualTo(one.cases());
    assertThat(other.pairs()).isEqualTo(one.pairs());
    assertThat(one.cases())
        .filteredOn(each -> each.kind() == CaseKind.PAIR)
        .filteredOn(each -> !each.form().order().open(each.first(), each.second()))
        .allSatisfy(each -> assertThat(each.winners()).containsExactly(each.first()));
  }
}
