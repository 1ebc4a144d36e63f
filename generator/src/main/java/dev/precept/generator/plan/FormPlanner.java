package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.Check;
import dev.precept.tables.ExitControl;
import dev.precept.tables.Tables;
import dev.precept.tables.Variable;
import dev.precept.tables.expr.StateSpace;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Plans the cases of one form in one mode. */
final class FormPlanner {
  private static final int PF = 14;

  private final FormSpace space;
  private final Tables tables;
  private final StateSpace states;
  private final List<Check> checks;
  private final Claims claims;
  private final boolean principalMode;

  private final List<PlannedCase> cases = new ArrayList<>();
  private final List<PairStatus> pairs = new ArrayList<>();
  private final List<CheckStatus> statuses = new ArrayList<>();
  private final Set<IntBuffer> planned = new HashSet<>();
  private final Set<String> ids = new HashSet<>();

  /** For each check an assignment in which it wins, empty where there is none. */
  private final List<Optional<int[]>> winning = new ArrayList<>();

  /** For each check whether some state arms it at all. */
  private boolean[] possible = {};

  private Optional<int[]> retiring = Optional.empty();

  /**
   * @param principalMode whether this is the mode for what one mode is enough for
   */
  FormPlanner(FormSpace space, boolean principalMode) {
    this.space = space;
    this.tables = space.tables();
    this.states = space.space();
    this.checks = space.checks();
    this.claims = new Claims(tables, space.form());
    this.principalMode = principalMode;
  }

  /** Cases, pairs and checks of a form in a mode. */
  record FormPlan(List<PlannedCase> cases, List<PairStatus> pairs, List<CheckStatus> checks) {}

  FormPlan plan() {
    retires();
    eachCheck();
    eachPair();
    exits();
    clauses();
    boundaries();
    values();
    return new FormPlan(cases, pairs, statuses);
  }

  private void retires() {
    retiring = space.nearest(space.quiet(), allQuiet());
    retiring.ifPresent(
        classes ->
            add(
                CaseKind.RETIRES,
                "retires",
                classes,
                claims.retires(),
                PlannedCase.NONE,
                "",
                claims.retiresReveals()));
  }

  // ---- checks and pairs

  private void eachCheck() {
    possible = new boolean[checks.size()];
    for (int check = 0; check < checks.size(); check++) {
      Optional<int[]> alone = space.nearest(space.quiet(), only(check));
      Optional<int[]> wins =
          alone.isPresent() ? alone : space.nearest(space.quiet(), winning(check));
      winning.add(wins);
      String slug = slug(check);
      if (wins.isPresent()) {
        possible[check] = true;
        Check it = checks.get(check);
        addAlways(
            CaseKind.ALONE,
            slug,
            wins.get(),
            claims.alone(it),
            it.id(),
            "",
            claims.aloneReveals(it));
        status(
            check,
            alone.isPresent() ? CheckStatus.Status.ALONE : CheckStatus.Status.WINS,
            id(slug),
            "");
        continue;
      }
      List<Requirement> armed = List.of(holds(check));
      possible[check] = space.nearest(space.quiet(), armed).isPresent();
      if (possible[check]) {
        status(check, CheckStatus.Status.MASKED, "", maskedBy(check, armed));
      } else {
        status(check, CheckStatus.Status.IMPOSSIBLE, "", space.contradiction(armed));
      }
    }
  }

  private void status(int check, CheckStatus.Status status, String caseId, String reason) {
    statuses.add(
        new CheckStatus(
            space.form().id(), space.mode(), checks.get(check).id(), status, caseId, reason));
  }

  private void eachPair() {
    for (int first = 0; first < checks.size(); first++) {
      for (int second = first + 1; second < checks.size(); second++) {
        pair(first, second);
      }
    }
  }

  private void pair(int first, int second) {
    for (int check : new int[] {first, second}) {
      if (!possible[check]) {
        impossible(
            first, second, checks.get(check).id() + " never: " + statuses.get(check).reason());
        return;
      }
    }
    boolean open = space.group(first) == space.group(second) || space.optional(first);
    Optional<int[]> both = space.nearest(space.quiet(), only(first, second));
    if (both.isEmpty()) {
      Optional<String> exclusive = space.exclusive(first, second);
      if (exclusive.isPresent()) {
        impossible(first, second, exclusive.get());
        return;
      }
      both =
          space.nearest(space.quiet(), open ? openPair(first, second) : pairGoals(first, second));
    }
    if (both.isPresent()) {
      tested(first, second, open, both.get());
      return;
    }
    List<Requirement> armed = List.of(holds(first), holds(second));
    if (space.nearest(space.quiet(), armed).isEmpty()) {
      impossible(first, second, space.contradiction(armed));
    } else {
      pairs.add(
          new PairStatus(
              space.form().id(),
              space.mode(),
              checks.get(first).id(),
              checks.get(second).id(),
              PairStatus.Status.MASKED,
              "",
              maskedBy(first, armed)));
    }
  }

