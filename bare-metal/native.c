/* Cases outside any guest: what the way in and the way back (native.S) need, and what they found. */
#include "native.h"
#include "runner.h"

#define BLOB(name) extern const u8 name[], name##_end[]
BLOB(sentinel_real);
BLOB(sentinel_v86);
BLOB(sentinel_prot16);
BLOB(sentinel_prot16_outer);
BLOB(sentinel_prot32);
BLOB(sentinel_prot32_outer);
BLOB(sentinel_compat_outer);
BLOB(sentinel_long64);
BLOB(sentinel_long64_outer);
BLOB(handler_real);
BLOB(handler_v86);
BLOB(handler_legacy);
extern const u8 low_page[], low_page_end[], handler64[];

extern u32 native_mode;
extern struct table_register native_gdtr, native_idtr;
extern u64 native_stack, native_entry, home_efer, home_cr3;
extern u32 native_vmxon;
void native_run(void);

/* By mode: SENTINEL's code at CPL 0 and at CPL 1 to 3, and the handlers' common code. */
#define CODE(name) {name, name##_end}
static const struct {
  struct {
    const u8 *start, *end;
  } inner, outer, handler;
} code[] = {
  {CODE(sentinel_real), {0, 0}, CODE(handler_real)},
  {{0, 0}, CODE(sentinel_v86), CODE(handler_v86)},
  {CODE(sentinel_prot16), CODE(sentinel_prot16_outer), CODE(handler_legacy)},
  {CODE(sentinel_prot32), CODE(sentinel_prot32_outer), CODE(handler_legacy)},
  {CODE(sentinel_prot32), CODE(sentinel_compat_outer), {0, 0}},
  {CODE(sentinel_long64), CODE(sentinel_long64_outer), {0, 0}},
};

static void copy(u64 to, const void *from, u64 bytes) {
  const u8 *source = from;
  u8 *target = (u8 *)at(to);
  for (u64 i = 0; i < bytes; i++) {
    target[i] = source[i];
  }
}

static void put32(u64 to, u32 value) { copy(to, &value, 4); }

static u64 slot(u32 n) { return *at(SLOT(n)); }

/* A handler's stub: EAX into its slot, the vector into AL, and on to the common code. */
static void stub(u32 mode, u32 vector) {
  u64 start = HANDLERS_PAGE + 16 * vector;
  u64 p = start;
  if (mode == MODE_REAL) {
    static const u8 save[] = {0x66, 0x36, 0xA3};
    u16 eax = OFFSET(SLOT(SLOT_HANDLER_EAX));
    u8 rest[] = {0xB0, (u8)vector, 0xEA, OFFSET(HANDLER_CODE_AT) & 0xFF, OFFSET(HANDLER_CODE_AT) >> 8, 0, 0x10};
    copy(p, save, 3);
    copy(p + 3, &eax, 2);
    copy(p + 5, rest, sizeof rest);
    return;
  }
  u64 common = HANDLER_CODE_AT;
  if (mode >= MODE_COMPAT) {
    static const u8 save[] = {0x67, 0x48, 0xA3};
    copy(p, save, 3);
    put32(p + 3, SLOT(SLOT_HANDLER_EAX));
    p += 7;
    common = (u64)handler64;
  } else {
    static const u8 save[] = {0x36, 0xA3};
    copy(p, save, 2);
    put32(p + 2, mode == MODE_V86 ? SLOT(SLOT_HANDLER_EAX) : OFFSET(SLOT(SLOT_HANDLER_EAX)));
    p += 6;
  }
  u8 load[] = {0xB0, (u8)vector, 0xE9};
  copy(p, load, 3);
  put32(p + 3, (u32)(common - (p + 7)));
}

/* Puts the way back into the pages of SENTINEL and the handlers. */
static void prepare_pages(u32 mode) {
  const u8 *from = live_set[REG_CPL] == 0 ? code[mode].inner.start : code[mode].outer.start;
  const u8 *end = live_set[REG_CPL] == 0 ? code[mode].inner.end : code[mode].outer.end;
  copy(SENTINEL_PAGE, from, (u64)(end - from));
  copy(HANDLER_CODE_AT, code[mode].handler.start, (u64)(code[mode].handler.end - code[mode].handler.start));
  for (u32 vector = 0; vector < 256; vector++) {
    stub(mode, vector);
  }
  for (u64 a = SLOTS; a < SENTINEL_PAGE + 0x1000; a += 8) {
    *at(a) = 0;
  }
  copy(RUNNER_GDTR_AT, &home_gdtr, sizeof home_gdtr);
}

