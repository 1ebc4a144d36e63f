package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What it takes to set a case up by hand in another emulator.
 *
 * @param bytes the instruction's bytes in hex, prefixes included, such as {@code 0F 31}
 * @param assembly the instruction as an assembler or the manual writes it
 * @param registers initial values that differ from the ordinary state, by register name, in hex
 * @param controlBlockBits bits and fields of the VMCB or VMCS that are set, such as {@code VMCB
 *     00Ch bit 14 (RDTSC)}
 * @param memory what memory holds beside that: page-table entries, descriptors, bitmaps
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Reproducer(
    String bytes,
    String assembly,
    Map<String, String> registers,
    List<String> controlBlockBits,
    List<String> memory) {

  /** Nothing to set up is known. */
  public static final Reproducer NONE = new Reproducer("", "", Map.of(), List.of(), List.of());

  public Reproducer {
    bytes = Texts.orEmpty(bytes);
    assembly = Texts.orEmpty(assembly);
    registers =
        registers == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(registers));
    controlBlockBits = controlBlockBits == null ? List.of() : List.copyOf(controlBlockBits);
    memory = memory == null ? List.of() : List.copyOf(memory);
  }
}
