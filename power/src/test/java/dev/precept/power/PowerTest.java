package dev.precept.power;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The planned cases notice every mutant; without those that a mutant is for, it survives. */
class PowerTest {
  private static final Tables SVM = TableLoader.load("svm").orThrow();

  private static List<Fate> fates(String form, Predicate<PlannedCase> kept) {
    return new Power(SVM, kept).run(each -> each.id().equals(form), id -> {});
  }

  private static List<Fate> survivors(String form, MutantKind kind, Predicate<PlannedCase> kept) {
    return fates(form, kept).stream()
        .filter(fate -> fate.kind() == kind && fate.status() == Fate.Status.SURVIVED)
        .toList();
  }

  private static Predicate<PlannedCase> without(String part) {
    return planned -> !planned.id().contains(part);
  }

  @Test
  void noMutantOfRdtscSurvives() {
    assertThat(fates("rdtsc", planned -> true))
        .isNotEmpty()
        .noneMatch(fate -> fate.status() == Fate.Status.SURVIVED);
  }

  @Test
  void everySortOfMutantIsTried() {
    assertThat(
            new Power(SVM)
                .run(
                    form -> form.id().equals("in.al_dx") || form.id().equals("smsw.mem"), id -> {}))
        .extracting(Fate::kind)
        .contains(MutantKind.values());
  }

  @Test
  void aSwapSurvivesWhereNoCaseArmsBoth() {
    Predicate<PlannedCase> noPairs =
        planned -> planned.second().isEmpty() && !planned.id().contains("mcdc.");

    assertThat(survivors("rdtsc", MutantKind.SWAP, noPairs))
        .extracting(Fate::what)
        .contains("exit.rdtsc before gp.tsd");
  }

  @Test
  void aMissingCheckSurvivesWhereNothingArmsIt() {
    assertThat(survivors("rdtsc", MutantKind.DROP, without("gp.tsd")))
        .extracting(Fate::check)
        .containsOnly("gp.tsd");
  }

  @Test
  void anIgnoredVariableSurvivesWithoutItsClauses() {
    assertThat(survivors("smsw.reg", MutantKind.BLIND, without("mcdc.")))
        .extracting(Fate::check)
        .contains("gp.umip");
  }

  @Test
  void aWrongBitSurvivesWithoutCasesOfSingleBits() {
    Predicate<PlannedCase> noBits =
        planned -> planned.kind() != CaseKind.EXIT_ONLY && planned.kind() != CaseKind.AFTER;
    Predicate<PlannedCase> onlyQuiet = planned -> planned.kind() == CaseKind.RETIRES;

    assertThat(survivors("rdtsc", MutantKind.WRONG_BIT, noBits.and(onlyQuiet))).isNotEmpty();
  }

  @Test
  void aStaleBitSurvivesWhereNoGuestRanBefore() {
    assertThat(survivors("rdtsc", MutantKind.STALE, planned -> planned.kind() != CaseKind.AFTER))
        .isNotEmpty();
  }

  @Test
  void whatNoStateShowsIsProvenEquivalent() {
    assertThat(fates("rdtsc", planned -> true))
        .filteredOn(fate -> fate.kind() == MutantKind.SWAP)
        .filteredOn(fate -> fate.what().equals("gp.tsd before ud.lock"))
        .isEmpty();
    assertThat(fates("cpuid", planned -> true))
        .filteredOn(fate -> fate.kind() == MutantKind.SWAP)
        .isNotEmpty()
        .noneMatch(fate -> fate.status() == Fate.Status.SURVIVED);
  }
}
