package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.precept.cases.Verdict;
import dev.precept.cases.json.Json;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples below docs/examples are built and run as their pages say, and can fail. */
@Timeout(600)
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "docs", "examples");

  private static final String MISTAKE = "svm/rdtsc/long64/gp.tsd>exit";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static boolean runs(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void assumePython() throws Exception {
    assumeTrue(runs("python3", "--version"), "skipped: there is no python3 here");
  }

  private static void assumeC() throws Exception {
    assumeTrue(
        runs("cc", "--version") && runs("make", "--version"),
        "skipped: there is no C compiler or no make here");
  }

  /** Runs a program to its end and returns what it printed, with its exit status in front. */
  private String shell(String... command) throws Exception {
    Path printed = folder.resolve("printed");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return "exit status " + process.exitValue() + "\n" + Files.readString(printed);
  }

  /** The examples in a folder of their own, where they can be built and changed. */
  private Path copy() throws IOException {
    Path copy = folder.resolve("examples");
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(EXAMPLES.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return copy;
  }

  private void make(Path examples, String name) throws Exception {
    assertThat(shell("make", "-C", examples.resolve(name).toString()))
        .startsWith("exit status 0\n");
  }

  /** Has RDTSC of the C example look at its intercept before its privilege. */
  private static void breakOrder(Path examples) throws IOException {
    Path tiny = examples.resolve("exec-c").resolve("tiny.c");
    String privilege = " || protection(no_tsc())";
    String intercept = " || exits(in, INTERCEPTS_3, 14, VMEXIT_RDTSC)";
    String text = Files.readString(tiny).replaceAll("\\s+\\|\\| ", " || ");
    assertThat(text).contains(privilege + intercept);
    Files.writeString(tiny, text.replace(privilege + intercept, intercept + privilege));
  }

  private int gate(String command, String... options) {
    List<String> arguments = new ArrayList<>(List.of("gate", "--subject", "exec:" + command));
    arguments.addAll(List.of("--out", folder.resolve("out").toString(), "--tries", "10"));
    arguments.addAll(List.of(options));
    return Main.run(
        arguments.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private List<Result> results() throws IOException {
    return ResultLog.read(folder.resolve("out").resolve("results.jsonl")).results();
  }

  /** Runs an example on the instructions it has, and looks at every line on the way. */
  private void assertGates(String program) throws Exception {
    Path in = folder.resolve("in.jsonl");
    Path said = folder.resolve("out.jsonl");
    String command = "sh -c \"tee -a '" + in + "' | " + program + " | tee -a '" + said + "'\"";

    // One program: two would write into each other's lines.
    int status =
        gate(
            command,
            "--threads",
            "1",
            "--instruction",
            "rdtsc",
            "--instruction",
            "clts",
            "--instruction",
            "hlt");

    assertThat(status).as(out + "\n" + err).isEqualTo(ExitStatus.HOLDS);
    assertThat(results())
        .extracting(Result::verdict)
        .isSubsetOf(Verdict.HOLDS, Verdict.OPEN_HOLDS, Verdict.NOT_APPLICABLE);
    assertThat(results()).filteredOn(r -> r.verdict() == Verdict.HOLDS).hasSizeGreaterThan(300);
    assertThat(results())
        .filteredOn(r -> r.verdict() == Verdict.NOT_APPLICABLE)
        .extracting(Result::remark)
        .doesNotContain("");
    assertValid(in, "toProgram");
    assertValid(said, "toPrecept");
  }

  private static void assertValid(Path lines, String definition) throws Exception {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(
                SchemaLocation.of(
                    "classpath:/dev/precept/cases/json/schema/protocol.schema.json#/$defs/"
                        + definition));
    List<String> all = Files.readAllLines(lines);
    assertThat(all).hasSizeGreaterThan(500);
    for (String line : all) {
      assertThat(schema.validate(Json.parse(line))).as(line).isEmpty();
    }
  }

  @Test
  void thePythonExampleHoldsWhereItApplies() throws Exception {
    assumePython();

    assertGates("python3 -B '" + EXAMPLES.resolve("exec-python/tiny.py").toAbsolutePath() + "'");
  }

  private static String[] with(List<String> options, String last) {
    return Stream.concat(options.stream(), Stream.of(last)).toArray(String[]::new);
  }

  @Test
  void aRunInWhichTooFewCasesRanFailsAndSaysWhatToDo() throws Exception {
    assumePython();
    String program =
        "python3 -B '" + EXAMPLES.resolve("exec-python/tiny.py").toAbsolutePath() + "'";
    // XSETBV is not among what it has.
    List<String> some = new ArrayList<>(List.of("--vendor", "svm", "--instruction", "hlt"));
    some.addAll(List.of("--instruction", "xsetbv", "--min-run"));
    int few = gate(program, with(some, "1"));
    assertThat(few).as(out + "\n" + err).isEqualTo(ExitStatus.HOLDS);

    int status = gate(program, with(some, "100"));

    assertThat(status).isEqualTo(ExitStatus.SUBJECT);
    assertThat(err.toString()).contains("cases ran, and --min-run asks for 100 %");
    assertThat(out.toString())
        .containsPattern("not run  [\\d,]+ of [\\d,]+ svm cases \\(\\d+ %\\): [\\d,]+ because");
  }

  @Test
  void theCExampleHoldsWhereItApplies() throws Exception {
    assumeC();
    Path examples = copy();
    make(examples, "exec-c");

    assertGates("'" + examples.resolve("exec-c/tiny") + "'");
  }

  @Test
  void theCExampleWithAMistakeIsFoundOut() throws Exception {
    assumeC();
    Path examples = copy();
    breakOrder(examples);
    make(examples, "exec-c");

    assertThat(gate("'" + examples.resolve("exec-c/tiny") + "'", "--only", MISTAKE))
        .isEqualTo(ExitStatus.VIOLATIONS);
    assertThat(results())
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.verdict()).isEqualTo(Verdict.PRECEDENCE_VIOLATION);
              assertThat(result.actualCheck()).isEqualTo("exit.rdtsc");
            });
  }

  /** Writes vectors and runs the C consumer on them. */
  private String check(Path examples) throws Exception {
    Path vectors = folder.resolve("vectors");
    int status =
        Main.run(
            new String[] {
              "generate",
              "--format",
              "vectors",
              "--out",
              vectors.toString(),
              "--instruction",
              "rdtsc",
              "--instruction",
              "vmmcall"
            },
            new PrintWriter(out, true),
            new PrintWriter(err, true));
    assertThat(status).as(err.toString()).isEqualTo(ExitStatus.HOLDS);
    make(examples, "vectors-c");
    return shell(
        examples.resolve("vectors-c/check").toString(),
        vectors.resolve("svm/common.json").toString(),
        vectors.resolve("svm/rdtsc/rdtsc.json").toString(),
        vectors.resolve("svm/vmmcall/vmmcall.json").toString());
  }

  @Test
  void theVectorsHoldForTheCExample() throws Exception {
    assumeC();

    assertThat(check(copy()))
        .startsWith("exit status 0\n")
        .containsPattern("\n[1-9][0-9]{2,} hold, 0 violate, [0-9]+ not applicable\n$");
  }

  @Test
  void theVectorsFindAMistakeOfTheCExample() throws Exception {
    assumeC();
    Path examples = copy();
    breakOrder(examples);

    assertThat(check(examples))
        .startsWith("exit status 1\n")
        .contains(MISTAKE + ": #GP(0)")
        .contains("took exit.rdtsc (VMEXIT_RDTSC), which an earlier check outranks");
  }
}
