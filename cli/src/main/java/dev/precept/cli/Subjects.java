package dev.precept.cli;

import dev.precept.junit.SuiteOptions;
import dev.precept.subject.CoreSubject;
import java.util.List;

/** The subjects that {@code --subject} can name. */
final class Subjects {
  private static final List<String> NAMES = List.of("core");

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
    return options.subject(CoreSubject::new, false);
  }
}
