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
#define GUEST_RIP 0x681Eu
#define GUEST_RFLAGS 0x6820u
#define SECONDARY_ACTIVE (1ull << 31)
#define ENABLE_EPT 2ull
#define GUEST_64 (1ull << 9)
#define CR0_PG (1ull << 31)
#define CR4_PAE (1ull << 5)

u32 vmx_fields;
u16 vmx_encodings[VMX_FIELDS_MAX];

static u8 index_of[0x8000]; /* by encoding: number of the field + 1 */
static u8 read_only[VMX_FIELDS_MAX];
static u8 changes[VMX_FIELDS_MAX]; /* read behind every guest */
static u8 saved[VMX_FIELDS_MAX];   /* an exit writes the field */
static u8 pdpte[VMX_FIELDS_MAX];
static u32 revision;
static int operation, clears_read_only, has_invept;
static u64 current; /* the current VMCS, if the runner made it so */

/* What the regions of the guest and of the one that goes before hold. */
static struct {
  u32 known;   /* 0: nothing; 1: an exit may have changed the fields that exits change; 2: all */
  u64 value[VMX_FIELDS_MAX];
} held[2];
#define HELD(region) (&held[(region) == CONTROL_BLOCK ? 0 : 1])

/* The fields of the case's VMCS, and those with which it is entered instead, so that its end is seen. */
static u64 wanted[VMX_FIELDS_MAX];
static u64 watching[VMX_FIELDS_MAX];
static u8 is_watching[VMX_FIELDS_MAX];
static u8 watched[8];
static u32 watched_count;

/* Where wanted comes from. */
static const u64 *set_from;
static const struct pair *set_others;
static u32 set_count;

/* Fields, of CONTROL_BLOCK's, that may not be there as they have to be at the next entry. */
static u8 pending[VMX_FIELDS_MAX];
static u8 is_pending[VMX_FIELDS_MAX];
static u32 pending_count;

/* Fields, of CONTROL_BLOCK's, that nearly every exit changes and the last one has. */
static u64 changed[VMX_FIELDS_MAX];
static u32 changed_count;
static int all_pending;

/*
 * Fields come in this order: those that nearly every exit changes; others that may well be changed; those
 * that exits save but only instructions of some sorts change, which are read behind those (CASE_SEGMENTS);
 * the rest. What is not read behind a guest is compared before anything could hide a change or have it
 * blamed on the wrong case, and now and then.
 */
enum { OFTEN, MAYBE, SELDOM, NEVER };
static u64 exit_encodings[VMX_FIELDS_MAX];
static u32 often_end, maybe_end, seldom_end;
static int seldom_unread; /* since they were compared last, a guest has run behind which they were not read */

/* Others that were found changed on the way, for the next such comparison. */
static struct pair astray[16];
static u32 astray_count;

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

