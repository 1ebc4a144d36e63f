package dev.precept.generator.vendor;

import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Values for the fields of a VMCS, such that VM entry succeeds with them (SDM vol. 3, 26.2 and
 * 26.3) and a VM exit saves and loads all that it can.
 */
final class VmcsWriter {
  /** Bits of the controls that are 1 on every processor (SDM vol. 3, appendix A.2: default1). */
  private static final long PIN = 0x16, PRIMARY = 0x0400_6172, EXIT = 0x3_6DFF, ENTRY = 0x11FF;

  private static final String SECONDARY = "secondary_processor_based_vm_execution_controls";

  /** Primary controls: activate secondary controls. */
  private static final long SECONDARY_ACTIVE = 1L << 31;

  /** Secondary controls: enable EPT; unrestricted guest; VM functions; PASID translation. */
  private static final long ENABLE_EPT = 1 << 1, UNRESTRICTED = 1 << 7;

  private static final long VM_FUNCTIONS = 1 << 13, PASID = 1 << 21;

  /** VM-exit controls: a 64-bit host; save and load PAT and EFER. */
  private static final long HOST_64 = 1 << 9, SAVE_AND_LOAD = 0xF << 18;

  /** VM-entry controls: an IA-32e mode guest; load PAT and EFER. */
  private static final long GUEST_64 = 1 << 9, LOAD = 3 << 14;

  /** EPTP: write-back, page-walk length 4. */
  private static final long EPTP_ATTRIBUTES = 0x1E;

  /** Access rights: the register is unusable. */
  private static final long UNUSABLE = 1 << 16;

  private static final long CR0_PG = 1L << 31, CR4_PAE = 1 << 5, EFER_LMA = 1 << 10;

  private static final List<String> SEGMENTS =
      List.of("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr");

  private static final List<String> HOST_SELECTORS =
      List.of("es", "cs", "ss", "ds", "fs", "gs", "tr");

  private static final List<String> HOST_BASES = List.of("fs", "gs", "tr", "gdtr", "idtr");

  private static final Set<Register> HOST_REGISTERS =
      EnumSet.of(Register.CR0, Register.CR3, Register.CR4, Register.RSP);

  private static final Set<Register> HOST_MSRS =
      EnumSet.of(
          Register.EFER,
          Register.PAT,
          Register.SYSENTER_CS,
          Register.SYSENTER_ESP,
          Register.SYSENTER_EIP);

  private final VmcsFields fields;
  private final List<Slot> guest = new ArrayList<>();
  private final List<Slot> accessRights = new ArrayList<>();
  private final List<Slot> host = new ArrayList<>();

  /** A field that takes what is in a register. */
  private record Slot(Register register, int encoding, long mask) {
    void put(SortedMap<Integer, Long> to, long value) {
      to.put(encoding, value & mask);
    }
  }

  VmcsWriter(Tables tables) {
    this.fields = new VmcsFields(tables);
    fields.saved().forEach((register, field) -> guest.add(slot(register, field.name())));
    for (String segment : SEGMENTS) {
      Register attributes = register(segment, "_ATTR");
      accessRights.add(slot(attributes, "guest_" + segment + "_access_rights"));
    }
    for (String segment : HOST_SELECTORS) {
      host.add(slot(register(segment, "_SEL"), "host_" + segment + "_selector"));
    }
    for (String base : HOST_BASES) {
      host.add(slot(register(base, "_BASE"), "host_" + base + "_base"));
    }
    for (Register register : HOST_REGISTERS) {
      host.add(slot(register, "host_" + register.name().toLowerCase(Locale.ROOT)));
    }
    for (Register register : HOST_MSRS) {
      host.add(slot(register, "host_ia32_" + register.name().toLowerCase(Locale.ROOT)));
    }
  }

  private Slot slot(Register register, String name) {
    return new Slot(register, fields.encoding(name), fields.mask(name));
  }

  /** Fields that every case begins with, by name. */
  static Map<String, Long> defaults() {
    Map<String, Long> defaults = new TreeMap<>();
    defaults.put("pin_based_vm_execution_controls", PIN);
    defaults.put("primary_processor_based_vm_execution_controls", PRIMARY | SECONDARY_ACTIVE);
    defaults.put(SECONDARY, 0L);
    defaults.put("vm_exit_controls", EXIT | HOST_64 | SAVE_AND_LOAD);
    defaults.put("vm_entry_controls", ENTRY | LOAD);
    defaults.put("io_bitmap_a_address", Layout.IO_BITMAP_A);
    defaults.put("io_bitmap_b_address", Layout.IO_BITMAP_B);
    defaults.put("msr_bitmaps_address", Layout.MSR_BITMAPS);
    defaults.put("virtual_apic_address", Layout.VIRTUAL_APIC);
    // Not looked at while the counts are 0, so that it can hold anything for VMREAD to read.
    defaults.put("vm_exit_msr_store_address", 0x1EAC_7A6B_5C4D_3E20L);
    // Bits outside the guest/host masks count for nothing.
    defaults.put("cr0_read_shadow", 0x1EAC_0000_5A5A_5A5AL);
    defaults.put("cr4_read_shadow", 0x1EAC_4444_A5A5_A5A5L);
    defaults.put("vmcs_link_pointer", -1L);
    for (String zero :
        List.of(
            "exception_bitmap",
            "page_fault_error_code_mask",
            "page_fault_error_code_match",
            "cr3_target_count",
            "cr0_guest_host_mask",
            "cr4_guest_host_mask",
            "tpr_threshold",
            "tsc_offset",
            "vm_exit_msr_store_count",
            "vm_exit_msr_load_count",
            "vm_entry_msr_load_count",
            "vm_entry_interruption_information",
            "guest_activity_state",
            "guest_pending_debug_exceptions")) {
      defaults.put(zero, 0L);
    }
    return defaults;
  }

