package dev.precept.subject;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.core.CpuState;

/** Carries register values between a case and the core's state. */
final class CoreState {
  private CoreState() {}

  /** Loads every register. */
  static void load(CpuState s, MachineState from) {
    for (int i = 0; i < Register.COUNT; i++) {
      Register register = Register.at(i);
      load(s, register, from.get(register));
    }
  }

  /** Loads one register with {@code v}. */
  static void load(CpuState s, Register register, long v) {
    switch (register) {
      case RAX -> s.gpr[0] = v;
      case RCX -> s.gpr[1] = v;
      case RDX -> s.gpr[2] = v;
      case RBX -> s.gpr[3] = v;
      case RSP -> s.gpr[4] = v;
      case RBP -> s.gpr[5] = v;
      case RSI -> s.gpr[6] = v;
      case RDI -> s.gpr[7] = v;
      case R8 -> s.gpr[8] = v;
      case R9 -> s.gpr[9] = v;
      case R10 -> s.gpr[10] = v;
      case R11 -> s.gpr[11] = v;
      case R12 -> s.gpr[12] = v;
      case R13 -> s.gpr[13] = v;
      case R14 -> s.gpr[14] = v;
      case R15 -> s.gpr[15] = v;
      case RIP -> s.rip = v;
      case RFLAGS -> s.rflags = v;
      case CR0 -> s.cr0 = v;
      case CR2 -> s.cr2 = v;
      case CR3 -> s.cr3 = v;
      case CR4 -> s.cr4 = v;
      case CR8 -> s.cr8 = v;
      case DR0 -> s.dr[0] = v;
      case DR1 -> s.dr[1] = v;
      case DR2 -> s.dr[2] = v;
      case DR3 -> s.dr[3] = v;
      case DR6 -> s.dr[6] = v;
      case DR7 -> s.dr[7] = v;
      case EFER -> s.efer = v;
      case XCR0 -> s.xcr0 = v;
      case ES_SEL -> s.es.selector = (int) v;
      case ES_ATTR -> s.es.attributes = (int) v;
      case ES_LIMIT -> s.es.limit = v;
      case ES_BASE -> s.es.base = v;
      case CS_SEL -> s.cs.selector = (int) v;
      case CS_ATTR -> s.cs.attributes = (int) v;
      case CS_LIMIT -> s.cs.limit = v;
      case CS_BASE -> s.cs.base = v;
      case SS_SEL -> s.ss.selector = (int) v;
      case SS_ATTR -> s.ss.attributes = (int) v;
      case SS_LIMIT -> s.ss.limit = v;
      case SS_BASE -> s.ss.base = v;
      case DS_SEL -> s.ds.selector = (int) v;
      case DS_ATTR -> s.ds.attributes = (int) v;
      case DS_LIMIT -> s.ds.limit = v;
      case DS_BASE -> s.ds.base = v;
      case FS_SEL -> s.fs.selector = (int) v;
      case FS_ATTR -> s.fs.attributes = (int) v;
      case FS_LIMIT -> s.fs.limit = v;
      case FS_BASE -> s.fs.base = v;
      case GS_SEL -> s.gs.selector = (int) v;
      case GS_ATTR -> s.gs.attributes = (int) v;
      case GS_LIMIT -> s.gs.limit = v;
      case GS_BASE -> s.gs.base = v;
      case LDTR_SEL -> s.ldtr.selector = (int) v;
      case LDTR_ATTR -> s.ldtr.attributes = (int) v;
      case LDTR_LIMIT -> s.ldtr.limit = v;
      case LDTR_BASE -> s.ldtr.base = v;
      case TR_SEL -> s.tr.selector = (int) v;
      case TR_ATTR -> s.tr.attributes = (int) v;
      case TR_LIMIT -> s.tr.limit = v;
      case TR_BASE -> s.tr.base = v;
      case GDTR_LIMIT -> s.gdtrLimit = v;
      case GDTR_BASE -> s.gdtrBase = v;
      case IDTR_LIMIT -> s.idtrLimit = v;
      case IDTR_BASE -> s.idtrBase = v;
      case CPL -> s.cpl = (int) v;
      case STAR -> s.star = v;
      case LSTAR -> s.lstar = v;
      case CSTAR -> s.cstar = v;
      case SFMASK -> s.sfmask = v;
      case KERNEL_GS_BASE -> s.kernelGsBase = v;
      case SYSENTER_CS -> s.sysenterCs = v;
      case SYSENTER_ESP -> s.sysenterEsp = v;
      case SYSENTER_EIP -> s.sysenterEip = v;
      case PAT -> s.pat = v;
      case DEBUGCTL -> s.debugCtl = v;
      case TSC_AUX -> s.tscAux = v;
      case VM_CR -> s.vmCr = v;
      case VM_HSAVE_PA -> s.vmHsavePa = v;
      case APIC_BASE -> s.apicBase = v;
      case SMBASE -> s.smbase = v;
      case XSS -> s.xss = v;
      case FEATURE_CONTROL -> s.featureControl = v;
      case PASID -> s.pasid = v;
      case TSC -> s.tsc = v;
      case INTERRUPT_SHADOW -> s.interruptShadow = v != 0;
      case GIF -> s.gif = v != 0;
      case NMI_MASKED -> s.nmiMasked = v != 0;
      case SMM -> s.smm = v != 0;
    }
  }

