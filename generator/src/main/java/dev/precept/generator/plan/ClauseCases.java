package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Each variable of each condition shown to decide it on its own (MC/DC). */
final class ClauseCases {
  private final FormSpace space;
  private final StateSpace states;
  private final Goals goals;
  private final Claims claims;
  private final FormCases cases;
  private final CheckCases checks;
  private final List<ClauseStatus> clauses = new ArrayList<>();

  ClauseCases(FormSpace space, Goals goals, Claims claims, FormCases cases, CheckCases checks) {
    this.space = space;
    this.states = space.space();
    this.goals = goals;
    this.claims = claims;
    this.cases = cases;
    this.checks = checks;
  }

  void plan() {
    for (int check = 0; check < space.checks().size(); check++) {
      if (checks.winning(check).isEmpty()) {
        continue;
      }
      for (int variable : space.condition(check).variables()) {
        clause(check, variable);
      }
    }
  }

  private void clause(int check, int variable) {
    Optional<Flip> flip =
        flipOff(check, variable, checks.winning(check).get())
            .or(() -> checks.retiring().flatMap(quiet -> flipOn(check, variable, quiet)))
            .or(() -> searchFlip(check, variable));
    Check it = space.checks().get(check);
    String name = states.variable(variable).name();
    if (flip.isEmpty()) {
      status(it, name, "", "");
      return;
    }
    String slug = "mcdc." + cases.slug(check) + "." + name;
    String claim = claims.clause(it, name);
    String reveals = claims.clauseReveals(name);
    String off =
        cases.add(About.one(CaseKind.CLAUSE, slug, claim, it.id(), reveals), flip.get().off());
    String on =
        cases.add(
            About.one(CaseKind.CLAUSE, slug + "=on", claim, it.id(), reveals), flip.get().on());
    status(it, name, on, off);
  }

  private void status(Check check, String variable, String on, String off) {
    clauses.add(new ClauseStatus(space.form().id(), space.mode(), check.id(), variable, on, off));
  }

  List<ClauseStatus> statuses() {
    return List.copyOf(clauses);
  }

  /** Two states that differ in one variable: in one a check wins, in the other it is not armed. */
  private record Flip(int[] on, int[] off) {}

  private Optional<Flip> flipOff(int check, int variable, int[] armed) {
    for (int other = 0; other < states.domainSize(variable); other++) {
      int[] flipped = armed.clone();
      flipped[variable] = other;
      if (!space.armed(check, flipped) && space.lawful(flipped)) {
        return Optional.of(new Flip(armed, flipped));
      }
    }
    return Optional.empty();
  }

  private Optional<Flip> flipOn(int check, int variable, int[] quiet) {
    for (int other = 0; other < states.domainSize(variable); other++) {
      int[] flipped = quiet.clone();
      flipped[variable] = other;
      if (space.wins(check, flipped) && space.lawful(flipped)) {
        return Optional.of(new Flip(flipped, quiet));
      }
    }
    return Optional.empty();
  }

  private Optional<Flip> searchFlip(int check, int variable) {
    for (int on = 0; on < states.domainSize(variable); on++) {
      for (int off = 0; off < states.domainSize(variable); off++) {
        if (on == off) {
          continue;
        }
        Optional<int[]> found = search(check, variable, on, off);
        if (found.isPresent()) {
          int[] flipped = found.get().clone();
          flipped[variable] = off;
          return Optional.of(new Flip(found.get(), flipped));
        }
      }
    }
    return Optional.empty();
  }

  /** A state in which the check wins, and is quiet if only {@code variable} goes from on to off. */
  private Optional<int[]> search(int check, int variable, int on, int off) {
    List<Requirement> all = goals.winning(check);
    all.add(goals.fails(check).swapping(variable, off));
    for (Requirement law : space.laws()) {
      if (law.condition().dependsOn(variable)) {
        all.add(law.swapping(variable, off));
      }
    }
    return space.nearest(checks.winning(check).get(), all, variable, on);
  }
}
