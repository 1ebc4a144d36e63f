/* The processor: what it has, and the registers that a case sets and shows. */
#include "cpu.h"

#define MSR_VM_CR 0xC0010114u
#define MSR_VM_HSAVE_PA 0xC0010117u

int cpu_svm, cpu_vmx, cpu_nested, cpu_xsave;
u64 home_cr4 = 0x20;
u64 live_set[REG_COUNT];
u64 live_got[REG_COUNT];

/* A VMCB of which VMLOAD and VMSAVE use their part. */
u64 segments[512] __attribute__((aligned(4096)));

/* What a way back through legacy mode saves on the way, and what it goes on with (native.S). */
u64 native_segments[512] __attribute__((aligned(4096)));
u64 home_segments[512] __attribute__((aligned(4096)));
u32 native_segments_saved;

/* MSRs that are registers of a case. The boot report names those that are not there. */
struct case_msr msrs[] = {
  {REG_PAT, 1, 0, 0, 0x277},
  {REG_DEBUGCTL, 1, 0, 0, 0x1D9},
  {REG_TSC_AUX, 1, 1, 0, 0xC0000103u},
  {REG_VM_CR, 0, 1, 0, MSR_VM_CR},
  {REG_VM_HSAVE_PA, 1, 1, 0, MSR_VM_HSAVE_PA},
  {REG_APIC_BASE, 0, 1, 0, 0x1B},
  {REG_SMBASE, 0, 1, 0, 0xC0010111u},
  {REG_XSS, 1, 1, 0, 0xDA0},
  {REG_FEATURE_CONTROL, 0, 1, 0, 0x3A},
  {REG_PASID, 1, 1, 0, 0xD93},
};
/* The last of them are Intel's: not looked at elsewhere. */
#define MSRS_AMD 7u
u32 msrs_used = sizeof msrs / sizeof msrs[0];

static u8 class_of[REG_COUNT];
u32 stale;

struct looked_at often[sizeof msrs / sizeof msrs[0]], seldom[sizeof msrs / sizeof msrs[0] + KEPT];
u32 often_count, seldom_count;

static void find_looked_at(void) {
  for (u32 i = 0; i < msrs_used; i++) {
    struct looked_at one = {msrs[i].msr, msrs[i].reg};
    if (msrs[i].present && msrs[i].kept) {
      seldom[seldom_count++] = one;
    } else if (msrs[i].present) {
      often[often_count++] = one;
    }
  }
  for (u32 i = often_count; i < OFTEN_MSRS; i++) {
    often[i] = (struct looked_at){EFER, REG_EFER};
  }
  for (u32 i = 0; cpu_vmx && i < KEPT; i++) {
    seldom[seldom_count++] = (struct looked_at){switched[i].msr, switched[i].reg};
  }
}

static void find_classes(void) {
  static const u8 loaded[] = {REG_CR2, REG_CR8, REG_DR0, REG_DR1, REG_DR2, REG_DR3, REG_DR6, REG_XCR0};
  for (u32 i = 0; i < sizeof loaded; i++) {
    class_of[loaded[i]] = LOADED;
  }
  for (u32 i = 0; i < msrs_used; i++) {
    class_of[msrs[i].reg] = LOADED;
  }
  for (u32 i = 0; !cpu_svm && i < SWITCHED; i++) {
    class_of[switched[i].reg] = LOADED; /* else VMLOAD does it */
  }
  for (u32 i = REG_CR0; i < REG_COUNT; i++) {
    class_of[i] |= i >= REG_FS_SEL && i <= REG_TR_BASE ? HIDDEN_SHOWN : SHOWN;
  }
}

/* What the cases have said, and whether live_set is something else: what the processor did not take, for one. */
static u64 said[REG_COUNT];
static int otherwise;

void cpu_set_anew(void) { otherwise = 1; }

void cpu_set(const u64 *template, const struct pair *others, u32 count) {
  u32 changed = 0;
  if (template) {
    copy_words(said, template, REG_COUNT);
    otherwise = 1;
  }
  for (const struct pair *p = others, *end = p + count; p < end; p++) {
    u64 reg = p->key, value = p->value;
    said[reg] = value;
    live_set[reg] = value;
    changed |= class_of[reg];
  }
  stale |= changed;
  if (otherwise) {
    copy_words(live_set, said, REG_COUNT);
    stale = LOADED | SHOWN | HIDDEN_SHOWN;
    otherwise = 0;
  }
}