static void find_fields(u32 wanted_rank) {
  for (u32 encoding = 0; encoding < 0x8000 && vmx_fields < VMX_FIELDS_MAX - 1; encoding += 2) {
    u64 value;
    if ((encoding & 0x13FF) >= 0x80 || rank(encoding) != wanted_rank || vmread(encoding, &value)) {
      continue;
    }
    u32 n = vmx_fields++;
    vmx_encodings[n] = (u16)encoding;
    exit_encodings[n] = encoding;
    index_of[encoding] = (u8)(n + 1);
    read_only[n] = (encoding >> 10 & 3) == 1;
    changes[n] = wanted_rank <= MAYBE;
    saved[n] = wanted_rank <= SELDOM;
    pdpte[n] = encoding >= PDPTE0 && encoding < PDPTE0 + 8;
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
  find_fields(OFTEN);
  often_end = vmx_fields;
  find_fields(MAYBE);
  maybe_end = vmx_fields;
  find_fields(SELDOM);
  seldom_end = vmx_fields;
  find_fields(NEVER);
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

static void pend(u32 field) {
  if (!is_pending[field]) {
    is_pending[field] = 1;
    pending[pending_count++] = (u8)field;
  }
}

static void watch(u32 encoding, u64 value) {
  u32 field = vmx_index(encoding);
  watching[field] = value;
  is_watching[field] = 1;
  watched[watched_count++] = (u8)field;
  pend(field);
}

void vmx_set_anew(void) { set_from = 0; }

void vmx_set(const u64 *fields, const struct pair *others, u32 count) {
  while (watched_count) {
    u32 field = watched[--watched_count];
    is_watching[field] = 0;
    pend(field);
  }
  if (fields != set_from) {
    for (u32 i = 0; i < vmx_fields; i++) {
      wanted[i] = fields[i];
    }
    all_pending = 1;
    set_count = 0;
  }
  for (u32 i = 0; i < set_count; i++) {
    u32 field = (u32)set_others[i].key;
    wanted[field] = fields[field];
    pend(field);
  }
  for (u32 i = 0; i < count; i++) {
    u32 field = (u32)others[i].key;
    wanted[field] = others[i].value;
    pend(field);
  }
  set_from = fields;
  set_others = others;
  set_count = count;
}

/* What is about to be written and has not been read behind every guest must still be what it was. */
static void note(u32 field, u64 was) {
  u64 found;
  if (!vmread(vmx_encodings[field], &found) && found != was && astray_count < sizeof astray / sizeof astray[0]) {
    astray[astray_count].key = field;
    astray[astray_count++].value = found;
  }
}

/* Only what is not there yet is written. */
static void write_pending(u64 *now) {
  while (changed_count) {
    u64 field = changed[--changed_count];
    now[field] = wanted[field];
    vmwrite_known(exit_encodings[field], wanted[field]);
  }
  for (u32 i = 0; i < pending_count; i++) {
    u32 field = pending[i];
    is_pending[field] = 0;
    u64 value = is_watching[field] ? watching[field] : wanted[field];
    if (now[field] == value) {
      continue;
    }
    if (!changes[field]) {
      note(field, now[field]);
    }
    now[field] = value;
    vmwrite(vmx_encodings[field], value);
  }
  pending_count = 0;
}

static void write_all(u64 *now, u32 known, const u64 *values, int watches) {
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value = watches && is_watching[i] ? watching[i] : values[i];
    if (read_only[i] ? !clears_read_only : known > saved[i] && now[i] == value) {
      continue;
    }
    now[i] = value;
    vmwrite(vmx_encodings[i], value);
  }
}

void vmx_load(u32 region) {
  u32 known = HELD(region)->known;
  u64 *now = HELD(region)->value;
  vmclear(region); /* its launch state */
  make_current(region);
  if (region == CONTROL_BLOCK && known == 2 && !all_pending) {
    write_pending(now);
  } else {
    for (u32 i = maybe_end; region == CONTROL_BLOCK && known && seldom_unread && i < seldom_end; i++) {
      note(i, now[i]);
    }
    write_all(now, known, wanted, 1);
    while (pending_count) {
      is_pending[pending[--pending_count]] = 0;
    }
    all_pending = region != CONTROL_BLOCK;
    changed_count = 0;
  }
  HELD(region)->known = 1;
}

void vmx_load_bare(u32 region, int rebuild) {
  vmclear(region);
  make_current(region);
  if (rebuild || all_pending) {
    for (u32 i = 0; i < vmx_fields; i++) {
      vmwrite_known(vmx_encodings[i], wanted[i]);
    }
    all_pending = 0;
  } else {
    for (u32 i = 0; i < seldom_end; i++) {
      vmwrite_known(exit_encodings[i], wanted[i]);
    }
  }
  while (pending_count) {
    u32 field = pending[--pending_count];
    is_pending[field] = 0;
    vmwrite_known(vmx_encodings[field], is_watching[field] ? watching[field] : wanted[field]);
  }
  held[0].known = 0;
}

void vmx_load_prior(u32 region, const struct pair *fields, u32 count) {
  static u64 values[VMX_FIELDS_MAX];
  for (u32 i = 0; i < vmx_fields; i++) {
    values[i] = 0;
  }
  for (u32 i = 0; i < count; i++) {
    values[fields[i].key] = fields[i].value;
  }
  vmclear(region);
  make_current(region);
  write_all(HELD(region)->value, HELD(region)->known, values, 0);
  HELD(region)->known = 1;
}

/*
 * Has the guest's end at SENTINEL or a handler exit by an EPT violation: by the case's own EPT tables, in
 * which cases.c takes the two pages away, or by the runner's, in which they never were.
 */
int vmx_watch(u64 eptp) {
  u64 active = wanted[vmx_index(PRIMARY)] & SECONDARY_ACTIVE;
  u64 secondary = active ? wanted[vmx_index(SECONDARY)] : 0; /* without it they count for nothing */
  if (secondary & ENABLE_EPT) {
    return 1;
  }
  watch(PRIMARY, wanted[vmx_index(PRIMARY)] | SECONDARY_ACTIVE);
  watch(SECONDARY, secondary | ENABLE_EPT);
  watch(EPT_POINTER, eptp);
  u64 cr4 = wanted[vmx_index(GUEST_CR4)];
  if ((wanted[vmx_index(GUEST_CR0)] & CR0_PG) && (cr4 & CR4_PAE) && !(wanted[vmx_index(ENTRY_CONTROLS)] & GUEST_64)) {
    const u64 *from = at(wanted[vmx_index(GUEST_CR3)] & 0xFFFFFFE0u);
    for (u32 i = 0; i < 4; i++) {
      watch(PDPTE0 + 2 * i, from[i]); /* with EPT, VM entry takes them from here */
    }
  }
  return 0;
}

void vmx_flush(void) {
  if (has_invept) {
    invept_all();
  }
}

/* A field that is not the case's. What only watching changed is no difference. */
static void differs(u32 field, u64 value) {
  pend(field);
  if (watched_count && (pdpte[field] || (is_watching[field] && value == watching[field]))) {
    return;
  }
  result_pair((u64)KEY_FIELD << 32 | field, value);
}

/* Those that nearly every exit changes: the next load finds them without pend, and none is watched. */
static void compare_often(u64 *now) {
  struct pair *next = result_next;
  u64 *to = changed;
#pragma GCC unroll 4
  for (u64 i = 0; i < often_end; i++) {
    u64 value;
    vmread_known(exit_encodings[i], &value);
    if (value != wanted[i]) {
      now[i] = value;
      *to++ = i;
      next->key = (u64)KEY_FIELD << 32 | i;
      next++->value = value;
    }
  }
  result_next = next;
  changed_count = (u32)(to - changed);
}

/* Fields that nearly always are as they were: all are read, and then compared at once. */
static void compare_fields(u64 *now, u64 from, u64 end) {
  static u64 got[VMX_FIELDS_MAX];
#pragma GCC unroll 8
  for (u64 i = from; i < end; i++) {
    vmread_to(exit_encodings[i], &got[i]);
  }
  u64 *found = got + from, *then = wanted + from, left = end - from;
  while (left && words_differ(&found, &then, &left)) {
    u64 field = (u64)(found - 1 - got);
    now[field] = found[-1];
    differs((u32)field, found[-1]);
  }
}

/* Whether a guest behind which the fields of segments and the like were not read has changed one. */
int vmx_segments_astray(void) {
  int found = 0;
  if (seldom_unread && current == CONTROL_BLOCK && held[0].known == 2) {
    for (u32 i = maybe_end; i < seldom_end && !found; i++) {
      u64 value;
      vmread_known(exit_encodings[i], &value);
      found = value != held[0].value[i];
    }
    seldom_unread = 0;
  }
  return found;
}

/* Read-only fields are to be compared with 0, which wanted has there. */
void vmx_result(u32 region, int segments, int all) {
  u64 *now = HELD(region)->value;
  if (current != region) {
    make_current(region);
  }
  for (u32 i = 0; i < watched_count; i++) {
    if (pdpte[watched[i]]) {
      now[watched[i]] = wanted[watched[i]]; /* as all those are that are not found to differ */
    }
  }
  compare_often(now);
  compare_fields(now, often_end, maybe_end);
  if (segments) {
    compare_fields(now, maybe_end, seldom_end);
  } else {
    seldom_unread = 1;
  }
  for (u32 i = 0; all && i < vmx_fields; i++) {
    u64 value;
    vmread(vmx_encodings[i], &value);
    now[i] = value;
    if (i >= seldom_end && value != wanted[i]) {
      differs(i, value);
    }
  }
  HELD(region)->known = 2;
}

u32 vmx_check(void) {
  u32 found = astray_count;
  seldom_unread = 0;
  for (u32 i = 0; i < astray_count; i++) {
    result_pair((u64)KEY_FIELD << 32 | astray[i].key, astray[i].value);
  }
  astray_count = 0;
  if (current != CONTROL_BLOCK || held[0].known != 2) {
    return found;
  }
  u64 *now = held[0].value;
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value;
    if (!changes[i] && !vmread(vmx_encodings[i], &value) && value != now[i]) {
      now[i] = value;
      pend(i);
      result_pair((u64)KEY_FIELD << 32 | i, value);
      found++;
    }
  }
  return found;
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
  held[0].known = 0; /* unless all of it is read now */
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
