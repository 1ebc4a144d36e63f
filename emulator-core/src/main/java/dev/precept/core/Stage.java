package dev.precept.core;

/**
 * When {@link Cpu#step} asks the {@link Virtualization} about an opcode row's intercept. In every
 * case instruction fetch, decoding (undefined opcode in this mode, LOCK) has passed already.
 */
public enum Stage {
  /** Never: there is no intercept, or the handler asks a hook itself. */
  NONE,
  /** Before any exception: "takes priority over any exceptions" (PUSHF, POPF, IRET, INTn, RSM). */
  BEFORE_EXCEPTIONS,
  /** After the #UD checks (gate, PROT, register or memory form), before privilege (XSETBV). */
  AFTER_UD,
  /** After privilege (CPL0) and the check of a physical-address operand, before the row's check. */
  AFTER_PRIVILEGE,
  /** After the row's check callback: every exception but those of a memory operand. */
  AFTER_CHECKS,
  /** After the memory operand was accessed for reading (every exception). */
  AFTER_MEMORY
}