  private void impossible(int first, int second, String reason) {
    pairs.add(
        new PairStatus(
            space.form().id(),
            space.mode(),
            checks.get(first).id(),
            checks.get(second).id(),
            PairStatus.Status.IMPOSSIBLE,
            "",
            reason));
  }

  private void tested(int first, int second, boolean open, int[] classes) {
    Check winner = checks.get(first);
    Check loser = checks.get(second);
    String name = slug(first) + (open ? "~" : ">") + slug(second);
    addAlways(
        CaseKind.PAIR,
        name,
        classes,
        open ? claims.open(winner, loser) : claims.pair(winner, loser),
        winner.id(),
        loser.id(),
        claims.pairReveals(winner, loser));
    pairs.add(
        new PairStatus(
            space.form().id(),
            space.mode(),
            winner.id(),
            loser.id(),
            open
                ? PairStatus.Status.OPEN_TESTED
                : alike(winner, loser) ? PairStatus.Status.ALIKE_TESTED : PairStatus.Status.TESTED,
            id(name),
            open ? "the manual leaves the order open" : ""));
  }

  /** Whether two checks bring about the very same; page faults differ in their address. */
  private static boolean alike(Check one, Check other) {
    return one.result() instanceof Check.Fault fault
        && fault.vector() != PF
        && one.result().equals(other.result())
        && one.writes().equals(other.writes());
  }

  /** Which earlier checks are armed whenever {@code armed} is met, as a sentence. */
  private String maskedBy(int first, List<Requirement> armed) {
    List<String> always = new ArrayList<>();
    List<String> earlier = new ArrayList<>();
    for (int check = 0; check < checks.size(); check++) {
      if (check == first || space.group(check) > space.group(first)) {
        continue;
      }
      earlier.add(checks.get(check).id());
      List<Requirement> without = new ArrayList<>(armed);
      without.add(fails(check));
      if (space.nearest(space.quiet(), without).isEmpty()) {
        always.add(checks.get(check).id());
      }
    }
    return always.isEmpty()
        ? "one of " + String.join(", ", earlier) + " is always armed too"
        : String.join(" and ", always)
            + (always.size() == 1 ? " is" : " are")
            + " always armed too";
  }

  // ---- exits

  private void exits() {
    for (int check = 0; check < checks.size(); check++) {
      Optional<int[]> wins = winning.get(check);
      if (wins.isEmpty()) {
        continue;
      }
      if (checks.get(check).result() instanceof Check.Exit exit) {
        exit(check, tables.exits().get(exit.exit()), wins.get());
      } else {
        delivered(check, wins.get());
      }
    }
    if (retiring.isPresent()) {
      foreignExits(retiring.get());
      after("retires", "prior", "all_exits", retiring.get(), claims.afterAll(), PlannedCase.NONE);
      afterInstruction("retires", retiring.get(), PlannedCase.NONE);
    }
  }

  /** The state {@code classes} once more, each time behind an instruction that leaves something. */
  private void afterInstruction(String slug, int[] classes, String first) {
    Variable earlier = tables.variables().get("earlier");
    if (earlier == null) {
      return;
    }
    for (Variable.Value word : earlier.values()) {
      after(slug, "earlier", word.name(), classes, claims.afterInstruction(word.name()), first);
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
      add(CaseKind.AFTER, name, behind, claim, first, "", claims.afterReveals(variable));
    }
  }

  private void exit(int check, ExitControl exit, int[] armed) {
    Check it = checks.get(check);
    String slug = slug(check);
    int bit = states.indexOf(exit.variable());
    if (space.concerns(bit)) {
      firstOf(
              space.nearest(armed, quietBut(check), bit, 0),
              space.nearest(armed, List.of(fails(check)), bit, 0))
          .ifPresent(
              classes ->
                  add(
                      CaseKind.EXIT_OFF,
                      slug + ".off",
                      classes,
                      claims.exitOff(it),
                      it.id(),
                      "",
                      claims.exitOffReveals()));
    }
    int[] noOthers = armed.clone();
    for (ExitControl other : tables.exits().values()) {
      noOthers[states.indexOf(other.variable())] = 0;
    }
    noOthers[bit] = armed[bit];
    space
        .nearestWithAllExits(noOthers, winning(check))
        .ifPresent(
            classes ->
                add(
                    CaseKind.EXIT_ONLY,
                    "only." + slug,
                    classes,
                    claims.exitOnly(it),
                    it.id(),
                    "",
                    claims.exitOnlyReveals()));
    after(slug, "prior", "no_exits", armed, claims.afterNone(it), it.id());
    afterInstruction(slug, armed, it.id());
    int guest = states.indexOf("guest");
    firstOf(
            space.nearest(armed, quietBut(check), guest, 0),
            space.nearest(armed, List.of(fails(check)), guest, 0))
        .ifPresent(
            classes ->
                add(
                    CaseKind.HOST,
                    "host." + slug,
                    classes,
                    claims.host(it),
                    it.id(),
                    "",
                    claims.hostReveals()));
  }

