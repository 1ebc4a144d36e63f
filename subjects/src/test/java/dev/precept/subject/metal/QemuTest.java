package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The runner on QEMU. */
class QemuTest extends MachineCases {
  QemuTest() {
    super(subject());
  }

  private static MetalSubject subject() {
    Assumptions.assumeTrue(
        RunnerImage.present(), "no boot image in this build: there was no gcc for x86-64");
    Assumptions.assumeTrue(
        EmulatorProcess.output("qemu-system-x86_64", "--version").isPresent(),
        "no qemu-system-x86_64 here (Debian, Ubuntu: apt-get install qemu-system-x86)");
    return MetalSubject.qemu();
  }

  @Test
  void whatVmloadWouldBringIsSetOnAProcessorWithoutSvmToo() {
    FeatureBit noSvm = new FeatureBit(0x8000_0001, 0, 2, 2, false);

    Observation seen =
        only(
            HandMade.of("nop", 0x90)
                .withoutGuests()
                .needs(noSvm)
                .with(Register.LSTAR, 0x7123)
                .build());

    assertThat(seen.kind()).as(seen.remark()).isEqualTo(OutcomeKind.RETIRED);
    assertThat(seen.state().get(Register.LSTAR)).isEqualTo(0x7123);
  }
}
