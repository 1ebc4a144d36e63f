package dev.precept.tables.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Checks encoding templates. */
final class Encodings {
  /** Tokens that are not bytes, ModRM digits or the mandatory-prefix sign. */
  private static final List<String> WORDS =
      List.of("NP", "mem", "reg", "ib", "iw0", "far", "si", "di", "ax", "pa", "/g2");

  private static final List<String> DIGITS =
      List.of("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7");

  /** Mandatory prefixes that opcodes have. */
  private static final Set<String> MANDATORY = Set.of("66", "F2", "F3");

  private final Problems problems;

  Encodings(Problems problems) {
    this.problems = problems;
  }

  /** Checks {@code cell} and gives its tokens. */
  List<String> check(Cell cell) {
    List<Cell> tokens = cell.words();
    int bytes = 0;
    int registerFields = 0;
    int operands = 0;
    boolean modRm = false;
    Cell previous = cell;
    for (Cell token : tokens) {
      String text = token.text();
      if (isByte(text)) {
        bytes++;
        if (registerFields + operands > 0) {
          problems.error(token, "opcode byte behind ModRM");
        }
      } else if (text.equals("+")) {
        if (!MANDATORY.contains(previous.text())) {
          problems.error(token, "'+' makes the byte before it a mandatory prefix: 66, F2 or F3");
        } else {
          bytes--;
        }
      } else if (DIGITS.contains(text) || text.equals("/g2")) {
        registerFields++;
      } else if (text.equals("mem") || text.equals("reg")) {
        operands++;
        modRm = true;
      } else if (!WORDS.contains(text)) {
        unknown(token);
      }
      previous = token;
    }
    if (bytes == 0) {
      problems.error(cell, "an encoding needs an opcode byte, such as 0F 01 /6 mem");
    }
    if (registerFields > 1 || operands > 1) {
      problems.error(cell, "an encoding has one ModRM byte: one /digit, and mem or reg");
    } else if ((registerFields == 1) != modRm) {
      problems.error(cell, "ModRM needs both a /digit and mem or reg");
    }
    return tokens.stream().map(Cell::text).toList();
  }

  private void unknown(Cell token) {
    String text = token.text();
    if (isByte(text.toUpperCase(Locale.ROOT))) {
      problems.error(token, "opcode bytes are written in capitals");
      return;
    }
    List<String> valid = new ArrayList<>(WORDS);
    valid.addAll(DIGITS);
    problems.unknown(token, 0, text, "no encoding token '" + Problems.shown(text) + "'", valid);
  }

  private static boolean isByte(String text) {
    return text.length() == 2
        && "0123456789ABCDEF".indexOf(text.charAt(0)) >= 0
        && "0123456789ABCDEF".indexOf(text.charAt(1)) >= 0;
  }
}
