package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.INVEPT;
import static dev.precept.core.vmx.RootInstructions.INVVPID;
import static dev.precept.core.vmx.RootInstructions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.Msr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** INVEPT and INVVPID outside a guest (SDM vol. 3C, 30.3). */
class InvalidationTest {
  @ParameterizedTest
  @CsvSource({
    "1, 701E, 0, single context",
    "1, 7006, 28, no legal EPTP",
    "2, 7006, 0, all contexts",
    "0, 701E, 28, no such type",
    "3, 701E, 28, no such type",
    "100000001, 701E, 28, the type has 64 bits"
  })
  void invept(String type, String pointer, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(type, 16);
    m.memory.write64(VmxMachine.DATA, Long.parseLong(pointer, 16));

    m.host(INVEPT);

    assertThat(m.failure()).isEqualTo(error);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1000, 0, individual address",
    "0, 0, 1000, 28, VPID 0",
    "0, 1, 800000000000, 28, not canonical",
    "1, 1, 800000000000, 0, address not looked at",
    "1, 0, 0, 28, VPID 0",
    "2, 0, 0, 0, all contexts",
    "2, 10000, 0, 28, reserved bits",
    "3, 1, 0, 0, retaining globals",
    "3, 0, 0, 28, VPID 0",
    "4, 1, 0, 28, no such type"
  })
  void invvpid(String type, String vpid, String address, int error, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(type, 16);
    m.memory.write64(VmxMachine.DATA, Long.parseLong(vpid, 16));
    m.memory.write64(VmxMachine.DATA + 8, Long.parseLong(address, 16));

    m.host(INVVPID);

    assertThat(m.failure()).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {INVEPT, INVVPID})
  void anUnsupportedTypeFailsBeforeTheDescriptorIsRead(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = 7;
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host(code);

    assertFails(m, 28);
  }

  @ParameterizedTest
  @CsvSource({INVEPT + ", 20", INVVPID + ", 32"})
  void withoutTheCapabilityTheyAreUndefined(String code, int bit) {
    long can = CpuModel.intel().vmxCapabilities.eptVpid & ~(1L << bit);
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_EPT_VPID_CAP, can).build();
    VmxMachine m = new VmxMachine(model).current();

    m.host(code);

    assertThat(m.hostException()).isEqualTo(CpuFault.UD);
  }
}
