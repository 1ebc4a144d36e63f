package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The finished jar, run as a process in a folder. */
final class Jar {
  private static final Path BUILT = Path.of(System.getProperty("precept.jar"));

  private final Path directory;

  Jar(Path directory) {
    assertThat(BUILT).as("the build packages it").exists();
    this.directory = directory;
  }

  /**
   * How a run ended.
   *
   * @param output both streams
   */
  record Ended(int status, String output, long nanos) {}

  /** What runs it with {@code words}; those that begin with {@code -D} are the JVM's. */
  static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // No file of the JVM's own, which a limit of file sizes would be about as well.
    command.add("-XX:-UsePerfData");
    Stream.of(words).filter(word -> word.startsWith("-D")).forEach(command::add);
    command.add("-jar");
    command.add(BUILT.toAbsolutePath().toString());
    Stream.of(words).filter(word -> !word.startsWith("-D")).forEach(command::add);
    return command;
  }

  Process start(List<String> command, ProcessBuilder.Redirect output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().remove("GITHUB_STEP_SUMMARY");
    // Nothing in what is written tells one run from another.
    builder.environment().putAll(Map.of("SOURCE_DATE_EPOCH", "1767225600"));
    return builder.start();
  }

  /** Starts one whose output nobody reads. */
  Process start(String... words) throws IOException {
    return start(command(words), ProcessBuilder.Redirect.DISCARD);
  }

  /** Runs one to its end. */
  Ended run(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process = start(command, ProcessBuilder.Redirect.PIPE);
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output, System.nanoTime() - start);
  }

  Ended run(String... words) throws IOException, InterruptedException {
    return run(command(words));
  }

  /** Every file below {@code folder}, by its name relative to it. */
  static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (var found = Files.walk(folder)) {
        for (Path file : found.filter(Files::isRegularFile).toList()) {
          files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }
}
