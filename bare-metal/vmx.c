/*
 * VMX: operation on and off, which fields the VMCS has, and the regions in memory that are the processor's.
 */
#include "vmx.h"

#define MSR_FEATURE_CONTROL 0x3Au
#define MSR_VMX_BASIC 0x480u
#define MSR_VMX_MISC 0x485u
#define MSR_VMX_EPT_VPID_CAP 0x48Cu
#define LOCKED 1u
#define VMXON_ALLOWED 4u
#define WRITES_ALL_FIELDS (1u << 29)
#define INVEPT_ALL ((1ull << 20) | (1ull << 26))

u32 vmx_fields;
u16 vmx_encodings[VMX_FIELDS_MAX];
u64 vmx_wide_encodings[VMX_FIELDS_MAX];
u8 vmx_kinds[VMX_FIELDS_MAX];
u32 vmx_often_end, vmx_maybe_end, vmx_seldom_end;
int vmx_clears_read_only;
u64 vmx_current;

static u8 index_of[0x8000]; /* by encoding: number of the field + 1 */
static u32 revision;
static int operation, has_invept;

static const u32 regions[] = {
  CONTROL_BLOCK, PRIOR_CONTROL_BLOCK, OTHER_CONTROL_BLOCK, SHADOW_CONTROL_BLOCK, HOST_SAVE_PAGE};
#define REGIONS (sizeof regions / sizeof regions[0])

u32 vmx_index(u32 encoding) {
  u32 found = encoding < 0x8000 ? index_of[encoding] : 0;
  if (!found) {
    die("the processor has no VMCS field", encoding, 0);
  }
  return found - 1;
}

u64 vmx_read(u32 encoding) {
  u64 value;
  return vmread(encoding, &value) ? 0 : value;
}

/*
 * Parts of ES, DS, FS, GS, LDTR and TR, descriptor tables, MSRs (SDM vol. 3, appendix B). CS and SS are loaded
 * by deliveries, too.
 */
static int is_seldom(u32 encoding) {
  /* Selectors, limits, access rights and bases, each of ES, CS, SS, DS, FS, GS, LDTR and TR. */
  static const u16 parts[] = {0x800, 0x4800, 0x4814, 0x6806};
  /* Link pointer, DEBUGCTL, PAT; limits of GDTR and IDTR; SMBASE, SYSENTER_CS; bases; SYSENTER_ESP, EIP. */
  static const u16 others[] = {0x2800, 0x2802, 0x2804, 0x4810, 0x4812, 0x4828, 0x482A, 0x6816, 0x6818, 0x6824, 0x6826};
  for (u32 i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    u32 segment = (encoding - parts[i]) / 2;
    if (segment < 8) {
      return segment != 1 && segment != 2;
    }
  }
  for (u32 i = 0; i < sizeof others / sizeof others[0]; i++) {
    if (encoding == others[i]) {
      return 1;
    }
  }
  return 0;
}

/* Fields come in this order. */
enum { OFTEN, MAYBE, SELDOM, NEVER };

static u32 rank(u32 encoding) {
  u32 type = encoding >> 10 & 3;
  if (type == 1 || encoding == GUEST_RIP || encoding == GUEST_RFLAGS) {
    return OFTEN;
  }
  if (type == 2) {
    return is_seldom(encoding) ? SELDOM : MAYBE;
  }
  return encoding == ENTRY_CONTROLS || encoding == ENTRY_EVENT ? MAYBE : NEVER;
}

static u8 kind_of(u32 encoding, u32 rank) {
  /* What vmx_watch looks at, or takes the place of. */
  static const u16 sources[] = {PRIMARY, SECONDARY, EPT_POINTER, GUEST_CR0, GUEST_CR4, ENTRY_CONTROLS};
  u32 kind = (rank <= MAYBE ? 0 : KIND_UNREAD) | (rank <= SELDOM ? KIND_SAVED : 0);
  if ((encoding >> 10 & 3) == 1) {
    kind |= KIND_READ_ONLY;
  }
  if (encoding >= PDPTE0 && encoding < PDPTE0 + 8) {
    kind |= KIND_PDPTE;
  }
  for (u32 i = 0; i < sizeof sources / sizeof sources[0]; i++) {
    if (encoding == sources[i]) {
      kind |= KIND_WATCH_SOURCE;
    }
  }
  return (u8)kind;
}

static u32 find_fields(u32 wanted_rank) {
  for (u32 encoding = 0; encoding < 0x8000 && vmx_fields < VMX_FIELDS_MAX - 1; encoding += 2) {
    u64 value;
    if ((encoding & 0x13FF) >= 0x80 || rank(encoding) != wanted_rank || vmread(encoding, &value)) {
      continue;
    }
    u32 n = vmx_fields++;
    vmx_encodings[n] = (u16)encoding;
    vmx_wide_encodings[n] = encoding;
    vmx_kinds[n] = kind_of(encoding, wanted_rank);
    index_of[encoding] = (u8)(n + 1);
  }
  return vmx_fields;
}

