package dev.precept.subject.exec;

/** A program that cannot be a subject: it does not start, or says no usable hello. */
public final class ExecException extends Exception {
  private static final long serialVersionUID = 1;

  ExecException(String message) {
    super(message);
  }
}
