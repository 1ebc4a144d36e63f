package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.core.CpuModel;
import dev.precept.core.PhysicalMemory;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VMCS regions and fields as libraries see them (SDM vol. 3C, 24.2, 24.11.2; 3D, appendix B). */
class VmcsRegionTest {
  private static final long PA = 0x3000;

  private final PhysicalMemory memory = new PhysicalMemory(1 << 16);
  private final CpuModel model = CpuModel.intel();

  @Test
  void aFormattedRegionIsClearAndHasTheRevisionIdentifier() {
    memory.write64(PA + 64, -1L);

    VmcsRegion.format(memory, PA, model);

    assertThat(memory.read32(PA)).isEqualTo(model.vmxCapabilities.revision());
    assertThat(VmcsRegion.launched(memory, PA)).isFalse();
    assertThat(VmcsRegion.abortIndicator(memory, PA)).isZero();
    for (VmcsField field : VmcsField.values()) {
      assertThat(VmcsRegion.read(memory, PA, field))
          .isEqualTo(field == VmcsField.VMCS_LINK_POINTER ? -1L : 0);
    }
  }

  @Test
  void aShadowRegionHasBit31() {
    VmcsRegion.formatShadow(memory, PA, model);

    assertThat(memory.read32(PA)).isEqualTo(model.vmxCapabilities.revision() | 1 << 31);
  }

