package dev.precept.cases;

/**
 * Where a case's parts lie in physical memory. Linear addresses map one to one, so these are linear
 * addresses too. All of it lies below 512 KiB, within real mode's reach and clear of a boot sector.
 */
public final class Layout {
  /** First byte a case owns. */
  public static final long START = 0x10000;

  /**
   * Guest code page; 16-bit modes use it as CS base. The instruction under test is the last in it.
   */
  public static final long CODE = 0x10000;

  /**
   * Behind the instruction under test: a UD2, then a jump to itself. A page of its own, so that a
   * subject can watch for its execution without touching the page of the instruction.
   */
  public static final long SENTINEL = 0x11000;

  /** Two ordinary data pages, so that an operand can cross from one into the other. */
  public static final long DATA = 0x12000;

  /** Stack page of the instruction's own privilege level. */
  public static final long STACK = 0x14000;

  /** Stack page that the TSS names for a change to CPL 0 (and, 400h apart, 1 and 2). */
  public static final long INNER_STACK = 0x15000;

  /** GDT. */
  public static final long GDT = 0x16000;

  /** LDT. */
  public static final long LDT = 0x16800;

  /** IDT, or the real-mode interrupt vector table. */
  public static final long IDT = 0x17000;

  /** TSS with its I/O permission bitmap, three pages. */
  public static final long TSS = 0x18000;

  /** A second TSS, the target of task switches. */
  public static final long OTHER_TSS = 0x1B000;

  /** Page tables: PML4, PDPT, PD, PT (4-level); PD, PT (32-bit); PDPT, PD, PT (PAE). */
  public static final long PML4 = 0x1C000;

  public static final long PDPT = 0x1D000;
  public static final long PD = 0x1E000;
  public static final long PT = 0x1F000;
  public static final long PD32 = 0x20000;
  public static final long PT32 = 0x21000;
  public static final long PAE_PDPT = 0x22000;
  public static final long PAE_PD = 0x23000;
  public static final long PAE_PT = 0x24000;

  /** Exception handler stubs, a UD2 each: vector v at HANDLERS + 16 v. */
  public static final long HANDLERS = 0x25000;

  /** The VMCB or current VMCS. */
  public static final long CONTROL_BLOCK = 0x30000;

  /** VM_HSAVE_PA's page, or the VMXON region. */
  public static final long HOST_SAVE = 0x31000;

  /** SVM I/O permissions map, three pages. */
  public static final long IOPM = 0x32000;

  /** SVM MSR permissions map, two pages. */
  public static final long MSRPM = 0x35000;

  /** An operand VMCB or VMCS for a VMRUN, VMLOAD, VMSAVE, VMPTRLD under test. */
  public static final long OTHER_CONTROL_BLOCK = 0x38000;

  /** The VMCB or VMCS of a guest that runs and exits before the case's own. */
  public static final long PRIOR_CONTROL_BLOCK = 0x39000;

  /** Pages that fault: supervisor-only, read-only, not present, with a reserved bit. */
  public static final long SUPERVISOR_PAGE = 0x3A000;

  public static final long READ_ONLY_PAGE = 0x3B000;
  public static final long NOT_PRESENT_PAGE = 0x3C000;
  public static final long RESERVED_BIT_PAGE = 0x3D000;

  /** The host's code (VMRUN or VMLAUNCH), stack, GDT, IDT and page tables. */
  public static final long HOST_CODE = 0x40000;

  public static final long HOST_STACK = 0x41000;
  public static final long HOST_GDT = 0x42000;
  public static final long HOST_IDT = 0x43000;
  public static final long HOST_PML4 = 0x44000;
  public static final long HOST_PDPT = 0x45000;
  public static final long HOST_PD = 0x46000;

  /** SMRAM state-save area: SMBASE is set so that SMBASE + FE00h is inside this page. */
  public static final long SMM_SAVE = 0x48000;

  /**
   * VMX I/O bitmaps A (ports 0 to 7FFFh) and B (8000h to FFFFh). Not next to each other, and B
   * first: an implementation that takes them for one bitmap of two pages is seen.
   */
  public static final long IO_BITMAP_B = 0x49000;

  public static final long IO_BITMAP_A = 0x4B000;

  /** VMX MSR bitmaps: read low, read high, write low, write high, 400h bytes each. */
  public static final long MSR_BITMAPS = 0x4C000;

  /** VMREAD and VMWRITE bitmaps. */
  public static final long VMREAD_BITMAP = 0x4D000;

  public static final long VMWRITE_BITMAP = 0x4E000;

  /** Virtual-APIC page; VTPR is at 080h. */
  public static final long VIRTUAL_APIC = 0x4F000;

  /** EPT paging structures: PML4, PDPT, PD, PT; the first 2 MiB, each page to itself. */
  public static final long EPT_PML4 = 0x50000;

  public static final long EPT_PDPT = 0x51000;
  public static final long EPT_PD = 0x52000;
  public static final long EPT_PT = 0x53000;

  /** A shadow VMCS, which the VMCS link pointer names. */
  public static final long SHADOW_CONTROL_BLOCK = 0x54000;

  /** The host's TSS. */
  public static final long HOST_TSS = 0x55000;

  /** PASID directories, low and high in one page: no entry is present. */
  public static final long PASID_DIRECTORY = 0x56000;

  /** EPTP list: its first entry is good, the others are 0. */
  public static final long EPTP_LIST = 0x57000;

  /**
   * Nested page tables (SVM): PML4, PDPT, PD, PT; the first 2 MiB, each page to itself, all
   * accessed and dirty.
   */
  public static final long NPT_PML4 = 0x58000;

  public static final long NPT_PDPT = 0x59000;
  public static final long NPT_PD = 0x5A000;
  public static final long NPT_PT = 0x5B000;

  /** VMX MSR areas, 400h apart: VM-entry load, VM-exit store, VM-exit load. */
  public static final long MSR_AREAS = 0x5C000;

  /** Page-modification log (VMX): 512 entries of 8 bytes. */
  public static final long PML = 0x5D000;

  /** Virtualization-exception information area (VMX). */
  public static final long VE_INFORMATION = 0x5E000;

  /** Where the host goes on after a VM exit: a UD2, then a jump to itself. */
  public static final long HOST_EXIT = HOST_CODE + 0x80;

  /** Behind the last byte a case owns. */
  public static final long END = 0x80000;

  private Layout() {}
}
