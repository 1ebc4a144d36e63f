package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Completion, and each check by itself; what other cases start from. */
final class CheckCases {
  private final FormSpace space;
  private final Goals goals;
  private final Claims claims;
  private final FormCases cases;
  private final List<CheckStatus> statuses = new ArrayList<>();
  private final List<Optional<int[]>> winning = new ArrayList<>();
  private final boolean[] possible;
  private Optional<int[]> retiring = Optional.empty();

  CheckCases(FormSpace space, Goals goals, Claims claims, FormCases cases) {
    this.space = space;
    this.goals = goals;
    this.claims = claims;
    this.cases = cases;
    this.possible = new boolean[space.checks().size()];
  }

  void plan() {
    retires();
    for (int check = 0; check < possible.length; check++) {
      one(check);
    }
  }

  private void retires() {
    retiring = space.nearest(space.quiet(), goals.allQuiet());
    About about =
        About.one(
            CaseKind.RETIRES,
            "retires",
            claims.retires(),
            PlannedCase.NONE,
            claims.retiresReveals());
    retiring.ifPresent(classes -> cases.add(about, classes));
  }

  private void one(int check) {
    Optional<int[]> alone = space.nearest(space.quiet(), goals.only(check));
    Optional<int[]> wins =
        alone.isPresent() ? alone : space.nearest(space.quiet(), goals.winning(check));
    winning.add(wins);
    if (wins.isPresent()) {
      possible[check] = true;
      String slug = cases.slug(check);
      Check it = space.checks().get(check);
      cases.addAlways(
          About.one(CaseKind.ALONE, slug, claims.alone(it), it.id(), claims.aloneReveals(it)),
          wins.get());
      status(
          check,
          alone.isPresent() ? CheckStatus.Status.ALONE : CheckStatus.Status.WINS,
          cases.id(slug),
          "");
      return;
    }
    List<Requirement> armed = List.of(goals.holds(check));
    possible[check] = space.nearest(space.quiet(), armed).isPresent();
    if (possible[check]) {
      status(check, CheckStatus.Status.MASKED, "", maskedBy(check, armed));
    } else {
      status(check, CheckStatus.Status.IMPOSSIBLE, "", space.contradiction(armed));
    }
  }

  private void status(int check, CheckStatus.Status status, String caseId, String reason) {
    statuses.add(
        new CheckStatus(
            space.form().id(),
            space.mode(),
            space.checks().get(check).id(),
            status,
            caseId,
            reason));
  }

  /** Which earlier checks are armed whenever {@code armed} is met, as a sentence. */
  String maskedBy(int first, List<Requirement> armed) {
    List<String> always = new ArrayList<>();
    List<String> earlier = new ArrayList<>();
    for (int check = 0; check < possible.length; check++) {
      if (check == first || space.group(check) > space.group(first)) {
        continue;
      }
      String id = space.checks().get(check).id();
      earlier.add(id);
      List<Requirement> without = new ArrayList<>(armed);
      without.add(goals.fails(check));
      if (space.nearest(space.quiet(), without).isEmpty()) {
        always.add(id);
      }
    }
    return always.isEmpty()
        ? "one of " + String.join(", ", earlier) + " is always armed too"
        : String.join(" and ", always)
            + (always.size() == 1 ? " is" : " are")
            + " always armed too";
  }

  /** A state in which the check wins, empty where there is none. */
  Optional<int[]> winning(int check) {
    return winning.get(check);
  }

  /** A state in which no check is armed, empty where there is none. */
  Optional<int[]> retiring() {
    return retiring;
  }

  /** Whether some state arms the check at all. */
  boolean possible(int check) {
    return possible[check];
  }

  List<CheckStatus> statuses() {
    return Collections.unmodifiableList(statuses);
  }
}
