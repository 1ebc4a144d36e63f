package dev.precept.core.instructions;

import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.Mmu;
import dev.precept.core.Msr;
import dev.precept.core.ReservedBits;

/**
 * The model-specific registers: which exist on a processor, and what may be written to each. All
 * that is illegal raises #GP(0).
 *
 * <p>Source: APM vol. 2, appendix A and the sections it names; 15.30 and 15.31 for SVM's; SDM vol.
 * 4 for those of Intel processors.
 */
public final class MsrFile {
  /** VM_CR bits (15.30.1); bits 63:5 must be zero. */
  private static final long VM_CR_DEFINED = 0x1F, VM_CR_LOCK = 1 << 3, VM_CR_SVMDIS = 1 << 4;

  /** HWCR bits that mean something here: SMMLOCK, MonMwaitUserEn. */
  private static final long HWCR_SMMLOCK = 1;

  /** APIC_BASE bits: BSC, EXTD (x2APIC), AE; and the page address. */
  private static final long APIC_BSC = 1 << 8, APIC_EXTD = 1 << 10, APIC_AE = 1 << 11;

  /** DEBUGCTL bits 5:0: LBR, BTF, PB3-PB0. */
  private static final long DEBUGCTL_DEFINED = 0x3F;

  /** TSC_RATIO bits 63:40 must be zero. */
  private static final int TSC_RATIO_BITS = 40;

  /** IA32_FEATURE_CONTROL bits (SDM vol. 4): lock, VMX in SMX, VMX outside SMX, SENTER enables. */
  private static final long FEATURE_CONTROL_LOCK = 1,
      FEATURE_CONTROL_VMX_IN_SMX = 2,
      FEATURE_CONTROL_VMX = 4,
      FEATURE_CONTROL_SENTER = 0xFF00;

  /** IA32_PASID: PASID in bits 19:0, valid in bit 31. */
  private static final long PASID_DEFINED = 0x800F_FFFFL;

  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private MsrFile() {}

  /**
   * The value of {@code msr}, as RDMSR at CPL 0 reads it.
   *
   * @throws dev.precept.core.CpuFault #GP(0) if there is no such MSR
   */
  public static long read(Cpu cpu, int msr) {
    CpuState state = cpu.state;
    if (!exists(cpu.model, msr)) {
      throw cpu.gp(0);
    }
    return switch (msr) {
      case Msr.TSC -> cpu.virtualization.timestamp(cpu);
      case Msr.APIC_BASE -> state.apicBase;
      case Msr.SYSENTER_CS -> state.sysenterCs;
      case Msr.SYSENTER_ESP -> state.sysenterEsp;
      case Msr.SYSENTER_EIP -> state.sysenterEip;
      case Msr.DEBUGCTL -> state.debugCtl;
      case Msr.LAST_BRANCH_FROM_IP,
          Msr.LAST_BRANCH_TO_IP,
          Msr.LAST_INT_FROM_IP,
          Msr.LAST_INT_TO_IP ->
          state.lastBranch[msr - Msr.LAST_BRANCH_FROM_IP];
      case Msr.PAT -> state.pat;
      case Msr.EFER -> state.efer;
      case Msr.STAR -> state.star;
      case Msr.LSTAR -> state.lstar;
      case Msr.CSTAR -> state.cstar;
      case Msr.SFMASK -> state.sfmask;
      case Msr.FS_BASE -> state.fs.base;
      case Msr.GS_BASE -> state.gs.base;
      case Msr.KERNEL_GS_BASE -> state.kernelGsBase;
      case Msr.TSC_AUX -> state.tscAux;
      case Msr.TSC_RATIO -> state.tscRatio;
      case Msr.HWCR -> state.hwcr;
      case Msr.SMM_BASE -> state.smbase;
      case Msr.VM_CR -> state.vmCr;
      case Msr.VM_HSAVE_PA -> state.vmHsavePa;
      case Msr.FEATURE_CONTROL -> state.featureControl;
      case Msr.UMWAIT_CONTROL -> state.umwaitControl;
      case Msr.PASID -> state.pasid;
      case Msr.XSS -> state.xss;
      // SVM_KEY always reads zero (15.31.1).
      case Msr.SVM_KEY -> 0;
      default -> cpu.model.vmxCapabilities.read(msr);
    };
  }

