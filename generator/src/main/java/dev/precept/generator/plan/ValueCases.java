package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.StateSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Each value of the variables that decide a check, or that have to come back with its outcome. */
final class ValueCases {
  private final FormSpace space;
  private final StateSpace states;
  private final Goals goals;
  private final Claims claims;
  private final FormCases cases;
  private final CheckCases checks;
  private final boolean principalMode;

  /**
   * @param principalMode whether this is the mode for what one mode is enough for
   */
  ValueCases(
      FormSpace space,
      Goals goals,
      Claims claims,
      FormCases cases,
      CheckCases checks,
      boolean principalMode) {
    this.space = space;
    this.states = space.space();
    this.goals = goals;
    this.claims = claims;
    this.cases = cases;
    this.checks = checks;
    this.principalMode = principalMode;
  }

  void plan() {
    boundaries();
    values();
  }

  private void boundaries() {
    for (int check = 0; check < space.checks().size(); check++) {
      if (checks.winning(check).isEmpty()) {
        continue;
      }
      int[] wide =
          Arrays.stream(space.condition(check).variables())
              .filter(variable -> states.domainSize(variable) > 2)
              .toArray();
      for (int variable : wide) {
        for (int value = 0; value < states.domainSize(variable); value++) {
          boundary(check, variable, value);
        }
      }
      if (principalMode) {
        combinations(check, wide);
      }
    }
  }

  private void combinations(int check, int[] wide) {
    for (int i = 0; i < wide.length; i++) {
      for (int j = i + 1; j < wide.length; j++) {
        for (int one = 0; one < states.domainSize(wide[i]); one++) {
          for (int other = 0; other < states.domainSize(wide[j]); other++) {
            boundary(check, wide[i], one, wide[j], other);
          }
        }
      }
    }
  }

  private void boundary(int check, int... pins) {
    int[] wins = checks.winning(check).get();
    int[] moved = wins.clone();
    for (int i = 0; i < pins.length; i += 2) {
      moved[pins[i]] = pins[i + 1];
    }
    Optional<int[]> found =
        space.lawful(moved) ? Optional.of(moved) : space.nearest(wins, goals.winning(check), pins);
    Check it = space.checks().get(check);
    About about =
        About.one(
            CaseKind.BOUNDARY,
            cases.slug(check) + ".at." + printed(pins),
            claims.boundary(it, names(pins)),
            it.id(),
            claims.boundaryReveals());
    found.ifPresent(classes -> cases.add(about, classes));
  }

  private void values() {
    for (String name : space.form().vary()) {
      int variable = states.indexOf(name);
      for (int value = 0; value < states.domainSize(variable); value++) {
        value(name, variable, value);
      }
    }
  }

  private void value(String name, int... pins) {
    About completes = value("retires", pins, "completes", PlannedCase.NONE, name);
    checks
        .retiring()
        .flatMap(quiet -> space.nearest(quiet, goals.allQuiet(), pins))
        .ifPresent(classes -> cases.add(completes, classes));
    for (int check = 0; check < space.checks().size(); check++) {
      Check it = space.checks().get(check);
      Optional<int[]> wins = checks.winning(check);
      boolean event = it.result() instanceof Check.Event;
      if ((!Labels.isExit(it) && !event) || wins.isEmpty()) {
        continue;
      }
      String does = (event ? "comes behind " : "exits with ") + Labels.outcome(space.tables(), it);
      About exits = value(cases.slug(check), pins, does, it.id(), name);
      space
          .nearest(wins.get(), goals.winning(check), pins)
          .ifPresent(classes -> cases.add(exits, classes));
    }
  }

  private About value(String slug, int[] pins, String does, String first, String variable) {
    return About.one(
        CaseKind.VALUE,
        slug + ".vary." + printed(pins),
        claims.value(variable, does),
        first,
        claims.valueReveals(variable));
  }

  private String names(int[] pins) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < pins.length; i += 2) {
      names.add(states.variable(pins[i]).name());
    }
    return String.join(" and ", names);
  }

  private String printed(int[] pins) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < pins.length; i += 2) {
      Variable variable = states.variable(pins[i]);
      parts.add(variable.name() + "=" + variable.values().get(pins[i + 1]).name());
    }
    return String.join(",", parts);
  }
}
