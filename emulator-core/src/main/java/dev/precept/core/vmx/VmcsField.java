package dev.precept.core.vmx;

import dev.precept.core.VmxCapabilities;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.ProcBased3;
import dev.precept.core.vmx.VmxControls.VmEntry;
import dev.precept.core.vmx.VmxControls.VmExit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The fields of a VMCS by name, with their encodings: those of the features that this core has.
 *
 * <p>A field exists on a processor only if the control that uses it may be 1 there; VMREAD and
 * VMWRITE fail for all others.
 *
 * <p>Source: SDM vol. 3D, appendix B; section of each group beside it.
 */
public enum VmcsField {
  // B.1.1, 16-bit control fields.
  VIRTUAL_PROCESSOR_IDENTIFIER(0x0000, secondary(ProcBased2.ENABLE_VPID)),
  EPTP_INDEX(0x0004, secondary(ProcBased2.EPT_VIOLATION_VE)),

  // B.1.2, 16-bit guest-state fields.
  GUEST_ES_SELECTOR(0x0800),
  GUEST_CS_SELECTOR(0x0802),
  GUEST_SS_SELECTOR(0x0804),
  GUEST_DS_SELECTOR(0x0806),
  GUEST_FS_SELECTOR(0x0808),
  GUEST_GS_SELECTOR(0x080A),
  GUEST_LDTR_SELECTOR(0x080C),
  GUEST_TR_SELECTOR(0x080E),
  PML_INDEX(0x0812, secondary(ProcBased2.ENABLE_PML)),

  // B.1.3, 16-bit host-state fields.
  HOST_ES_SELECTOR(0x0C00),
  HOST_CS_SELECTOR(0x0C02),
  HOST_SS_SELECTOR(0x0C04),
  HOST_DS_SELECTOR(0x0C06),
  HOST_FS_SELECTOR(0x0C08),
  HOST_GS_SELECTOR(0x0C0A),
  HOST_TR_SELECTOR(0x0C0C),

  // B.2.1, 64-bit control fields.
  IO_BITMAP_A_ADDRESS(0x2000),
  IO_BITMAP_B_ADDRESS(0x2002),
  MSR_BITMAPS_ADDRESS(0x2004, primary(ProcBased.USE_MSR_BITMAPS)),
  VM_EXIT_MSR_STORE_ADDRESS(0x2006),
  VM_EXIT_MSR_LOAD_ADDRESS(0x2008),
  VM_ENTRY_MSR_LOAD_ADDRESS(0x200A),
  EXECUTIVE_VMCS_POINTER(0x200C),
  PML_ADDRESS(0x200E, secondary(ProcBased2.ENABLE_PML)),
  TSC_OFFSET(0x2010),
  VIRTUAL_APIC_ADDRESS(0x2012, primary(ProcBased.USE_TPR_SHADOW)),
  VM_FUNCTION_CONTROLS(0x2018, secondary(ProcBased2.ENABLE_VM_FUNCTIONS)),
  EPT_POINTER(0x201A, secondary(ProcBased2.ENABLE_EPT)),
  EPTP_LIST_ADDRESS(0x2024, eptpSwitching()),
  VMREAD_BITMAP_ADDRESS(0x2026, secondary(ProcBased2.VMCS_SHADOWING)),
  VMWRITE_BITMAP_ADDRESS(0x2028, secondary(ProcBased2.VMCS_SHADOWING)),
  VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS(0x202A, secondary(ProcBased2.EPT_VIOLATION_VE)),
  XSS_EXITING_BITMAP(0x202C, secondary(ProcBased2.ENABLE_XSAVES_XRSTORS)),
  ENCLS_EXITING_BITMAP(0x202E, secondary(ProcBased2.ENABLE_ENCLS_EXITING)),
  TSC_MULTIPLIER(0x2032, secondary(ProcBased2.USE_TSC_SCALING)),
  TERTIARY_PROCESSOR_BASED_CONTROLS(0x2034, primary(ProcBased.ACTIVATE_TERTIARY_CONTROLS)),
  LOW_PASID_DIRECTORY_ADDRESS(0x2038, secondary(ProcBased2.PASID_TRANSLATION)),
  HIGH_PASID_DIRECTORY_ADDRESS(0x203A, secondary(ProcBased2.PASID_TRANSLATION)),
  PCONFIG_EXITING_BITMAP(0x203E, secondary(ProcBased2.ENABLE_PCONFIG)),

  // B.2.2, 64-bit read-only data fields.
  GUEST_PHYSICAL_ADDRESS(0x2400, secondary(ProcBased2.ENABLE_EPT)),
  MSR_DATA(0x2402, tertiary(ProcBased3.ENABLE_MSR_LIST)),