void vmx_set_up(void) {
  static u64 pages[2][512] __attribute__((aligned(4096)));
  u64 control = 0;
  if (try_rdmsr(MSR_FEATURE_CONTROL, &control) && !(control & LOCKED)) {
    control |= LOCKED | VMXON_ALLOWED;
    try_wrmsr(MSR_FEATURE_CONTROL, control);
  }
  if (!(control & VMXON_ALLOWED)) {
    cpu_vmx = 0; /* switched off by the firmware */
    return;
  }
  home_cr4 |= CR4_VMXE;
  write_cr4(home_cr4);
  revision = (u32)rdmsr(MSR_VMX_BASIC) & 0x7FFFFFFFu;
  vmx_clears_read_only = (rdmsr(MSR_VMX_MISC) & WRITES_ALL_FIELDS) != 0;
  u64 ept;
  has_invept = try_rdmsr(MSR_VMX_EPT_VPID_CAP, &ept) && (ept & INVEPT_ALL) == INVEPT_ALL;
  *(u32 *)pages[0] = *(u32 *)pages[1] = revision;
  u64 on = (u64)pages[0];
  if (vmxon(&on) || vmclear((u64)pages[1]) || vmptrld((u64)pages[1])) {
    die("VMXON, VMCLEAR or VMPTRLD failed: revision", revision, 0);
  }
  vmx_often_end = find_fields(OFTEN);
  vmx_maybe_end = find_fields(MAYBE);
  vmx_seldom_end = find_fields(SELDOM);
  find_fields(NEVER);
  vmx_make_code();
  vmclear((u64)pages[1]);
  vmxoff();
}

/* What the case has each region's first word differ by. */
static u32 region_words[REGIONS];

void vmx_region_word(u32 region, u32 word) {
  for (u32 i = 0; i < REGIONS; i++) {
    if (regions[i] == region) {
      region_words[i] = word;
    }
  }
  *(u32 *)at(region) = word ^ revision;
}

void vmx_region_words(void) {
  for (u32 i = 0; i < REGIONS; i++) {
    u32 *now = (u32 *)at(regions[i]);
    if (*now != (region_words[i] ^ revision)) {
      *now = region_words[i] ^ revision;
    }
  }
}

/* A region as software makes it: zero but for the revision. */
static void region_anew(u32 region) {
  for (u32 i = 0; i < 0x1000; i += 8) {
    *at(region + i) = 0;
  }
  *(u32 *)at(region) = revision;
}

void vmx_regions(void) {
  for (u32 i = 0; i < REGIONS; i++) {
    region_anew(regions[i]);
  }
}

void vmx_operands_anew(void) {
  region_anew(OTHER_CONTROL_BLOCK);
  region_anew(SHADOW_CONTROL_BLOCK);
}

void vmx_on(void) {
  u64 region = HOST_SAVE_PAGE;
  if (!operation && vmxon(&region)) {
    die("VMXON failed", 0, 0);
  }
  operation = 1;
}

void vmx_off(void) {
  if (operation) {
    vmclear(CONTROL_BLOCK);
    vmclear(PRIOR_CONTROL_BLOCK);
    vmxoff();
  }
  vmx_current = 0;
  operation = 0;
}

void vmx_make_current(u64 region) {
  if (vmptrld(region)) {
    die("VMPTRLD failed: region", region, *(u32 *)at(region));
  }
  vmx_current = region;
}

void vmx_write(u32 region, const struct pair *fields, u32 count) {
  vmclear(region);
  vmx_make_current(region);
  for (u32 i = 0; i < count; i++) {
    vmwrite(vmx_encodings[fields[i].key], fields[i].value);
  }
  vmclear(region);
  vmx_current = 0;
}

void vmx_flush(void) {
  if (has_invept) {
    invept_all();
  }
}

/* Behind a case outside any guest, which may have entered or left VMX operation or changed the current VMCS. */
void vmx_recover(u32 region) {
  u64 ok, pointer;
  __asm__ volatile(
      "movq $1f, trap_recover\n\t"
      "xorl %%ebx, %%ebx\n\t"
      "vmptrst %1\n\t"
      "incl %%ebx\n"
      "1:\n\t"
      "movq $0, trap_recover"
      : "=&b"(ok), "=m"(pointer)
      :
      : "cc", "memory");
  vmx_current = 0;
  vmx_forget(); /* unless all of it is read now */
  operation = (int)ok;
  if (operation && !region) {
    vmxoff();
    operation = 0;
  }
  if (!operation) {
    *(u32 *)at(HOST_SAVE_PAGE) = revision;
    vmx_on();
  }
}
