package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EPT violations that become virtualization exceptions (SDM vol. 3C, 25.5.6). */
class VirtualizationExceptionsTest {
  private static final int VIOLATION = 48, VE = 20, UD = 6, GP = 13;

  private static final long SUPPRESS = 1L << 63;

  private static final long AREA = VmxMachine.AREA;

  /** A guest that writes to a page without rights: MOV [RBX], RAX. */
  private static VmxMachine guest() {
    VmxMachine m = new VmxMachine().ept().proc2(ProcBased2.EPT_VIOLATION_VE).code("488903");
    m.set(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS, AREA);
    m.set(VmcsField.EPTP_INDEX, 0x5A3C);
    m.state.gpr[3] = VmxMachine.DATA + 0x18;
    entry(m, 0);
    return m;
  }

  private static void entry(VmxMachine m, long bits) {
    m.memory.write64(m.eptEntry(VmxMachine.DATA), bits);
  }

  @Test
  void theInformationAreaSaysWhatTheExitWouldHaveSaid() {
    VmxMachine m = guest();

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(VE);
    assertThat(m.memory.read32(AREA)).isEqualTo(VIOLATION);
    assertThat(m.memory.read32(AREA + 4)).isEqualTo(-1);
    assertThat(m.memory.read64(AREA + 8)).isEqualTo(0x182 /* write, linear address valid, final */);
    assertThat(m.memory.read64(AREA + 16)).isEqualTo(VmxMachine.DATA + 0x18);
    assertThat(m.memory.read64(AREA + 24)).isEqualTo(VmxMachine.DATA + 0x18);
    assertThat(m.memory.read64(AREA + 32)).isEqualTo(0x5A3C);
  }

  @Test
  void itIsDeliveredWithoutAnErrorCodeWhereItDoesNotExit() {
    VmxMachine m = guest().gate(VE).set(VmcsField.EXCEPTION_BITMAP, 0);

    assertThat(m.run()).isEqualTo(StepResult.DELIVERED);

    assertThat(m.state.rip).isEqualTo(VmxMachine.handler(VE));
    assertThat(m.memory.read64(m.state.gpr[4])).isEqualTo(VmxMachine.GUEST_CODE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0x8000_0000, -1})
  void anAreaThatIsInUseLeavesTheExit(int busy) {
    VmxMachine m = guest();
    m.memory.write32(AREA + 4, busy);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.memory.read32(AREA)).isZero();
  }

  @Test
  void anEntryThatIsNotPresentOrMapsAPageCanSuppressIt() {
    VmxMachine absent = guest();
    entry(absent, SUPPRESS);
    VmxMachine readOnly = guest();
    entry(readOnly, VmxMachine.DATA | 0x31 | SUPPRESS);

    absent.run();
    readOnly.run();

    assertThat(absent.reason()).isEqualTo(VIOLATION);
    assertThat(readOnly.reason()).isEqualTo(VIOLATION);
    assertThat(readOnly.qualification()).isEqualTo(0x18A);
  }

  @Test
  void anEntryThatRefersToAnotherStructureCannot() {
    VmxMachine m = guest();
    m.memory.write64(VmxMachine.EPT, m.memory.read64(VmxMachine.EPT) | SUPPRESS);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(VE);
  }

  @Test
  void thereIsNoneWhileAnEventIsBeingDelivered() {
    VmxMachine m = guest().gate(UD).code("0F0B").set(VmcsField.EXCEPTION_BITMAP, 0);
    m.memory.write64(m.eptEntry(VmxMachine.IDT), 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
    assertThat(m.memory.read32(AREA + 4)).isZero();
  }

  @Test
  void realModeHasNone() {
    VmxMachine m = guest().realMode().code("8907" /* MOV [BX], AX */);
    m.memory.write64(m.eptEntry(0x1018), 0);

    m.run();

    assertThat(m.reason()).isEqualTo(VIOLATION);
  }

  @Test
  void aProtectionFaultDuringItsDeliveryIsADoubleFault() {
    // Behind a benign exception it would be delivered through its own gate.
    VmxMachine m = guest().gate(GP).set(VmcsField.EXCEPTION_BITMAP, 1 << 8);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(8);
  }

  @Test
  void aPageFaultDuringItsDeliveryIsADoubleFault() {
    VmxMachine m = guest().gate(VE).set(VmcsField.EXCEPTION_BITMAP, 1 << 8);
    m.set(VmcsField.GUEST_RSP, VmxMachine.UNMAPPED + 0x100);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(8);
  }
}