  /** The fault once more with the intercept of its vector off: it goes through the IDT. */
  private void delivered(int check, int[] armed) {
    String id = checks.get(check).id();
    int dot = id.indexOf('.');
    ExitControl intercept = tables.exits().get("exc_" + (dot < 0 ? id : id.substring(0, dot)));
    if (intercept == null) {
      return;
    }
    int bit = states.indexOf(intercept.variable());
    space
        .nearestWithAllExits(armed, winning(check), bit, 0)
        .ifPresent(
            classes ->
                add(
                    CaseKind.EXIT_OFF,
                    slug(check) + ".delivered",
                    classes,
                    claims.delivered(checks.get(check)),
                    id,
                    "",
                    claims.deliveredReveals()));
  }

  private void foreignExits(int[] retires) {
    int[] allOthers = retires.clone();
    for (ExitControl exit : tables.exits().values()) {
      int bit = states.indexOf(exit.variable());
      if (!space.concerns(bit)) {
        allOthers[bit] = 1;
      }
    }
    space
        .nearestWithAllExits(allOthers, allQuiet())
        .ifPresent(
            classes ->
                add(
                    CaseKind.EXIT_ONLY,
                    "others.retires",
                    classes,
                    claims.othersOnly(),
                    PlannedCase.NONE,
                    "",
                    claims.othersOnlyReveals()));
    if (principalMode) {
      addAlways(
          CaseKind.EXIT_ONE_HOT,
          "one-hot.retires",
          retires,
          claims.oneHot(),
          PlannedCase.NONE,
          "",
          claims.othersOnlyReveals());
    }
  }

  // ---- clauses (MC/DC)

  private void clauses() {
    int guest = states.indexOf("guest");
    for (int check = 0; check < checks.size(); check++) {
      if (winning.get(check).isEmpty()) {
        continue;
      }
      for (int variable : space.condition(check).variables()) {
        if (variable != guest) {
          clause(check, variable);
        }
      }
    }
  }

