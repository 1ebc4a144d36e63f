package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each intercept bit by itself (APM vol. 2, table B-1 for the bit, table C-1 for the code). A wrong
 * offset, bit or code in the strategy shows here, and so does a handler that does not ask.
 */
class InterceptBitsTest {
  /** Values that make each instruction legal at CPL 0: EAX a page, ECX and EDX 0, CR4.OSXSAVE. */
  private static SvmMachine machine(String code) {
    SvmMachine machine = new SvmMachine().code(code).rax(0x1000);
    return machine.set64(VmcbLayout.CR4, 1 << 18);
  }

  /** Exit code, bytes, length. Intercepts that need more than their bit are tested elsewhere. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "00, 0F20C0",
    "02, 0F20D0",
    "03, 0F20D8",
    "04, 0F20E0",
    "08, F00F20C0",
    "12, 0F22D0",
    "13, 0F22D8",
    "18, F00F22C1",
    "20, 0F21C0",
    "23, 0F21D8",
    "24, 0F21E0",
    "25, 0F21E8",
    "26, 0F21F0",
    "27, 0F21F8",
    "30, 0F23C0",
    "34, 0F23E0",
    "36, 0F23F0",
    "37, 0F23F8",
    "66, 0F0108",
    "67, 0F0100",
    "68, 0F00C0",
    "69, 0F00C8",
    "6A, 0F0118",
    "6B, 0F0110",
    "6C, 0F00D0",
    "6D, 0F00D8",
    "6E, 0F31",
    "6F, 0F33",
    "70, 9C",
    "71, 9D",
    "72, 0FA2",
    "74, CF",
    "75, CD21",
    "76, 0F08",
    "77, F390",
    "78, F4",
    "79, 0F0138",
    "7A, 0F01DF",
    "80, 0F01D8",
    "81, 0F01D9",
    "82, 0F01DA",
    "83, 0F01DB",
    "84, 0F01DC",
    "85, 0F01DD",
    "86, 0F01DE",
    "87, 0F01F9",
    "88, F1",
    "89, 0F09",
    "89, F30F09",
    "8A, 0F01C8",
    "8A, 0F01FA",
    "8B, 0F01C9",
    "8B, 0F01FB",
    "8D, 0F01D1",
    "8E, 0F01FD",
    "A0, 0F01FE",
    "A2, 660F388200",
    "A4, 0F01FF",
    "A6, F4"
  })
  void exitsForItsOwnBitAlone(String exitCode, String code) {
    int expected = Integer.parseInt(exitCode, 16);
    SvmMachine machine = machine(code).intercept(expected);

    assertThat(machine.run()).isEqualTo(StepResult.EXITED);

    assertThat(machine.exitCode()).isEqualTo(expected);
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE);
    assertThat(machine.nrip()).isEqualTo(SvmMachine.GUEST_CODE + code.length() / 2);
    assertThat(machine.get64(VmcbLayout.EXITINTINFO)).isZero();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "03, 0F20D8", "13, 0F22D8", "20, 0F21C0", "66, 0F0108", "6E, 0F31", "72, 0FA2", "76, 0F08",
    "82, 0F01DA", "83, 0F01DB", "84, 0F01DC", "87, 0F01F9", "89, 0F09", "8E, 0F01FD", "A4, 0F01FF"
  })
  void doesNotExitWithEveryBitButItsOwn(String exitCode, String code) {
    int own = Integer.parseInt(exitCode, 16);
    SvmMachine machine = machine(code);
    for (int vector = 0; vector < 24; vector += 4) {
      machine.set32(vector, -1);
    }
    machine.noIntercept(own);
    // A write trap is an exit of the same instruction by another bit.
    machine.noIntercept(ExitCode.VMEXIT_CR0_WRITE_TRAP + 3);

    assertThat(machine.run()).isEqualTo(StepResult.RETIRED);

    assertThat(machine.inGuest()).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0F31", "0FA2", "0F20C0", "0F08", "F390", "0F01DA", "0F01FF"})
  void exitsForNothingOutsideTheGuestAfterAnExit(String code) {
    SvmMachine machine = new SvmMachine().code("0F01D9").rax(0x1000);
    for (int vector = 0; vector < 24; vector += 4) {
      machine.set32(vector, -1);
    }
    machine.run();
    machine.memory.write(SvmMachine.HOST_NEXT, SvmMachine.bytes(code));

    assertThat(machine.cpu.step()).isEqualTo(StepResult.RETIRED);
  }
}
