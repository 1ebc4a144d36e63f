package dev.precept.generator.plan;

import dev.precept.generator.Assignment;
import dev.precept.tables.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The cases of one form in one mode, as planning goes on. */
final class FormCases {
  private final FormSpace space;
  private final List<PlannedCase> cases = new ArrayList<>();
  private final List<int[]> states = new ArrayList<>();
  private final Map<State, String> planned = new HashMap<>();
  private final Set<String> ids = new HashSet<>();

  FormCases(FormSpace space) {
    this.space = space;
  }

  /**
   * What a case is about.
   *
   * @param name last part of its id
   * @param claim a sentence
   * @param first id of the check that the claim is about, or {@link PlannedCase#NONE}
   * @param second for a pair, id of the outranked check; else empty
   * @param reveals the mistake that a violation points to
   */
  record About(
      CaseKind kind, String name, String claim, String first, String second, String reveals) {

    /** A case about one check, or about completing. */
    static About one(CaseKind kind, String name, String claim, String first, String reveals) {
      return new About(kind, name, claim, first, "", reveals);
    }
  }

  /**
   * Adds a case unless another of this form and mode already has the very same state.
   *
   * @return the id of the case that has the state
   */
  String add(About about, int[] classes) {
    String id = planned.get(new State(classes));
    return id == null ? addAlways(about, classes) : id;
  }

  /** Adds a case, whether another has the same state or not; returns its id. */
  String addAlways(About about, int[] classes) {
    String id = id(about.name());
    if (!ids.add(id)) {
      throw new IllegalStateException("two cases are called " + id);
    }
    int[] state = classes.clone();
    planned.putIfAbsent(new State(state), id);
    states.add(state);
    Assignment assignment = space.assignment(classes);
    cases.add(
        new PlannedCase(
            id,
            about.kind(),
            space.form(),
            space.mode(),
            assignment,
            about.claim(),
            about.first(),
            about.second(),
            space.winners(classes),
            about.reveals()));
    return id;
  }

  /** A state as a key. */
  private static final class State {
    private final int[] classes;

    State(int[] classes) {
      this.classes = classes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof State that && Arrays.equals(classes, that.classes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(classes);
    }
  }

  /** The id of the case whose last part is {@code name}. */
  String id(String name) {
    return String.join("/", space.vendor(), space.form().id(), space.mode().word(), name);
  }

  /** The part of ids that names check number {@code check}. */
  String slug(int check) {
    List<Check> all = space.checks();
    return Labels.slug(all.get(check), all);
  }

  /** The state of each case so far; to be read, not written to. */
  List<int[]> states() {
    return states;
  }

  List<PlannedCase> list() {
    return List.copyOf(cases);
  }
}
