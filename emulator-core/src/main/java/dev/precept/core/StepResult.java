package dev.precept.core;

/** What one {@link Cpu#step} did. Constants, because step returns an int. */
public final class StepResult {
  /** The instruction completed (or, of a REP string instruction, one batch of iterations). */
  public static final int RETIRED = 0;

  /** An event was delivered through the IDT or IVT; see {@link Cpu#lastVector}. */
  public static final int DELIVERED = 1;

  /** A #VMEXIT happened; host state is loaded. */
  public static final int EXITED = 2;

  /** HLT (or MWAIT) stopped the processor; RIP is behind the instruction. */
  public static final int HALTED = 3;

  /** The processor shut down (triple fault). */
  public static final int SHUTDOWN = 4;

  private StepResult() {}
}
