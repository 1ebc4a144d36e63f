package dev.precept.generator.vendor;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The checks of VM entry (SDM vol. 3, 26.2 and 26.3) by themselves: on numbers, by encoding, and
 * with nothing of the code that fills a VMCS in. CR0.PE, NE and PG and CR4.VMXE are the bits that
 * VMX operation wants set, as on every processor so far.
 */
final class EntryChecks {
  private static final int CS = 1, SS = 2, LDTR = 6, TR = 7;
  private static final String[] NAMES = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

  private final SortedMap<Integer, Long> fields;
  private final long vtpr;
  private final int states;
  private final List<String> violations = new ArrayList<>();

  private EntryChecks(SortedMap<Integer, Long> fields, long vtpr, int states) {
    this.fields = fields;
    this.vtpr = vtpr;
    this.states = states;
  }

  /**
   * What of {@code fields} keeps VM entry from succeeding; empty if nothing does.
   *
   * @param vtpr doubleword at offset 80h of the virtual-APIC page
   * @param states which activity states there are: bit n is that of state n (appendix A.6)
   */
  static List<String> violations(SortedMap<Integer, Long> fields, long vtpr, int states) {
    EntryChecks checks = new EntryChecks(fields, vtpr, states);
    checks.executionControls();
    checks.exitAndEntryControls();
    checks.host();
    checks.guestRegisters();
    for (int segment = 0; segment < 8; segment++) {
      checks.segment(segment);
    }
    checks.guestTablesAndFlags();
    return checks.violations;
  }

  private long get(int encoding) {
    return fields.getOrDefault(encoding, 0L);
  }

  private boolean bit(int encoding, int number) {
    return (get(encoding) >> number & 1) != 0;
  }

