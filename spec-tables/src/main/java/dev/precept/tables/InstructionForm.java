package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.Set;

/**
 * One encoding of one instruction, with its checks in order.
 *
 * @param instruction slug, such as {@code lmsw}
 * @param form slug of the form within the instruction, such as {@code mem}; empty where there is
 *     one
 * @param mnemonic as the manual writes it, such as {@code LMSW mem16}
 * @param encoding encoding template, such as {@code 0F 01 /6 mem}; see docs/tables.md
 * @param modes modes in which the opcode exists; elsewhere it is #UD
 * @param gate feature expression; where it is false the opcode is #UD
 * @param operand memory operand: access and size, or none
 * @param order checks, highest priority first
 * @param vary variables that decide values without arming a check
 * @param effects state it writes when it completes
 * @param fixed variables that this form fixes, as constraints
 */
public record InstructionForm(
    String instruction,
    String form,
    String mnemonic,
    String encoding,
    Set<Mode> modes,
    Expr gate,
    Operand operand,
    CheckOrder order,
    List<String> vary,
    List<Effect> effects,
    List<Expr> fixed,
    Citation citation,
    Origin origin) {

  /** {@code instruction} or {@code instruction.form}. */
  public String id() {
    return form.isEmpty() ? instruction : instruction + "." + form;
  }

  /**
   * A memory operand.
   *
   * @param access how it is touched
   * @param size bytes, over state variables (constant for most)
   */
  public record Operand(Access access, Expr size) {}

  /** How a memory operand is touched. */
  public enum Access {
    NONE,
    /** The address is computed but nothing is read or written (INVLPG). */
    ADDRESS,
    READ,
    WRITE,
    READ_WRITE
  }
}
