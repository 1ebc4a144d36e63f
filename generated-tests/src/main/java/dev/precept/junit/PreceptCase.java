package dev.precept.junit;

/** One case, for a generated test method to run. */
public final class PreceptCase {
  private final Session session;
  private final Form form;
  private final Claim claim;
  private final CaseRow row;

  PreceptCase(Session session, Form form, Claim claim, CaseRow row) {
    this.session = session;
    this.form = form;
    this.claim = claim;
    this.row = row;
  }

  /**
   * Runs the case on the subject and compares everything its outcome carries.
   *
   * @throws AssertionError if the outcome is not one the tables allow, or there is none
   * @throws org.opentest4j.TestAbortedException if the subject cannot run the case
   */
  public void holds() {
    session.run(form, claim, row);
  }

  @Override
  public String toString() {
    return row.id();
  }
}
