package dev.precept.cli;

/** What a command's exit status says. */
final class ExitStatus {
  /** The documented order holds; or the command did what it was asked to. */
  static final int HOLDS = 0;

  /** There are violations, or expected ones no longer happen. */
  static final int VIOLATIONS = 1;

  /** The command line or the tables are wrong. */
  static final int USAGE = 2;

  /** The subject could not be run, or died before it had answered every case. */
  static final int SUBJECT = 3;

  private ExitStatus() {}
}
