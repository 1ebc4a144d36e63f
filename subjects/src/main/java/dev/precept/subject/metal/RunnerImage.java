package dev.precept.subject.metal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The runner's boot image, which the build puts beside this class. */
final class RunnerImage {
  private static final String RESOURCE = "runner.img";

  private RunnerImage() {}

  /** Whether this build has the image. */
  static boolean present() {
    return RunnerImage.class.getResource(RESOURCE) != null;
  }

  /**
   * The image's bytes.
   *
   * @throws SubjectUnavailableException if this build has none
   */
  static byte[] bytes() {
    try (InputStream in = RunnerImage.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new SubjectUnavailableException(
            "this build has no boot image for --subject qemu, bochs and kvm: install gcc for"
                + " x86-64 (Debian, Ubuntu: apt-get install gcc) and build again");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
