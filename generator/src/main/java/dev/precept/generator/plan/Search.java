package dev.precept.generator.plan;

import dev.precept.tables.expr.CompiledCondition;
import dev.precept.tables.expr.StateSpace;
import dev.precept.tables.expr.Truth;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A complete backtracking search over finite domains with three-valued pruning: an empty answer is
 * a proof that no assignment meets the requirements. Among those that do, it prefers the one with
 * the fewest variables off their preferred class; for the same question, the answer is always the
 * same.
 */
final class Search {
  /** Nodes one question may take before the search gives up loudly instead of guessing. */
  static final int NODE_LIMIT = 2_000_000;

  /** Nodes spent on finding an assignment that deviates less, once one is known. */
  static final int POLISH_LIMIT = 400;

  /** Requirements that a variable has room for to begin with. */
  private static final int WATCHERS = 4;

  private final StateSpace space;
  private final int[] variables;

  private int[] preferred = {};

  /** A question's own requirements, and behind them those of every question. */
  private Requirement[] requirements;

  /** Number of a question's own requirements. */
  private int goals;

  /** The laws of several variables; those of one are in {@link #whole}. */
  private final Requirement[] laws;

  private final Requirement[] unary;

  /** The laws that depend on each slot's variable. */
  private final int[][] lawWatchers;

  /**
   * For a law from which nothing follows when no question has said anything yet: the domains that
   * its variables have then, when its turn comes. Empty for other laws.
   */
  private final long[][] idle;

  /** The goals that depend on each slot's variable: the first {@link #watching} of each. */
  private final int[][] watchers;

  private final int[] watching;

  /** The classes of each slot's variable that no law of that variable alone rules out. */
  private final long[] whole;

  private final long[] domains;
  private final int[] classes;

  private int[] trail = new int[64];
  private long[] trailDomains = new long[64];
  private int trailSize;
  private final int[] slots;

  private int[] best = {};
  private int bestCost;

  /** Deviations that are already certain. */
  private int cost;

  private int nodes;
  private int polishNodes;

  /** Counts assignments, of all questions: which came before which. */
  private long time;

  /** The time at which each requirement was last propagated. */
  private long[] propagated = {};

  /** The time at which something last followed from each requirement. */
  private long[] told = {};

  /** The time at which the last question was asked. */
  private long begun;

  /**
   * @param variables indices of the variables to search over
   * @param laws what every answer must meet, besides what a question asks
   */
  Search(StateSpace space, int[] variables, List<Requirement> laws) {
    this.space = space;
    this.variables = variables.clone();
    this.laws = laws.stream().filter(law -> !isUnary(law)).toArray(Requirement[]::new);
    this.unary = laws.stream().filter(Search::isUnary).toArray(Requirement[]::new);
    this.requirements = this.laws;
    this.whole = new long[variables.length];
    this.domains = new long[variables.length];
    this.classes = space.quiet();
    this.slots = new int[space.size()];
    this.watchers = new int[variables.length][WATCHERS];
    this.watching = new int[variables.length];
    this.propagated = new long[this.laws.length];
    this.told = new long[this.laws.length];
    Arrays.fill(slots, -1);
    for (int slot = 0; slot < variables.length; slot++) {
      slots[variables[slot]] = slot;
      if (space.domainSize(variables[slot]) > Long.SIZE) {
        throw new IllegalArgumentException(
            "variable '"
                + space.variable(variables[slot]).name()
                + "' has more than 64 classes, more than the search can hold");
      }
      int size = space.domainSize(variables[slot]);
      whole[slot] = size == Long.SIZE ? -1L : (1L << size) - 1;
    }
    for (Requirement law : unary) {
      int variable = law.condition().variable(0);
      classes[variable] = -1;
      whole[slots[variable]] &= law.possible(classes, variable, whole[slots[variable]]);
    }
    this.lawWatchers = new int[variables.length][];
    watch(this.laws);
    for (int slot = 0; slot < variables.length; slot++) {
      lawWatchers[slot] = Arrays.copyOf(watchers[slot], watching[slot]);
    }
    Arrays.fill(watching, 0);
    this.idle = new long[this.laws.length][];
    this.preferred = space.quiet();
    boolean lawful = clear();
    for (int law = 0; law < this.laws.length; law++) {
      idle[law] = lawful ? idle(this.laws[law]) : new long[0];
      lawful = lawful && propagate(law);
    }
  }

  private static boolean isUnary(Requirement law) {
    return law.condition().variableCount() == 1;
  }

  /** The domains of the variables of {@code law} if nothing follows from it. */
  private long[] idle(Requirement law) {
    CompiledCondition condition = law.condition();
    long[] now = new long[condition.variableCount()];
    if (law.met(classes) != Truth.UNKNOWN) {
      return new long[0];
    }
    for (int i = 0; i < now.length; i++) {
      int variable = condition.variable(i);
      int slot = slots[variable];
      if (slot < 0) {
        return new long[0];
      }
      now[i] = domains[slot];
      if (classes[variable] < 0 && law.possible(classes, variable, now[i]) != now[i]) {
        return new long[0];
      }
    }
    return now;
  }

