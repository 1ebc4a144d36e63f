package dev.precept.generator.state;

import dev.precept.cases.Register;

/**
 * Builder {@code breakpoint}: one breakpoint in DR0 to DR3 and DR7 (APM vol. 2, 13.1.1) on the
 * instruction, its operand or its port.
 */
final class BreakpointBuilder {
  private BreakpointBuilder() {}

  /**
   * Sets the breakpoint up, once the instruction and its operand have their places.
   *
   * @param length of the instruction in bytes
   */
  static void build(Draft draft, int length) {
    if (!draft.info.relevant().contains("bp.on")) {
      return;
    }
    String kind = draft.word("bp.kind");
    long first =
        switch (kind) {
          case "code" -> draft.codeBase() + draft.get(Register.RIP);
          case "io" -> draft.number("port");
          default -> draft.operand.linear();
        };
    int size = kind.equals("code") ? length : 1;
    String on = draft.word("bp.on");
    int number = on.equals("none") ? 1 : on.charAt(1) - '0';
    String at = draft.word("bp.at");
    boolean four = at.equals("all") || at.equals("over");
    draft.set(
        Register.at(Register.DR0.ordinal() + number),
        switch (at) {
          case "over" -> first + 2;
          case "behind" -> first + size;
          case "before" -> first - 1;
          default -> first;
        });
    long enable = on.equals("none") ? 0 : (on.charAt(0) == 'l' ? 1L : 2) << (2 * number);
    long what =
        switch (kind) {
          case "write" -> 1;
          case "io" -> 2;
          case "access" -> 3;
          default -> 0;
        };
    long length4 = four ? 3 << 2 : 0;
    draft.set(
        Register.DR7, draft.get(Register.DR7) | enable | (what | length4) << (16 + 4 * number));
  }
}