void cpu_set_up(void) {
  u32 r[4];
  cpuid(0x80000000u, 0, r);
  u32 last = r[0];
  cpuid(1, 0, r);
  cpu_vmx = r[2] >> 5 & 1;
  cpu_xsave = r[2] >> 26 & 1;
  if (last >= 0x80000001u) {
    cpuid(0x80000001u, 0, r);
    cpu_svm = r[2] >> 2 & 1;
  }
  if (cpu_svm && last >= 0x8000000Au) {
    cpuid(0x8000000Au, 0, r);
    cpu_nested = r[3] & 1;
  }
  u64 vm_cr;
  if (cpu_svm && try_rdmsr(MSR_VM_CR, &vm_cr) && (vm_cr & 0x10)) {
    cpu_svm = 0; /* SVMDIS: switched off by the firmware */
  }
  if (cpu_svm) {
    cpu_vmx = 0;
    msrs_used = MSRS_AMD;
    wrmsr(EFER, rdmsr(EFER) | EFER_SVME);
  }
  if (cpu_vmx) {
    vmx_set_up();
  }
  home_segments[VMCB_FS / 8] = home_segments[VMCB_GS / 8] = 0xFFFFFFFF0C930000ull;
  home_segments[VMCB_LDTR / 8] = 0x0000FFFF00820000ull;
  home_segments[VMCB_TR / 8] = 0x0000FFFF008B0000ull;
  for (u32 i = 0; i < msrs_used; i++) {
    u64 value;
    msrs[i].present = (u8)try_rdmsr(msrs[i].msr, &value);
  }
  find_looked_at();
  find_classes();
}

static void load_hidden(void) {
  for (u32 i = 0; i < 4; i++) {
    const u64 *part = &live_set[hidden[i].reg];
    u64 *to = &segments[hidden[i].offset / 8];
    to[0] = part[0] | part[1] << 16 | part[2] << 32;
    to[1] = part[3];
  }
  for (u32 i = 0; i < SWITCHED; i++) {
    segments[switched[i].offset / 8] = live_set[switched[i].reg];
  }
  vmload((u64)segments);
}

/*
 * TR again, by LTR, as software outside any guest loads it, from a GDT made for that. Where VMSAVE
 * does not show the case's TR then, it is one of the registers that did not take their value.
 */
static void load_tr(void) {
  static u64 gdt[0x100 / 8];
  u32 selector = (u32)live_set[REG_TR_SEL];
  if (selector < 0x18 || selector + 16 > sizeof gdt || (selector & 7)) {
    return; /* real mode has none */
  }
  struct table_register now, made = {sizeof gdt - 1, (u64)gdt};
  const u64 *home = at(home_gdtr.base);
  gdt[1] = home[1];
  gdt[2] = home[2];
  u64 base = live_set[REG_TR_BASE], limit = live_set[REG_TR_LIMIT];
  gdt[selector / 8] = (limit & 0xFFFF) | (base & 0xFFFFFF) << 16 | 0x89ull << 40
      | (limit >> 16 & 0xF) << 48 | (base >> 24 & 0xFF) << 56;
  gdt[selector / 8 + 1] = base >> 32;
  __asm__ volatile("sgdt %0" : "=m"(now));
  lgdt(&made);
  __asm__ volatile("ltr %w0" : : "r"(selector) : "memory");
  lgdt(&now);
  vmsave((u64)segments);
  u64 tr = segments[VMCB_TR / 8];
  u64 wanted = live_set[REG_TR_SEL] | live_set[REG_TR_ATTR] << 16 | live_set[REG_TR_LIMIT] << 32;
  if (tr != wanted) {
    live_set[REG_TR_ATTR] = tr >> 16 & 0xFFF;
    result_pair((u64)KEY_NOT_SET << 32 | REG_TR_ATTR, live_set[REG_TR_ATTR]);
  }
}

