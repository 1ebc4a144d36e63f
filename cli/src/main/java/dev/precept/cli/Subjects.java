package dev.precept.cli;

import dev.precept.junit.Batching;
import dev.precept.junit.SuiteOptions;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.SharedSubject;
import dev.precept.subject.Subject;
import dev.precept.subject.exec.ExecException;
import dev.precept.subject.exec.ExecLimits;
import dev.precept.subject.exec.ExecSubjects;
import dev.precept.subject.metal.DiskSubject;
import dev.precept.subject.metal.MetalSubject;
import dev.precept.subject.metal.SubjectUnavailableException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The subjects that {@code --subject} can name. */
final class Subjects {
  private static final String CORE = "core", QEMU = "qemu", BOCHS = "bochs", KVM = "kvm";
  private static final String DISK = "disk:";
  private static final List<String> NAMES =
      List.of(CORE, QEMU, BOCHS, KVM, DISK + "FILE", ExecSubjects.PREFIX + "COMMAND");

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
    if (name.startsWith(ExecSubjects.PREFIX)) {
      return program(name.substring(ExecSubjects.PREFIX.length()), options, limits);
    }
    if (name.startsWith(DISK)) {
      Path file = Path.of(name.substring(DISK.length()));
      return machine(() -> DiskSubject.open(file), options);
    }
    return switch (name) {
      case CORE -> new Chosen(options.subject(CoreSubject::new, Batching.NONE), "");
      case QEMU -> machine(MetalSubject::qemu, options);
      case BOCHS -> machine(MetalSubject::bochs, options);
      case KVM -> machine(MetalSubject::kvm, options);
      default ->
          throw UserException.usage(
              "--subject: there is no subject '"
                  + name
                  + "'"
                  + Wording.nearest(name, NAMES)
                  + "; there are "
                  + String.join(", ", NAMES));
    };
  }

  /** One machine for all threads, and its cases in batches: it takes a moment to start. */
  private static Chosen machine(Supplier<Subject> maker, SuiteOptions options) {
    Supplier<Subject> shared = SharedSubject.of(maker);
    try (Subject one = shared.get()) {
      return new Chosen(options.subject(shared, Batching.ALL), one.version());
    } catch (SubjectUnavailableException e) {
      throw UserException.subject(e.getMessage());
    }
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