  private void clause(int check, int variable) {
    Optional<Flip> flip =
        flipOff(check, variable, winning.get(check).get())
            .or(() -> retiring.flatMap(quiet -> flipOn(check, variable, quiet)))
            .or(() -> searchFlip(check, variable));
    if (flip.isEmpty()) {
      return;
    }
    Check it = checks.get(check);
    String name = states.variable(variable).name();
    String slug = "mcdc." + slug(check) + "." + name;
    add(
        CaseKind.CLAUSE,
        slug,
        flip.get().off(),
        claims.clause(it, name),
        it.id(),
        "",
        claims.clauseReveals(name));
    add(
        CaseKind.CLAUSE,
        slug + "=on",
        flip.get().on(),
        claims.clause(it, name),
        it.id(),
        "",
        claims.clauseReveals(name));
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
        List<Requirement> goals = winning(check);
        goals.add(fails(check).swapping(variable, off));
        for (Requirement law : space.laws()) {
          if (law.condition().dependsOn(variable)) {
            goals.add(law.swapping(variable, off));
          }
        }
        int[] start = winning.get(check).get();
        Optional<int[]> found = space.nearest(start, goals, variable, on);
        if (found.isPresent()) {
          int[] flipped = found.get().clone();
          flipped[variable] = off;
          return Optional.of(new Flip(found.get(), flipped));
        }
      }
    }
    return Optional.empty();
  }

  // ---- boundaries and values

  private void boundaries() {
    for (int check = 0; check < checks.size(); check++) {
      if (winning.get(check).isEmpty()) {
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
    int[] moved = winning.get(check).get().clone();
    for (int i = 0; i < pins.length; i += 2) {
      moved[pins[i]] = pins[i + 1];
    }
    Optional<int[]> found =
        space.lawful(moved)
            ? Optional.of(moved)
            : space.nearest(winning.get(check).get(), winning(check), pins);
    found.ifPresent(
        classes ->
            add(
                CaseKind.BOUNDARY,
                slug(check) + ".at." + printed(pins),
                classes,
                claims.boundary(checks.get(check), names(pins)),
                checks.get(check).id(),
                "",
                claims.boundaryReveals()));
  }

  private void values() {
    for (String name : space.form().vary()) {
      int variable = states.indexOf(name);
      for (int value = 0; value < states.domainSize(variable); value++) {
        int[] pins = {variable, value};
        retiring
            .flatMap(quiet -> space.nearest(quiet, allQuiet(), pins))
            .ifPresent(
                classes -> value("retires", pins, classes, "completes", PlannedCase.NONE, name));
        for (int check = 0; check < checks.size(); check++) {
          Check it = checks.get(check);
          Optional<int[]> wins = winning.get(check);
          if (!Labels.isExit(it) || wins.isEmpty()) {
            continue;
          }
          String where = "exits with " + Labels.outcome(tables, it);
          String slug = slug(check);
          space
              .nearest(wins.get(), winning(check), pins)
              .ifPresent(classes -> value(slug, pins, classes, where, it.id(), name));
        }
      }
    }
  }

  private void value(
      String slug, int[] pins, int[] classes, String where, String first, String variable) {
    add(
        CaseKind.VALUE,
        slug + ".vary." + printed(pins),
        classes,
        claims.value(variable, where),
        first,
        "",
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

  // ---- goals

  private Requirement holds(int check) {
    return Requirement.holds(space.condition(check));
  }

  private Requirement fails(int check) {
    return Requirement.fails(space.condition(check));
  }

  private List<Requirement> allQuiet() {
    return only();
  }

  /** These checks armed and no other. */
  private List<Requirement> only(int... armed) {
    List<Requirement> goals = new ArrayList<>();
    for (int check : armed) {
      goals.add(holds(check));
    }
    for (int check = 0; check < checks.size(); check++) {
      if (!contains(armed, check)) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** Every check but this one quiet; this one may be armed or not. */
  private List<Requirement> quietBut(int free) {
    List<Requirement> goals = new ArrayList<>();
    for (int check = 0; check < checks.size(); check++) {
      if (check != free) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** Everything that comes before {@code check} or beside it quiet. */
  private List<Requirement> earlierQuiet(int... kept) {
    List<Requirement> goals = new ArrayList<>();
    for (int check = 0; check < checks.size(); check++) {
      if (!contains(kept, check) && space.group(check) <= space.group(kept[0])) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** {@code check} armed and the only one to win; later ones may be armed too. */
  private List<Requirement> winning(int check) {
    List<Requirement> goals = new ArrayList<>();
    goals.add(holds(check));
    goals.addAll(earlierQuiet(check));
    return goals;
  }

  private List<Requirement> pairGoals(int first, int second) {
    List<Requirement> goals = winning(first);
    goals.add(0, holds(second));
    return goals;
  }

  private List<Requirement> openPair(int first, int second) {
    List<Requirement> goals = new ArrayList<>(List.of(holds(first), holds(second)));
    for (int check = 0; check < checks.size(); check++) {
      if (space.group(check) < space.group(first)) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  private static boolean contains(int[] all, int one) {
    return Arrays.stream(all).anyMatch(each -> each == one);
  }

  private static Optional<int[]> firstOf(Optional<int[]> one, Optional<int[]> other) {
    return one.isPresent() ? one : other;
  }

  // ---- cases

  private String slug(int check) {
    return Labels.slug(checks.get(check), checks);
  }

  private String id(String name) {
    return String.join("/", tables.vendor(), space.form().id(), space.mode().word(), name);
  }

  /** Adds a case unless another of this form and mode already has the very same state. */
  private void add(
      CaseKind kind,
      String name,
      int[] classes,
      String claim,
      String first,
      String second,
      String reveals) {
    if (!planned.contains(IntBuffer.wrap(classes))) {
      addAlways(kind, name, classes, claim, first, second, reveals);
    }
  }

  private void addAlways(
      CaseKind kind,
      String name,
      int[] classes,
      String claim,
      String first,
      String second,
      String reveals) {
    String id = id(name);
    if (!ids.add(id)) {
      throw new IllegalStateException("two cases are called " + id);
    }
    planned.add(IntBuffer.wrap(classes));
    Assignment assignment = space.assignment(classes);
    cases.add(
        new PlannedCase(
            id,
            kind,
            space.form(),
            space.mode(),
            assignment,
            claim,
            first,
            second,
            space.winners(classes),
            reveals));
  }
}
