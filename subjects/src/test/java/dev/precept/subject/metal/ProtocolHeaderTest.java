package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Register;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the runner and this side must agree on, read from the runner's own header. */
class ProtocolHeaderTest {
  private static final Path HEADER = Path.of("..", "bare-metal", "protocol.h");

  @Test
  void registersHaveTheNumbersThatTheRunnerKnows() throws Exception {
    String header = Files.readString(HEADER);
    int begin = header.indexOf("enum register_number {");
    String numbers = header.substring(begin, header.indexOf("REG_COUNT", begin));

    List<String> names =
        Pattern.compile("REG_(\\w+)").matcher(numbers).results().map(m -> m.group(1)).toList();

    assertThat(names).isEqualTo(Stream.of(Register.values()).map(Register::name).toList());
  }

  @Test
  void theVersionIsTheRunners() throws Exception {
    assertThat(Files.readString(HEADER)).contains("#define PROTOCOL_VERSION " + Protocol.VERSION);
  }
}