#define LOAD(reg, write)                        \
  if (live_got[reg] != live_set[reg]) {         \
    write(live_set[reg]);                       \
    live_got[reg] = live_set[reg];              \
  }

/*
 * MSRs that are read behind some guests only. The others are followed by a comparison with what the processor
 * has to have, live_got, with all memory, before anything could hide a change or have it blamed on another case.
 */
int cpu_rest_read = 1;
static int rest_unread; /* a guest has run behind which they were not read */

/* Those found changed before they were loaded, for the next such comparison. */
static struct pair astray[16];
static u32 astray_count;

void cpu_entered(void) { rest_unread |= !cpu_rest_read; }

int cpu_rest_astray(void) {
  int found = 0;
  for (u32 i = 0; rest_unread && i < seldom_count && !found; i++) {
    found = rdmsr(seldom[i].msr) != live_got[seldom[i].reg];
  }
  rest_unread = rest_unread && found;
  return found;
}

u32 cpu_rest_check(void) {
  u32 found = astray_count;
  for (u32 i = 0; i < astray_count; i++) {
    result_pair(astray[i].key, astray[i].value);
  }
  astray_count = 0;
  for (u32 i = 0; rest_unread && i < seldom_count; i++) {
    u32 reg = seldom[i].reg;
    u64 value = rdmsr(seldom[i].msr);
    if (value != live_got[reg]) {
      result_pair((u64)KEY_REGISTER << 32 | reg, value);
      live_got[reg] = value;
      stale |= LOADED;
      found++;
    }
  }
  rest_unread = 0;
  return found;
}

/* What is about to be written and has not been read behind every guest must still be what it was. */
static void note(u32 msr, u32 reg) {
  u64 value = rest_unread ? rdmsr(msr) : live_got[reg];
  if (value != live_got[reg] && astray_count < sizeof astray / sizeof astray[0]) {
    astray[astray_count++] = (struct pair){(u64)KEY_REGISTER << 32 | reg, value};
  }
}

static void load_msrs(void) {
  for (u32 i = 0; i < msrs_used; i++) {
    u32 reg = msrs[i].reg;
    if (!msrs[i].present || live_got[reg] == live_set[reg]) {
      continue;
    }
    if (msrs[i].kept) {
      note(msrs[i].msr, reg);
    }
    u64 value = live_got[reg];
    if (!msrs[i].writable || !try_wrmsr(msrs[i].msr, live_set[reg])
        || !try_rdmsr(msrs[i].msr, &value) || value != live_set[reg]) {
      result_pair((u64)KEY_NOT_SET << 32 | reg, value);
      live_set[reg] = value;
      stale |= SHOWN;
      cpu_set_anew(); /* the next case has to be told, too */
    }
    live_got[reg] = value;
  }
}

static __attribute__((noinline)) void load_registers(void) {
  LOAD(REG_CR2, write_cr2)
  LOAD(REG_CR8, write_cr8)
  LOAD(REG_DR0, write_dr0)
  LOAD(REG_DR1, write_dr1)
  LOAD(REG_DR2, write_dr2)
  LOAD(REG_DR3, write_dr3)
  LOAD(REG_DR6, write_dr6)
  if (cpu_xsave && live_got[REG_XCR0] != live_set[REG_XCR0]) {
    write_cr4(home_cr4 | CR4_OSXSAVE);
    xsetbv0(live_set[REG_XCR0]);
    write_cr4(home_cr4);
    live_got[REG_XCR0] = live_set[REG_XCR0];
  }
  load_msrs();
  for (u32 i = 0; !cpu_svm && i < SWITCHED; i++) {
    u32 reg = switched[i].reg;
    if (live_got[reg] != live_set[reg]) {
      if (i < KEPT) {
        note(switched[i].msr, reg);
      }
      wrmsr(switched[i].msr, live_set[reg]);
      live_got[reg] = live_set[reg];
    }
  }
  stale &= ~LOADED;
}

void cpu_load(int system_segments) {
  if (stale & LOADED) {
    load_registers();
  }
  if (system_segments && cpu_svm) {
    load_hidden();
    load_tr();
  }
}

u64 read_xcr0(void) {
  write_cr4(home_cr4 | CR4_OSXSAVE);
  u64 value = xgetbv0();
  write_cr4(home_cr4);
  return value;
}