  /**
   * Writes {@code value} to {@code msr}, as WRMSR at CPL 0 does.
   *
   * @throws dev.precept.core.CpuFault #GP(0) if there is no such MSR or the value is illegal
   */
  public static void write(Cpu cpu, int msr, long value) {
    CpuState state = cpu.state;
    if (!exists(cpu.model, msr)) {
      throw cpu.gp(0);
    }
    switch (msr) {
      case Msr.TSC -> state.tsc = value;
      case Msr.APIC_BASE -> state.apicBase = legal(cpu, value, apicBaseBits(cpu.model));
      case Msr.SYSENTER_CS -> state.sysenterCs = value & 0xFFFF_FFFFL;
      case Msr.SYSENTER_ESP -> state.sysenterEsp = systemEntry(cpu, value);
      case Msr.SYSENTER_EIP -> state.sysenterEip = systemEntry(cpu, value);
      case Msr.DEBUGCTL -> state.debugCtl = legal(cpu, value, debugCtlBits(cpu.model));
      case Msr.PAT -> writePat(cpu, value);
      case Msr.EFER -> writeEfer(cpu, value);
      case Msr.STAR -> state.star = value;
      case Msr.LSTAR -> state.lstar = canonical(cpu, value);
      case Msr.CSTAR -> state.cstar = canonical(cpu, value);
      case Msr.SFMASK -> state.sfmask = value & 0xFFFF_FFFFL;
      case Msr.FS_BASE -> state.fs.base = canonical(cpu, value);
      case Msr.GS_BASE -> state.gs.base = canonical(cpu, value);
      case Msr.KERNEL_GS_BASE -> state.kernelGsBase = canonical(cpu, value);
      case Msr.TSC_AUX ->
          state.tscAux = cpu.model.intel ? legal(cpu, value, LOW_HALF) : value & LOW_HALF;
      case Msr.TSC_RATIO -> state.tscRatio = legal(cpu, value, (1L << TSC_RATIO_BITS) - 1);
      // SMMLOCK can be set but not cleared (15.32.1).
      case Msr.HWCR -> state.hwcr = value | (state.hwcr & HWCR_SMMLOCK);
      case Msr.SMM_BASE -> writeSmmBase(cpu, value);
      case Msr.VM_CR -> writeVmCr(cpu, value);
      case Msr.VM_HSAVE_PA -> writeHostSave(cpu, value);
      case Msr.SVM_KEY -> writeSvmKey(state, value);
      case Msr.FEATURE_CONTROL -> writeFeatureControl(cpu, value);
      case Msr.UMWAIT_CONTROL -> state.umwaitControl = legal(cpu, value, LOW_HALF & ~2);
      case Msr.PASID -> state.pasid = legal(cpu, value, PASID_DEFINED);
      case Msr.XSS -> state.xss = legal(cpu, value, cpu.model.xssMask);
      // The VMX capability MSRs are read-only (SDM vol. 3D, appendix A); whether those of the last
      // branch can be written was not found.
      default -> throw cpu.gp(0);
    }
  }

  private static boolean exists(CpuModel model, int msr) {
    return switch (msr) {
      case Msr.TSC -> model.tsc;
      case Msr.APIC_BASE -> model.apic;
      case Msr.SYSENTER_CS, Msr.SYSENTER_ESP, Msr.SYSENTER_EIP -> model.sysenter;
      case Msr.DEBUGCTL -> true;
      case Msr.LAST_BRANCH_FROM_IP,
          Msr.LAST_BRANCH_TO_IP,
          Msr.LAST_INT_FROM_IP,
          Msr.LAST_INT_TO_IP,
          Msr.HWCR,
          Msr.SMM_BASE ->
          !model.intel;
      case Msr.PAT -> model.patMsr;
      case Msr.EFER -> model.syscall || model.longMode || model.nx || model.svm;
      case Msr.STAR -> model.syscall;
      case Msr.LSTAR, Msr.CSTAR, Msr.SFMASK -> model.syscall && model.longMode;
      case Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE -> model.longMode;
      case Msr.TSC_AUX -> model.rdtscp || model.rdpid;
      case Msr.TSC_RATIO -> model.svmFeatures.tscRateMsr;
      case Msr.VM_CR, Msr.VM_HSAVE_PA -> model.svm;
      case Msr.SVM_KEY -> model.svmFeatures.lock;
      case Msr.FEATURE_CONTROL -> model.vmx || model.smx;
      case Msr.UMWAIT_CONTROL -> model.waitpkg;
      case Msr.PASID -> model.enqcmd;
      case Msr.XSS -> model.xsaves;
      default -> model.vmx && model.vmxCapabilities.exists(msr);
    };
  }

  /** DEBUGCTL bits that exist: those of {@link ReservedBits#INTEL_DEBUGCTL} on Intel processors. */
  private static long debugCtlBits(CpuModel model) {
    return model.intel ? ReservedBits.INTEL_DEBUGCTL : DEBUGCTL_DEFINED;
  }

  /** SYSENTER_ESP and EIP: 32 bits on AMD processors, canonical addresses on Intel's. */
  private static long systemEntry(Cpu cpu, long value) {
    return cpu.model.intel ? canonical(cpu, value) : value & LOW_HALF;
  }

