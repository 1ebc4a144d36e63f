package dev.precept.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  @TempDir Path directory;

  @Test
  void aFailureHalfwayLeavesTheFormerFile() throws IOException {
    Path file = directory.resolve("summary.md");
    Files.writeString(file, "former");

    assertThatThrownBy(
            () ->
                OutputFile.write(
                    file,
                    out -> {
                      out.write("half of the n");
                      throw new IOException("disk full");
                    }))
        .hasMessageEndingWith("summary.md: disk full");

    assertThat(file).hasContent("former");
  }

  @Test
  void aFailureHalfwayLeavesNothingElseBehind() throws IOException {
    assertThatThrownBy(
            () ->
                OutputFile.write(
                    directory.resolve("summary.md"),
                    out -> {
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class);

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theFormerFileIsThereUntilTheNewOneIsWhole() throws IOException {
    Path file = directory.resolve("summary.md");
    Files.writeString(file, "former");

    OutputFile.write(
        file,
        out -> {
          out.write("new");
          out.flush();
          assertThat(file).hasContent("former");
        });

    assertThat(file).hasContent("new");
  }

  @Test
  void foldersAreMadeOnTheWay() throws IOException {
    Path file = directory.resolve("a b/c/summary.md");

    OutputFile.write(file, out -> out.write("text"));

    assertThat(file).hasContent("text");
  }
}
