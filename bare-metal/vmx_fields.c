/*
 * The fields of the case's VMCS. It stays as it is between cases; only fields that differ are written. And what a
 * guest's end is watched with where the case does not let #UD exit.
 */
#include "vmx.h"

#define SECONDARY_ACTIVE (1ull << 31)
#define ENABLE_EPT 2ull
#define GUEST_64 (1ull << 9)
#define CR0_PG (1ull << 31)
#define CR4_PAE (1ull << 5)

static read_fields_code *read_maybe, *read_seldom;
static compare_fields_code *compare_often, *compare_maybe, *compare_seldom;

void vmx_make_code(void) {
  static u8 stays[VMX_FIELDS_MAX];
  for (u32 i = 0; i < vmx_fields && !vmx_clears_read_only; i++) {
    stays[i] = vmx_kinds[i] & KIND_READ_ONLY;
  }
  compare_often = vmx_make_compare(0, vmx_often_end, stays);
  compare_maybe = vmx_make_compare(vmx_often_end, vmx_maybe_end, stays);
  compare_seldom = vmx_make_compare(vmx_maybe_end, vmx_seldom_end, stays);
  read_maybe = vmx_make_read(vmx_often_end, vmx_maybe_end);
  read_seldom = vmx_make_read(vmx_maybe_end, vmx_seldom_end);
}

/* What the regions of the guest and of the one that goes before hold. */
static struct {
  u32 known;   /* 0: nothing; 1: an exit may have changed the fields that exits change; 2: all */
  u64 value[VMX_FIELDS_MAX];
} held[2];
#define HELD(region) (&held[(region) == CONTROL_BLOCK ? 0 : 1])

void vmx_forget(void) { held[0].known = 0; }

/* The fields of the case's VMCS, and those with which it is entered instead, so that its end is seen. */
static u64 wanted[VMX_FIELDS_MAX];
static u64 watching[VMX_FIELDS_MAX];
static u8 is_watching[VMX_FIELDS_MAX];
static u8 watched[8];
static u32 watched_count;
#define WATCHED_CONTROLS 3u /* of them, where there are no PDPTEs */

/* Fields, of CONTROL_BLOCK's, that may not be there as they have to be at the next entry; or all of them. */
static u8 pending[VMX_FIELDS_MAX];
static u8 is_pending[VMX_FIELDS_MAX];
static u32 pending_count;
static int all_pending;

static int seldom_unread; /* since they were compared last, a guest has run behind which they were not read */

/* Others that were found changed on the way, for the next such comparison. */
static struct pair astray[16];
static u32 astray_count;

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

static void unwatch(void) {
  while (watched_count) {
    u32 field = watched[--watched_count];
    is_watching[field] = 0;
    pend(field);
  }
}

void vmx_set(const u64 *template, const struct pair *others, u32 count) {
  unwatch();
  if (template) {
    copy_words(wanted, template, vmx_fields);
    all_pending = 1;
  }
  for (u32 i = 0; i < count; i++) {
    u32 field = (u32)others[i].key;
    wanted[field] = others[i].value;
    pend(field);
  }
}

/* What is about to be written and has not been read behind every guest must still be what it was. */
static inline __attribute__((always_inline)) void note(u64 field, u64 was) {
  u64 found;
  vmread_known(vmx_wide_encodings[field], &found);
  if (found != was && astray_count < sizeof astray / sizeof astray[0]) {
    astray[astray_count].key = field;
    astray[astray_count++].value = found;
  }
}

/* Only what is not there yet is written. */
static void write_pending(u64 *now) {
  for (u32 i = 0; i < pending_count; i++) {
    u32 field = pending[i];
    is_pending[field] = 0;
    u64 value = is_watching[field] ? watching[field] : wanted[field];
    if (now[field] == value) {
      continue;
    }
    if (vmx_kinds[field] & KIND_UNREAD) {
      note(field, now[field]);
    }
    now[field] = value;
    vmwrite_known(vmx_wide_encodings[field], value);
  }
  pending_count = 0;
}