/* What real mode's way in reads, at LOW_PAGE + LOW_DATA. */
static void prepare_low_page(void) {
  u64 data = LOW_PAGE + LOW_DATA;
  copy(LOW_PAGE, low_page, (u64)(low_page_end - low_page));
  for (u32 i = 0; i < 8; i++) {
    put32(data + 4 * i, (u32)live_set[i]);
  }
  copy(data + 0x40, &native_gdtr, 6);
  copy(data + 0x50, &native_idtr, 6);
  put32(data + 0x60, (u32)live_set[REG_CR0]);
  put32(data + 0x64, (u32)live_set[REG_RFLAGS]);
  put32(data + 0x70, (u32)(live_set[REG_ES_SEL] | live_set[REG_DS_SEL] << 16));
  put32(data + 0x74, (u32)(live_set[REG_FS_SEL] | live_set[REG_GS_SEL] << 16));
  put32(data + 0x78, !cpu_svm);
  copy(data + 0x80, &native_stack, 8);
  copy(data + 0x88, &native_entry, 8);
}

/* Whether a segment register can be loaded at CPL 0 and shows then what the case wants. */
static int loadable(u32 reg) {
  u64 selector = live_set[reg];
  if ((selector & ~3ull) == 0) {
    return reg != REG_SS_SEL || live_set[REG_CS_ATTR] & 0x200;
  }
  if ((selector & 4) || (selector | 7) > live_set[REG_GDTR_LIMIT]) {
    return 0;
  }
  u64 d = *at(live_set[REG_GDTR_BASE] + (selector & ~7ull));
  u64 attributes = (d >> 40 & 0xFF) | (d >> 44 & 0xF00);
  u64 limit = (d & 0xFFFF) | (d >> 32 & 0xF0000);
  if (attributes & 0x800) {
    limit = limit << 12 | 0xFFF;
  }
  u64 base = (d >> 16 & 0xFFFFFF) | (d >> 32 & 0xFF000000);
  int wanted = ((attributes ^ live_set[reg + 1]) & ~1ull) == 0;
  if (!(live_set[REG_CS_ATTR] & 0x200)) {
    wanted = wanted && limit == live_set[reg + 2] && base == live_set[reg + 3];
  }
  int data = (attributes & 0x98) == 0x90 || (attributes & 0x9A) == 0x9A;
  return wanted && data;
}

/*
 * Whether the instruction under test, the last in its page, is VMXON. Out of VMX operation, which it enters,
 * legacy modes have no way back to long mode.
 */
static int is_vmxon(void) {
  const u8 *end = (const u8 *)at(SENTINEL_PAGE);
  for (u32 i = 3; i <= 12; i++) {
    const u8 *p = end - i;
    if (p[0] == 0x0F && p[1] == 0xC7 && (p[2] & 0x38) == 0x30 && p[2] < 0xC0) {
      for (u32 j = 1; j <= 4; j++) {
        if (p[-(int)j] == 0xF3) {
          return 1;
        }
      }
    }
  }
  return 0;
}

/*
 * On the way to CPL 1 to 3 IRET looks at the data segments; what it makes of the RPL of a null selector in
 * ES, DS, FS or GS is up to the processor.
 */
static void forget_null_selectors(void) {
  static const u8 data[] = {REG_ES_SEL, REG_DS_SEL, REG_FS_SEL, REG_GS_SEL};
  for (u32 i = 0; i < sizeof data; i++) {
    if (live_set[data[i]] >= 1 && live_set[data[i]] <= 3) {
      result_pair((u64)KEY_NOT_SET << 32 | data[i], 0);
    }
  }
}

/* Reasons of END_CANNOT. */
enum { CANNOT_LOAD_SEGMENT = 1, CANNOT_COME_BACK = 2, CANNOT_TRACE = 3 };

