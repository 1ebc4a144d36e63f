package dev.precept.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tables of a made-up vendor: AMD's under another name, but that RDTSC exits before it looks at
 * CR4.TSD.
 */
final class SecondVendor {
  private static final String RIGHT = "gp.tsd > exit.rdtsc,";
  private static final String OTHER = "exit.rdtsc > gp.tsd,";

  private SecondVendor() {}

  /** Writes them into {@code folder}, which {@code --tables} can name. */
  static Path into(Path folder) throws IOException {
    List<String> svm =
        resource("index.txt").lines().filter(name -> name.startsWith("svm/")).toList();
    boolean changed = false;
    for (String name : svm) {
      String text = resource(name);
      changed |= text.contains(RIGHT);
      Path file = folder.resolve(name.replaceFirst("svm/", "xyz/"));
      Files.createDirectories(file.getParent());
      Files.writeString(
          file,
          text.replace(RIGHT, OTHER)
              .replace("vendor,svm", "vendor,xyz")
              .replace("name,AMD SVM", "name,XYZ Made Up"));
    }
    if (!changed) {
      throw new IllegalStateException("RDTSC's row no longer has " + RIGHT);
    }
    return folder;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = SecondVendor.class.getResourceAsStream("/tables/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