static void write_all(u64 *now, u32 known, const u64 *values, int watches) {
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value = watches && is_watching[i] ? watching[i] : values[i];
    u32 kind = vmx_kinds[i];
    if (kind & KIND_READ_ONLY ? !vmx_clears_read_only : known && !(kind & KIND_SAVED) && now[i] == value) {
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
  vmx_make_current(region);
  if (region == CONTROL_BLOCK && known == 2 && !all_pending) {
    write_pending(now);
  } else {
    for (u32 i = vmx_maybe_end; region == CONTROL_BLOCK && known && seldom_unread && i < vmx_seldom_end; i++) {
      note(i, now[i]);
    }
    write_all(now, known, wanted, 1);
    while (pending_count) {
      is_pending[pending[--pending_count]] = 0;
    }
    all_pending = region != CONTROL_BLOCK;
  }
  HELD(region)->known = 1;
}

int vmx_goes_on(u32 region) { return region == CONTROL_BLOCK && held[0].known == 2 && !all_pending; }

int vmx_set_and_load(const struct pair *others, u32 count, int nested, u64 eptp) {
  u64 *now = held[0].value;
  int own = 0;
  u32 kinds = 0;
  vmclear(CONTROL_BLOCK);
  vmx_make_current(CONTROL_BLOCK);
  for (const struct pair *p = others, *end = p + count; p < end; p++) {
    u64 field = p->key, value = p->value;
    u32 kind = vmx_kinds[field];
    kinds |= kind;
    if (kind & KIND_UNREAD) {
      note(field, now[field]);
    }
    now[field] = value;
    wanted[field] = value;
    vmwrite_known(vmx_wide_encodings[field], value);
  }
  if (watched_count && (!nested || (kinds & KIND_WATCH_SOURCE) || watched_count > WATCHED_CONTROLS)) {
    unwatch();
  }
  if (nested && !watched_count) {
    own = vmx_watch(eptp);
  }
  if (pending_count) {
    write_pending(now);
  }
  held[0].known = 1;
  return own;
}

void vmx_load_bare(u32 region, int rebuild) {
  vmclear(region);
  vmx_make_current(region);
  u32 end = rebuild || all_pending ? vmx_fields : vmx_seldom_end;
  for (u32 i = 0; i < end; i++) {
    vmwrite_known(vmx_wide_encodings[i], wanted[i]);
  }
  all_pending = 0;
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
  vmx_make_current(region);
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

/*
 * A field of the current VMCS that is not the case's, which it is again then. What only watching changed is no
 * difference.
 */
static void differs(u64 *now, u32 field, u64 value) {
  u64 back = is_watching[field] ? watching[field] : wanted[field];
  now[field] = back;
  if (value != back) {
    vmwrite_known(vmx_wide_encodings[field], back);
  }
  if (watched_count && ((vmx_kinds[field] & KIND_PDPTE) || (is_watching[field] && value == back))) {
    return;
  }
  result_pair((u64)KEY_FIELD << 32 | field, value);
}

static u64 got[VMX_FIELDS_MAX];

/* Where PDPTEs may be those that only watching put there. */
static __attribute__((noinline)) void compare_with_pdptes(u64 *now) {
  for (u32 i = WATCHED_CONTROLS; i < watched_count; i++) {
    now[watched[i]] = wanted[watched[i]]; /* as all those are that are not found to differ */
  }
  read_maybe(got);
  for (u32 i = vmx_often_end; i < vmx_maybe_end; i++) {
    if (got[i] != wanted[i]) {
      differs(now, i, got[i]);
    }
  }
}

/* Whether a guest behind which the fields of segments and the like were not read has changed one. */
int vmx_segments_astray(void) {
  int found = 0;
  if (seldom_unread && vmx_current == CONTROL_BLOCK && held[0].known == 2) {
    u64 *now = got + vmx_maybe_end, *then = held[0].value + vmx_maybe_end, left = vmx_seldom_end - vmx_maybe_end;
    read_seldom(got);
    found = left && words_differ(&now, &then, &left);
    seldom_unread = 0;
  }
  return found;
}

/* What the code made for them compares is never watched, but for PDPTEs; it writes back, as differs does. */
static inline __attribute__((always_inline)) void compare_read(u64 *now, int segments) {
  struct pair *next = compare_often(result_next, wanted);
  if (watched_count <= WATCHED_CONTROLS) {
    next = compare_maybe(next, wanted);
  } else {
    result_next = next;
    compare_with_pdptes(now);
    next = result_next;
  }
  if (segments) {
    next = compare_seldom(next, wanted);
  } else {
    seldom_unread = 1;
  }
  result_next = next;
}

/* Read-only fields are to be compared with 0, which wanted has there. */
void vmx_result(int segments) {
  compare_read(held[0].value, segments);
  held[0].known = 2;
}

void vmx_result_all(u32 region) {
  u64 *now = HELD(region)->value;
  if (vmx_current != region) {
    vmx_make_current(region);
  }
  compare_read(now, 1);
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value;
    vmread(vmx_encodings[i], &value);
    now[i] = value;
    if (i >= vmx_seldom_end && value != wanted[i]) {
      differs(now, i, value);
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
  if (vmx_current != CONTROL_BLOCK || held[0].known != 2) {
    return found;
  }
  u64 *now = held[0].value;
  for (u32 i = 0; i < vmx_fields; i++) {
    u64 value;
    if ((vmx_kinds[i] & KIND_UNREAD) && !vmread(vmx_encodings[i], &value) && value != now[i]) {
      now[i] = value;
      pend(i);
      result_pair((u64)KEY_FIELD << 32 | i, value);
      found++;
    }
  }
  return found;
}
