package dev.precept.junit;

/** The generated tests could not be made or run; the message is for people. */
public final class SuiteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SuiteException(String message) {
    super(message);
  }
}
