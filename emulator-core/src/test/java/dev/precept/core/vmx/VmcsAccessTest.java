package dev.precept.core.vmx;

import static dev.precept.core.vmx.RootInstructions.CF;
import static dev.precept.core.vmx.RootInstructions.VMREAD;
import static dev.precept.core.vmx.RootInstructions.VMWRITE;
import static dev.precept.core.vmx.RootInstructions.assertFails;
import static dev.precept.core.vmx.RootInstructions.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Msr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VMREAD and VMWRITE outside a guest (SDM vol. 3C, 30.3): RBX has the encoding, RAX the value. */
class VmcsAccessTest {
  @Test
  void vmwriteThenVmreadGivesTheValueBack() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding;
    m.state.gpr[0] = 0x1122_3344_5566_7788L;
    succeeds(m, VMWRITE);
    m.state.gpr[0] = 0;

    succeeds(m, VMREAD);

    assertThat(m.state.gpr[0]).isEqualTo(0x1122_3344_5566_7788L);
  }

  @ParameterizedTest
  @CsvSource({
    "800, 1122334455667788, 7788, 16 bits wide",
    "4004, 1122334455667788, 55667788, 32 bits wide",
    "2010, 1122334455667788, 1122334455667788, 64 bits wide",
    "2011, 1122334455667788, 55667788, high half",
    "6000, 1122334455667788, 1122334455667788, natural width"
  })
  void fieldsHaveTheirWidth(String encoding, String written, String read, String why) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseLong(encoding, 16);
    m.state.gpr[0] = Long.parseLong(written, 16);
    succeeds(m, VMWRITE);
    m.state.gpr[0] = -1L;

    succeeds(m, VMREAD);

    assertThat(m.state.gpr[0]).isEqualTo(Long.parseLong(read, 16));
  }

  @Test
  void theHighHalfIsWrittenAlone() {
    VmxMachine m = new VmxMachine().set(VmcsField.TSC_OFFSET, 0x1111_1111_2222_2222L).current();
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding + 1L;
    m.state.gpr[0] = 0x3333_3333L;

    succeeds(m, VMWRITE);

    assertThat(m.get(VmcsField.TSC_OFFSET)).isEqualTo(0x3333_3333_2222_2222L);
  }

  @Test
  void in32BitModeOperandsHave32BitsAndFullAccessMeansTheLowHalf() {
    VmxMachine m = new VmxMachine().set(VmcsField.TSC_OFFSET, 0x1111_1111_2222_2222L).current();
    // 32-bit protected mode, no paging: VMX operation would not allow it, the instruction does.
    m.state.efer = 0;
    m.state.cr0 &= ~CpuState.CR0_PG;
    m.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
    m.state.gpr[3] = VmcsField.TSC_OFFSET.encoding;
    m.memory.write64(VmxMachine.DATA, -1L);

    m.host("0F781E");

    assertThat(m.status()).isZero();
    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(0xFFFF_FFFF_2222_2222L);
    m.state.gpr[0] = 0x4444_4444L;
    m.host(VMWRITE);
    // 24.11.2: a full access of a 64-bit field outside 64-bit mode clears bits 63:32 when writing.
    assertThat(m.get(VmcsField.TSC_OFFSET)).isEqualTo(0x4444_4444L);
  }

  @Test
  void theMemoryOperandIsAsWideAsTheMode() {
    VmxMachine m = new VmxMachine().set(VmcsField.GUEST_CR0, 0x21).current();
    m.state.gpr[3] = VmcsField.GUEST_ES_SELECTOR.encoding;
    m.memory.write64(VmxMachine.DATA, -1L);

    succeeds(m, "0F781E");

    assertThat(m.memory.read64(VmxMachine.DATA)).isEqualTo(0x10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7FFE", "6801000", "100000800", "FFFFFFFFFFFF0800", "801"})
  void unsupportedFieldsFail(String encoding) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[3] = Long.parseUnsignedLong(encoding, 16);

    m.host(VMREAD);
    assertFails(m, 12);
    m.set(VmcsField.VM_INSTRUCTION_ERROR, 0);
    m.host(VMWRITE);

    assertFails(m, 12);
  }

  @Test
  void aFieldWhoseFeatureIsMissingIsUnsupported() {
    long allowed = CpuModel.intel().vmxCapabilities.procBased2;
    long without = allowed & ~((long) VmxControls.ProcBased2.ENABLE_EPT << 32);
    CpuModel model = CpuModel.intelBuilder().capability(Msr.VMX_PROCBASED_CTLS2, without).build();
    VmxMachine m = new VmxMachine(model).current();
    m.state.gpr[3] = VmcsField.EPT_POINTER.encoding;

    m.host(VMREAD);

    assertFails(m, 12);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void exitInformationIsWrittenOnlyWhereTheCapabilityAllows(boolean allowed) {
    long misc = CpuModel.intel().vmxCapabilities.misc & ~(1L << 29);
    CpuModel model =
        CpuModel.intelBuilder().capability(Msr.VMX_MISC, misc | (allowed ? 1L << 29 : 0)).build();
    VmxMachine m = new VmxMachine(model).current();
    m.state.gpr[3] = VmcsField.EXIT_QUALIFICATION.encoding;
    m.state.gpr[0] = 77;

    m.host(VMWRITE);

    if (allowed) {
      assertThat(m.status()).isZero();
      assertThat(m.qualification()).isEqualTo(77);
    } else {
      assertFails(m, 13);
      assertThat(m.qualification()).isZero();
    }
  }

  @Test
  void withoutACurrentVmcsTheyFailInvalidBeforeTheyAccessMemory() {
    VmxMachine m = new VmxMachine();
    m.state.gpr[6] = VmxMachine.UNMAPPED;

    m.host("0F781E");
    assertThat(m.status()).isEqualTo(CF);
    m.host("0F791E");

    assertThat(m.status()).isEqualTo(CF);
  }

  @Test
  void vmreadOfAnUnsupportedFieldDoesNotAccessItsDestination() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = 0x7FFE;

    m.host("0F781E");

    assertFails(m, 12);
  }

  @Test
  void vmwriteReadsItsSourceBeforeItLooksAtTheField() {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[6] = VmxMachine.UNMAPPED;
    m.state.gpr[3] = 0x7FFE;

    m.host("0F791E");

    assertThat(m.hostException()).isEqualTo(CpuFault.PF);
  }

  @ParameterizedTest
  @CsvSource({"0F7806", "660F78D8", "F30F79D8"})
  void prefixesOfVmreadAndVmwrite(String code) {
    VmxMachine m = new VmxMachine().current();
    m.state.gpr[0] = VmcsField.GUEST_CR0.encoding;

    m.host(code);

    assertThat(m.hostException()).isEqualTo(code.equals("0F7806") ? -1 : CpuFault.UD);
  }
}
