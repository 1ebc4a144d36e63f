package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Result;
import dev.precept.report.ResultLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planned cases on other people's emulators. */
class MetalGateTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static void assumeInstalled(String program) {
    Assumptions.assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
        program + " is not installed");
  }

  private int gate(String... options) {
    List<String> arguments = new ArrayList<>(List.of("gate", "--tries", "0"));
    arguments.addAll(List.of("--out", folder.toString()));
    arguments.addAll(List.of(options));
    return Main.run(
        arguments.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private List<Result> results() throws Exception {
    return ResultLog.read(folder.resolve("results.jsonl")).results();
  }

  /** A runner that has another host, or another processor, than cases are made for runs none. */
  @Test
  void qemuRunsNearlyEveryPlannedCase() throws Exception {
    assumeInstalled("qemu-system-x86_64");

    gate("--vendor", "svm", "--subject", "qemu", "--instruction", "rdtsc");

    assertThat(results()).as(out + "\n" + err).hasSizeGreaterThan(100);
    assertThat(results())
        .filteredOn(result -> result.verdict() == Verdict.NOT_APPLICABLE)
        .hasSizeLessThan(results().size() / 10);
  }

  /** CPUID exits always, so that nothing of it depends on controls that the model lacks. */
  @Test
  void bochsRunsPlannedCasesForVmxAndTheyMostlyHold() throws Exception {
    assumeInstalled("bochs-bin");

    gate("--vendor", "vmx", "--subject", "bochs", "--instruction", "cpuid");

    assertThat(results()).as(out + "\n" + err).hasSizeGreaterThan(50);
    assertThat(results()).filteredOn(one -> one.verdict().lost()).isEmpty();
    assertThat(results())
        .filteredOn(result -> result.verdict() == Verdict.HOLDS)
        .hasSizeGreaterThan(results().size() / 2);
  }

  @Test
  void aProcessorWithoutVmxProvesNothingAboutIt() throws Exception {
    assumeInstalled("qemu-system-x86_64");

    int status = gate("--vendor", "vmx", "--subject", "qemu", "--instruction", "cpuid");

    assertThat(status).isEqualTo(ExitStatus.SUBJECT);
    assertThat(out.toString()).contains("because the processor has no VMX");
  }
}