  /** Reads every register. */
  static MachineState save(CpuState s) {
    MachineState state = new MachineState();
    for (int i = 0; i < Register.COUNT; i++) {
      Register register = Register.at(i);
      state.set(register, read(s, register));
    }
    return state;
  }

  private static long read(CpuState s, Register register) {
    return switch (register) {
      case RAX -> s.gpr[0];
      case RCX -> s.gpr[1];
      case RDX -> s.gpr[2];
      case RBX -> s.gpr[3];
      case RSP -> s.gpr[4];
      case RBP -> s.gpr[5];
      case RSI -> s.gpr[6];
      case RDI -> s.gpr[7];
      case R8 -> s.gpr[8];
      case R9 -> s.gpr[9];
      case R10 -> s.gpr[10];
      case R11 -> s.gpr[11];
      case R12 -> s.gpr[12];
      case R13 -> s.gpr[13];
      case R14 -> s.gpr[14];
      case R15 -> s.gpr[15];
      case RIP -> s.rip;
      case RFLAGS -> s.rflags;
      case CR0 -> s.cr0;
      case CR2 -> s.cr2;
      case CR3 -> s.cr3;
      case CR4 -> s.cr4;
      case CR8 -> s.cr8;
      case DR0 -> s.dr[0];
      case DR1 -> s.dr[1];
      case DR2 -> s.dr[2];
      case DR3 -> s.dr[3];
      case DR6 -> s.dr[6];
      case DR7 -> s.dr[7];
      case EFER -> s.efer;
      case XCR0 -> s.xcr0;
      case ES_SEL -> s.es.selector;
      case ES_ATTR -> s.es.attributes;
      case ES_LIMIT -> s.es.limit;
      case ES_BASE -> s.es.base;
      case CS_SEL -> s.cs.selector;
      case CS_ATTR -> s.cs.attributes;
      case CS_LIMIT -> s.cs.limit;
      case CS_BASE -> s.cs.base;
      case SS_SEL -> s.ss.selector;
      case SS_ATTR -> s.ss.attributes;
      case SS_LIMIT -> s.ss.limit;
      case SS_BASE -> s.ss.base;
      case DS_SEL -> s.ds.selector;
      case DS_ATTR -> s.ds.attributes;
      case DS_LIMIT -> s.ds.limit;
      case DS_BASE -> s.ds.base;
      case FS_SEL -> s.fs.selector;
      case FS_ATTR -> s.fs.attributes;
      case FS_LIMIT -> s.fs.limit;
      case FS_BASE -> s.fs.base;
      case GS_SEL -> s.gs.selector;
      case GS_ATTR -> s.gs.attributes;
      case GS_LIMIT -> s.gs.limit;
      case GS_BASE -> s.gs.base;
      case LDTR_SEL -> s.ldtr.selector;
      case LDTR_ATTR -> s.ldtr.attributes;
      case LDTR_LIMIT -> s.ldtr.limit;
      case LDTR_BASE -> s.ldtr.base;
      case TR_SEL -> s.tr.selector;
      case TR_ATTR -> s.tr.attributes;
      case TR_LIMIT -> s.tr.limit;
      case TR_BASE -> s.tr.base;
      case GDTR_LIMIT -> s.gdtrLimit;
      case GDTR_BASE -> s.gdtrBase;
      case IDTR_LIMIT -> s.idtrLimit;
      case IDTR_BASE -> s.idtrBase;
      case CPL -> s.cpl;
      case STAR -> s.star;
      case LSTAR -> s.lstar;
      case CSTAR -> s.cstar;
      case SFMASK -> s.sfmask;
      case KERNEL_GS_BASE -> s.kernelGsBase;
      case SYSENTER_CS -> s.sysenterCs;
      case SYSENTER_ESP -> s.sysenterEsp;
      case SYSENTER_EIP -> s.sysenterEip;
      case PAT -> s.pat;
      case DEBUGCTL -> s.debugCtl;
      case TSC_AUX -> s.tscAux;
      case VM_CR -> s.vmCr;
      case VM_HSAVE_PA -> s.vmHsavePa;
      case APIC_BASE -> s.apicBase;
      case SMBASE -> s.smbase;
      case XSS -> s.xss;
      case FEATURE_CONTROL -> s.featureControl;
      case PASID -> s.pasid;
      case TSC -> s.tsc;
      case INTERRUPT_SHADOW -> s.interruptShadow ? 1 : 0;
      case GIF -> s.gif ? 1 : 0;
      case NMI_MASKED -> s.nmiMasked ? 1 : 0;
      case SMM -> s.smm ? 1 : 0;
    };
  }
}
