package dev.precept.cli;

/** Something a person can put right; the message says what, where and how. */
final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  private UserException(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  /** The command line asks for something that is not there. */
  static UserException usage(String message) {
    return new UserException(ExitStatus.USAGE, message);
  }

  /** The subject cannot be run. */
  static UserException subject(String message) {
    return new UserException(ExitStatus.SUBJECT, message);
  }

  int exitStatus() {
    return exitStatus;
  }
}
