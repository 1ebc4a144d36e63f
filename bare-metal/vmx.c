/*
 * VMX: operation on and off, the VMCS's fields, and what a guest's end is watched with where the case does
 * not let #UD exit. A VMCS stays as it is between cases; only fields that differ are written.
 */
#include "runner.h"

#define MSR_FEATURE_CONTROL 0x3Au
#define MSR_VMX_BASIC 0x480u
#define MSR_VMX_MISC 0x485u
#define MSR_VMX_EPT_VPID_CAP 0x48Cu
#define LOCKED 1u
#define VMXON_ALLOWED 4u
#define WRITES_ALL_FIELDS (1u << 29)
#define INVEPT_ALL ((1ull << 20) | (1ull << 26))

/* Encodings (SDM vol. 3, appendix B). */
#define EPT_POINTER 0x201Au
#define PDPTE0 0x280Au
#define PRIMARY 0x4002u
#define ENTRY_CONTROLS 0x4012u
#define ENTRY_EVENT 0x4016u
#define SECONDARY 0x401Eu
#define GUEST_CR0 0x6800u
#define GUEST_CR3 0x6802u
#define GUEST_CR4 0x6804u
#define SECONDARY_ACTIVE (1ull << 31)
#define ENABLE_EPT 2ull
#define GUEST_64 (1ull << 9)
#define CR0_PG (1ull << 31)
#define CR4_PAE (1ull << 5)

u32 vmx_fields;
u16 vmx_encodings[VMX_FIELDS_MAX];

static u8 index_of[0x8000]; /* by encoding: number of the field + 1 */
static u8 read_only[VMX_FIELDS_MAX];
static u8 changes[VMX_FIELDS_MAX]; /* an exit may write the field */
static u8 pdpte[VMX_FIELDS_MAX];
static u32 revision;
static int operation, clears_read_only, has_invept;
static u64 current; /* the current VMCS, if the runner made it so */

/* What the regions of the guest and of the one that goes before hold. */
static struct {
  u32 region;
  u32 known;   /* 0: nothing; 1: an exit may have changed the fields that exits change; 2: all */
  u64 value[VMX_FIELDS_MAX];
} held[2] = {{CONTROL_BLOCK, 0, {0}}, {PRIOR_CONTROL_BLOCK, 0, {0}}};

static const u32 regions[] = {
  CONTROL_BLOCK, PRIOR_CONTROL_BLOCK, OTHER_CONTROL_BLOCK, SHADOW_CONTROL_BLOCK, HOST_SAVE_PAGE};
#define REGIONS (sizeof regions / sizeof regions[0])

int vmx_region(u64 page) {
  for (u32 i = 0; i < REGIONS; i++) {
    if (page == regions[i]) {
      return 1;
    }
  }
  return 0;
}

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

static void find_fields(void) {
  for (u32 width = 0; width < 4; width++) {
    for (u32 type = 0; type < 4; type++) {
      for (u32 index = 0; index < 64 && vmx_fields < VMX_FIELDS_MAX - 1; index++) {
        u32 encoding = width << 13 | type << 10 | index << 1;
        u64 value;
        if (vmread(encoding, &value)) {
          continue;
        }
        u32 n = vmx_fields++;
        vmx_encodings[n] = (u16)encoding;
        index_of[encoding] = (u8)(n + 1);
        read_only[n] = type == 1;
        changes[n] = type == 1 || type == 2 || encoding == ENTRY_CONTROLS || encoding == ENTRY_EVENT;
        pdpte[n] = encoding >= PDPTE0 && encoding < PDPTE0 + 8;
      }
    }
  }
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
  clears_read_only = (rdmsr(MSR_VMX_MISC) & WRITES_ALL_FIELDS) != 0;
  u64 ept;
  has_invept = try_rdmsr(MSR_VMX_EPT_VPID_CAP, &ept) && (ept & INVEPT_ALL) == INVEPT_ALL;
  *(u32 *)pages[0] = *(u32 *)pages[1] = revision;
  u64 on = (u64)pages[0];
  if (vmxon(&on) || vmclear((u64)pages[1]) || vmptrld((u64)pages[1])) {
    die("VMXON, VMCLEAR or VMPTRLD failed: revision", revision, 0);
  }
  find_fields();
  vmclear((u64)pages[1]);
  vmxoff();
}

