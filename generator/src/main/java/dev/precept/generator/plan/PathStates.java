package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.expr.StateSpace;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Lawful states of a form that agree with a decision path: which classes the variables have that
 * decide nothing. The same path always gives the same states. Not safe for use by several threads.
 */
public final class PathStates {
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private final FormSpace space;
  private final int mode;

  /** Variables that a state may have in any class: the form speaks of them. */
  private final int[] free;

  private final int[] quiet;
  private final int[] wish;
  private final int[] pins;

  /** Seed that differs from form to form and from mode to mode. */
  private final long salt;

  PathStates(FormSpace space) {
    this.space = space;
    StateSpace states = space.space();
    this.mode = states.indexOf("mode");
    this.free =
        space.variables().stream().mapToInt(states::indexOf).filter(one -> one != mode).toArray();
    this.quiet = space.quiet();
    this.wish = new int[states.size()];
    this.pins = new int[2 * states.size()];
    this.salt = mix((space.vendor() + "/" + space.form().id() + "/" + space.mode()).hashCode());
  }

  /**
   * State number {@code number} of a path: 0 has everything quiet that decides nothing; the others
   * have a class of every variable that the form speaks of, drawn from the path and the number.
   * Where laws forbid a draw, the nearest state that they allow.
   *
   * @param path class of each variable, -1 where it decides nothing
   * @return empty if no lawful state agrees with the path, which is a proof
   */
  public Optional<Assignment> state(int[] path, int number) {
    System.arraycopy(quiet, 0, wish, 0, wish.length);
    int pinned = 0;
    long seed = salt;
    for (int variable = 0; variable < path.length; variable++) {
      if (path[variable] >= 0 && variable != mode) {
        wish[variable] = path[variable];
        pins[pinned++] = variable;
        pins[pinned++] = path[variable];
        seed = mix(seed ^ (variable * 64L + path[variable] + 1) * GOLDEN);
      }
    }
    if (number > 0) {
      draw(path, mix(seed + number * GOLDEN));
    }
    if (space.allows(wish)) {
      return Optional.of(space.assignment(wish));
    }
    return space.nearest(wish, List.of(), Arrays.copyOf(pins, pinned)).map(space::assignment);
  }

  private void draw(int[] path, long seed) {
    for (int variable : free) {
      if (path[variable] < 0) {
        long drawn = mix(seed ^ (variable + 1) * GOLDEN);
        wish[variable] = (int) Long.remainderUnsigned(drawn, space.space().domainSize(variable));
      }
    }
  }

  /** The finalizer of SplitMix64: every bit of the result depends on every bit of the argument. */
  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ mixed >>> 31;
  }
}
