package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.StepResult;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each instruction that exits: when, with which reason and length (SDM vol. 3C, 25.1, 27.2). In
 * 16-bit modes [RAX] is [BX+SI], which does as well here.
 */
class ExitingInstructionsTest {
  static List<Exiting> all() {
    return Exiting.all();
  }

  static List<Exiting> conditional() {
    return Exiting.all().stream().filter(i -> !i.unconditional()).toList();
  }

  static List<Exiting> unconditional() {
    return Exiting.all().stream().filter(Exiting::unconditional).toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  void exitsWithItsReason(Exiting i) {
    VmxMachine m = i.armed();

    assertThat(m.run()).isEqualTo(StepResult.EXITED);

    assertThat(m.reason()).isEqualTo(i.reason());
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(i.length());
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.get(VmcsField.IDT_VECTORING_INFORMATION)).isZero();
    assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_INFORMATION)).isZero();
    assertThat(m.state.rip).isEqualTo(VmxMachine.HOST_EXIT);
  }

  @ParameterizedTest
  @MethodSource("conditional")
  void doesNotExitWithoutItsControl(Exiting i) {
    VmxMachine m = i.plain();

    m.run();

    assertThat(m.vmx.inGuest() ? -1 : m.reason()).isNotEqualTo(i.reason());
    assertThat(m.vmx.inGuest() ? -1 : m.exceptionVector()).isNotEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void withLockItIsUndefined(Exiting i) {
    VmxMachine m = i.armed().code("F0" + i.code());

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @MethodSource("all")
  void savesRfAsZero(Exiting i) {
    VmxMachine m = i.armed().set(VmcsField.GUEST_RFLAGS, 0x1_0002);

    m.run();

    assertThat(m.reason()).isEqualTo(i.reason());
    assertThat(m.get(VmcsField.GUEST_RFLAGS)).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("all")
  void atCplThree(Exiting i) {
    VmxMachine m = i.armed().cpl3();

    m.run();

    assertOutcome(m, i, i.cpl3());
  }

  @ParameterizedTest
  @MethodSource("all")
  void inRealAddressMode(Exiting i) {
    long cr4 = i.armed().get(VmcsField.GUEST_CR4);
    VmxMachine m = i.armed().realMode();
    m.set(VmcsField.GUEST_CR4, cr4 & ~0x20).code(i.code());

    m.run();

    assertMode(m, i, 0);
  }

  @ParameterizedTest
  @MethodSource("all")
  void inVirtual8086Mode(Exiting i) {
    long cr4 = i.armed().get(VmcsField.GUEST_CR4);
    VmxMachine m = i.armed().virtual8086();
    m.set(VmcsField.GUEST_CR4, (cr4 & ~0x20) | 0x10).code(i.code());

    m.run();

    assertMode(m, i, 1);
  }

  @ParameterizedTest
  @MethodSource("all")
  void inCompatibilityMode(Exiting i) {
    VmxMachine m = i.armed().compatibility();

    m.run();

    assertMode(m, i, 2);
  }

  private static void assertMode(VmxMachine m, Exiting i, int mode) {
    switch (i.modes().charAt(mode)) {
      case 'E' -> assertOutcome(m, i, "EXIT");
      case 'U' -> assertOutcome(m, i, "UD");
      case 'G' -> assertOutcome(m, i, "GP");
      default -> {}
    }
  }

  private static void assertOutcome(VmxMachine m, Exiting i, String outcome) {
    switch (outcome) {
      case "EXIT" -> assertThat(m.reason()).isEqualTo(i.reason());
      case "UD" -> assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
      default -> {
        assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
        assertThat(m.get(VmcsField.VM_EXIT_INTERRUPTION_ERROR_CODE)).isZero();
      }
    }
  }
}