  // B.2.3, 64-bit guest-state fields.
  VMCS_LINK_POINTER(0x2800),
  GUEST_IA32_DEBUGCTL(0x2802),
  GUEST_IA32_PAT(0x2804, either(VmEntry.LOAD_IA32_PAT, VmExit.SAVE_IA32_PAT)),
  GUEST_IA32_EFER(0x2806, either(VmEntry.LOAD_IA32_EFER, VmExit.SAVE_IA32_EFER)),
  GUEST_PDPTE0(0x280A, secondary(ProcBased2.ENABLE_EPT)),
  GUEST_PDPTE1(0x280C, secondary(ProcBased2.ENABLE_EPT)),
  GUEST_PDPTE2(0x280E, secondary(ProcBased2.ENABLE_EPT)),
  GUEST_PDPTE3(0x2810, secondary(ProcBased2.ENABLE_EPT)),

  // B.2.4, 64-bit host-state fields.
  HOST_IA32_PAT(0x2C00, exit(VmExit.LOAD_IA32_PAT)),
  HOST_IA32_EFER(0x2C02, exit(VmExit.LOAD_IA32_EFER)),

  // B.3.1, 32-bit control fields.
  PIN_BASED_CONTROLS(0x4000),
  PRIMARY_PROCESSOR_BASED_CONTROLS(0x4002),
  EXCEPTION_BITMAP(0x4004),
  PAGE_FAULT_ERROR_CODE_MASK(0x4006),
  PAGE_FAULT_ERROR_CODE_MATCH(0x4008),
  CR3_TARGET_COUNT(0x400A),
  VM_EXIT_CONTROLS(0x400C),
  VM_EXIT_MSR_STORE_COUNT(0x400E),
  VM_EXIT_MSR_LOAD_COUNT(0x4010),
  VM_ENTRY_CONTROLS(0x4012),
  VM_ENTRY_MSR_LOAD_COUNT(0x4014),
  VM_ENTRY_INTERRUPTION_INFORMATION(0x4016),
  VM_ENTRY_EXCEPTION_ERROR_CODE(0x4018),
  VM_ENTRY_INSTRUCTION_LENGTH(0x401A),
  TPR_THRESHOLD(0x401C, primary(ProcBased.USE_TPR_SHADOW)),
  SECONDARY_PROCESSOR_BASED_CONTROLS(0x401E, primary(ProcBased.ACTIVATE_SECONDARY_CONTROLS)),
  PLE_GAP(0x4020, secondary(ProcBased2.PAUSE_LOOP_EXITING)),
  PLE_WINDOW(0x4022, secondary(ProcBased2.PAUSE_LOOP_EXITING)),

  // B.3.2, 32-bit read-only data fields.
  VM_INSTRUCTION_ERROR(0x4400),
  EXIT_REASON(0x4402),
  VM_EXIT_INTERRUPTION_INFORMATION(0x4404),
  VM_EXIT_INTERRUPTION_ERROR_CODE(0x4406),
  IDT_VECTORING_INFORMATION(0x4408),
  IDT_VECTORING_ERROR_CODE(0x440A),
  VM_EXIT_INSTRUCTION_LENGTH(0x440C),
  VM_EXIT_INSTRUCTION_INFORMATION(0x440E),

  // B.3.3, 32-bit guest-state fields.
  GUEST_ES_LIMIT(0x4800),
  GUEST_CS_LIMIT(0x4802),
  GUEST_SS_LIMIT(0x4804),
  GUEST_DS_LIMIT(0x4806),
  GUEST_FS_LIMIT(0x4808),
  GUEST_GS_LIMIT(0x480A),
  GUEST_LDTR_LIMIT(0x480C),
  GUEST_TR_LIMIT(0x480E),
  GUEST_GDTR_LIMIT(0x4810),
  GUEST_IDTR_LIMIT(0x4812),
  GUEST_ES_ACCESS_RIGHTS(0x4814),
  GUEST_CS_ACCESS_RIGHTS(0x4816),
  GUEST_SS_ACCESS_RIGHTS(0x4818),
  GUEST_DS_ACCESS_RIGHTS(0x481A),
  GUEST_FS_ACCESS_RIGHTS(0x481C),
  GUEST_GS_ACCESS_RIGHTS(0x481E),
  GUEST_LDTR_ACCESS_RIGHTS(0x4820),
  GUEST_TR_ACCESS_RIGHTS(0x4822),
  GUEST_INTERRUPTIBILITY_STATE(0x4824),
  GUEST_ACTIVITY_STATE(0x4826),
  GUEST_SMBASE(0x4828),
  GUEST_IA32_SYSENTER_CS(0x482A),
  VMX_PREEMPTION_TIMER_VALUE(0x482E, pin(PinBased.ACTIVATE_VMX_PREEMPTION_TIMER)),

  // B.3.4, 32-bit host-state field.
  HOST_IA32_SYSENTER_CS(0x4C00),

  // B.4.1, natural-width control fields.
  CR0_GUEST_HOST_MASK(0x6000),
  CR4_GUEST_HOST_MASK(0x6002),
  CR0_READ_SHADOW(0x6004),
  CR4_READ_SHADOW(0x6006),
  CR3_TARGET_VALUE_0(0x6008),
  CR3_TARGET_VALUE_1(0x600A),
  CR3_TARGET_VALUE_2(0x600C),
  CR3_TARGET_VALUE_3(0x600E),

