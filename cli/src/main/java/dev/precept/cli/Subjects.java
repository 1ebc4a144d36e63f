package dev.precept.cli;

import dev.precept.junit.Batching;
import dev.precept.junit.SuiteOptions;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.exec.ExecException;
import dev.precept.subject.exec.ExecLimits;
import dev.precept.subject.exec.ExecSubjects;
import java.util.List;

/** The subjects that {@code --subject} can name. */
final class Subjects {
  private static final String CORE = "core";
  private static final List<String> NAMES = List.of(CORE, ExecSubjects.PREFIX + "COMMAND");

  private Subjects() {}

  /**
   * A subject to run on.
   *
   * @param options on the subject
   * @param implementation what it says it is: name and version; empty for Precept's own
   */
  record Chosen(SuiteOptions options, String implementation) {}

  /**
   * {@code options} on the subject called {@code name}.
   *
   * @param limits for a program
   */
  static Chosen choose(String name, SuiteOptions options, ExecLimits limits) {
    if (name.equals(CORE)) {
      return new Chosen(options.subject(CoreSubject::new, Batching.NONE), "");
    }
    if (name.startsWith(ExecSubjects.PREFIX)) {
      return program(name.substring(ExecSubjects.PREFIX.length()), options, limits);
    }
    throw UserException.usage(
        "--subject: there is no subject '"
            + name
            + "'"
            + Wording.nearest(name, NAMES)
            + "; there are "
            + String.join(", ", NAMES));
  }

  private static Chosen program(String command, SuiteOptions options, ExecLimits limits) {
    try {
      ExecSubjects subjects =
          ExecSubjects.of(command, limits, options.out(), PreceptCommand.Version.text());
      return new Chosen(
          options.subject(subjects, Batching.FORM),
          subjects.programName() + " " + subjects.programVersion());
    } catch (ExecException e) {
      throw UserException.subject("--subject exec: " + e.getMessage());
    }
  }
}
