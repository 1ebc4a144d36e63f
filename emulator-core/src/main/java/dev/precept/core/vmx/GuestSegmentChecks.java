package dev.precept.core.vmx;

import dev.precept.core.CpuState;
import dev.precept.core.Mmu;
import dev.precept.core.Segment;
import dev.precept.core.vmx.VmxControls.VmEntry;

/**
 * The checks that VM entry makes on the guest's segment registers.
 *
 * <p>Source: SDM vol. 3C, 26.3.1.2 "Checks on Guest Segment Registers".
 */
final class GuestSegmentChecks {
  /** Access-rights bits (table 24-2). */
  static final int LONG_CODE = 1 << 13;

  private static final int S = 1 << 4, P = 1 << 7, DB = 1 << 14, G = 1 << 15;

  /** Bits 11:8 and 31:17. */
  private static final int RESERVED = 0xFFFE_0F00;

  private static final int VIRTUAL_8086_RIGHTS = 0xF3;

  /** Segment types: accessed read/write data, LDT, busy TSSs. */
  private static final int DATA = 3, LDT = 2, BUSY_TSS16 = 3, BUSY_TSS = 11;

  private static final int TI = 4;

  private final Vmcs vmcs;
  private final boolean longMode;
  private final boolean unrestricted;
  private final boolean realMode;
  private final boolean virtual8086;

  GuestSegmentChecks(Vmcs vmcs, ActiveControls controls) {
    this.vmcs = vmcs;
    longMode = controls.entry(VmEntry.IA32E_MODE_GUEST);
    unrestricted = controls.unrestrictedGuest();
    realMode = (vmcs.read(VmcsField.GUEST_CR0) & CpuState.CR0_PE) == 0;
    virtual8086 = (vmcs.read(VmcsField.GUEST_RFLAGS) & CpuState.VM) != 0;
  }

  boolean legal() {
    return selectors() && bases() && codeAndData() && taskRegister() && ldtr();
  }

  private int selector(int segment) {
    return vmcs.read32(GuestArea.selector(segment));
  }

  private long base(int segment) {
    return vmcs.read(GuestArea.base(segment));
  }

  private int rights(int segment) {
    return vmcs.read32(GuestArea.accessRights(segment));
  }

  private boolean usable(int segment) {
    return AccessRights.usable(rights(segment));
  }

  private static int dpl(int rights) {
    return rights >> 5 & 3;
  }

  private boolean selectors() {
    if ((selector(GuestArea.TR) & TI) != 0) {
      return false;
    }
    if (usable(GuestArea.LDTR) && (selector(GuestArea.LDTR) & TI) != 0) {
      return false;
    }
    boolean sameRpl = (selector(Segment.SS) & 3) == (selector(Segment.CS) & 3);
    return virtual8086 || unrestricted || sameRpl;
  }

  private boolean bases() {
    if (virtual8086) {
      for (int segment = Segment.ES; segment <= Segment.GS; segment++) {
        if (base(segment) != (long) selector(segment) << 4) {
          return false;
        }
      }
    }
    if (!Mmu.canonical(base(GuestArea.TR))
        || !Mmu.canonical(base(Segment.FS))
        || !Mmu.canonical(base(Segment.GS))
        || (usable(GuestArea.LDTR) && !Mmu.canonical(base(GuestArea.LDTR)))
        || base(Segment.CS) >>> 32 != 0) {
      return false;
    }
    return narrow(Segment.SS) && narrow(Segment.DS) && narrow(Segment.ES);
  }

  private boolean narrow(int segment) {
    return !usable(segment) || base(segment) >>> 32 == 0;
  }

  private boolean codeAndData() {
    for (int segment = Segment.ES; segment <= Segment.GS; segment++) {
      boolean legal = virtual8086 ? virtual8086(segment) : codeOrData(segment);
      if (!legal) {
        return false;
      }
    }
    return true;
  }

  private boolean virtual8086(int segment) {
    return vmcs.read(GuestArea.limit(segment)) == 0xFFFF && rights(segment) == VIRTUAL_8086_RIGHTS;
  }

  private boolean codeOrData(int segment) {
    int rights = rights(segment);
    boolean legal =
        switch (segment) {
          case Segment.CS -> code(rights);
          case Segment.SS -> stack(rights);
          default -> !usable(segment) || data(segment, rights);
        };
    if (!legal || (segment != Segment.CS && !usable(segment))) {
      return legal;
    }
    return (rights & (S | P)) == (S | P) && (rights & RESERVED) == 0 && granularity(segment);
  }

  private boolean code(int rights) {
    int type = rights & 0xF;
    int dpl = dpl(rights);
    int stackDpl = dpl(rights(Segment.SS));
    boolean legal =
        switch (type) {
          case DATA -> unrestricted && dpl == 0;
          case 9, 11 -> dpl == stackDpl;
          case 13, 15 -> dpl <= stackDpl;
          default -> false;
        };
    boolean longAndBig = longMode && (rights & (LONG_CODE | DB)) == (LONG_CODE | DB);
    return legal && !longAndBig;
  }

  /** DPL counts whether or not SS is usable: it is the CPL. */
  private boolean stack(int rights) {
    int type = rights & 0xF;
    if (AccessRights.usable(rights) && type != 3 && type != 7) {
      return false;
    }
    int dpl = dpl(rights);
    if (!unrestricted && dpl != (selector(Segment.SS) & 3)) {
      return false;
    }
    boolean dataInCode = (rights(Segment.CS) & 0xF) == DATA;
    return dpl == 0 || (!dataInCode && !realMode);
  }

  private boolean data(int segment, int rights) {
    int type = rights & 0xF;
    boolean codeSegment = (type & 8) != 0;
    if ((type & 1) == 0 || (codeSegment && (type & 2) == 0)) {
      return false;
    }
    boolean privilegeMatters = !unrestricted && type <= 11;
    return !privilegeMatters || dpl(rights) >= (selector(segment) & 3);
  }

  /** G must be 0 if a bit of limit[11:0] is 0, and 1 if a bit of limit[31:20] is 1. */
  private boolean granularity(int segment) {
    long limit = vmcs.read(GuestArea.limit(segment));
    boolean g = (rights(segment) & G) != 0;
    return g ? (limit & 0xFFF) == 0xFFF : limit >>> 20 == 0;
  }

  private boolean taskRegister() {
    int rights = rights(GuestArea.TR);
    int type = rights & 0xF;
    return (type == BUSY_TSS || (type == BUSY_TSS16 && !longMode))
        && AccessRights.usable(rights)
        && system(GuestArea.TR, rights);
  }

  private boolean ldtr() {
    int rights = rights(GuestArea.LDTR);
    return !AccessRights.usable(rights)
        || ((rights & 0xF) == LDT && system(GuestArea.LDTR, rights));
  }

  private boolean system(int segment, int rights) {
    return (rights & (S | P)) == P && (rights & RESERVED) == 0 && granularity(segment);
  }
}
