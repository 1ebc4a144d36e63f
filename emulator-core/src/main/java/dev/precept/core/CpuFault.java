package dev.precept.core;

/**
 * An exception (the processor's, not Java's) on its way from the helper that found it to {@link
 * Cpu#step}. One object a CPU, without a stack trace: thrown only through {@link Cpu#fault}.
 */
public final class CpuFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Exception vectors (APM vol. 2, table 8-1). */
  public static final int DE = 0,
      DB = 1,
      NMI = 2,
      BP = 3,
      OF = 4,
      BR = 5,
      UD = 6,
      NM = 7,
      DF = 8,
      TS = 10,
      NP = 11,
      SS = 12,
      GP = 13,
      PF = 14,
      MF = 16,
      AC = 17,
      MC = 18,
      XF = 19,
      VE = 20,
      CP = 21,
      SX = 30;

  /** Vector, 0 to 31. */
  public int vector;

  /** Whether the exception pushes an error code. */
  public boolean hasErrorCode;

  /** Error code, if any. */
  public int errorCode;

  /** Whether a #PF came from an instruction fetch; its error code says so only with NX or SMEP. */
  public boolean fetch;

  /** Linear address of a #PF. */
  public long address;

  /** For #DB: DR6 bits to set. */
  public long dr6;

  /** Raised by INT3 or INTO: the IDT gate must be of sufficient privilege, EXT is 0. */
  public boolean software;

  /** Whether the saved RIP is the next instruction (trap) and not the faulting one. */
  public boolean trap;

  CpuFault() {
    super(null, null, false, false);
  }
}