  /**
   * What is asked of the search.
   *
   * @param preferred class of each variable of the space that deviates least; variables that are
   *     not searched over keep it
   * @param requirements what the answer must meet; the search settles them in this order, and then
   *     the laws
   * @param pins variables that have one class, as index, class, index, class, ...
   */
  record Question(int[] preferred, List<Requirement> requirements, int... pins) {}

  /**
   * The assignment nearest to the preferred one that meets the requirements, as class indices of
   * the whole space; empty if there is none.
   *
   * @throws IllegalStateException if the question takes more than {@value #NODE_LIMIT} nodes
   */
  Optional<int[]> nearest(Question question) {
    preferred = question.preferred();
    System.arraycopy(preferred, 0, classes, 0, classes.length);
    for (int i = 0; i < question.pins().length; i += 2) {
      classes[question.pins()[i]] = question.pins()[i + 1];
    }
    // Nothing is nearer than what is preferred, and often it does.
    if (meets(question.requirements())) {
      return Optional.of(classes.clone());
    }
    ask(question.requirements());
    bestCost = Integer.MAX_VALUE;
    nodes = 0;
    polishNodes = 0;
    trailSize = 0;
    boolean possible = clear();
    for (int i = 0; i < question.pins().length; i += 2) {
      int slot = slots[question.pins()[i]];
      int pinned = question.pins()[i + 1];
      possible &= (whole[slot] & 1L << pinned) != 0;
      domains[slot] = 1L << pinned;
      classes[question.pins()[i]] = pinned;
    }
    cost = 0;
    for (int slot = 0; slot < variables.length; slot++) {
      cost += deviation(slot, domains[slot]);
    }
    if (possible && propagateAll()) {
      descend();
    }
    return bestCost == Integer.MAX_VALUE ? Optional.empty() : Optional.of(best);
  }

  /**
   * Those of the last question's own requirements that the answer comes of: where there is none,
   * they alone and the laws have none.
   */
  Set<Requirement> decisive() {
    Set<Requirement> decisive = new HashSet<>();
    for (int goal = 0; goal < goals; goal++) {
      if (told[goal] >= begun) {
        decisive.add(requirements[goal]);
      }
    }
    return decisive;
  }

  private boolean meets(List<Requirement> asked) {
    for (Requirement requirement : asked) {
      if (requirement.met(classes) != Truth.TRUE) {
        return false;
      }
    }
    return meets(unary) && meets(laws);
  }

  private boolean meets(Requirement[] all) {
    for (Requirement law : all) {
      if (law.met(classes) != Truth.TRUE) {
        return false;
      }
    }
    return true;
  }

  /** Gives every variable all its classes; false if one has none. */
  private boolean clear() {
    boolean possible = true;
    for (int slot = 0; slot < variables.length; slot++) {
      domains[slot] = whole[slot];
      boolean one = Long.bitCount(whole[slot]) == 1;
      classes[variables[slot]] = one ? Long.numberOfTrailingZeros(whole[slot]) : -1;
      possible &= whole[slot] != 0;
    }
    return possible;
  }

  private void ask(List<Requirement> asked) {
    goals = asked.size();
    Requirement[] own = asked.toArray(new Requirement[0]);
    watch(own);
    requirements = Arrays.copyOf(own, goals + laws.length);
    System.arraycopy(laws, 0, requirements, goals, laws.length);
    if (propagated.length < requirements.length) {
      propagated = new long[requirements.length];
      told = new long[requirements.length];
    }
  }

  private void watch(Requirement[] all) {
    Arrays.fill(watching, 0);
    for (int r = 0; r < all.length; r++) {
      CompiledCondition condition = all[r].condition();
      for (int i = 0; i < condition.variableCount(); i++) {
        int slot = slots[condition.variable(i)];
        if (slot >= 0) {
          if (watching[slot] == watchers[slot].length) {
            watchers[slot] = Arrays.copyOf(watchers[slot], 2 * watching[slot]);
          }
          watchers[slot][watching[slot]++] = r;
        }
      }
    }
  }

