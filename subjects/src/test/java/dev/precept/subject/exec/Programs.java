package dev.precept.subject.exec;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Register;
import dev.precept.subject.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Real small programs for tests, in a folder of their own. */
final class Programs {
  /** Short times for what is late on purpose, long ones for what a busy machine may delay. */
  static final ExecLimits LIMITS =
      new ExecLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(2),
          Duration.ofSeconds(20),
          64,
          1 << 16,
          1 << 12);

  private static final BaseImage EMPTY =
      new BaseImage("empty", new byte[(int) (Layout.END - Layout.START)]);

  private final Path folder;

  Programs(Path folder) {
    this.folder = folder;
  }

  /** The command for subject.py with {@code modes}. */
  String python(String... modes) throws Exception {
    assumeTrue(runs("python3", "--version"), "skipped: there is no python3 here");
    StringBuilder command = new StringBuilder("env ");
    command.append(quoted("MEMORY=" + folder)).append(" python3 ");
    command.append(quoted(copy("subject.py").toString()));
    Stream.of(modes).forEach(mode -> command.append(' ').append(quoted(mode)));
    return command.toString();
  }

  /** The command for subject.py, which dies as soon as it has said {@code bytes} bytes. */
  String cut(int bytes) throws Exception {
    return python()
        .replace(" python3 ", " python3 " + quoted(copy("cut.py").toString()) + " " + bytes + " ");
  }

  /** The command for subject.c, built, with {@code mode}. */
  String c(String mode) throws Exception {
    assumeTrue(runs("cc", "--version"), "skipped: there is no C compiler here");
    Path program = folder.resolve("subject");
    if (!runs("cc", "-O1", "-o", program.toString(), copy("subject.c").toString())) {
      throw new IllegalStateException("subject.c does not compile");
    }
    return quoted(program.toString()) + " " + mode;
  }

  static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static boolean runs(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Path copy(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream in = Programs.class.getResourceAsStream("/programs/" + name)) {
        Files.copy(in, file);
      }
    }
    return file;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** How often subject.py was started. */
  int starts() throws IOException {
    return Files.readAllLines(folder.resolve("starts")).size();
  }

  ExecSubjects subjects(String command) throws ExecException {
    return ExecSubjects.of(command, LIMITS, folder.resolve("logs"), "1.0");
  }

  /** What {@code command} has to say of cases with these ids, in the order of its answers. */
  List<Observation> run(String command, String... ids) throws ExecException {
    List<Observation> seen = new ArrayList<>();
    try (Subject subject = subjects(command).get()) {
      subject.run(Stream.of(ids).map(Programs::testCase).toList(), seen::add);
    }
    return seen;
  }

  static Case testCase(String id) {
    return testCase(id, "svm", Context.GUEST, List.of());
  }

  static Case testCase(String id, String vendor, Context context, List<FeatureBit> features) {
    MachineState state = new MachineState().set(Register.RCX, id.hashCode());
    MemoryPatch code = new MemoryPatch(Layout.CODE, new byte[] {0x0F, 0x31});
    return new Case(
        id,
        vendor,
        features,
        context,
        state,
        new MachineState(),
        EMPTY,
        List.of(code),
        ControlBlock.at(Layout.CONTROL_BLOCK),
        ControlBlock.NONE,
        1,
        code);
  }
}