  // B.4.2, natural-width read-only data fields.
  EXIT_QUALIFICATION(0x6400),
  IO_RCX(0x6402),
  IO_RSI(0x6404),
  IO_RDI(0x6406),
  IO_RIP(0x6408),
  GUEST_LINEAR_ADDRESS(0x640A),

  // B.4.3, natural-width guest-state fields.
  GUEST_CR0(0x6800),
  GUEST_CR3(0x6802),
  GUEST_CR4(0x6804),
  GUEST_ES_BASE(0x6806),
  GUEST_CS_BASE(0x6808),
  GUEST_SS_BASE(0x680A),
  GUEST_DS_BASE(0x680C),
  GUEST_FS_BASE(0x680E),
  GUEST_GS_BASE(0x6810),
  GUEST_LDTR_BASE(0x6812),
  GUEST_TR_BASE(0x6814),
  GUEST_GDTR_BASE(0x6816),
  GUEST_IDTR_BASE(0x6818),
  GUEST_DR7(0x681A),
  GUEST_RSP(0x681C),
  GUEST_RIP(0x681E),
  GUEST_RFLAGS(0x6820),
  GUEST_PENDING_DEBUG_EXCEPTIONS(0x6822),
  GUEST_IA32_SYSENTER_ESP(0x6824),
  GUEST_IA32_SYSENTER_EIP(0x6826),

  // B.4.4, natural-width host-state fields.
  HOST_CR0(0x6C00),
  HOST_CR3(0x6C02),
  HOST_CR4(0x6C04),
  HOST_FS_BASE(0x6C06),
  HOST_GS_BASE(0x6C08),
  HOST_TR_BASE(0x6C0A),
  HOST_GDTR_BASE(0x6C0C),
  HOST_IDTR_BASE(0x6C0E),
  HOST_IA32_SYSENTER_ESP(0x6C10),
  HOST_IA32_SYSENTER_EIP(0x6C12),
  HOST_RSP(0x6C14),
  HOST_RIP(0x6C16);

  /** All encodings lie below: bits 14:0, of which bit 12 is 0. */
  static final int ENCODINGS = 0x8000;

  private static final List<Optional<VmcsField>> BY_ENCODING = byEncoding();

  /** The encoding that VMREAD and VMWRITE take; bit 0, for the high half, is 0. */
  public final int encoding;

  /** Width in bytes: 2, 4 or 8. */
  public final int size;

  /** What has to be there for the field to exist. */
  private final Need need;

  /** Whether a processor has what a field belongs to. */
  @FunctionalInterface
  private interface Need {
    boolean met(VmxCapabilities capabilities);
  }

  VmcsField(int encoding) {
    this(encoding, capabilities -> true);
  }

  VmcsField(int encoding, Need need) {
    this.encoding = encoding;
    this.need = need;
    this.size =
        switch (encoding >> 13 & 3) {
          case 0 -> 2;
          case 2 -> 4;
          default -> 8;
        };
  }

  /** Whether the field exists on a processor with {@code capabilities}. */
  public boolean exists(VmxCapabilities capabilities) {
    return need.met(capabilities);
  }

  /** Whether this is a VM-exit information field: type 1 in bits 11:10. */
  public boolean readOnly() {
    return (encoding >> 10 & 3) == 1;
  }

  /** Whether the field has a high half of its own encoding: the 64-bit fields (width 1). */
  boolean hasHighHalf() {
    return (encoding >> 13 & 3) == 1;
  }

  /** The field of {@code encoding}, full or high access, if there is one. */
  public static Optional<VmcsField> of(int encoding) {
    return encoding < 0 || encoding >= ENCODINGS ? Optional.empty() : BY_ENCODING.get(encoding);
  }

  private static List<Optional<VmcsField>> byEncoding() {
    List<Optional<VmcsField>> fields =
        new ArrayList<>(Collections.nCopies(ENCODINGS, Optional.<VmcsField>empty()));
    for (VmcsField field : values()) {
      fields.set(field.encoding, Optional.of(field));
      if (field.hasHighHalf()) {
        fields.set(field.encoding | 1, Optional.of(field));
      }
    }
    return fields;
  }

  private static Need pin(int control) {
    return capabilities -> mayBeOne(capabilities.pinBased, control);
  }

  private static Need primary(int control) {
    return capabilities -> mayBeOne(capabilities.procBased, control);
  }

  private static Need secondary(int control) {
    return capabilities -> mayBeOne(capabilities.procBased2, control);
  }

  private static Need tertiary(long control) {
    return capabilities -> (capabilities.procBased3 & control) != 0;
  }

  private static Need exit(int control) {
    return capabilities -> mayBeOne(capabilities.exit, control);
  }

  /** Either of a VM-entry control and a VM-exit control. */
  private static Need either(int entry, int exit) {
    return capabilities -> mayBeOne(capabilities.entry, entry) || mayBeOne(capabilities.exit, exit);
  }

  private static Need eptpSwitching() {
    return capabilities -> (capabilities.vmFunc & VmxControls.EPTP_SWITCHING) != 0;
  }

  private static boolean mayBeOne(long allowed, int control) {
    return ((int) (allowed >>> 32) & control) != 0;
  }
}
