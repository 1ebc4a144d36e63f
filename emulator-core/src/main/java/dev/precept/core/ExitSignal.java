package dev.precept.core;

/**
 * Unwinds to {@link Cpu#step} after a {@link Virtualization} hook took a #VMEXIT: host state is
 * already loaded when this is thrown, and step returns {@link StepResult#EXITED} touching nothing.
 */
public final class ExitSignal extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The one instance: it carries nothing, not even a stack trace, and is thrown at every exit. */
  @SuppressWarnings("StaticAssignmentOfThrowable")
  public static final ExitSignal INSTANCE = new ExitSignal();

  private ExitSignal() {
    super(null, null, false, false);
  }
}
