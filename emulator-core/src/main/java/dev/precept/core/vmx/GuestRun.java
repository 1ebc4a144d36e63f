package dev.precept.core.vmx;

/**
 * What the processor knows of the running guest beside its registers and the control fields. All of
 * it begins anew with every VM entry.
 */
final class GuestRun {
  /** The processor is in VMX non-root operation. */
  boolean active;

  /** VM entry is delivering the event that it injects. */
  boolean injecting;

  /** Virtual-NMI blocking, if the "virtual NMIs" control is 1 (SDM vol. 3C, table 24-3). */
  boolean virtualNmiBlocking;

  /** The IRET being executed found NMIs, or virtual NMIs, blocked and unblocked them (27.2.2). */
  boolean unblockedByIret;

  /** An MTF VM exit is pending on the next instruction boundary (25.5.2). */
  boolean trapFlagPending;

  /** DR6 bits of debug exceptions that VM entry left pending; they come first of all (26.6.3). */
  long pendingDebug;

  /** VMX-preemption timer as loaded, unsigned, and instruction boundaries since, less one. */
  long timer;

  long boundaries;

  /** When the first PAUSE of a loop ran, and the last (PAUSE-loop exiting, 25.1.3). */
  long firstPause;

  long lastPause;
  boolean pauseSeen;

  /** Takes over everything that {@code other} holds. */
  void copyFrom(GuestRun other) {
    active = other.active;
    injecting = other.injecting;
    virtualNmiBlocking = other.virtualNmiBlocking;
    unblockedByIret = other.unblockedByIret;
    trapFlagPending = other.trapFlagPending;
    pendingDebug = other.pendingDebug;
    timer = other.timer;
    boundaries = other.boundaries;
    firstPause = other.firstPause;
    lastPause = other.lastPause;
    pauseSeen = other.pauseSeen;
  }

  void begin() {
    active = true;
    injecting = false;
    virtualNmiBlocking = false;
    unblockedByIret = false;
    trapFlagPending = false;
    pendingDebug = 0;
    boundaries = -1;
    pauseSeen = false;
  }

  /** What is left of the preemption timer, which follows bit {@code rate} of the TSC. */
  long timerLeft(int rate) {
    long elapsed = Math.max(boundaries, 0) >>> rate;
    return elapsed >= timer ? 0 : timer - elapsed;
  }
}
