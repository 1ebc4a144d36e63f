package dev.precept.tables.load;

import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks the places of variables and the targets of effects. */
final class Places {
  /** The builders of docs/tables.md. */
  private static final List<String> BUILDERS =
      List.of(
          "mode",
          "prefix",
          "encoding",
          "operand",
          "stack",
          "idt",
          "io",
          "msr",
          "monitor",
          "pauses",
          "smm",
          "task",
          "prior",
          "earlier",
          "bitstate",
          "vmcb",
          "vmcs",
          "vmwrite",
          "nested",
          "breakpoint",
          "tables",
          "ept");

  /** What an instruction can end in besides the next instruction. */
  private static final List<String> ENDINGS = List.of("halted", "shutdown", "deliver");

  private static final List<String> OTHER_TARGETS =
      List.of("src", "mem", "mem_high", "stack", "phys", "halted", "shutdown", "deliver");

  private static final Pattern PHYSICAL =
      Pattern.compile("phys\\[(0x[0-9A-Fa-f]{1,8}):([1248])\\]");

  private static final Pattern INDEXED = Pattern.compile("([^\\[\\]]*)(\\[([^\\[\\]]*)\\])?");
  private static final Pattern BITS = Pattern.compile("(\\d{1,2})(:(\\d{1,2}))?");
  private static final Pattern MSR = Pattern.compile("msr\\[(0x[0-9A-Fa-f]{1,8})\\]\\[(.*)\\]");
  private static final Pattern CPUID =
      Pattern.compile(
          "cpuid\\[(0x[0-9A-Fa-f]{1,8}|\\d{1,9})(\\.(0x[0-9A-Fa-f]{1,8}|\\d{1,9}))?\\]\\.(\\w+)(\\[.*)?");

  private final Scope scope;
  private final Problems problems;
  private final ExpressionReader expressions;

  Places(Scope scope, Problems problems, ExpressionReader expressions) {
    this.scope = scope;
    this.problems = problems;
    this.expressions = expressions;
  }

  /** Checks how a class of a variable becomes state. */
  void place(Cell cell) {
    String place = cell.text().strip();
    if (place.equals("none")) {
      return;
    }
    if (place.startsWith("builder:")) {
      String builder = place.substring(8);
      if (!BUILDERS.contains(builder)) {
        problems.unknown(
            cell, 8, builder, "no builder '" + Problems.shown(builder) + "'", BUILDERS);
      }
      return;
    }
    if (place.startsWith("cpuid")) {
      cpuid(cell, place);
      return;
    }
    if (place.startsWith("msr[")) {
      msr(cell, place);
      return;
    }
    if (place.startsWith("phys")) {
      physical(cell, place);
      return;
    }
    Matcher parts = INDEXED.matcher(place);
    if (!parts.matches() || place.isEmpty()) {
      problems.error(cell, place.isEmpty() ? "place is missing" : malformed(place));
      return;
    }
    String name = parts.group(1);
    Optional<String> index = Optional.ofNullable(parts.group(3));
    if (Scope.isFieldName(name)) {
      field(cell, name);
      index.ifPresent(bits -> bits(cell, bits, parts.start(3), 64));
    } else if (name.equals("mem") || name.equals("stack")) {
      number(cell, index.orElse(""), Math.max(0, parts.start(3)));
    } else if (isSource(name)) {
      index.ifPresent(bits -> bits(cell, bits, parts.start(3), 64));
    } else {
      register(cell, name, index, parts, List.of("src", "src2", "mem", "stack", "phys", "none"));
    }
  }

  private static boolean isSource(String name) {
    return name.equals("src") || name.equals("src2");
  }

  private void field(Cell cell, String name) {
    String field = name.substring(Scope.FIELD_PREFIX);
    if (!scope.fields.contains(field)) {
      problems.unknownName(
          cell,
          Scope.FIELD_PREFIX,
          field,
          "no control-block field '" + Problems.shown(field) + "'",
          scope.fields);
    }
  }

