package dev.precept.generator.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precept.cases.Case;
import dev.precept.generator.Assignment;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The encoder's bytes, read back by a disassembler that knows nothing of the tables. */
class EncoderTest {
  private static final Tables TABLES = TableLoader.load("svm").orThrow();
  private static final CaseBuilder BUILDER = new CaseBuilder(TABLES);

  @TempDir Path folder;

  @BeforeAll
  static void objdumpIsInstalled() throws InterruptedException {
    boolean found;
    try {
      found = new ProcessBuilder("objdump", "--version").redirectErrorStream(true).start() != null;
    } catch (IOException absent) {
      found = false;
    }
    assumeTrue(found, "SKIPPED: objdump (binutils) is not installed; encodings are not verified");
  }

  @ParameterizedTest(name = "{0} with {1} is {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "rdtsc | mode=long64 | rdtsc",
        "rdtsc | mode=real lock=1 | lock rdtsc",
        "rdtscp | mode=prot32 | rdtscp",
        "vmrun | mode=long64 | vmrun",
        "invlpga | mode=long64 | invlpga",
        "pause | mode=prot32 | pause",
        "hlt | mode=prot16 | hlt",
        "wbnoinvd | mode=long64 | wbnoinvd",
        "mov_from_cr.cr3 | mode=long64 gpr=9 | mov %cr3,%r9",
        "mov_to_cr.cr8 | mode=long64 gpr=2 gpr2=8 | mov %rdx,%cr8",
        "mov_from_dr.dr7 | mode=prot32 gpr=1 | mov %db7,%ecx",
        "lmsw.reg | mode=long64 gpr=12 | lmsw %r12w",
        "smsw.mem | mode=long64 addressing=bx | smsw (%rbx)",
        "smsw.mem | mode=long64 addressing=bp | smsw 0x20(%rbp)",
        "smsw.mem | mode=long64 addressing=sib | smsw 0x20(%rbx,%rsi,2)",
        "smsw.mem | mode=long64 addressing=disp | smsw 0x12100",
        "smsw.mem | mode=long64 addressing=rip | smsw 0x1100(%rip)",
        "smsw.mem | mode=long64 addressing=bx seg=fs | smsw %fs:(%rbx)",
        "smsw.mem | mode=long64 addressing=bx p67=1 | smsw (%ebx)",
        "smsw.mem | mode=prot16 addressing=bx | smsw (%bx)",
        "smsw.mem | mode=prot16 addressing=bp | smsw 0x20(%bp)",
        "smsw.mem | mode=prot16 addressing=disp | smsw 0x1100",
        "smsw.mem | mode=prot32 addressing=disp | smsw 0x1100",
        "sgdt.long | mode=long64 | sgdt (%rbx)",
        "invpcid | mode=long64 | invpcid (%rbx),%rcx",
        "int.n | mode=prot32 imm8=0x80 | int $0x80",
        "in.al_dx | mode=long64 | in (%dx),%al",
        "outsb.rep | mode=long64 io_str=1 rep=f3 | rep outsb %ds:(%rsi),(%dx)",
      })
  void bytesDisassembleToTheInstruction(String form, String assignment, String expected)
      throws Exception {
    Case made = BUILDER.build(form(form), Assignment.parse(TABLES, assignment), "test");

    assertThat(disassemble(made, Assignment.parse(TABLES, assignment).word(TABLES, "mode")))
        .startsWith(expected);
  }

  private static InstructionForm form(String id) {
    return TABLES.forms().stream().filter(f -> f.id().equals(id)).findFirst().orElseThrow();
  }

  private String disassemble(Case made, String mode) throws Exception {
    Path file = folder.resolve("code.bin");
    Files.write(file, made.code().bytes());
    String machine =
        switch (mode) {
          case "long64" -> "i386:x86-64";
          case "prot32", "compat" -> "i386";
          default -> "i8086";
        };
    Process process =
        new ProcessBuilder("objdump", "-w", "-D", "-b", "binary", "-m", machine, file.toString())
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    String[] lines = text.strip().split("\n");
    assertThat(lines[lines.length - 1]).as("one instruction in%n%s", text).contains("0:\t");
    String instruction = lines[lines.length - 1].split("\t", 3)[2];
    return instruction.replaceAll("#.*", "").replaceAll("\\s+", " ").strip();
  }
}
