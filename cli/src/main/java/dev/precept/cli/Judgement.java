package dev.precept.cli;

import dev.precept.report.Narrative;
import dev.precept.report.RunSummary;

/** From counts to an exit status. */
final class Judgement {
  private Judgement() {}

  /**
   * {@link ExitStatus#VIOLATIONS} if there are any that no baseline expects, or lines of a baseline
   * that no longer fit; {@link ExitStatus#SUBJECT} if the run did not finish, lost cases, or judged
   * none: what was not seen to hold does not hold.
   */
  static int status(RunSummary summary) {
    if (summary.newViolations() > 0 || summary.complaints() > 0) {
      return ExitStatus.VIOLATIONS;
    }
    return Narrative.passes(summary) ? ExitStatus.HOLDS : ExitStatus.SUBJECT;
  }
}
