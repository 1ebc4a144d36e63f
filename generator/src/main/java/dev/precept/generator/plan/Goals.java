package dev.precept.generator.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a searched-for state of a form must meet, in terms of which checks are armed. */
final class Goals {
  private final FormSpace space;
  private final int count;

  Goals(FormSpace space) {
    this.space = space;
    this.count = space.checks().size();
  }

  /** The check is armed. */
  Requirement holds(int check) {
    return Requirement.holds(space.condition(check));
  }

  /** The check is quiet. */
  Requirement fails(int check) {
    return Requirement.fails(space.condition(check));
  }

  /** Every check is quiet. */
  List<Requirement> allQuiet() {
    return only();
  }

  /** These checks armed and no other. */
  List<Requirement> only(int... armed) {
    List<Requirement> goals = new ArrayList<>();
    for (int check : armed) {
      goals.add(holds(check));
    }
    for (int check = 0; check < count; check++) {
      if (!contains(armed, check)) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** Every check but this one quiet; this one may be armed or not. */
  List<Requirement> quietBut(int free) {
    List<Requirement> goals = new ArrayList<>();
    for (int check = 0; check < count; check++) {
      if (check != free) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** Everything that comes before {@code check} or beside it quiet. */
  private List<Requirement> earlierQuiet(int... kept) {
    List<Requirement> goals = new ArrayList<>();
    for (int check = 0; check < count; check++) {
      if (!contains(kept, check) && space.group(check) <= space.group(kept[0])) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  /** {@code check} armed and the only one to win; later ones may be armed too. */
  List<Requirement> winning(int check) {
    List<Requirement> goals = new ArrayList<>();
    goals.add(holds(check));
    goals.addAll(earlierQuiet(check));
    return goals;
  }

  /** Both armed, and the first wins. */
  List<Requirement> pair(int first, int second) {
    List<Requirement> goals = winning(first);
    goals.add(0, holds(second));
    return goals;
  }

  /** Both armed and everything before them quiet. */
  List<Requirement> openPair(int first, int second) {
    List<Requirement> goals = new ArrayList<>(List.of(holds(first), holds(second)));
    for (int check = 0; check < count; check++) {
      if (space.group(check) < space.group(first)) {
        goals.add(fails(check));
      }
    }
    return goals;
  }

  private static boolean contains(int[] all, int one) {
    return Arrays.stream(all).anyMatch(each -> each == one);
  }
}
