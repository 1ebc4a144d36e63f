package dev.precept.generator.vendor;

import dev.precept.cases.Register;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;

/** Guest instruction bytes, which decode assists store (APM vol. 2, 15.8.4). */
final class InstructionBytes {
  /** The feature that makes an exit store them. */
  static final String DECODE_ASSISTS = "feat.decode_assists";

  private static final String FIELD = "bytes_fetched";

  /** They as two quadwords; the lowest byte is their number. */
  private static final String LOW = "guest instruction bytes 63:0",
      HIGH = "guest instruction bytes 127:64";

  private static final long PAGE_FAULT = 0x4E, NESTED_PAGE_FAULT = 0x400;

  /** Those nested page faults that the instruction's data meet. */
  private static final Set<String> NESTED_DATA = Set.of("npf_read", "npf_write");

  /** Variables that make the fetch of an instruction without an operand fault. */
  private static final Set<String> FETCH = Set.of("pt.upper", "code.page");

  /** The variable that says what is behind the instruction. */
  private static final String CODE_END = "code.end";

  private final Tables tables;

  InstructionBytes(Tables tables) {
    this.tables = tables;
  }

  /** What a VMCB, whose bytes are given, has of them. */
  void show(byte[] block, SortedMap<String, Long> shown) {
    int at = SvmState.field(tables, FIELD).offset();
    shown.put(LOW, SvmState.number(block, at, 8));
    shown.put(HIGH, SvmState.number(block, at + 8, 8));
  }

  /**
   * By table 15-6: an intercepted data page fault or a nested one stores how many bytes could be
   * fetched at CS:rIP, 15 unless {@code code.end} says otherwise, and those bytes; every other
   * intercept clears the number and may leave the rest alone. A nested page fault of the fetch
   * gives "no additional information": whether it clears the number is not said.
   */
  void expect(Setup setup, Exit exit, ExitExpectation to) {
    boolean assists =
        tables.variables().containsKey(DECODE_ASSISTS)
            && setup.assignment().value(tables, DECODE_ASSISTS) != 0;
    if (!assists || exit.delivering().isPresent()) {
      return;
    }
    boolean fetch = !Collections.disjoint(setup.info().relevant(), FETCH);
    if (fetch && !setup.operand().present()) {
      // Nor is it of an intercepted page fault of the fetch.
      return;
    }
    boolean nested = exit.control().code() == NESTED_PAGE_FAULT;
    if (nested && !NESTED_DATA.contains(exit.control().id())) {
      return;
    }
    if (!nested && exit.control().code() != PAGE_FAULT) {
      to.field(LOW, 0, 0xFF);
      return;
    }
    long at = setup.testCase().code().address();
    if (endsThere(setup)) {
      int length = setup.length();
      to.field(LOW, setup.memory().read(at, length) << 8 | length, (1L << (8 * (length + 1))) - 1);
      return;
    }
    to.field(LOW, setup.memory().read(at, 7) << 8 | 15);
    to.field(HIGH, setup.memory().read(at + 7, 8));
  }

  /** Whether nothing can be fetched behind the instruction. */
  private boolean endsThere(Setup setup) {
    return switch (tables.variables().containsKey(CODE_END)
        ? setup.assignment().word(tables, CODE_END)
        : "ok") {
      case "limit" -> setup.mode() != Mode.LONG64;
      case "not_present" -> true;
      case "supervisor" -> setup.before().get(Register.CPL) == 3;
      default -> false;
    };
  }
}
