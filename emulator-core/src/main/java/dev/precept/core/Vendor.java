package dev.precept.core;

/** Whose virtualization a {@link Virtualization} is; selects a column of {@link OpcodeRow}. */
public enum Vendor {
  /** Neither: nothing is ever intercepted. */
  NONE,
  /** AMD's. */
  SVM,
  /** Intel's. */
  VMX;

  static final int COUNT = 3;
}
