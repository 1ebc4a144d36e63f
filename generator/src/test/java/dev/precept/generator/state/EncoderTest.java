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
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The encoder's bytes, read back by a disassembler that knows nothing of the tables. */
class EncoderTest {
  private static final Map<String, Tables> TABLES =
      Map.of("svm", TableLoader.load("svm").orThrow(), "vmx", TableLoader.load("vmx").orThrow());

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

  @ParameterizedTest(name = "{0}: {1} with {2} is {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "svm | rdtsc | mode=long64 | rdtsc",
        "svm | rdtsc | mode=real lock=1 | lock rdtsc",
        "svm | rdtscp | mode=prot32 | rdtscp",
        "svm | vmrun | mode=long64 | vmrun",
        "svm | invlpga | mode=long64 | invlpga",
        "svm | pause | mode=prot32 | pause",
        "svm | hlt | mode=prot16 | hlt",
        "svm | wbnoinvd | mode=long64 | wbnoinvd",
        "svm | mov_from_cr.cr3 | mode=long64 gpr=9 | mov %cr3,%r9",
        "svm | mov_to_cr.cr8 | mode=long64 gpr=2 gpr2=8 | mov %rdx,%cr8",
        "svm | mov_from_dr.dr7 | mode=prot32 gpr=1 | mov %db7,%ecx",
        "svm | lmsw.reg | mode=long64 gpr=12 | lmsw %r12w",
        "svm | smsw.mem | mode=long64 addressing=bx | smsw (%rbx)",
        "svm | smsw.mem | mode=long64 addressing=bp | smsw 0x20(%rbp)",
        "svm | smsw.mem | mode=long64 addressing=sib | smsw 0x20(%rbx,%rsi,2)",
        "svm | smsw.mem | mode=long64 addressing=disp | smsw 0x12100",
        "svm | smsw.mem | mode=long64 addressing=rip | smsw 0x1100(%rip)",
        "svm | mov_load.address16 | mode=real addressing16=bx_di | mov 0x7f20(%bx,%di),%al",
        "svm | mov_load.address16 | mode=real addressing16=bp | mov -0x20(%bp),%al",
        "svm | mov_load.address16 | mode=real addressing16=bp_di | mov (%bp,%di),%al",
        "vmx | vmptrst.rax | mode=long64 addressing_rax=base | vmptrst 0x20(%rax,%rcx,8)",
        "vmx | vmptrst.rax | mode=prot32 addressing_rax=index | vmptrst 0x20(%ecx,%eax,8)",
        "svm | smsw.mem | mode=long64 addressing=bx seg=fs | smsw %fs:(%rbx)",
        "svm | smsw.mem | mode=long64 addressing=bx p67=1 | smsw (%ebx)",
        "svm | smsw.mem | mode=prot16 addressing=bx | smsw (%bx)",
        "svm | smsw.mem | mode=prot16 addressing=bp | smsw 0x20(%bp)",
        "svm | smsw.mem | mode=prot16 addressing=disp | smsw 0x1100",
        "svm | smsw.mem | mode=prot32 addressing=disp | smsw 0x1100",
        "svm | sgdt.long | mode=long64 | sgdt (%rbx)",
        "svm | invpcid | mode=long64 | invpcid (%rbx),%rcx",
        "svm | int.n | mode=prot32 imm8=0x80 | int $0x80",
        "svm | in.al_dx | mode=long64 | in (%dx),%al",
        "svm | outsb.rep | mode=long64 io_str=1 rep=f3 | rep outsb %ds:(%rsi),(%dx)",
        "vmx | vmcall | mode=long64 | vmcall",
        "vmx | vmlaunch | mode=prot32 | vmlaunch",
        "vmx | vmresume | mode=prot32 | vmresume",
        "vmx | vmxoff | mode=prot16 | vmxoff",
        "vmx | vmfunc | mode=long64 | vmfunc",
        "vmx | vmclear | mode=long64 addressing=bp | vmclear 0x20(%rbp)",
        "vmx | vmptrld | mode=prot32 | vmptrld (%ebx)",
        "vmx | vmptrst | mode=prot16 | vmptrst (%bx)",
        "vmx | vmxon | mode=long64 seg=gs | vmxon %gs:(%rbx)",
        "vmx | vmread.reg | mode=long64 gpr=12 gpr2=9 | vmread %r9,%r12",
        "vmx | vmread.mem | mode=long64 gpr2=10 | vmread %r10,(%rbx)",
        "vmx | vmwrite.reg | mode=prot32 gpr=1 gpr2=2 | vmwrite %ecx,%edx",
        "vmx | vmwrite.mem | mode=long64 gpr2=0 addressing=sib_high | vmwrite 0x20(%r11,%r14,4),%rax",
        "vmx | invept | mode=long64 gpr2=15 | invept (%rbx),%r15",
        "vmx | invvpid | mode=prot32 gpr2=7 | invvpid (%ebx),%edi",
        "vmx | invpcid.registers | mode=long64 gpr2=9 icpt.invlpg=1 | invpcid (%rbx),%r9",
        "vmx | getsec | mode=prot32 cr4.smxe=1 | getsec",
        "vmx | encls | mode=long64 | encls",
        "vmx | pconfig | mode=long64 pconfig_leaf=1 | pconfig",
        "vmx | rdrand | mode=long64 gpr=11 rex_w=1 | rdrand %r11",
        "vmx | rdseed | mode=prot32 gpr=2 p66=1 | rdseed %dx",
        "vmx | rdpid | mode=long64 gpr=9 | rdpid %r9",
        "vmx | tpause | mode=long64 gpr=13 | tpause %r13d",
        "vmx | umwait | mode=prot32 gpr=1 | umwait %ecx",
        "vmx | umonitor | mode=long64 gpr=0 | umonitor %rax",
        "vmx | xsaves | mode=long64 | xsaves (%rbx)",
        "vmx | xrstors | mode=prot32 | xrstors (%ebx)",
        "vmx | loadiwkey | mode=long64 gpr=2 gpr2=5 | loadiwkey %xmm2,%xmm5",
        "vmx | enqcmd | mode=long64 | enqcmd (%rbx),%rax",
        "vmx | enqcmds | mode=prot32 | enqcmds (%ebx),%eax",
        "vmx | int1 | mode=long64 | int1",
        "vmx | wrmsrns.star | mode=long64 msr=0xC0000081 msr_write=1 wrmsrns=1 | wrmsrns",
        "vmx | rdmsrlist | mode=long64 | rdmsrlist",
      })
  void bytesDisassembleToTheInstruction(String vendor, String form, String text, String expected)
      throws Exception {
    Tables tables = TABLES.get(vendor);
    Assignment assignment = Assignment.parse(tables, text);
    Case made = new CaseBuilder(tables).build(form(tables, form), assignment, "test");

    assertThat(disassemble(made, assignment.word(tables, "mode"))).startsWith(expected);
  }

  private static InstructionForm form(Tables tables, String id) {
    return tables.forms().stream().filter(f -> f.id().equals(id)).findFirst().orElseThrow();
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