  private boolean propagateAll() {
    begun = ++time;
    for (int r = 0; r < requirements.length; r++) {
      boolean done = propagated[r] >= begun || (r >= goals && isIdle(r - goals));
      if (!done && !propagate(r)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is known that nothing follows from a law, with the domains as they are. */
  private boolean isIdle(int law) {
    long[] then = idle[law];
    CompiledCondition condition = laws[law].condition();
    for (int i = 0; i < then.length; i++) {
      if (domains[slots[condition.variable(i)]] != then[i]) {
        return false;
      }
    }
    return then.length > 0;
  }

  /**
   * Takes classes that would break requirement {@code r} out of the domains of its variables. Once
   * more would take nothing, until a variable of the requirement gets a class.
   */
  private boolean propagate(int r) {
    long now = time;
    propagated[r] = now;
    Requirement requirement = requirements[r];
    Truth met = requirement.met(classes);
    if (met == Truth.FALSE) {
      told[r] = now;
    }
    if (met != Truth.UNKNOWN) {
      return met == Truth.TRUE;
    }
    for (int i = 0; i < requirement.condition().variableCount(); i++) {
      int variable = requirement.condition().variable(i);
      int slot = slots[variable];
      if (slot < 0 || classes[variable] >= 0 || variable == requirement.swapped()) {
        continue;
      }
      long domain = domains[slot];
      long kept = requirement.possible(classes, variable, domain);
      if (kept != domain) {
        told[r] = now;
      }
      if (kept == 0) {
        return false;
      }
      if (kept != domain && !narrow(slot, kept)) {
        return false;
      }
      if (propagated[r] != now) {
        // The variable got a class, with which this requirement was propagated as a whole.
        return true;
      }
    }
    return true;
  }

  private boolean narrow(int slot, long kept) {
    record(slot);
    confine(slot, kept);
    if (Long.bitCount(kept) > 1) {
      return true;
    }
    classes[variables[slot]] = Long.numberOfTrailingZeros(kept);
    return wake(slot);
  }

  /**
   * Propagates what depends on a variable that got its class, but for what was propagated since
   * then, on behalf of a variable that got its class in turn.
   */
  private boolean wake(int slot) {
    long now = ++time;
    for (int i = 0; i < watching[slot]; i++) {
      int goal = watchers[slot][i];
      if (propagated[goal] < now && !propagate(goal)) {
        return false;
      }
    }
    for (int law : lawWatchers[slot]) {
      if (propagated[goals + law] < now && !propagate(goals + law)) {
        return false;
      }
    }
    return true;
  }

  private void record(int slot) {
    if (trailSize == trail.length) {
      trail = Arrays.copyOf(trail, trailSize * 2);
      trailDomains = Arrays.copyOf(trailDomains, trailSize * 2);
    }
    trail[trailSize] = slot;
    trailDomains[trailSize++] = domains[slot];
  }

  private void confine(int slot, long domain) {
    cost += deviation(slot, domain) - deviation(slot, domains[slot]);
    domains[slot] = domain;
  }

  /** 1 where a variable with that domain is certain not to have its preferred class. */
  private int deviation(int slot, long domain) {
    return (domain & 1L << preferred[variables[slot]]) == 0 ? 1 : 0;
  }

  private void undo(int mark) {
    while (trailSize > mark) {
      int slot = trail[--trailSize];
      confine(slot, trailDomains[trailSize]);
      if (Long.bitCount(domains[slot]) > 1) {
        classes[variables[slot]] = -1;
      }
    }
  }

  private void descend() {
    if (++nodes > NODE_LIMIT) {
      throw new IllegalStateException("the search gave up after " + NODE_LIMIT + " nodes");
    }
    if (bestCost != Integer.MAX_VALUE && ++polishNodes > POLISH_LIMIT) {
      return;
    }
    if (cost >= bestCost) {
      return;
    }
    int slot = nextSlot();
    if (slot < 0) {
      keep();
      return;
    }
    int variable = variables[slot];
    int first = preferred[variable];
    long domain = domains[slot];
    if ((domain & 1L << first) != 0) {
      attempt(slot, first);
    }
    int quiet = space.variable(variable).quiet();
    if (quiet != first && (domain & 1L << quiet) != 0) {
      attempt(slot, quiet);
    }
    for (long rest = domain & ~(1L << first) & ~(1L << quiet); rest != 0; rest &= rest - 1) {
      attempt(slot, Long.numberOfTrailingZeros(rest));
    }
  }

  private void attempt(int slot, int choice) {
    int mark = trailSize;
    record(slot);
    confine(slot, 1L << choice);
    classes[variables[slot]] = choice;
    if (wake(slot)) {
      descend();
    }
    undo(mark);
  }

  /** The unassigned variable with the fewest classes of the first requirement not yet settled. */
  private int nextSlot() {
    for (Requirement requirement : requirements) {
      if (requirement.met(classes) != Truth.UNKNOWN) {
        continue;
      }
      int chosen = -1;
      int size = Integer.MAX_VALUE;
      for (int i = 0; i < requirement.condition().variableCount(); i++) {
        int variable = requirement.condition().variable(i);
        int slot = slots[variable];
        if (slot >= 0
            && classes[variable] < 0
            && variable != requirement.swapped()
            && Long.bitCount(domains[slot]) < size) {
          chosen = slot;
          size = Long.bitCount(domains[slot]);
        }
      }
      if (chosen >= 0) {
        return chosen;
      }
    }
    return -1;
  }

  /** Every requirement is met whatever the rest is: the rest takes its preferred class. */
  private void keep() {
    bestCost = cost;
    best = classes.clone();
    for (int slot = 0; slot < variables.length; slot++) {
      int variable = variables[slot];
      if (best[variable] < 0) {
        best[variable] =
            (domains[slot] & 1L << preferred[variable]) != 0
                ? preferred[variable]
                : Long.numberOfTrailingZeros(domains[slot]);
      }
    }
  }
}
