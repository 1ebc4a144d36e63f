package dev.precept.subject.metal;

import org.junit.jupiter.api.Assumptions;

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
}
