package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every ordered pair of checks: a case that arms both, or the proof that there can be none. */
final class PairCases {
  private final FormSpace space;
  private final Goals goals;
  private final Claims claims;
  private final FormCases cases;
  private final CheckCases checks;
  private final List<PairStatus> pairs = new ArrayList<>();

  PairCases(FormSpace space, Goals goals, Claims claims, FormCases cases, CheckCases checks) {
    this.space = space;
    this.goals = goals;
    this.claims = claims;
    this.cases = cases;
    this.checks = checks;
  }

  void plan() {
    int count = space.checks().size();
    for (int first = 0; first < count; first++) {
      for (int second = first + 1; second < count; second++) {
        pair(first, second);
      }
    }
  }

  List<PairStatus> statuses() {
    return List.copyOf(pairs);
  }

  private void pair(int first, int second) {
    for (int check : new int[] {first, second}) {
      if (!checks.possible(check)) {
        String why = checks.statuses().get(check).reason();
        status(first, second, PairStatus.Status.IMPOSSIBLE, "", id(check) + " never: " + why);
        return;
      }
    }
    boolean open = space.group(first) == space.group(second) || space.optional(first);
    Optional<int[]> both = space.nearest(space.quiet(), goals.only(first, second));
    if (both.isEmpty()) {
      Optional<String> exclusive = space.exclusive(first, second);
      if (exclusive.isPresent()) {
        status(first, second, PairStatus.Status.IMPOSSIBLE, "", exclusive.get());
        return;
      }
      both =
          space.nearest(
              space.quiet(), open ? goals.openPair(first, second) : goals.pair(first, second));
    }
    if (both.isPresent()) {
      tested(first, second, open, both.get());
      return;
    }
    List<Requirement> armed = List.of(goals.holds(first), goals.holds(second));
    if (space.nearest(space.quiet(), armed).isEmpty()) {
      status(first, second, PairStatus.Status.IMPOSSIBLE, "", space.contradiction(armed));
    } else {
      status(first, second, PairStatus.Status.MASKED, "", checks.maskedBy(first, armed));
    }
  }

  private void tested(int first, int second, boolean open, int[] classes) {
    Check winner = space.checks().get(first);
    Check loser = space.checks().get(second);
    String name = cases.slug(first) + (open ? "~" : ">") + cases.slug(second);
    cases.addAlways(
        new About(
            CaseKind.PAIR,
            name,
            open ? claims.open(winner, loser) : claims.pair(winner, loser),
            winner.id(),
            loser.id(),
            claims.pairReveals(winner, loser)),
        classes);
    String caseId = cases.id(name);
    if (open) {
      String why = "the manual leaves the order open";
      status(first, second, PairStatus.Status.OPEN_TESTED, caseId, why);
    } else if (Labels.alike(winner, loser)) {
      status(first, second, PairStatus.Status.ALIKE_TESTED, caseId, "");
    } else {
      status(first, second, PairStatus.Status.TESTED, caseId, "");
    }
  }

  private void status(
      int first, int second, PairStatus.Status status, String caseId, String reason) {
    pairs.add(
        new PairStatus(
            space.form().id(), space.mode(), id(first), id(second), status, caseId, reason));
  }

  private String id(int check) {
    return space.checks().get(check).id();
  }
}
