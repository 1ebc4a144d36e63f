package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk goes to a machine that nobody watches, here QEMU with nothing but that disk, and back. */
@Timeout(120)
class DiskSubjectTest {
  private static final int CPUID_INTERCEPT = 18;
  private static final OutcomeKind NO_ANSWER = OutcomeKind.NO_ANSWER;

  private static final List<Case> CASES =
      List.of(
          HandMade.of("retires", 0x90).build(),
          HandMade.of("exits", 0x0F, 0xA2).intercept(CPUID_INTERCEPT).build(),
          // MOV [7000h], BX: nothing watches 17000h.
          HandMade.of("writes", 0x89, 0x1E, 0x00, 0x70).build(),
          HandMade.of("waits", 0xF4).build(),
          HandMade.of("outside", 0x90).outside().build(),
          HandMade.of("retires too", 0x90).exceptionsOff().build());

  private static Map<String, Observation> run(Path file, List<Case> cases) {
    Map<String, Observation> seen = new HashMap<>();
    try (DiskSubject subject = DiskSubject.open(file)) {
      subject.run(cases, one -> seen.put(one.caseId(), one));
    }
    return seen;
  }

  /** The device lets the machine end when it has stopped. */
  private static void boot(Path file) throws IOException, InterruptedException {
    Process machine =
        new ProcessBuilder(
                ("qemu-system-x86_64 -accel tcg -cpu max,+svm -M pc -m 64 -display none -serial null"
                        + " -monitor none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4"
                        + " -drive format=raw,if=ide,file=")
                    .concat(file.toString())
                    .split(" "))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(machine.waitFor(60, TimeUnit.SECONDS)).as("it stops").isTrue();
    } finally {
      machine.destroyForcibly().waitFor();
    }
  }

  @Test
  void casesGoToTheMachineAndTheirResultsComeBack(@TempDir Path folder)
      throws IOException, InterruptedException {
    assumeTrue(RunnerImage.present(), "no boot image in this build: there was no gcc for x86-64");
    assumeTrue(
        EmulatorProcess.output("qemu-system-x86_64", "--version").isPresent(),
        "no qemu-system-x86_64 here");
    Path file = folder.resolve("disk.img");

    assertThatThrownBy(() -> DiskSubject.open(file))
        .isInstanceOf(SubjectUnavailableException.class)
        .hasMessageContaining("boot a machine from it once");
    boot(file);
    assertThat(run(file, CASES).values()).extracting(Observation::kind).containsOnly(NO_ANSWER);
    boot(file);
    Map<String, Observation> seen = run(file, CASES);

    assertThat(seen.get("retires").kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.get("retires too").kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.get("exits").kind()).isEqualTo(OutcomeKind.EXIT);
    assertThat(seen.get("waits").kind()).isEqualTo(OutcomeKind.HALTED);
    assertThat(seen.get("outside").kind()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.get("writes").changes())
        .containsExactly(new MemoryPatch(Layout.CODE + 0x7000, new byte[] {0x03, 0x10}));
    assertThat(seen.get("retires").changes()).isEmpty();
    assertThat(run(file, CASES.subList(1, 3)).values())
        .as("other cases than those on the disk")
        .extracting(Observation::kind)
        .containsOnly(NO_ANSWER);
  }

  @Test
  void aDiskThatNoMachineHasBootedIsToldSo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("disk.img");
    CaseDisk.create(file, new byte[512]);

    assertThatThrownBy(() -> DiskSubject.open(file, new byte[512]))
        .isInstanceOf(SubjectUnavailableException.class)
        .hasMessageContaining("no machine has booted");
  }
}