static u32 impossible(u32 mode) {
  u32 cpl = (u32)live_set[REG_CPL];
  if (mode == MODE_REAL || mode == MODE_V86) {
    for (u32 reg = REG_ES_SEL; reg <= REG_GS_SEL; reg += 4) {
      if (live_set[reg + 3] != live_set[reg] << 4 || live_set[reg + 2] != 0xFFFF) {
        return CANNOT_LOAD_SEGMENT;
      }
    }
  } else {
    static const u8 all[] = {REG_ES_SEL, REG_DS_SEL, REG_CS_SEL, REG_SS_SEL, REG_FS_SEL, REG_GS_SEL};
    for (u32 i = 0; i < (cpu_svm ? 4 : 6); i++) {
      if (!loadable(all[i])) {
        return CANNOT_LOAD_SEGMENT;
      }
    }
  }
  if (mode < MODE_COMPAT && mode != MODE_V86 && cpl == 0 && (live_set[REG_RFLAGS] & 0x100)) {
    return CANNOT_TRACE; /* no IRET on this way in */
  }
  if (mode != MODE_LONG64 && (live_set[REG_SS_BASE] != 0x10000 || live_set[REG_SS_LIMIT] < 0xFFFF)) {
    return CANNOT_COME_BACK;
  }
  if (cpl != 0) {
    /* SENTINEL's UD2 goes through gate 6 and the TSS. */
    u32 size = mode >= MODE_COMPAT ? 16 : 8;
    u64 gate = *at(live_set[REG_IDTR_BASE] + 6 * size);
    if (live_set[REG_IDTR_LIMIT] < 7 * size - 1 || !(gate >> 47 & 1) || live_set[REG_TR_BASE] != 0x18000) {
      return CANNOT_COME_BACK;
    }
  }
  return 0;
}

static void collect(u32 mode) {
  u32 marker = (u32)slot(SLOT_MARKER);
  static const u8 selectors[] = {REG_CS_SEL, REG_SS_SEL, REG_DS_SEL, REG_ES_SEL, REG_FS_SEL, REG_GS_SEL};
  int by_slots = mode < MODE_COMPAT || (mode == MODE_COMPAT && marker != CAME_BY_HANDLER);
  if (by_slots) {
    for (u32 i = 0; i < 8; i++) {
      live_got[i] = (u32)slot(i);
    }
    for (u32 i = 0; i < 6; i++) {
      live_got[selectors[i]] = slot(SLOT_CS + i) & 0xFFFF;
    }
    live_got[REG_RFLAGS] = (u32)slot(SLOT_FLAGS);
  }
  int wide_tables = !(mode < MODE_COMPAT || (mode == MODE_COMPAT && marker == CAME_DIRECTLY));
  for (u32 i = 0; i < 2; i++) {
    u64 low = slot(SLOT_GDTR + 2 * i), high = slot(SLOT_GDTR + 2 * i + 1);
    live_got[REG_GDTR_LIMIT + 2 * i] = low & 0xFFFF;
    live_got[REG_GDTR_BASE + 2 * i] = wide_tables ? low >> 16 | high << 48 : (low >> 16 & 0xFFFFFFFF);
  }
  live_got[REG_CR0] = mode < MODE_COMPAT ? (u32)slot(SLOT_CR0) : slot(SLOT_CR0);
  live_got[REG_CPL] = mode == MODE_REAL ? 0 : live_got[REG_CS_SEL] & 3;
  if (marker == CAME_BY_HANDLER) {
    u64 stub_at = HANDLERS_PAGE + 16 * slot(SLOT_VECTOR);
    live_got[REG_RIP] = mode == MODE_REAL ? stub_at & 0xFFF : stub_at;
    if (mode == MODE_REAL) {
      live_got[REG_CS_SEL] = HANDLERS_PAGE >> 4; /* the stub has left it by a far jump */
    }
    return;
  }
  live_got[REG_RIP] = mode == MODE_LONG64 ? SENTINEL_PAGE : SENTINEL_PAGE - live_set[REG_CS_BASE];
  if (marker == CAME_BY_UD) {
    if (mode >= MODE_COMPAT) {
      live_got[REG_RFLAGS] = *at(slot(SLOT_FRAME) + 16);
    } else {
      u64 frame = (u32)slot(SLOT_FRAME) + (mode == MODE_V86 ? 0 : 0x10000);
      live_got[REG_RFLAGS] = *(u32 *)at(frame + 8);
    }
    live_got[REG_RFLAGS] &= ~0x10000ull; /* RF is the #UD's */
    if (mode == MODE_V86) {
      live_got[REG_CPL] = 3;
    }
  }
}

static u32 came;
static u64 fs_selector, gs_selector;

