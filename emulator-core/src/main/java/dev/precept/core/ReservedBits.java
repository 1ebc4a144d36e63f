package dev.precept.core;

/**
 * Which bits of the control registers a given processor lets software set: one statement for MOV,
 * WRMSR and the consistency checks of virtualization.
 *
 * <p>Source: APM vol. 2, 3.1 (control registers, EFER), 13.1.1 (debug registers); SDM vol. 3A,
 * 2.2.1 and 2.5.
 */
public final class ReservedBits {
  /** EFER.MCOMMIT, EFER.INTWB, EFER.UAIE, EFER.AIBRSE. */
  private static final long EFER_MCOMMIT = 1L << 17,
      EFER_INTWB = 1L << 18,
      EFER_UAIE = 1L << 20,
      EFER_AIBRSE = 1L << 21;

  /** IA32_DEBUGCTL bits that this core's Intel processors have: LBR, BTF. */
  public static final long INTEL_DEBUGCTL = 3;

  private ReservedBits() {}

  /** CR4 bits that exist on {@code model}; all others must be zero. */
  public static long cr4(CpuModel model) {
    return when(model.vme, CpuState.CR4_VME | CpuState.CR4_PVI)
        | when(model.tsc, CpuState.CR4_TSD)
        | when(model.de, CpuState.CR4_DE)
        | when(model.pse, CpuState.CR4_PSE)
        | when(model.pae, CpuState.CR4_PAE)
        | when(model.mce, CpuState.CR4_MCE)
        | when(model.pge, CpuState.CR4_PGE)
        | CpuState.CR4_PCE
        | when(model.fxsr, CpuState.CR4_OSFXSR)
        | when(model.sse, CpuState.CR4_OSXMMEXCPT)
        | when(model.umip, CpuState.CR4_UMIP)
        | when(model.la57, CpuState.CR4_LA57)
        | when(model.vmx, CpuState.CR4_VMXE)
        | when(model.smx, CpuState.CR4_SMXE)
        | when(model.fsgsbase, CpuState.CR4_FSGSBASE)
        | when(model.pcid, CpuState.CR4_PCIDE)
        | when(model.xsave, CpuState.CR4_OSXSAVE)
        | when(model.keyLocker, CpuState.CR4_KL)
        | when(model.smep, CpuState.CR4_SMEP)
        | when(model.smap, CpuState.CR4_SMAP)
        | when(model.pku, CpuState.CR4_PKE)
        | when(model.shadowStack, CpuState.CR4_CET);
  }

  /** EFER bits that exist on {@code model}; all others must be zero. */
  public static long efer(CpuModel model) {
    return when(model.syscall, CpuState.EFER_SCE)
        | when(model.longMode, CpuState.EFER_LME | CpuState.EFER_LMA)
        | when(model.nx, CpuState.EFER_NXE)
        | when(model.svm, CpuState.EFER_SVME)
        | when(!model.lmsleUnsupported && !model.intel, CpuState.EFER_LMSLE)
        | when(model.ffxsr, CpuState.EFER_FFXSR)
        | when((model.cpuid(0x8000_0001, 0, 2) & 1 << 17) != 0, CpuState.EFER_TCE)
        | when(model.mcommit, EFER_MCOMMIT)
        | when((model.cpuid(0x8000_0008, 0, 1) & 1 << 13) != 0, EFER_INTWB)
        | when(model.upperAddressIgnore, EFER_UAIE)
        | when(model.automaticIbrs, EFER_AIBRSE);
  }

  /** Whether {@code address} is not below 2 to the physical-address width of {@code model}. */
  public static boolean beyondPhysical(CpuModel model, long address) {
    return address >>> model.physicalAddressBits != 0;
  }

  /**
   * Whether the state of {@code cr0}, {@code cr4} and {@code efer} selects legacy PAE paging, in
   * which four page-directory-pointer entries are loaded together with CR3.
   */
  public static boolean legacyPae(long cr0, long cr4, long efer) {
    return (cr0 & CpuState.CR0_PG) != 0
        && (cr4 & CpuState.CR4_PAE) != 0
        && (efer & CpuState.EFER_LMA) == 0;
  }

  /** Whether each byte of {@code pat} is a memory type that exists: 0, 1, 4, 5, 6, 7. */
  public static boolean patLegal(long pat) {
    for (int i = 0; i < 64; i += 8) {
      long type = pat >>> i & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private static long when(boolean exists, long bits) {
    return exists ? bits : 0;
  }
}