  @ParameterizedTest
  @EnumSource
  void aFieldKeepsWhatFitsAndTouchesNothingElse(VmcsField field) {
    VmcsRegion.write(memory, PA, field, -1L);

    for (VmcsField other : VmcsField.values()) {
      long full = other.size == 8 ? -1L : (1L << (8 * other.size)) - 1;
      assertThat(VmcsRegion.read(memory, PA, other)).isEqualTo(other == field ? full : 0);
    }
    assertThat(memory.read64(PA + VmcsRegion.SIZE)).isZero();
    assertThat(memory.read64(PA)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aFieldsEncodingTellsItsWidthItsTypeAndItself(VmcsField field) {
    int encoding = field.encoding;
    String name = field.name();

    assertThat(encoding & ~0x6FFE).isZero();
    assertThat(field.size).isEqualTo(new int[] {2, 8, 4, 8}[encoding >> 13]);
    assertThat(VmcsField.of(encoding)).contains(field);
    // B: 0 control, 1 read-only data, 2 guest state, 3 host state.
    int type = encoding >> 10 & 3;
    assertThat(name.startsWith("HOST_")).isEqualTo(type == 3);
    assertThat(field.readOnly()).isEqualTo(type == 1);
    if (name.startsWith("GUEST_") && type != 1) {
      assertThat(type).isEqualTo(2);
    }
  }

  @Test
  void encodingsDiffer() {
    Set<Integer> seen = new HashSet<>();
    for (VmcsField field : VmcsField.values()) {
      assertThat(seen.add(field.encoding)).as(field.name()).isTrue();
    }
  }

  /** One of each group of appendix B, first and last where there are many. */
  @ParameterizedTest
  @CsvSource({
    "0000, VIRTUAL_PROCESSOR_IDENTIFIER",
    "0800, GUEST_ES_SELECTOR",
    "080E, GUEST_TR_SELECTOR",
    "0C00, HOST_ES_SELECTOR",
    "0C0C, HOST_TR_SELECTOR",
    "2000, IO_BITMAP_A_ADDRESS",
    "2004, MSR_BITMAPS_ADDRESS",
    "2006, VM_EXIT_MSR_STORE_ADDRESS",
    "2008, VM_EXIT_MSR_LOAD_ADDRESS",
    "200A, VM_ENTRY_MSR_LOAD_ADDRESS",
    "2010, TSC_OFFSET",
    "2012, VIRTUAL_APIC_ADDRESS",
    "2018, VM_FUNCTION_CONTROLS",
    "201A, EPT_POINTER",
    "2024, EPTP_LIST_ADDRESS",
    "2026, VMREAD_BITMAP_ADDRESS",
    "2028, VMWRITE_BITMAP_ADDRESS",
    "202C, XSS_EXITING_BITMAP",
    "202E, ENCLS_EXITING_BITMAP",
    "2032, TSC_MULTIPLIER",
    "2034, TERTIARY_PROCESSOR_BASED_CONTROLS",
    "2400, GUEST_PHYSICAL_ADDRESS",
    "2800, VMCS_LINK_POINTER",
    "2802, GUEST_IA32_DEBUGCTL",
    "2804, GUEST_IA32_PAT",
    "2806, GUEST_IA32_EFER",
    "280A, GUEST_PDPTE0",
    "2810, GUEST_PDPTE3",
    "2C00, HOST_IA32_PAT",
    "2C02, HOST_IA32_EFER",
    "4000, PIN_BASED_CONTROLS",
    "4002, PRIMARY_PROCESSOR_BASED_CONTROLS",
    "4004, EXCEPTION_BITMAP",
    "4006, PAGE_FAULT_ERROR_CODE_MASK",
    "4008, PAGE_FAULT_ERROR_CODE_MATCH",
    "400A, CR3_TARGET_COUNT",
    "400C, VM_EXIT_CONTROLS",
    "400E, VM_EXIT_MSR_STORE_COUNT",
    "4010, VM_EXIT_MSR_LOAD_COUNT",
    "4012, VM_ENTRY_CONTROLS",
    "4014, VM_ENTRY_MSR_LOAD_COUNT",
    "4016, VM_ENTRY_INTERRUPTION_INFORMATION",
    "4018, VM_ENTRY_EXCEPTION_ERROR_CODE",
    "401A, VM_ENTRY_INSTRUCTION_LENGTH",
    "401C, TPR_THRESHOLD",
    "401E, SECONDARY_PROCESSOR_BASED_CONTROLS",
    "4020, PLE_GAP",
    "4022, PLE_WINDOW",
    "4400, VM_INSTRUCTION_ERROR",
    "4402, EXIT_REASON",
    "4404, VM_EXIT_INTERRUPTION_INFORMATION",
    "4406, VM_EXIT_INTERRUPTION_ERROR_CODE",
    "4408, IDT_VECTORING_INFORMATION",
    "440A, IDT_VECTORING_ERROR_CODE",
    "440C, VM_EXIT_INSTRUCTION_LENGTH",
    "440E, VM_EXIT_INSTRUCTION_INFORMATION",
    "4800, GUEST_ES_LIMIT",
    "480E, GUEST_TR_LIMIT",
    "4810, GUEST_GDTR_LIMIT",
    "4812, GUEST_IDTR_LIMIT",
    "4814, GUEST_ES_ACCESS_RIGHTS",
    "4822, GUEST_TR_ACCESS_RIGHTS",
    "4824, GUEST_INTERRUPTIBILITY_STATE",
    "4826, GUEST_ACTIVITY_STATE",
    "4828, GUEST_SMBASE",
    "482A, GUEST_IA32_SYSENTER_CS",
    "482E, VMX_PREEMPTION_TIMER_VALUE",
    "4C00, HOST_IA32_SYSENTER_CS",
    "6000, CR0_GUEST_HOST_MASK",
    "6002, CR4_GUEST_HOST_MASK",
    "6004, CR0_READ_SHADOW",
    "6006, CR4_READ_SHADOW",
    "6008, CR3_TARGET_VALUE_0",
    "600E, CR3_TARGET_VALUE_3",
    "6400, EXIT_QUALIFICATION",
    "640A, GUEST_LINEAR_ADDRESS",
    "6800, GUEST_CR0",
    "6802, GUEST_CR3",
    "6804, GUEST_CR4",
    "6806, GUEST_ES_BASE",
    "6814, GUEST_TR_BASE",
    "6816, GUEST_GDTR_BASE",
    "6818, GUEST_IDTR_BASE",
    "681A, GUEST_DR7",
    "681C, GUEST_RSP",
    "681E, GUEST_RIP",
    "6820, GUEST_RFLAGS",
    "6822, GUEST_PENDING_DEBUG_EXCEPTIONS",
    "6824, GUEST_IA32_SYSENTER_ESP",
    "6826, GUEST_IA32_SYSENTER_EIP",
    "6C00, HOST_CR0",
    "6C02, HOST_CR3",
    "6C04, HOST_CR4",
    "6C06, HOST_FS_BASE",
    "6C08, HOST_GS_BASE",
    "6C0A, HOST_TR_BASE",
    "6C0C, HOST_GDTR_BASE",
    "6C0E, HOST_IDTR_BASE",
    "6C10, HOST_IA32_SYSENTER_ESP",
    "6C12, HOST_IA32_SYSENTER_EIP",
    "6C14, HOST_RSP",
    "6C16, HOST_RIP"
  })
  void fieldsHaveTheManualsEncodings(String encoding, VmcsField field) {
    assertThat("%04x".formatted(field.encoding).toUpperCase(Locale.ROOT)).isEqualTo(encoding);
  }

  @Test
  void anEncodingReadsAndWritesItsField() {
    VmcsRegion.write(memory, PA, 0x681E, 0x1_2345_6789L);

    assertThat(VmcsRegion.read(memory, PA, VmcsField.GUEST_RIP)).isEqualTo(0x1_2345_6789L);
    assertThat(VmcsRegion.read(memory, PA, 0x681E)).isEqualTo(0x1_2345_6789L);
  }

  @Test
  void bit0OfAnEncodingIsTheHighHalf() {
    VmcsRegion.write(memory, PA, VmcsField.EPT_POINTER, 0x1111_1111_2222_2222L);

    VmcsRegion.write(memory, PA, 0x201B, 0x3333_3333L);

    assertThat(VmcsRegion.read(memory, PA, 0x201B)).isEqualTo(0x3333_3333L);
    assertThat(VmcsRegion.read(memory, PA, 0x201A)).isEqualTo(0x3333_3333_2222_2222L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x681F, 0x0801, 0x7FFE, -1, 0x8000, 0x1000})
  void encodingsOfNoFieldAreRefusedByName(int encoding) {
    assertThatThrownBy(() -> VmcsRegion.read(memory, PA, encoding))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("%04X".formatted(encoding));
    assertThatThrownBy(() -> VmcsRegion.write(memory, PA, encoding, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void enteringRootOperationNeedsNoParticularState() {
    VmxMachine m = new VmxMachine();
    m.host("0F01C4");
    m.state.cr4 = 0x20;
    m.state.cr0 &= ~0x20L;
    m.state.featureControl = 0;
    m.memory.write32(VmxMachine.VMXON, 0);

    m.vmx.enterRootOperation(m.cpu, VmxMachine.VMXON);

    assertThat(m.vmx.on()).isTrue();
    assertThat(m.vmx.inGuest()).isFalse();
    // What VMXON would have asked for.
    assertThat(m.state.cr4 & 0x2000).isNotZero();
    assertThat(m.state.cr0 & 0x20).isNotZero();
    assertThat(m.state.featureControl & 5).isEqualTo(5);
    assertThat(m.memory.read32(VmxMachine.VMXON)).isEqualTo(model.vmxCapabilities.revision());
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1008, 1L << 40})
  void aVmxonRegionIsAlignedAndWithinThePhysicalWidth(long region) {
    VmxMachine m = new VmxMachine();

    assertThatThrownBy(() -> m.vmx.enterRootOperation(m.cpu, region))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("%X".formatted(region));
  }

  @Test
  void resetLeavesVmxOperation() {
    VmxMachine m = new VmxMachine().code("90");
    m.launch();

    m.vmx.reset();

    assertThat(m.vmx.inGuest()).isFalse();
    assertThat(m.vmx.on()).isFalse();
    assertThat(m.vmx.currentVmcs()).isEqualTo(-1L);
  }
}
