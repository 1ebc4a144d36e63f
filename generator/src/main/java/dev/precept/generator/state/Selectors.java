package dev.precept.generator.state;

/** What stands where in a case's GDT. Selectors 70h and 78h are promised by docs/tables.md. */
public final class Selectors {
  /** LDT; 16 bytes in long mode. */
  public static final int LDT = 0x50;

  /** Current TSS; 16 bytes in long mode. */
  public static final int TSS = 0x60;

  /** TSS that is the target of task switches. */
  public static final int OTHER_TSS = 0x70;

  /** Task gate to {@link #OTHER_TSS}. */
  public static final int TASK_GATE = 0x78;

  /** Flat code of the exception handlers, DPL 0: 64-bit in long mode, else 32-bit. */
  public static final int HANDLER_CODE = 0x80;

  /** Data for DS, ES, FS and GS, DPL 3; a descriptor each, so that each can be spoilt alone. */
  public static final int DS = 0x88;

  public static final int ES = 0x90;
  public static final int FS = 0x98;
  public static final int GS = 0xA0;

  /** Last byte of the GDT; F8h is beyond it. */
  public static final int GDT_LIMIT = 0xF7;

  private Selectors() {}

  /** Code of privilege level {@code cpl} in the case's mode, RPL included. */
  public static int code(int cpl) {
    return 0x08 + 0x10 * cpl | cpl;
  }

  /** Stack of privilege level {@code cpl}, RPL included. */
  public static int stack(int cpl) {
    return 0x10 + 0x10 * cpl | cpl;
  }
}
