package dev.precept.junit;

import dev.precept.generator.Assignment;
import dev.precept.generator.plan.FormSpace;

/** A random lawful state of a form, for a generated property. */
public final class RandomState {
  private final Session session;
  private final FormSpace space;
  private final Assignment assignment;

  RandomState(Session session, FormSpace space, Assignment assignment) {
    this.session = session;
    this.space = space;
    this.assignment = assignment;
  }

  /**
   * Runs the form in this state and compares everything its outcome carries.
   *
   * @throws AssertionError if the outcome is not one the tables allow, or there is none
   */
  public void holds() {
    session.runRandom(space, assignment);
  }

  @Override
  public String toString() {
    return space.form().id() + " " + assignment.text();
  }
}
