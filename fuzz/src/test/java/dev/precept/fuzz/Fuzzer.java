package dev.precept.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Runs Jazzer, in a process of its own, on the method {@code fuzzerTestOneInput} of a class. */
final class Fuzzer {
  /** An input that takes this many seconds is a finding. */
  private static final int SLOWEST = 60;

  /** What the process may have for itself: one that wants more is a finding. */
  private static final String HEAP = "-Xmx1g";

  private static final Pattern EXECUTED = Pattern.compile("Done (\\d+) (?:runs|in)");

  private final Path work;
  private final List<String> options;

  private Fuzzer(Path work, List<String> options) {
    this.work = work;
    this.options = options;
  }

  /**
   * One that tries {@code inputs} inputs, the same every time. Logs and findings go into {@code
   * work}.
   */
  static Fuzzer brief(Path work, int inputs) {
    // Most of such a run is starting, which is twice as fast without the better compiler.
    return new Fuzzer(work, List.of("-XX:TieredStopAtLevel=1", "-seed=1", "-runs=" + inputs));
  }

  /** One that tries inputs for {@code seconds} seconds, other ones every time, made of words. */
  static Fuzzer lasting(Path work, long seconds, Path words) {
    return new Fuzzer(
        work, List.of("-XX:+TieredCompilation", "-max_total_time=" + seconds, "-dict=" + words));
  }

  /**
   * How a run ended.
   *
   * @param inputs how many were tried; 0 where the fuzzer did not come to say so
   */
  record Outcome(int status, long inputs, String log) {
    boolean found() {
      return status != 0;
    }

    /** What it said, without how it got there. */
    String told() {
      return log.lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("INFO"))
          .collect(Collectors.joining("\n"));
    }
  }

  /**
   * Runs the fuzzer until it is enough, or until it finds something.
   *
   * @param folders of inputs; new ones of interest go into the first
   */
  Outcome run(Class<?> holder, List<Path> folders) throws IOException, InterruptedException {
    Files.createDirectories(work);
    Path log = work.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                options.get(0),
                HEAP,
                // Deep input must be refused by what reads it, not by what happens to be there.
                "-Xss512k",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + holder.getName(),
                "--instrumentation_includes=dev.precept.**",
                "--custom_hook_includes=dev.precept.**",
                "--reproducer_path=" + work,
                "-artifact_prefix=" + work + "/",
                "-timeout=" + SLOWEST,
                "-rss_limit_mb=0",
                // Inputs are long from the start: what changes little of a machine shows little.
                "-len_control=0",
                "-max_len=2048",
                "-use_value_profile=1"));
    command.addAll(options.subList(1, options.size()));
    for (Path folder : folders) {
      command.add(folder.toString());
    }
    Process process =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int status = process.waitFor();
    String text = Files.readString(log);
    Matcher executed = EXECUTED.matcher(text);
    return new Outcome(status, executed.find() ? Long.parseLong(executed.group(1)) : 0, text);
  }
}
