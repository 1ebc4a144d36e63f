package dev.precept.cli;

import dev.precept.junit.SuiteOptions;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.SharedSubject;
import dev.precept.subject.Subject;
import dev.precept.subject.metal.MetalSubject;
import java.util.List;
import java.util.function.Supplier;

/** The subjects that {@code --subject} can name. */
final class Subjects {
  private static final List<String> NAMES = List.of("core", "qemu", "bochs", "kvm");

  private Subjects() {}

  /** {@code options} on the subject called {@code name}. */
  static SuiteOptions choose(String name, SuiteOptions options) {
    if (!NAMES.contains(name)) {
      throw UserException.usage(
          "--subject: there is no subject '"
              + name
              + "'"
              + Wording.nearest(name, NAMES)
              + "; there are "
              + String.join(", ", NAMES));
    }
    return switch (name) {
      case "qemu" -> machine(MetalSubject::qemu, options);
      case "bochs" -> machine(MetalSubject::bochs, options);
      case "kvm" -> machine(MetalSubject::kvm, options);
      default -> options.subject(CoreSubject::new, false);
    };
  }

  /** One machine for all threads, and its cases in batches: it takes a moment to start. */
  private static SuiteOptions machine(Supplier<Subject> maker, SuiteOptions options) {
    return options.subject(SharedSubject.of(maker), true);
  }
}