  private boolean secondary(int number) {
    return bit(0x4002, 31) && bit(0x401E, number);
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      violations.add(what);
    }
  }

  private static boolean canonical(long address) {
    return address << 16 >> 16 == address;
  }

  /** An area that has entries lies on a 16-byte boundary, below the physical-address width. */
  private void msrArea(int count, int address, String what) {
    long end = get(address) + 16 * get(count) - 1;
    check(get(count) == 0 || ((get(address) & 0xF) == 0 && end >>> 40 == 0), what);
  }

  private void aligned(int encoding, String what) {
    check((get(encoding) & 0xFFF) == 0 && get(encoding) >>> 40 == 0, what + " is not an address");
  }

  /** Reserved bits: those of appendix A.3 that are fixed to 1; others are the processor's. */
  private void executionControls() {
    check((get(0x4000) & 0x16) == 0x16, "pin-based default1");
    check((get(0x4002) & 0x0400_6172) == 0x0400_6172, "primary default1");
    check(get(0x400A) <= 4, "CR3-target count");
    if (bit(0x4002, 25)) {
      aligned(0x2000, "I/O bitmap A");
      aligned(0x2002, "I/O bitmap B");
    }
    if (bit(0x4002, 28)) {
      aligned(0x2004, "MSR bitmaps");
    }
    if (bit(0x4002, 21)) {
      aligned(0x2012, "virtual-APIC address");
      check(get(0x401C) >>> 4 == 0, "TPR threshold 31:4");
      check((get(0x401C) & 0xF) <= (vtpr >> 4 & 0xF), "TPR threshold above VTPR");
    } else {
      check(!secondary(4) && !secondary(8) && !secondary(9), "TPR shadow is off");
    }
    check(bit(0x4000, 3) || !bit(0x4000, 5), "virtual NMIs without NMI exiting");
    check(bit(0x4000, 5) || !bit(0x4002, 22), "NMI-window exiting without virtual NMIs");
    if (secondary(1)) {
      check((get(0x201A) & 7) == 6 || (get(0x201A) & 7) == 0, "EPTP memory type");
      check((get(0x201A) >> 3 & 7) == 3, "EPTP page-walk length");
      check((get(0x201A) & 0xF80) == 0 && get(0x201A) >>> 40 == 0, "EPTP reserved bits");
    }
    check(secondary(1) || !secondary(7), "unrestricted guest without EPT");
    if (secondary(13)) {
      check(get(0x2018) >>> 1 == 0, "VM-function controls");
      check(!bit(0x2018, 0) || secondary(1), "EPTP switching without EPT");
      if (bit(0x2018, 0)) {
        aligned(0x2024, "EPTP list");
      }
    }
    if (secondary(14)) {
      aligned(0x2026, "VMREAD bitmap");
      aligned(0x2028, "VMWRITE bitmap");
    }
    if (secondary(21)) {
      aligned(0x2038, "low PASID directory");
      aligned(0x203A, "high PASID directory");
    }
  }

  /** The event that is injected (26.2.1.3), and what it wants of the guest (26.3.1.4, 26.3.1.5). */
  private void injection() {
    int type = (int) (get(0x4016) >> 8) & 7;
    int vector = (int) get(0x4016) & 0xFF;
    check((get(0x4016) & 0x7FFF_F000) == 0, "injection: reserved bits");
    check(
        switch (type) {
          case 1 -> false;
          case 2 -> vector == 2;
          case 3 -> vector <= 31;
          case 7 -> vector == 0;
          default -> true;
        },
        "injection: type and vector");
    boolean hasErrorCode = List.of(8, 10, 11, 12, 13, 14, 17).contains(vector);
    boolean protectedMode = bit(0x6800, 0) || !secondary(7);
    check(
        bit(0x4016, 11) == (protectedMode && type == 3 && hasErrorCode),
        "injection: deliver error code");
    check(!bit(0x4016, 11) || get(0x4018) >> 15 == 0, "injection: error code");
    boolean software = type == 4 || type == 5 || type == 6;
    check(!software || (get(0x401A) >= 1 && get(0x401A) <= 15), "injection: instruction length");
    check(type != 0 || bit(0x6820, 9), "injection: RFLAGS.IF");
    check(type != 0 || (get(0x4824) & 3) == 0, "injection: blocking of an interrupt");
    check(type != 2 || !bit(0x4824, 1), "injection: blocking of an NMI");
    check(type != 2 || !bit(0x4000, 5) || !bit(0x4824, 3), "injection: blocking of a virtual NMI");
  }

  private void exitAndEntryControls() {
    check((get(0x400C) & 0x3_6DFF) == 0x3_6DFF, "VM-exit default1");
    check((get(0x4012) & 0x11FF) == 0x11FF, "VM-entry default1");
    msrArea(0x400E, 0x2006, "VM-exit MSR-store area");
    msrArea(0x4010, 0x2008, "VM-exit MSR-load area");
    msrArea(0x4014, 0x200A, "VM-entry MSR-load area");
    if (bit(0x4016, 31)) {
      injection();
    }
    check(!bit(0x4012, 10) && !bit(0x4012, 11), "SMM");
    check(bit(0x400C, 9), "the host is in IA-32e mode");
  }

  private static boolean pat(long value) {
    for (int i = 0; i < 8; i++) {
      long type = value >> (8 * i) & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private void host() {
    check((get(0x6C00) & 0x8000_0021L) == 0x8000_0021L, "host CR0");
    check(bit(0x6C04, 13) && bit(0x6C04, 5), "host CR4");
    check(get(0x6C02) >>> 40 == 0, "host CR3");
    for (int encoding :
        new int[] {0x6C10, 0x6C12, 0x6C06, 0x6C08, 0x6C0A, 0x6C0C, 0x6C0E, 0x6C16}) {
      check(canonical(get(encoding)), "host address " + Integer.toHexString(encoding));
    }
    check(pat(get(0x2C00)), "host PAT");
    check((get(0x2C02) & ~0xD01) == 0 && bit(0x2C02, 8) && bit(0x2C02, 10), "host EFER");
    for (int selector = 0x0C00; selector <= 0x0C0C; selector += 2) {
      check((get(selector) & 7) == 0, "host selector " + Integer.toHexString(selector));
    }
    check(get(0x0C02) != 0 && get(0x0C0C) != 0, "host CS or TR is null");
  }

  private void guestRegisters() {
    boolean longMode = bit(0x4012, 9);
    long cr0 = get(0x6800);
    check((cr0 & 0x20) != 0, "CR0.NE");
    check((cr0 & 0x8000_0001L) == 0x8000_0001L || secondary(7), "CR0.PE and PG");
    check((cr0 & 0x8000_0000L) == 0 || (cr0 & 1) != 0, "CR0.PG without PE");
    check(cr0 >>> 32 == 0 && bit(0x6804, 13), "CR0 63:32, or CR4.VMXE");
    check(get(0x6804) >>> 32 == 0, "CR4 63:32");
    // Bits 1:0 and 15:6 are defined (17.4.1).
    check((get(0x2802) & ~0xFFC3L) == 0, "DEBUGCTL");
    check(!longMode || (bit(0x6800, 31) && bit(0x6804, 5)), "IA-32e mode without PG or PAE");
    check(longMode || !bit(0x6804, 17), "PCIDE outside IA-32e mode");
    check(get(0x6802) >>> 40 == 0, "CR3");
    check(get(0x681A) >>> 32 == 0, "DR7 63:32");
    check(canonical(get(0x6824)) && canonical(get(0x6826)), "SYSENTER_ESP or EIP");
    check(pat(get(0x2804)), "PAT");
    if (bit(0x4012, 15)) {
      check((get(0x2806) & ~0xD01) == 0, "EFER reserved bits");
      check(bit(0x2806, 10) == longMode, "EFER.LMA");
      check(!bit(0x6800, 31) || bit(0x2806, 8) == bit(0x2806, 10), "EFER.LME");
    }
  }

  private boolean v86() {
    return bit(0x6820, 17);
  }

  private boolean usable(int segment) {
    return (rights(segment) & 0x1_0000) == 0;
  }

  private long rights(int segment) {
    return get(0x4814 + 2 * segment);
  }

  private void segment(int segment) {
    String name = NAMES[segment] + ": ";
    long selector = get(0x0800 + 2 * segment);
    long base = get(0x6806 + 2 * segment);
    long limit = get(0x4800 + 2 * segment);
    long rights = rights(segment);
    boolean system = segment >= LDTR;
    if (v86() && !system) {
      check(base == selector << 4, name + "base in virtual-8086 mode");
      check(limit == 0xFFFF && rights == 0xF3, name + "limit or rights in virtual-8086 mode");
      return;
    }
    check(canonical(base) || (segment == LDTR && !usable(LDTR)), name + "base");
    if (segment == SS && !secondary(7)) {
      check((selector & 3) == (get(0x0802) & 3), name + "RPL is not that of CS");
      check((rights >> 5 & 3) == (selector & 3), name + "DPL is not the RPL");
    }
    if (!usable(segment)) {
      check(segment != CS && segment != TR, name + "unusable");
      return;
    }
    check(segment > 3 || base >>> 32 == 0, name + "base 63:32");
    check((rights & 0xFFFE_0F00L) == 0, name + "reserved access rights");
    check((rights & 0x80) != 0, name + "not present");
    boolean granular = (rights & 0x8000) != 0;
    check((limit & 0xFFF) == 0xFFF || !granular, name + "G, limit 11:0");
    check(limit >>> 20 == 0 || granular, name + "G, limit 31:20");
    check((rights & 0x10) != 0 ^ system, name + "S");
    int type = (int) rights & 0xF;
    switch (segment) {
      case CS -> code(name, type, rights);
      case SS -> check(type == 3 || type == 7, name + "type");
      case LDTR -> check(type == 2 && (selector & 4) == 0, name + "type or TI");
      case TR ->
          check(
              (type == 11 || (type == 3 && !bit(0x4012, 9))) && (selector & 4) == 0, name + "type");
      default -> {
        check((type & 1) != 0 && ((type & 8) == 0 || (type & 2) != 0), name + "type");
        boolean above = (rights >> 5 & 3) >= (selector & 3);
        check(above || secondary(7) || type > 11, name + "DPL below RPL");
      }
    }
    boolean realMode = !bit(0x6800, 0);
    check(segment != SS || !realMode || (rights & 0x60) == 0, name + "DPL in real mode");
  }

  private void code(String name, int type, long rights) {
    check((type & 9) == 9 || (type == 3 && secondary(7)), name + "type");
    long dpl = rights >> 5 & 3;
    long stack = rights(SS) >> 5 & 3;
    check(type == 3 ? dpl == 0 : type >= 13 ? dpl <= stack : dpl == stack, name + "DPL");
    check(!bit(0x4012, 9) || (rights & 0x6000) != 0x6000, name + "L and D");
  }

  private void guestTablesAndFlags() {
    check(canonical(get(0x6816)) && canonical(get(0x6818)), "GDTR or IDTR base");
    check(get(0x4810) >>> 16 == 0 && get(0x4812) >>> 16 == 0, "GDTR or IDTR limit");
    boolean code64 = bit(0x4012, 9) && (rights(CS) & 0x2000) != 0;
    long rip = get(0x681E);
    check(code64 ? canonical(rip) : rip >>> 32 == 0, "RIP");
    long flags = get(0x6820);
    check((flags & ~0x3F_7FD7L) == 0 && (flags & 2) != 0, "RFLAGS reserved bits");
    check(!v86() || (bit(0x6800, 0) && !bit(0x4012, 9)), "RFLAGS.VM");
    long activity = get(0x4826);
    check(activity >= 0 && activity <= 3 && (states >> activity & 1) != 0, "activity state");
    check(!bit(0x4016, 31) || wakes((int) activity), "an event that the state blocks");
    check(activity != 1 || (rights(SS) >> 5 & 3) == 0, "HLT state with SS.DPL above 0");
    check(activity == 0 || (get(0x4824) & 3) == 0, "blocking in an inactive state");
    check((get(0x4824) & ~0xB) == 0, "interruptibility state");
    check((get(0x4824) & 3) != 3, "blocking by both STI and MOV SS");
    check(!bit(0x4824, 0) || bit(0x6820, 9), "blocking by STI while RFLAGS.IF is 0");
    check((get(0x6822) & ~0x1_500FL) == 0, "pending debug exceptions: reserved bits");
    check(!bit(0x6822, 16), "pending debug exceptions: RTM");
    boolean stepped = bit(0x6820, 8) && !bit(0x2802, 1);
    check((get(0x4824) & 3) == 0 || bit(0x6822, 14) == stepped, "pending debug exceptions: BS");
    boolean link = get(0x2800) != -1;
    check(!link || secondary(14), "link pointer without VMCS shadowing");
    boolean pae = bit(0x6800, 31) && bit(0x6804, 5) && !bit(0x4012, 9);
    for (int i = 0; pae && secondary(1) && i < 4; i++) {
      long entry = get(0x280A + 2 * i);
      check((entry & 1) == 0 || ((entry & 0x1E6) == 0 && entry >>> 40 == 0), "PDPTE " + i);
    }
  }

  /** Whether what is injected is not blocked in an activity state (26.3.1.5). */
  private boolean wakes(int activity) {
    int type = (int) (get(0x4016) >> 8) & 7;
    int vector = (int) get(0x4016) & 0xFF;
    boolean nmi = type == 2;
    boolean machineCheck = type == 3 && vector == 18;
    return switch (activity) {
      case 0 -> true;
      case 1 -> type == 0 || nmi || machineCheck || (type == 3 && vector == 1) || type == 7;
      case 2 -> nmi || machineCheck;
      default -> false;
    };
  }
}
