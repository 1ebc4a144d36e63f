package dev.precept.subject.metal;

/** A subject cannot be started at all; the message says why and what to do. */
public final class SubjectUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With {@code message} for a person. */
  public SubjectUnavailableException(String message) {
    super(message);
  }

  /** With {@code message} for a person. */
  public SubjectUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
