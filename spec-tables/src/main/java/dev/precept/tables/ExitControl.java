package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that makes the guest exit.
 *
 * @param id such as {@code rdtsc}
 * @param control the bit that switches it on; empty where it needs none of its own: it is
 *     unconditional, or its condition names other exits' bits
 * @param code exit code or basic exit reason
 * @param codeName the manual's name, such as {@code VMEXIT_RDTSC}
 * @param condition what must hold besides the bit; TRUE for most
 * @param infos what the exit reports, in table order
 * @param quiet value of the bit in a case that does not care: 0, or 1 for exception vectors and
 *     VMRUN
 * @param gate feature expression without which the bit does nothing
 */
public record ExitControl(
    String id,
    Optional<ControlBit> control,
    long code,
    String codeName,
    Expr condition,
    List<Info> infos,
    int quiet,
    Expr gate,
    String meaning,
    Citation citation,
    Origin origin) {

  /**
   * A bit of the control block.
   *
   * @param field byte offset in the VMCB, or VMCS field encoding
   * @param bit bit number at that offset or in that field
   */
  public record ControlBit(int field, int bit) {}

  /**
   * A field of the control block that the exit writes.
   *
   * @param name the manual's, such as {@code EXITINFO1} or {@code exit qualification}
   * @param value over concrete state and assignment; {@code ?} undefined
   */
  public record Info(String name, Expr value) {
    /** Name of the field in the table of control-block fields. */
    public String field() {
      return name.toLowerCase(Locale.ROOT).replace(' ', '_').replace('-', '_');
    }
  }

  /** Name of the state variable that is the control's bit; empty if it has none. */
  public Optional<String> variable() {
    return control.map(unused -> "icpt." + id);
  }
}