  /** The fields that {@code guest} is entered with, by encoding, but for its exit bits. */
  SortedMap<Integer, Long> write(Guest guest) {
    SortedMap<Integer, Long> to = new TreeMap<>();
    guest.fields().forEach((name, value) -> put(to, name, value));
    guestState(to, guest.state());
    guest.exitAt().ifPresent(rip -> put(to, "guest_rip", rip));
    addresses(to, guest.state());
    host(to, guest.host());
    if (guest.exits() == Guest.Exits.ASSIGNED) {
      spoilt(to, guest.fields());
    }
    return to;
  }

  /** Fields of the guest-state area that a case has otherwise than its guest has the state. */
  private void spoilt(SortedMap<Integer, Long> to, Map<String, Long> own) {
    own.forEach(
        (name, value) -> {
          if (name.startsWith("guest_")) {
            put(to, name, value);
          }
        });
  }

  private void guestState(SortedMap<Integer, Long> to, MachineState state) {
    for (Slot slot : guest) {
      slot.put(to, state.get(slot.register()));
    }
    for (Slot slot : accessRights) {
      slot.put(to, accessRights(state.get(slot.register())));
    }
    long blocking = state.get(Register.NMI_MASKED) << 3 | state.get(Register.SMM) << 2;
    put(to, "guest_interruptibility_state", blocking);
    if ((state.get(Register.EFER) & EFER_LMA) != 0) {
      or(to, "vm_entry_controls", GUEST_64);
    }
  }

  /** Access rights as the VMCS has them (24.4.1, table 24-2), from the attributes of a register. */
  private static long accessRights(long attributes) {
    return attributes == 0 ? UNUSABLE : (attributes & 0xFF) | (attributes & 0xF00) << 4;
  }

  /** Structures in memory that controls ask for; a guest without paging needs EPT (26.3.1.1). */
  private void addresses(SortedMap<Integer, Long> to, MachineState state) {
    if ((state.get(Register.CR0) & CR0_PG) == 0) {
      or(to, SECONDARY, ENABLE_EPT | UNRESTRICTED);
    }
    long secondary = to.get(fields.encoding(SECONDARY));
    if ((secondary & PASID) != 0) {
      to.putIfAbsent(fields.encoding("low_pasid_directory_address"), Layout.PASID_DIRECTORY);
      to.putIfAbsent(fields.encoding("high_pasid_directory_address"), Layout.PASID_DIRECTORY);
    }
    if ((secondary & ENABLE_EPT) == 0) {
      return;
    }
    // A case that is about EPT has its own.
    to.putIfAbsent(fields.encoding("ept_pointer"), Layout.EPT_PML4 | EPTP_ATTRIBUTES);
    // Also where no function is enabled: then VMFUNC exits though the list is good.
    if ((secondary & VM_FUNCTIONS) != 0) {
      put(to, "eptp_list_address", Layout.EPTP_LIST);
    }
    boolean longMode = (state.get(Register.EFER) & EFER_LMA) != 0;
    if (!longMode && (state.get(Register.CR4) & CR4_PAE) != 0) {
      for (int i = 0; i < 4; i++) {
        put(to, "guest_pdpte" + i, i == 0 ? Layout.PAE_PD | 1 : 0);
      }
    }
  }

  /** What the host goes on with after an exit. */
  private void host(SortedMap<Integer, Long> to, MachineState host) {
    for (Slot slot : this.host) {
      slot.put(to, host.get(slot.register()));
    }
    put(to, "host_rip", Layout.HOST_EXIT);
  }

  private static Register register(String segment, String part) {
    return Register.valueOf(segment.toUpperCase(Locale.ROOT) + part);
  }

  private void put(SortedMap<Integer, Long> to, String name, long value) {
    to.put(fields.encoding(name), value & fields.mask(name));
  }

  /** Sets bits of a field that has a value already. */
  private void or(SortedMap<Integer, Long> to, String name, long bits) {
    to.merge(fields.encoding(name), bits, (old, more) -> old | more);
  }
}
