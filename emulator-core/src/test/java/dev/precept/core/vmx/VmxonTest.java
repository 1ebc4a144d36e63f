package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.CF;
import static dev.precept.core.vmx.RootInstructions.VMXOFF;
import static dev.precept.core.vmx.RootInstructions.VMXON;
import static dev.precept.core.vmx.RootInstructions.assertFails;
import static dev.precept.core.vmx.RootInstructions.off;
import static dev.precept.core.vmx.RootInstructions.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VMXON and VMXOFF (SDM vol. 3C, 30.3). */
class VmxonTest {
  @Test
  void vmxonEntersRootOperation() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);

    succeeds(m, VMXON);

    assertThat(m.vmx.on()).isTrue();
    assertThat(m.vmx.inGuest()).isFalse();
    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }

  @Test
  void vmxonWithoutVmxeIsUndefined() {
    VmxMachine m = off();
    m.state.cr4 &= ~CpuState.CR4_VMXE;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }

  @ParameterizedTest
  @CsvSource({
    "0, fixed CR0 bits",
    "1, CR4 bits",
    "2, feature control not locked",
    "3, not enabled"
  })
  void vmxonIsProtected(int what, String why) {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    switch (what) {
      case 0 -> m.state.cr0 &= ~CpuState.CR0_NE;
      case 1 -> m.state.cr4 |= 1L << 31;
      case 2 -> m.state.featureControl = 4;
      default -> m.state.featureControl = 1;
    }
    // The operand is not looked at yet.
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.GP);
    assertThat(m.memory.read64(m.state.gpr[4])).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1008, not aligned", "10000000001000, too wide", "9000, other revision"})
  void vmxonFailsInvalid(String pointer, String why) {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
    assertThat(m.vmx.on()).isFalse();
  }

  @Test
  void vmxonOfARegionWithBit31SetFails() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    m.memory.write8(VmxMachine.VMXON + 3, 0x80);

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
  }

  @Test
  void vmxonFaultsOnItsOperandLast() {
    VmxMachine m = off();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
  }

  @Test
  void vmxonInRootOperationFailsWhateverItsOperand() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(VMXON);

    assertFails(m, 15);
  }

  @Test
  void withoutACurrentVmcsNoErrorNumberIsWritten() {
    VmxMachine m = new VmxMachine();

    m.host(VMXON);

    assertThat(m.status()).isEqualTo(CF);
    assertThat(m.get(VmcsField.VM_INSTRUCTION_ERROR)).isZero();
  }

  @Test
  void vmxonEndsMonitoring() {
    VmxMachine m = off();
    m.memory.write64(VmxMachine.DATA, VmxMachine.VMXON);
    m.state.monitorArmed = true;

    succeeds(m, VMXON);

    assertThat(m.state.monitorArmed).isFalse();
  }

  @Test
  void vmxoffLeavesVmxOperation() {
    VmxMachine m = new VmxMachine().current();

    succeeds(m, VMXOFF);

    assertThat(m.vmx.on()).isFalse();
    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }
}