static void restore_tss(u32 mode) {
  if (slot(SLOT_MARKER) == CAME_BY_UD) {
    *at(mode == MODE_COMPAT ? TSS_IST1 : TSS_STACK0) = slot(SLOT_TSS);
  }
}

/*
 * An exception out of virtual-8086 mode clears FS and GS: what VMSAVE shows then is not the case's.
 * Their selectors were saved before it; the rest is as the case set it, for want of better.
 */
void native_correct(const struct case_header *c) {
  if ((c->flags >> CASE_MODE_SHIFT & 0xF) != MODE_V86 || came != CAME_BY_UD) {
    return;
  }
  for (u32 part = 1; part < 4; part++) {
    live_got[REG_FS_SEL + part] = live_set[REG_FS_SEL + part];
    live_got[REG_GS_SEL + part] = live_set[REG_GS_SEL + part];
  }
  live_got[REG_FS_SEL] = fs_selector;
  live_got[REG_GS_SEL] = gs_selector;
}

/* Real mode has neither LDT nor TSS. Without VMLOAD nothing takes TR away again that LTR brought. */
static void clear_system_segments(void) {
  __asm__ volatile("lldt %w0" : : "r"(0));
  u16 tr;
  __asm__ volatile("str %0" : "=r"(tr));
  if (tr != live_set[REG_TR_SEL]) {
    live_set[REG_TR_SEL] = tr;
    result_pair((u64)KEY_NOT_SET << 32 | REG_TR_SEL, tr);
  }
}

/*
 * Enters the case whose registers live_set holds and that cpu_load has loaded; returns how it ended,
 * with all of live_got but what cpu_capture_native finds.
 */
int native_enter(const struct case_header *c, u32 *detail) {
  u32 mode = c->flags >> CASE_MODE_SHIFT & 0xF;
  u32 reason = mode > MODE_LONG64 ? CANNOT_LOAD_SEGMENT : impossible(mode);
  if (reason) {
    *detail = reason;
    return END_CANNOT;
  }
  if (mode == MODE_REAL && !cpu_svm) {
    clear_system_segments();
  }
  native_mode = mode;
  native_vmxon = cpu_vmx && mode < MODE_COMPAT && is_vmxon();
  if (live_set[REG_CPL] != 0) {
    forget_null_selectors();
  }
  native_gdtr.limit = (u16)live_set[REG_GDTR_LIMIT];
  native_gdtr.base = live_set[REG_GDTR_BASE];
  native_idtr.limit = (u16)live_set[REG_IDTR_LIMIT];
  native_idtr.base = live_set[REG_IDTR_BASE];
  native_stack = (u32)live_set[REG_RSP] | live_set[REG_SS_SEL] << 32;
  native_entry = (u32)live_set[REG_RIP] | live_set[REG_CS_SEL] << 32;
  home_efer = rdmsr(EFER);
  home_cr3 = read_cr3();
  struct table_register host_gdtr = home_gdtr;
  extern const struct table_register runner_gdtr;
  home_gdtr = runner_gdtr;
  u64 *tss_descriptor = at(live_set[REG_GDTR_BASE] + live_set[REG_TR_SEL]);
  int available = !cpu_svm && live_set[REG_TR_SEL];
  if (available) {
    *tss_descriptor &= ~(2ull << 40); /* LTR makes it busy again */
  }
  prepare_pages(mode);
  if (mode == MODE_REAL) {
    prepare_low_page();
  }
  if (c->flags & CASE_ALARM) {
    alarm_arm(c->flags >> CASE_ALARM_SHIFT);
  }
  native_run();
  home_gdtr = host_gdtr;
  lgdt(&home_gdtr);
  collect(mode);
  restore_tss(mode);
  u32 marker = (u32)slot(SLOT_MARKER);
  came = marker;
  fs_selector = live_got[REG_FS_SEL];
  gs_selector = live_got[REG_GS_SEL];
  *detail = (u32)slot(SLOT_VECTOR);
  memory_refresh(SENTINEL_PAGE, 0x1000);
  memory_refresh(HANDLERS_PAGE, 0x1000);
  if (marker == CAME_BY_UD && *detail != 6) {
    *detail = CANNOT_COME_BACK;
    return END_CANNOT;
  }
  return END_NATIVE | (marker == CAME_BY_HANDLER ? 0 : (int)(MARK_SENTINEL << 16));
}
