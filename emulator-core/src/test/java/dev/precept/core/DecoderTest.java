package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderTest {
  /** Encodings that are valid in 64-bit mode, for comparison with a disassembler. */
  private static final String[] LONG64 = {
    "90",
    "f390",
    "0f0b",
    "0f31",
    "0f01f9",
    "0f05",
    "0fa2",
    "f4",
    "cf",
    "48cf",
    "cd80",
    "cc",
    "f1",
    "8b442408",
    "488b04cd78563412",
    "8b0578563412",
    "67488b4500",
    "6689d8",
    "4889d8",
    "41ff36",
    "48b8efcdab8967452301",
    "b878563412",
    "66b83412",
    "c7042478563412",
    "66c704243412",
    "6a7f",
    "6878563412",
    "666a7f",
    "ff742410",
    "8f442410",
    "4157",
    "e800000000",
    "eb10",
    "0f8400000000",
    "7510",
    "c3",
    "c21000",
    "48cb",
    "ff2c25efbe0000",
    "c8100000",
    "c9",
    "f0480fb10f",
    "f00fc709",
    "f0480fc70f",
    "0fba6c240805",
    "0fabc8",
    "a1efcdab8967452301",
    "67a178563412",
    "f3a4",
    "f348ab",
    "e4fe",
    "ed",
    "6f",
    "f36c",
    "9c",
    "9d",
    "fa",
    "fb",
    "8ed8",
    "8cd8",
    "0fa0",
    "0fa9",
    "0f01d8",
    "0f01df",
    "0f0100",
    "0f0118",
    "0f22c0",
    "410f20c0",
    "0f23c8",
    "440f22c0",
    "0f30",
    "0f32",
    "0f09",
    "0f08",
    "0f0138",
    "0f00d8",
    "0f0018",
    "83c07f",
    "4881c078563412",
    "80047f12",
    "f7d8",
    "f60510000000ff",
    "69c078563412",
    "6bc07f",
    "0fafc1",
    "d1e0",
    "c1e004",
    "d3e8",
    "0f94c0",
    "0f44c1",
    "0fb6c1",
    "480fbec1",
    "4863c1",
    "0fc8",
    "480fc8",
    "98",
    "4899",
    "0f1f840000000000",
    "0faef0",
    "0fae38",
    "0faa",
    "e2fe",
    "67e3fe",
    "66e90000",
    "0f01c8",
    "0f01c9",
    "0f01d0",
    "0f01d1",
    "0fc7f0",
    "64488b042528000000",
    "2e8b00",
    "d7",
    "f8"
  };

  /** Encodings that are valid in 32-bit code. */
  private static final String[] CODE32 = {
    "06",
    "07",
    "0e",
    "16",
    "17",
    "1e",
    "1f",
    "60",
    "61",
    "6208",
    "ea785634121000",
    "9a785634121000",
    "66ea78561000",
    "ce",
    "40",
    "4f",
    "c408",
    "c508",
    "0fb208",
    "a178563412",
    "67a17856",
    "678b07",
    "678b4610",
    "67c7063412efbeadde",
    "66ff33",
    "8b04",
    "8d442410",
    "67e3fe",
    "cf",
    "66cf",
    "ff28",
    "ff18",
    "cb",
    "ca1000",
    "0f22c0",
    "0f21f8",
    "e5fe",
    "66ed"
  };

  @ParameterizedTest(name = "{0} is {1} bytes long")
  @CsvSource({
    "90, 1",
    "48b80000000000000000, 10",
    "8b0500000000, 6",
    "8b04250000000000, 7",
    "c784d800010000aabbccdd, 11",
    "66c7040000ee, 6",
    "67668b00, 4",
    "0f01d8, 3",
    "a10000000000000000, 9"
  })
  void aLengthInSixtyFourBitModeIsThatOfTheEncoding(String hex, int length) {
    assertThat(decode(TestMachine.long64(0), hex)).isEqualTo(length);
  }

  @Test
  void fifteenBytesDecodeAndSixteenRaiseGp() {
    TestMachine fits = TestMachine.long64(0);
    fits.code(repeat(0x66, 14, 0x90));
    assertThat(fits.step()).isEqualTo(StepResult.RETIRED);
    TestMachine over = TestMachine.long64(0);
    over.code(repeat(0x66, 15, 0x90));
    assertThat(over.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(over.cpu.lastVector).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest(name = "LOCK {0} is undefined")
  @CsvSource({"f090", "f089d8", "f08b00", "f00f31", "f0803800", "f0c3", "f00fa308"})
  void lockOnWhatCannotBeLockedRaisesUd(String hex) {
    TestMachine m = TestMachine.long64(0);
    m.code(bytes(hex));
    m.step();
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.UD);
  }

  @Test
  void rexBeforeALegacyPrefixIsIgnored() {
    TestMachine m = TestMachine.long64(0);
    decode(m, "4866b83412");
    assertThat(m.cpu.insn.operandSize).isEqualTo(2);
  }

  @Test
  void theLastSegmentOverrideWins() {
    TestMachine m = TestMachine.long64(0);
    decode(m, "64658b00");
    assertThat(m.cpu.insn.segment).isEqualTo(Segment.GS);
  }

  @Test
  void lengthsAgreeWithADisassembler(@TempDir Path directory) throws Exception {
    compare(directory, "x86-64", LONG64, true);
    compare(directory, "i386", CODE32, false);
  }

  private static void compare(Path directory, String machine, String[] encodings, boolean code64)
      throws IOException, InterruptedException {
    // Each encoding is followed by NOPs up to 16 bytes, so that none runs into the next.
    byte[] image = new byte[encodings.length * 16];
    for (int i = 0; i < encodings.length; i++) {
      java.util.Arrays.fill(image, 16 * i, 16 * i + 16, (byte) 0x90);
      int at = 16 * i;
      for (int b : bytes(encodings[i])) {
        image[at++] = (byte) b;
      }
    }
    Path file = directory.resolve(machine + ".bin");
    Files.write(file, image);
    List<String> lines = disassemble(file, machine);
    Pattern line = Pattern.compile("^\\s*([0-9a-f]+):\\t((?:[0-9a-f]{2} )+)");
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (String text : lines) {
      Matcher matcher = line.matcher(text);
      if (!matcher.find()) {
        continue;
      }
      int address = Integer.parseInt(matcher.group(1), 16);
      if (address % 16 != 0) {
        continue;
      }
      compared++;
      int theirs = matcher.group(2).trim().split(" ").length;
      String hex = encodings[address / 16];
      TestMachine m = code64 ? TestMachine.long64(0) : TestMachine.protected32(0);
      int ours = decode(m, hex);
      if (ours != theirs) {
        wrong.add(hex + ": ours " + ours + ", theirs " + theirs + " " + text.trim());
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isEqualTo(encodings.length);
  }

  private static List<String> disassemble(Path file, String machine)
      throws InterruptedException, IOException {
    try {
      Process process =
          new ProcessBuilder(
                  "objdump",
                  "-D",
                  "-z",
                  "-w",
                  "-b",
                  "binary",
                  "-m",
                  "i386",
                  "-M",
                  machine,
                  "--insn-width=16",
                  file.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      List<String> lines =
          new String(
                  process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
              .lines()
              .toList();
      int status = process.waitFor();
      assertThat(status).isZero();
      return lines;
    } catch (IOException missing) {
      Assumptions.abort("objdump (binutils) is not installed: lengths were not compared");
      throw missing;
    }
  }

  /** Decodes without executing: the bytes are placed, NOPs behind them. */
  private static int decode(TestMachine m, String hex) {
    int[] code = bytes(hex);
    int[] padded = new int[16];
    java.util.Arrays.fill(padded, 0x90);
    System.arraycopy(code, 0, padded, 0, code.length);
    m.code(padded);
    new Decoder(m.cpu).decode(m.cpu.insn);
    return m.cpu.insn.length;
  }

  private static int[] bytes(String hex) {
    int[] bytes = new int[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  private static int[] repeat(int prefix, int times, int last) {
    int[] bytes = new int[times + 1];
    java.util.Arrays.fill(bytes, prefix);
    bytes[times] = last;
    return bytes;
  }
}