void vmx_region_word(u32 region, u32 word) {
  *(u32 *)at(region) = word ^ revision;
}

/* A region as software makes it: zero but for the revision. */
static void region_anew(u32 region) {
  for (u32 i = 0; i < 0x1000; i += 8) {
    *at(region + i) = 0;
  }
  vmx_region_word(region, 0);
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
  current = 0;
  operation = 0;
}

static void make_current(u64 region) {
  if (vmptrld(region)) {
    die("VMPTRLD failed: region", region, *(u32 *)at(region));
  }
  current = region;
}

void vmx_write(u32 region, const struct pair *fields, u32 count) {
  vmclear(region);
  make_current(region);
  for (u32 i = 0; i < count; i++) {
    vmwrite(vmx_encodings[fields[i].key], fields[i].value);
  }
  vmclear(region);
  current = 0;
}

void vmx_load(u32 region, const u64 *values) {
  u32 n = region == CONTROL_BLOCK ? 0 : 1;
  u64 *now = held[n].value;
  u32 known = held[n].known;
  vmclear(region); /* its launch state */
  make_current(region);
  for (u32 i = 0; i < vmx_fields; i++) {
    if (read_only[i] ? !clears_read_only : known > changes[i] && now[i] == values[i]) {
      continue;
    }
    now[i] = values[i];
    vmwrite(vmx_encodings[i], values[i]);
  }
  held[n].known = 1;
}

/*
 * Values that have the guest's end at SENTINEL or a handler exit by an EPT violation: by the case's own EPT
 * tables, in which cases.c has taken the two pages away, or by the runner's, in which they never were.
 */
int vmx_watch(u64 *values, u64 eptp) {
  if (values[vmx_index(SECONDARY)] & ENABLE_EPT) {
    return 1;
  }
  values[vmx_index(PRIMARY)] |= SECONDARY_ACTIVE;
  values[vmx_index(SECONDARY)] |= ENABLE_EPT;
  values[vmx_index(EPT_POINTER)] = eptp;
  u64 cr4 = values[vmx_index(GUEST_CR4)];
  if ((values[vmx_index(GUEST_CR0)] & CR0_PG) && (cr4 & CR4_PAE) && !(values[vmx_index(ENTRY_CONTROLS)] & GUEST_64)) {
    const u64 *from = at(values[vmx_index(GUEST_CR3)] & 0xFFFFFFE0u);
    for (u32 i = 0; i < 4; i++) {
      values[vmx_index(PDPTE0 + 2 * i)] = from[i]; /* with EPT, VM entry takes them from here */
    }
  }
  return 0;
}

void vmx_flush(void) {
  if (has_invept) {
    invept_all();
  }
}

/*
 * Fields that differ from the case's. What only watching changed is no difference; a read-only one is to be
 * compared with 0.
 */
void vmx_result(u32 region, const u64 *values, const u64 *watched) {
  u32 n = region == CONTROL_BLOCK ? 0 : 1;
  u64 *now = held[n].value;
  if (current != region) {
    make_current(region);
  }
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value;
    vmread(vmx_encodings[i], &value);
    now[i] = value;
    if (value == values[i] || (watched != values && (value == watched[i] || pdpte[i]))) {
      continue;
    }
    result_pair((u64)KEY_FIELD << 32 | i, value);
  }
  held[n].known = 2;
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
  current = 0;
  operation = (int)ok;
  if (operation && !region) {
    vmxoff();
    operation = 0;
  }
  if (!operation) {
    vmx_region_word(HOST_SAVE_PAGE, 0);
    vmx_on();
  }
}
