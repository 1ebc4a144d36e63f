package dev.precept.generator.plan;

import dev.precept.generator.plan.FormCases.About;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.StateSpace;
import java.util.List;
import java.util.Optional;

/** Exit bits on, off and by themselves; outside a guest, and behind something else. */
final class ExitCases {
  private static final String PRIOR = "prior", EARLIER = "earlier";

  private final FormSpace space;
  private final Tables tables;
  private final StateSpace states;
  private final Goals goals;
  private final Claims claims;
  private final FormCases cases;
  private final CheckCases checks;
  private final boolean principalMode;

  /**
   * @param principalMode whether this is the mode for what one mode is enough for
   */
  ExitCases(
      FormSpace space,
      Goals goals,
      Claims claims,
      FormCases cases,
      CheckCases checks,
      boolean principalMode) {
    this.space = space;
    this.tables = space.tables();
    this.states = space.space();
    this.goals = goals;
    this.claims = claims;
    this.cases = cases;
    this.checks = checks;
    this.principalMode = principalMode;
  }

  void plan() {
    for (int check = 0; check < space.checks().size(); check++) {
      Optional<int[]> wins = checks.winning(check);
      if (wins.isEmpty()) {
        continue;
      }
      if (space.checks().get(check).result() instanceof Check.Exit exit) {
        exit(check, tables.exits().get(exit.exit()), wins.get());
      } else {
        delivered(check, wins.get());
      }
    }
    checks
        .retiring()
        .ifPresent(
            retires -> {
              foreignExits(retires);
              after("retires", PRIOR, "all_exits", retires, claims.afterAll(), PlannedCase.NONE);
              afterInstruction("retires", retires, PlannedCase.NONE);
            });
  }

  /** The state {@code classes} once more, each time behind an instruction that leaves something. */
  private void afterInstruction(String slug, int[] classes, String first) {
    Variable earlier = tables.variables().get(EARLIER);
    if (earlier == null) {
      return;
    }
    for (Variable.Value word : earlier.values()) {
      after(slug, EARLIER, word.name(), classes, claims.afterInstruction(word.name()), first);
    }
  }

  /** The state {@code classes} once more, with something else before it. */
  private void after(
      String slug, String variable, String word, int[] classes, String claim, String first) {
    Variable what = tables.variables().get(variable);
    if (what == null) {
      return;
    }
    int[] behind = classes.clone();
    behind[states.indexOf(variable)] = what.indexOf(word);
    if (space.lawful(behind)) {
      String name = "after." + word + "." + slug;
      cases.add(
          About.one(CaseKind.AFTER, name, claim, first, claims.afterReveals(variable)), behind);
    }
  }

  private void exit(int check, ExitControl exit, int[] armed) {
    Check it = space.checks().get(check);
    String slug = cases.slug(check);
    Optional<Integer> own = exit.variable().map(states::indexOf);
    if (own.filter(space::concerns).isPresent()) {
      About off =
          About.one(
              CaseKind.EXIT_OFF,
              slug + ".off",
              claims.exitOff(it),
              it.id(),
              claims.exitOffReveals());
      without(check, armed, own.get()).ifPresent(classes -> cases.add(off, classes));
    }
    int[] noOthers = armed.clone();
    for (int other : space.exitBits()) {
      noOthers[other] = 0;
    }
    own.ifPresent(bit -> noOthers[bit] = armed[bit]);
    About only =
        About.one(
            CaseKind.EXIT_ONLY,
            "only." + slug,
            claims.exitOnly(it),
            it.id(),
            claims.exitOnlyReveals());
    space
        .nearestWithAllExits(noOthers, goals.winning(check))
        .ifPresent(classes -> cases.add(only, classes));
    own.ifPresent(bit -> stale(check, bit));
    afterInstruction(slug, armed, it.id());
    About host =
        About.one(CaseKind.HOST, "host." + slug, claims.host(it), it.id(), claims.hostReveals());
    without(check, armed, states.indexOf("guest")).ifPresent(classes -> cases.add(host, classes));
  }

  /** Behind a guest whose bit of this exit was the opposite: only the guest's own bit counts. */
  private void stale(int check, int bit) {
    Variable prior = tables.variables().get(PRIOR);
    if (prior == null) {
      return;
    }
    Check it = space.checks().get(check);
    int variable = states.indexOf(PRIOR);
    for (boolean own : new boolean[] {true, false}) {
      String before = own ? "no_exits" : "all_exits";
      About about =
          About.one(
              CaseKind.AFTER,
              "after." + before + "." + cases.slug(check) + (own ? "" : ".off"),
              own ? claims.afterNone(it) : claims.afterAll(it),
              it.id(),
              claims.afterReveals(PRIOR));
      space
          .telling(check, own, bit, own ? 0 : 1, variable, prior.indexOf(before))
          .ifPresent(assignment -> cases.add(about, space.classes(assignment)));
    }
  }

  /** The state nearest to {@code armed} in which {@code variable} is 0 and the check is quiet. */
  private Optional<int[]> without(int check, int[] armed, int variable) {
    Optional<int[]> quiet = space.nearest(armed, goals.quietBut(check), variable, 0);
    return quiet.isPresent()
        ? quiet
        : space.nearest(armed, List.of(goals.fails(check)), variable, 0);
  }

  /** The fault once more with the intercept of its vector off: it goes through the IDT. */
  private void delivered(int check, int[] armed) {
    Check it = space.checks().get(check);
    int dot = it.id().indexOf('.');
    String vector = dot < 0 ? it.id() : it.id().substring(0, dot);
    Optional<String> intercept =
        Optional.ofNullable(tables.exits().get("exc_" + vector)).flatMap(ExitControl::variable);
    if (intercept.isEmpty()) {
      return;
    }
    About delivered =
        About.one(
            CaseKind.EXIT_OFF,
            cases.slug(check) + ".delivered",
            claims.delivered(it),
            it.id(),
            claims.deliveredReveals());
    space
        .nearestWithAllExits(armed, goals.winning(check), states.indexOf(intercept.get()), 0)
        .ifPresent(classes -> cases.add(delivered, classes));
  }

  private void foreignExits(int[] retires) {
    int[] allOthers = retires.clone();
    for (int bit : space.exitBits()) {
      if (!space.concerns(bit)) {
        allOthers[bit] = 1;
      }
    }
    About others =
        About.one(
            CaseKind.EXIT_ONLY,
            "others.retires",
            claims.othersOnly(),
            PlannedCase.NONE,
            claims.othersOnlyReveals());
    space
        .nearestWithAllExits(allOthers, goals.allQuiet())
        .ifPresent(classes -> cases.add(others, classes));
    if (principalMode) {
      About oneHot =
          About.one(
              CaseKind.EXIT_ONE_HOT,
              "one-hot.retires",
              claims.oneHot(),
              PlannedCase.NONE,
              claims.othersOnlyReveals());
      cases.addAlways(oneHot, retires);
    }
  }
}
