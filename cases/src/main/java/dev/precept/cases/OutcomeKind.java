package dev.precept.cases;

/** How a case ended. Each is its own word and its own count; none is ever folded into another. */
public enum OutcomeKind {
  /** The guest left by #VMEXIT or VM exit. */
  EXIT,
  /** An exception or software interrupt was delivered through the IDT; its handler is next. */
  DELIVERED,
  /** The instruction completed. */
  RETIRED,
  /** The instruction completed and the processor waits (HLT, MWAIT). */
  HALTED,
  /** The processor shut down (triple fault) with nothing to intercept it. */
  SHUTDOWN,
  /** The subject cannot run this case, known before running it. */
  NOT_APPLICABLE,
  /** The subject hung or answered nothing usable. */
  NO_ANSWER,
  /** The subject died or threw. */
  CRASH
}
