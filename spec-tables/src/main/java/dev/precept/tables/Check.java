package dev.precept.tables;

import dev.precept.tables.expr.Expr;
import java.util.List;
import java.util.Optional;

/**
 * One step an instruction takes before it completes.
 *
 * @param id such as {@code gp.cpl} or {@code exit.rdtsc}
 * @param result what happens when it fires
 * @param condition when it fires
 * @param writes state that changes although it fires, such as {@code dr6[13]=1}
 */
public record Check(
    String id,
    Result result,
    Expr condition,
    List<Effect> writes,
    String meaning,
    Citation citation,
    Origin origin) {

  /** What a check does when it fires. */
  public sealed interface Result {}

  /**
   * An exception.
   *
   * @param vector 0 to 31
   * @param errorCode the error code, empty for a vector that has none
   * @param trap whether the saved rIP is that of the next instruction
   */
  public record Fault(int vector, Optional<Expr> errorCode, boolean trap) implements Result {}

  /**
   * The instruction ends here with what the check writes, and execution goes on behind it.
   *
   * @param label for people, such as {@code VMfailValid(12)}
   * @param code tells such ends apart: the number in the label, or -1
   */
  public record End(String label, long code) implements Result {}

  /**
   * An event that is taken before the instruction, whatever exceptions are intercepted: through the
   * IDT, with the instruction's own rIP saved.
   *
   * @param information which event, as EXITINTINFO and the VM-entry interruption information have
   *     it: vector 7:0, type 10:8, bit 11 for an error code, which is in 63:32, bit 31 valid
   */
  public record Event(Expr information) implements Result {}

  /**
   * An intercept or VM exit.
   *
   * @param exit the control's id
   * @param trap whether the instruction completes first: its effects are made, and the saved rIP is
   *     that of the next instruction
   */
  public record Exit(String exit, boolean trap) implements Result {}
}
