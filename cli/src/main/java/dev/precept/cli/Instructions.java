package dev.precept.cli;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which instructions a command is about: all, unless it is told some. */
final class Instructions {
  @Option(
      names = "--instruction",
      paramLabel = "NAME",
      description = "Only this instruction, such as rdtsc, or form, such as lmsw.mem. Repeatable.")
  private List<String> names = new ArrayList<>();

  /** What was asked for, instructions and forms, in this order; empty: all. */
  List<String> names() {
    return List.copyOf(names);
  }

  /** Whether none was left out. */
  boolean all() {
    return names.isEmpty();
  }

  /** Whether {@code form} was asked for. */
  boolean wanted(InstructionForm form) {
    return all() || names.contains(form.id()) || names.contains(form.instruction());
  }

  /** Fails if the tables have no instruction or form of one of the names. */
  void check(List<Tables> tables) {
    List<String> known =
        tables.stream()
            .flatMap(vendor -> vendor.forms().stream())
            .flatMap(form -> Stream.of(form.instruction(), form.id()))
            .distinct()
            .toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw UserException.usage(
            "--instruction: the tables have no '" + name + "'" + Wording.nearest(name, known));
      }
    }
  }
}
