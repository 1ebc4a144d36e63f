package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import dev.precept.report.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate on programs behind the protocol. */
class ExecGateTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** The core in a process of its own. */
  private static String core() {
    return "exec:'"
        + Path.of(System.getProperty("java.home"), "bin", "java")
        + "' -cp '"
        + System.getProperty("java.class.path")
        + "' "
        + CoreProgram.class.getName();
  }

  private Run gate(String subject, String name, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("gate", "--subject", subject));
    arguments.addAll(List.of("--out", folder.resolve(name).toString(), "--tries", "20"));
    arguments.addAll(List.of(options));
    int status =
        Main.run(
            arguments.toArray(String[]::new),
            new PrintWriter(out, true),
            new PrintWriter(err, true));
    assertThat(status).as(out + "\n" + err).isEqualTo(ExitStatus.HOLDS);
    return ResultLog.read(folder.resolve(name).resolve("results.jsonl"));
  }

  private static String told(Result result) {
    return String.join(
        " | ",
        result.id(),
        result.verdict().word(),
        result.actual(),
        result.differences().toString(),
        result.remark());
  }

  @Test
  void theCoreBehindTheProtocolIsTheCore() throws Exception {
    // Between them: operands, bitmaps, the IDT, other guests, host cases, SMM.
    List<String> some = new ArrayList<>();
    for (String instruction : List.of("rdtsc", "lmsw", "rsm", "in.ax_dx")) {
      some.addAll(List.of("--instruction", instruction));
    }
    Run here = gate("core", "here", some.toArray(String[]::new));
    Run there = gate(core(), "there", some.toArray(String[]::new));

    assertThat(there.results()).hasSizeGreaterThan(1000);
    assertThat(there.results().stream().map(ExecGateTest::told))
        .containsExactlyElementsOf(here.results().stream().map(ExecGateTest::told).toList());
  }

  @Test
  void theResultsSayWhatWasRun() throws Exception {
    String subject = core();
    Run run = gate(subject, "out", "--only", "svm/cpuid/long64/retires");

    assertThat(run.summary().info().subject()).isEqualTo(subject);
    assertThat(run.summary().info().implementation()).isEqualTo("the core over there");
    assertThat(out.toString()).contains("(the core over there)");
    JsonNode json = new ObjectMapper().readTree(folder.resolve("out/run.json").toFile());
    assertThat(json.at("/run/implementation").textValue()).isEqualTo("the core over there");
  }

  @Test
  void aProgramThatDiesOfEveryCaseNeverPassesAndTheRunComesToItsEnd() throws Exception {
    String dies =
        "exec:sh -c 'read line; echo \"$0\"; read line; exit 3' "
            + "'{\"hello\":{\"protocol\":1,\"name\":\"dying\",\"version\":\"1\",\"vendors\":[\"svm\"]}}'";

    int status =
        Main.run(
            new String[] {
              "gate", "--subject", dies, "--out", folder.toString(), "--only", "svm/cpuid/long64/*"
            },
            new PrintWriter(out, true),
            new PrintWriter(err, true));

    assertThat(status).as(err.toString()).isEqualTo(ExitStatus.SUBJECT);
    Run run = ResultLog.read(folder.resolve("results.jsonl"));
    assertThat(run.summary().partial()).isFalse();
    assertThat(run.results())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            result -> {
              assertThat(result.verdict()).isEqualTo(Verdict.CRASH);
              assertThat(result.remark()).startsWith("the program died (exit status 3)");
            });
  }

  @Test
  void aTimeoutThatIsNoneIsWrongUsage() {
    int status =
        Main.run(
            new String[] {"gate", "--case-timeout", "0", "--out", folder.toString()},
            new PrintWriter(out, true),
            new PrintWriter(err, true));

    assertThat(status).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString()).contains("--case-timeout: 0 is less than 1");
  }

  @Test
  void aProgramThatDoesNotStartEndsTheRunBeforeItBegins() {
    int status =
        Main.run(
            new String[] {
              "gate", "--subject", "exec:./no-such-program", "--out", folder.toString()
            },
            new PrintWriter(out, true),
            new PrintWriter(err, true));

    assertThat(status).isEqualTo(ExitStatus.SUBJECT);
    assertThat(err.toString())
        .startsWith("precept: --subject exec: the program cannot be started:");
  }
}
