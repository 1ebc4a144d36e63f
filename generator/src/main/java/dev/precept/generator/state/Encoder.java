package dev.precept.generator.state;

import dev.precept.tables.Mode;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Builders {@code prefix} and {@code encoding}: the bytes of the instruction under test, from the
 * form's template (APM vol. 3, 1.2 to 1.7).
 */
final class Encoder {
  private static final int[] SEGMENT_PREFIXES = {0, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
  private static final List<String> SEGMENTS = List.of("none", "es", "cs", "ss", "ds", "fs", "gs");

  private final Draft draft;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Encoder(Draft draft) {
    this.draft = draft;
  }

  /**
   * The instruction, which ends at the draft's RIP.
   *
   * @throws UnbuildableException if no encoding addresses the operand
   */
  static byte[] encode(Draft draft) {
    return new Encoder(draft).bytes();
  }

  private byte[] bytes() {
    List<String> tokens = draft.info.tokens();
    int mandatory = 0;
    int start = 0;
    if (tokens.size() > 1 && tokens.get(1).equals("+")) {
      mandatory = Integer.parseInt(tokens.get(0), 16);
      start = 2;
    }
    ModRm modRm = modRm(tokens);
    prefixes(mandatory);
    int rex = (draft.flag("rex_w") ? 8 : 0) | (modRm == null ? 0 : modRm.extensions());
    if (rex != 0) {
      if (draft.mode != Mode.LONG64) {
        throw new UnbuildableException("REX prefixes exist in 64-bit mode only");
      }
      out.write(0x40 | rex);
    }
    for (String token : tokens.subList(start, tokens.size())) {
      if (token.length() == 2 && isHex(token)) {
        out.write(Integer.parseInt(token, 16));
      }
    }
    int displacementAt = -1;
    if (modRm != null) {
      out.writeBytes(modRm.bytes());
      displacementAt = modRm.ripRelative() ? out.size() - 4 : -1;
      draft.displacement = modRm.displacement();
    }
    immediates(tokens);
    byte[] code = out.toByteArray();
    if (displacementAt >= 0) {
      relocate(code, displacementAt);
    }
    return code;
  }

  private void relocate(byte[] code, int at) {
    long next = draft.codeBase() + draft.get(dev.precept.cases.Register.RIP);
    long displacement = draft.operand.offset() - next;
    draft.displacement = draft.operand.offset();
    if (draft.addressSize() == 64 && displacement != (int) displacement) {
      throw new UnbuildableException("a displacement from rIP does not reach the operand");
    }
    System.arraycopy(ModRm.little(displacement, 4), 0, code, at, 4);
  }

  private void prefixes(int mandatory) {
    int segment = SEGMENTS.indexOf(draft.word("seg"));
    if (segment > 0) {
      out.write(SEGMENT_PREFIXES[segment]);
    }
    if (draft.flag("p67")) {
      out.write(0x67);
    }
    if (draft.flag("lock")) {
      out.write(0xF0);
    }
    if (draft.flag("p66") && mandatory != 0x66) {
      out.write(0x66);
    }
    String rep = draft.word("rep");
    if (rep.equals("f2") && mandatory != 0xF2) {
      out.write(0xF2);
    } else if (rep.equals("f3") && mandatory != 0xF3) {
      out.write(0xF3);
    }
    if (mandatory != 0) {
      out.write(mandatory);
    }
  }

  /** The ModRM operand, or null where the form has none. */
  private ModRm modRm(List<String> tokens) {
    int reg = -1;
    for (String token : tokens) {
      if (token.equals("/g2")) {
        reg = (int) draft.number("gpr2");
      } else if (token.startsWith("/")) {
        reg = Integer.parseInt(token.substring(1));
      }
    }
    if (tokens.contains("reg")) {
      return ModRm.register(Math.max(0, reg), (int) draft.number("gpr"));
    }
    String small = draft.word("addressing16");
    if (tokens.contains("mem") && !small.isEmpty() && !small.equals("none")) {
      return ModRm.memory16(small, Math.max(0, reg));
    }
    String rax = draft.word("addressing_rax");
    if (tokens.contains("mem") && !rax.isEmpty() && !rax.equals("none")) {
      return ModRm.memoryByRax(rax, Math.max(0, reg));
    }
    if (tokens.contains("mem")) {
      return ModRm.memory(
          draft.word("addressing"),
          Math.max(0, reg),
          draft.addressSize(),
          draft.mode == Mode.LONG64,
          draft.operand.offset());
    }
    return null;
  }

  private void immediates(List<String> tokens) {
    for (String token : tokens) {
      switch (token) {
        case "ib" -> out.write((int) draft.number("imm8"));
        case "iw0" -> out.writeBytes(new byte[2]);
        case "far" -> {
          boolean wide =
              (draft.mode == Mode.PROT32 || draft.mode == Mode.COMPAT) != draft.flag("p66");
          out.writeBytes(new byte[wide ? 4 : 2]);
          out.writeBytes(ModRm.little(TaskBuilder.pointer(draft), 2));
        }
        default -> {}
      }
    }
  }

  private static boolean isHex(String token) {
    return Character.digit(token.charAt(0), 16) >= 0 && Character.digit(token.charAt(1), 16) >= 0;
  }
}
