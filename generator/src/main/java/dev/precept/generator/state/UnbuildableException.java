package dev.precept.generator.state;

/** An assignment that no state of the experiment realises: a constraint is missing. */
public final class UnbuildableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what cannot be built. */
  public UnbuildableException(String message) {
    super(message);
  }
}
