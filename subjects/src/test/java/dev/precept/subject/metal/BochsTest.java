package dev.precept.subject.metal;

import org.junit.jupiter.api.Assumptions;

/** The runner on Bochs. */
class BochsTest extends MachineCases {
  BochsTest() {
    super(subject());
  }

  private static MetalSubject subject() {
    Assumptions.assumeTrue(
        RunnerImage.present(), "no boot image in this build: there was no gcc for x86-64");
    Assumptions.assumeTrue(
        EmulatorProcess.output("bochs-bin", "--help").isPresent(),
        "no bochs-bin here (Debian, Ubuntu: apt-get install bochs bochs-term bochsbios vgabios)");
    return MetalSubject.bochs();
  }
}