  private void physical(Cell cell, String text) {
    if (!PHYSICAL.matcher(text).matches()) {
      problems.error(
          cell,
          "memory is written phys[ADDRESS:BYTES], such as phys[0x4F080:4]; see docs/tables.md");
    }
  }

  private void msr(Cell cell, String place) {
    Matcher parts = MSR.matcher(place);
    if (!parts.matches()) {
      problems.error(cell, "a capability MSR's bit is written msr[0x48C][20]");
    } else {
      bits(cell, parts.group(2), parts.start(2), 64);
    }
  }

  /** Checks what an effect writes. */
  void target(Cell cell) {
    String target = cell.text();
    if (target.startsWith("phys")) {
      physical(cell, target);
      return;
    }
    Matcher parts = INDEXED.matcher(target);
    if (!parts.matches()) {
      problems.error(cell, malformed(target));
      return;
    }
    String name = parts.group(1);
    Optional<String> index = Optional.ofNullable(parts.group(3));
    if (name.equals("mem") || name.equals("mem_high") || name.equals("stack")) {
      if (index.isEmpty()) {
        problems.error(cell, "'" + name + "' needs its size in bytes, such as " + name + "[8]");
      } else {
        expressions.check(cell.part(parts.start(3), parts.end(3)));
      }
    } else if (isSource(name)) {
      index.ifPresent(bits -> bits(cell, bits, parts.start(3), 64));
    } else if (Scope.isFieldName(name)) {
      field(cell, name);
      index.ifPresent(bits -> problems.error(cell, "a field is written as a whole"));
    } else if (!ENDINGS.contains(name) || index.isPresent()) {
      register(cell, name, index, parts, OTHER_TARGETS);
    }
  }

  private void register(
      Cell cell, String name, Optional<String> index, Matcher parts, List<String> others) {
    Optional<Register> register = Scope.register(name);
    if (register.isEmpty()) {
      List<String> valid = new ArrayList<>(Scope.registerNames());
      valid.addAll(others);
      problems.unknown(cell, 0, name, "no register '" + Problems.shown(name) + "'", valid);
      return;
    }
    index.ifPresent(bits -> bits(cell, bits, parts.start(3), register.get().width()));
  }

  private void cpuid(Cell cell, String place) {
    Matcher parts = CPUID.matcher(place);
    if (!parts.matches()) {
      problems.error(
          cell, "a CPUID place is written cpuid[leaf].reg[bit] or cpuid[leaf.subleaf].reg[bit]");
      return;
    }
    List<String> valid = List.of("eax", "ebx", "ecx", "edx");
    if (!valid.contains(parts.group(4))) {
      problems.unknown(
          cell,
          parts.start(4),
          parts.group(4),
          "CPUID has no register '" + Problems.shown(parts.group(4)) + "'",
          valid);
    }
    String bits = parts.group(5);
    if (bits == null || !bits.endsWith("]")) {
      problems.error(cell, "a CPUID place needs its bit, such as cpuid[1].ecx[3]");
    } else {
      bits(cell, bits.substring(1, bits.length() - 1), parts.start(5) + 1, 32);
    }
  }

  /** Checks {@code 13} or {@code 13:12} inside something {@code width} bits wide. */
  private void bits(Cell cell, String bits, int offset, int width) {
    Matcher parts = BITS.matcher(bits);
    if (!parts.matches()) {
      problems.error(cell, offset, "bits are written [13] or [13:12]");
      return;
    }
    int high = Integer.parseInt(parts.group(1));
    int low = parts.group(3) == null ? high : Integer.parseInt(parts.group(3));
    if (low > high) {
      problems.error(cell, offset, "the high bit comes first: [" + low + ":" + high + "]");
    } else if (high >= width) {
      problems.error(cell, offset, "bit " + high + " of something that has " + width + " bits");
    }
  }

  private void number(Cell cell, String text, int offset) {
    if (text.isEmpty() || text.length() > 4 || !text.chars().allMatch(Character::isDigit)) {
      problems.error(cell, offset, "a byte offset is expected, such as mem[8]");
    }
  }

  private static String malformed(String place) {
    return "'" + Problems.shown(place) + "' is not a place; see docs/tables.md";
  }
}
