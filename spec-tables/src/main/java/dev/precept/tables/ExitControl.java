package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;

/**
 * A control that makes the guest exit.
 *
 * @param id such as {@code rdtsc}; its bit is the state variable {@code icpt.ID}
 * @param offset byte offset in the VMCB, or VMCS field encoding
 * @param bit bit number at that offset
 * @param code exit code or basic exit reason
 * @param codeName the manual's name, such as {@code VMEXIT_RDTSC}
 * @param condition what must hold besides the bit; TRUE for most
 * @param infos information fields by the manual's name, in table order
 * @param nextRip whether nRIP (or the instruction length) is saved
 * @param quiet value of the bit in a case that does not care: 0, or 1 for exception vectors and
 *     VMRUN
 * @param gate feature expression without which the bit does nothing
 */
public record ExitControl(
    String id,
    int offset,
    int bit,
    long code,
    String codeName,
    Expr condition,
    List<Info> infos,
    Expr nextRip,
    int quiet,
    Expr gate,
    String meaning,
    Citation citation,
    Origin origin) {

  /**
   * An information field.
   *
   * @param name such as {@code EXITINFO1}
   * @param value over concrete state and assignment; {@code ?} undefined
   */
  public record Info(String name, Expr value) {}

  /** Name of the state variable that is the control's bit. */
  public String variable() {
    return "icpt." + id;
  }
}