  /** IA32_FEATURE_CONTROL cannot be written once its lock bit is set (SDM vol. 3C, 23.7). */
  private static void writeFeatureControl(Cpu cpu, long value) {
    CpuModel model = cpu.model;
    long allowed = FEATURE_CONTROL_LOCK;
    allowed |= model.vmx ? FEATURE_CONTROL_VMX : 0;
    allowed |= model.smx ? FEATURE_CONTROL_SENTER : 0;
    allowed |= model.vmx && model.smx ? FEATURE_CONTROL_VMX_IN_SMX : 0;
    if ((cpu.state.featureControl & FEATURE_CONTROL_LOCK) != 0) {
      throw cpu.gp(0);
    }
    cpu.state.featureControl = legal(cpu, value, allowed);
  }

  private static long apicBaseBits(CpuModel model) {
    long address = (1L << model.physicalAddressBits) - 1 & ~0xFFFL;
    return address | APIC_BSC | APIC_AE | (model.x2apic ? APIC_EXTD : 0);
  }

  private static long legal(Cpu cpu, long value, long allowed) {
    if ((value & ~allowed) != 0) {
      throw cpu.gp(0);
    }
    return value;
  }

  private static long canonical(Cpu cpu, long value) {
    if (!Mmu.canonical(value)) {
      throw cpu.gp(0);
    }
    return value;
  }

  private static void writePat(Cpu cpu, long value) {
    if (!ReservedBits.patLegal(value)) {
      throw cpu.gp(0);
    }
    cpu.state.pat = value;
  }

  /**
   * EFER: reserved bits, SVME with VM_CR.SVMDIS, a change of LME while paging is on and a change of
   * the read-only LMA are illegal (3.1.7, 15.30.1).
   */
  private static void writeEfer(Cpu cpu, long value) {
    CpuState state = cpu.state;
    if (cpu.model.intel) {
      writeIntelEfer(cpu, value);
      return;
    }
    long allowed = ReservedBits.efer(cpu.model);
    if ((state.vmCr & VM_CR_SVMDIS) != 0) {
      allowed &= ~CpuState.EFER_SVME;
    }
    legal(cpu, value, allowed);
    long changed = value ^ state.efer;
    if ((changed & CpuState.EFER_LMA) != 0
        || ((changed & CpuState.EFER_LME) != 0 && state.paging())) {
      throw cpu.gp(0);
    }
    state.efer = value;
  }

  /** On Intel processors a write of LMA is ignored (SDM vol. 3C, 26.4, footnote). */
  private static void writeIntelEfer(Cpu cpu, long value) {
    CpuState state = cpu.state;
    long kept = state.efer & CpuState.EFER_LMA;
    long loaded = (legal(cpu, value, ReservedBits.efer(cpu.model)) & ~CpuState.EFER_LMA) | kept;
    if (((loaded ^ state.efer) & CpuState.EFER_LME) != 0 && state.paging()) {
      throw cpu.gp(0);
    }
    state.efer = loaded;
  }

  private static void writeSmmBase(Cpu cpu, long value) {
    if ((cpu.state.hwcr & HWCR_SMMLOCK) != 0) {
      throw cpu.gp(0);
    }
    cpu.state.smbase = legal(cpu, value, 0xFFFF_FFFFL);
  }

  /**
   * VM_CR: LOCK makes writes to LOCK and SVMDIS silently ignored; setting SVMDIS while EFER.SVME is
   * 1 is a #GP whatever LOCK says (15.30.1).
   */
  private static void writeVmCr(Cpu cpu, long value) {
    CpuState state = cpu.state;
    legal(cpu, value, VM_CR_DEFINED);
    boolean sets = (value & ~state.vmCr & VM_CR_SVMDIS) != 0;
    if (sets && (state.efer & CpuState.EFER_SVME) != 0) {
      throw cpu.gp(0);
    }
    long frozen = (state.vmCr & VM_CR_LOCK) != 0 ? VM_CR_LOCK | VM_CR_SVMDIS : 0;
    state.vmCr = (value & ~frozen) | (state.vmCr & frozen);
  }

  private static void writeHostSave(Cpu cpu, long value) {
    if ((value & 0xFFF) != 0 || ReservedBits.beyondPhysical(cpu.model, value)) {
      throw cpu.gp(0);
    }
    cpu.state.vmHsavePa = value;
  }

  /** Unlocked, sets the key; locked, a matching key that is not zero clears LOCK (15.31.1). */
  private static void writeSvmKey(CpuState state, long value) {
    if ((state.vmCr & VM_CR_LOCK) == 0) {
      state.svmKey = value;
    } else if (value != 0 && value == state.svmKey) {
      state.vmCr &= ~VM_CR_LOCK;
    }
  }
}
