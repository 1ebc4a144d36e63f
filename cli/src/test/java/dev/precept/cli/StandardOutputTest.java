package dev.precept.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
  private static OutputStream failing(String why) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(why);
      }
    };
  }

  private static StandardOutput printed(OutputStream to) {
    StandardOutput out = new StandardOutput(to);
    new PrintWriter(out, true, StandardCharsets.UTF_8).println("holds");
    return out;
  }

  @Test
  void whatIsPrintedGoesThrough() {
    ByteArrayOutputStream to = new ByteArrayOutputStream();

    assertThat(printed(to).failure()).isEmpty();
    assertThat(to.toString(StandardCharsets.UTF_8)).startsWith("holds");
  }

  @Test
  void aFullDiskIsRemembered() {
    assertThat(printed(failing("No space left on device")).failure())
        .contains("No space left on device");
  }

  @Test
  void aReaderThatHasLeftIsNoFailure() {
    assertThat(printed(failing("Broken pipe")).failure()).isEmpty();
  }
}