/*
 * Whether the instruction under test, the last in its page, is XSETBV. To look behind every case
 * would cost two writes to CR4, which flush all translations.
 */
int may_write_xcr0(void) {
  const u8 *end = (const u8 *)at(SENTINEL_PAGE);
  return cpu_xsave && end[-3] == 0x0F && end[-2] == 0x01 && end[-1] == 0xD1;
}

void cpu_check(void) {
  if (cpu_xsave && read_xcr0() != live_got[REG_XCR0]) {
    die("an instruction other than XSETBV changed XCR0: now, before", read_xcr0(), live_got[REG_XCR0]);
  }
}

/*
 * All that a case can have changed and that C code leaves alone: debug registers, CR2, CR8, XCR0,
 * MSRs, and what VMSAVE shows.
 */
static void capture_rest(void) {
  stale |= LOADED;
  live_got[REG_CR2] = read_cr2();
  live_got[REG_CR8] = read_cr8();
  trap_gd = 0;
  live_got[REG_DR7] = read_dr7();
  live_got[REG_DR0] = read_dr0();
  live_got[REG_DR1] = read_dr1();
  live_got[REG_DR2] = read_dr2();
  live_got[REG_DR3] = read_dr3();
  live_got[REG_DR6] = read_dr6();
  live_got[REG_XCR0] = may_write_xcr0() ? read_xcr0() : live_set[REG_XCR0];
  for (u32 i = 0; i < msrs_used; i++) {
    if (!msrs[i].present) {
      live_got[msrs[i].reg] = live_set[msrs[i].reg];
    }
  }
  for (u32 i = 0; i < often_count; i++) {
    live_got[often[i].reg] = rdmsr(often[i].msr);
  }
  for (u32 i = 0; cpu_rest_read && i < seldom_count; i++) {
    live_got[seldom[i].reg] = rdmsr(seldom[i].msr);
  }
  if (cpu_svm) {
    const u64 *saved = native_segments;
    if (!native_segments_saved) {
      vmsave((u64)segments);
      saved = segments;
    }
    native_segments_saved = 0;
    for (u32 i = 0; i < 4; i++) {
      const u64 *from = &saved[hidden[i].offset / 8];
      u64 *part = &live_got[hidden[i].reg];
      part[0] = from[0] & 0xFFFF;
      part[1] = from[0] >> 16 & 0xFFFF;
      part[2] = from[0] >> 32;
      part[3] = from[1];
    }
    for (u32 i = 0; i < SWITCHED; i++) {
      live_got[switched[i].reg] = saved[switched[i].offset / 8];
    }
  } else {
    for (u32 i = 0; i < 4; i++) {
      live_got[hidden[i].reg] = selector(hidden[i].reg);
    }
    live_got[REG_FS_BASE] = rdmsr(0xC0000100u);
    live_got[REG_GS_BASE] = rdmsr(0xC0000101u);
    for (u32 i = KEPT; i < SWITCHED; i++) {
      live_got[switched[i].reg] = rdmsr(switched[i].msr);
    }
  }
}

void cpu_capture_native(void) { capture_rest(); }

void cpu_capture(void) {
  live_got[REG_CR0] = read_cr0();
  live_got[REG_CR3] = read_cr3();
  live_got[REG_CR4] = read_cr4();
  live_got[REG_EFER] = rdmsr(EFER);
  live_got[REG_ES_SEL] = selector(REG_ES_SEL);
  live_got[REG_CS_SEL] = selector(REG_CS_SEL);
  live_got[REG_SS_SEL] = selector(REG_SS_SEL);
  live_got[REG_DS_SEL] = selector(REG_DS_SEL);
  live_got[REG_CPL] = live_got[REG_CS_SEL] & 3;
  struct table_register t;
  __asm__ volatile("sgdt %0" : "=m"(t));
  live_got[REG_GDTR_LIMIT] = t.limit;
  live_got[REG_GDTR_BASE] = t.base;
  __asm__ volatile("sidt %0" : "=m"(t));
  live_got[REG_IDTR_LIMIT] = t.limit;
  live_got[REG_IDTR_BASE] = t.base;
  capture_rest();
}
