/* The processor: what it has, and the registers that a case sets and shows. */
#include "runner.h"

#define MSR_VM_CR 0xC0010114u
#define MSR_VM_HSAVE_PA 0xC0010117u

int cpu_svm, cpu_vmx, cpu_nested, cpu_xsave;
u64 home_cr4 = 0x20;
u64 live_set[REG_COUNT];
u64 live_got[REG_COUNT];

/* A VMCB of which VMLOAD and VMSAVE use their part. */
static u64 segments[512] __attribute__((aligned(4096)));

/* What a way back through legacy mode saves on the way, and what it goes on with (native.S). */
u64 native_segments[512] __attribute__((aligned(4096)));
u64 home_segments[512] __attribute__((aligned(4096)));
u32 native_segments_saved;

#define VMCB_FS 0x440
#define VMCB_GS 0x450
#define VMCB_LDTR 0x470
#define VMCB_TR 0x490

/* MSRs that are registers of a case. The boot report names those that are not there. */
static struct {
  u8 reg;
  u8 writable;  /* the runner sets it; the others are only looked at */
  u8 present;
  u32 msr;
} msrs[] = {
  {REG_PAT, 1, 0, 0x277},
  {REG_DEBUGCTL, 1, 0, 0x1D9},
  {REG_TSC_AUX, 1, 0, 0xC0000103u},
  {REG_VM_CR, 0, 0, MSR_VM_CR},
  {REG_VM_HSAVE_PA, 1, 0, MSR_VM_HSAVE_PA},
  {REG_APIC_BASE, 0, 0, 0x1B},
  {REG_SMBASE, 0, 0, 0xC0010111u},
  {REG_XSS, 1, 0, 0xDA0},
  {REG_FEATURE_CONTROL, 0, 0, 0x3A},
  {REG_PASID, 1, 0, 0xD93},
};
/* The last of them are Intel's: not looked at elsewhere. */
#define MSRS_AMD 7u
static u32 msrs_used = sizeof msrs / sizeof msrs[0];

/* What VMLOAD and VMSAVE move besides segments: offset in the VMCB (APM vol. 2, 15.5.2), MSR. */
static const struct {
  u8 reg;
  u16 offset;
  u32 msr;
} switched[] = {
  {REG_STAR, 0x600, 0xC0000081u},
  {REG_LSTAR, 0x608, 0xC0000082u},
  {REG_CSTAR, 0x610, 0xC0000083u},
  {REG_SFMASK, 0x618, 0xC0000084u},
  {REG_KERNEL_GS_BASE, 0x620, 0xC0000102u},
  {REG_SYSENTER_CS, 0x628, 0x174},
  {REG_SYSENTER_ESP, 0x630, 0x175},
  {REG_SYSENTER_EIP, 0x638, 0x176},
};
#define SWITCHED (sizeof switched / sizeof switched[0])

static const struct {
  u8 reg;
  u16 offset;
} hidden[] = {
  {REG_FS_SEL, VMCB_FS}, {REG_GS_SEL, VMCB_GS}, {REG_LDTR_SEL, VMCB_LDTR}, {REG_TR_SEL, VMCB_TR}};

/* Registers that the runner loads, and those that VMSAVE shows: whether live_set has them otherwise now. */
#define LOADED 1u
#define SHOWN 2u
static u8 class_of[REG_COUNT];
static u32 stale;

static void find_classes(void) {
  static const u8 loaded[] = {REG_CR2, REG_CR8, REG_DR0, REG_DR1, REG_DR2, REG_DR3, REG_DR6, REG_XCR0};
  for (u32 i = 0; i < sizeof loaded; i++) {
    class_of[loaded[i]] = LOADED;
  }
  for (u32 i = 0; i < msrs_used; i++) {
    class_of[msrs[i].reg] = LOADED;
  }
  for (u32 i = 0; i < SWITCHED; i++) {
    class_of[switched[i].reg] = cpu_vmx ? LOADED : SHOWN;
  }
  for (u32 i = REG_FS_SEL; i <= REG_TR_BASE; i++) {
    class_of[i] = SHOWN;
  }
}

static const u64 *set_from;
static const struct pair *set_others;
static u32 set_count;

void cpu_set_anew(void) { set_from = 0; }

void cpu_set(const u64 *registers, const struct pair *others, u32 count) {
  if (registers != set_from) {
    for (u32 i = 0; i < REG_COUNT; i++) {
      live_set[i] = registers[i];
    }
    stale = LOADED | SHOWN;
    set_count = 0;
  }
  u32 changed = 0;
  for (u32 i = 0; i < set_count; i++) {
    u64 reg = set_others[i].key;
    live_set[reg] = registers[reg];
    changed |= class_of[reg];
  }
  for (u32 i = 0; i < count; i++) {
    u64 reg = others[i].key;
    live_set[reg] = others[i].value;
    changed |= class_of[reg];
  }
  stale |= changed;
  set_from = registers;
  set_others = others;
  set_count = count;
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

static void load_msrs(void) {
  for (u32 i = 0; i < msrs_used; i++) {
    u32 reg = msrs[i].reg;
    if (!msrs[i].present || live_got[reg] == live_set[reg]) {
      continue;
    }
    u64 value = live_got[reg];
    if (!msrs[i].writable || !try_wrmsr(msrs[i].msr, live_set[reg])
        || !try_rdmsr(msrs[i].msr, &value) || value != live_set[reg]) {
      result_pair((u64)KEY_NOT_SET << 32 | reg, value);
      live_set[reg] = value;
      cpu_set_anew(); /* the next case has to be told, too */
    }
    live_got[reg] = value;
  }
}

void cpu_load(int system_segments) {
  if (stale & LOADED) {
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
    for (u32 i = 0; cpu_vmx && i < SWITCHED; i++) {
      u32 reg = switched[i].reg;
      if (live_got[reg] != live_set[reg]) {
        wrmsr(switched[i].msr, live_set[reg]);
        live_got[reg] = live_set[reg];
      }
    }
    stale &= ~LOADED;
  }
  if (system_segments && cpu_svm) {
    load_hidden();
    load_tr();
  }
}

static inline __attribute__((always_inline)) u64 selector(u32 reg) {
  u16 value = 0;
  switch (reg) {
    case REG_ES_SEL: __asm__ volatile("mov %%es, %0" : "=r"(value)); break;
    case REG_CS_SEL: __asm__ volatile("mov %%cs, %0" : "=r"(value)); break;
    case REG_SS_SEL: __asm__ volatile("mov %%ss, %0" : "=r"(value)); break;
    case REG_DS_SEL: __asm__ volatile("mov %%ds, %0" : "=r"(value)); break;
    case REG_FS_SEL: __asm__ volatile("mov %%fs, %0" : "=r"(value)); break;
    case REG_GS_SEL: __asm__ volatile("mov %%gs, %0" : "=r"(value)); break;
    case REG_LDTR_SEL: __asm__ volatile("sldt %0" : "=r"(value)); break;
    default: __asm__ volatile("str %0" : "=r"(value)); break;
  }
  return value;
}

static u64 read_xcr0(void) {
  write_cr4(home_cr4 | CR4_OSXSAVE);
  u64 value = xgetbv0();
  write_cr4(home_cr4);
  return value;
}

/*
 * Whether the instruction under test, the last in its page, is XSETBV. To look behind every case
 * would cost two writes to CR4, which flush all translations.
 */
static int may_write_xcr0(void) {
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
    live_got[msrs[i].reg] = msrs[i].present ? rdmsr(msrs[i].msr) : live_set[msrs[i].reg];
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
    for (u32 i = 0; i < SWITCHED; i++) {
      live_got[switched[i].reg] = rdmsr(switched[i].msr);
    }
  }
}

/* What VMSAVE shows if it is as it was set: FS, GS, LDTR, TR, then what goes with them. */
static u64 shown[8 + SWITCHED];

static void find_shown(void) {
  for (u32 i = 0; i < 4; i++) {
    const u64 *part = &live_set[hidden[i].reg];
    shown[2 * i] = part[0] | part[1] << 16 | part[2] << 32;
    shown[2 * i + 1] = part[3];
  }
  for (u32 i = 0; i < SWITCHED; i++) {
    shown[8 + i] = live_set[switched[i].reg];
  }
  stale &= ~SHOWN;
}

static u64 svm_differences(void) {
  if (stale & SHOWN) {
    find_shown();
  }
  vmsave((u64)segments);
  u64 d = 0;
#pragma GCC unroll 4
  for (u32 i = 0; i < 4; i++) {
    const u64 *part = &segments[hidden[i].offset / 8];
    d |= (part[0] ^ shown[2 * i]) | (part[1] ^ shown[2 * i + 1]);
  }
#pragma GCC unroll 8
  for (u32 i = 0; i < SWITCHED; i++) {
    d |= segments[switched[i].offset / 8] ^ shown[8 + i];
  }
  return d;
}

static u64 vmx_differences(void) {
  u64 d = 0;
#pragma GCC unroll 4
  for (u32 i = 0; i < 4; i++) {
    d |= selector(hidden[i].reg) ^ live_set[hidden[i].reg];
  }
  d |= (rdmsr(0xC0000100u) ^ live_set[REG_FS_BASE]) | (rdmsr(0xC0000101u) ^ live_set[REG_GS_BASE]);
#pragma GCC unroll 8
  for (u32 i = 0; i < SWITCHED; i++) {
    d |= rdmsr(switched[i].msr) ^ live_set[switched[i].reg];
  }
  return d;
}

/* A VM exit leaves GDTR and IDTR with limits of FFFFh: a difference, but always the same one. */
static u64 table_differs(const struct table_register *now, u32 reg) {
  u64 limit = cpu_vmx ? 0xFFFF : live_set[reg];
  return (now->limit ^ limit) | (now->base ^ live_set[reg + 1]);
}

#define DIFFERENCE(number, reg) (read_##number() ^ live_set[reg])

int cpu_as_set(void) {
  u64 d = DIFFERENCE(cr0, REG_CR0) | DIFFERENCE(cr2, REG_CR2) | DIFFERENCE(cr3, REG_CR3) | DIFFERENCE(cr4, REG_CR4)
      | DIFFERENCE(cr8, REG_CR8) | DIFFERENCE(dr7, REG_DR7) | DIFFERENCE(dr0, REG_DR0) | DIFFERENCE(dr1, REG_DR1)
      | DIFFERENCE(dr2, REG_DR2) | DIFFERENCE(dr3, REG_DR3) | DIFFERENCE(dr6, REG_DR6);
  u64 cs = selector(REG_CS_SEL);
  d |= (cs ^ live_set[REG_CS_SEL]) | ((cs & 3) ^ live_set[REG_CPL]) | (selector(REG_SS_SEL) ^ live_set[REG_SS_SEL])
      | (selector(REG_DS_SEL) ^ live_set[REG_DS_SEL]) | (selector(REG_ES_SEL) ^ live_set[REG_ES_SEL]);
  struct table_register t;
  __asm__ volatile("sgdt %0" : "=m"(t));
  d |= table_differs(&t, REG_GDTR_LIMIT);
  __asm__ volatile("sidt %0" : "=m"(t));
  d |= table_differs(&t, REG_IDTR_LIMIT);
  d |= rdmsr(EFER) ^ live_set[REG_EFER];
  for (u32 i = 0; i < msrs_used; i++) {
    if (msrs[i].present) {
      d |= rdmsr(msrs[i].msr) ^ live_set[msrs[i].reg];
    }
  }
  if (may_write_xcr0()) {
    d |= read_xcr0() ^ live_set[REG_XCR0];
  }
  d |= cpu_svm ? svm_differences() : vmx_differences();
  if (d) {
    return 0;
  }
  for (u32 reg = REG_GDTR_LIMIT; cpu_vmx && reg <= REG_IDTR_LIMIT; reg += 2) {
    if (live_set[reg] != 0xFFFF) {
      result_pair((u64)KEY_REGISTER << 32 | reg, 0xFFFF);
    }
  }
  return 1;
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

static char *put_line(char *to, const char *word, const u64 *values, u32 n) {
  to = put_text(to, word);
  for (u32 i = 0; i < n; i++) {
    *to++ = ' ';
    to = put_hex(to, values[i]);
  }
  *to++ = '\n';
  return to;
}

static char *put_leaf(char *to, u32 leaf, u32 subleaf) {
  u32 r[4];
  cpuid(leaf, subleaf, r);
  u64 values[] = {leaf, subleaf, r[0], r[1], r[2], r[3]};
  return put_line(to, "cpuid", values, 6);
}

/* The boot report: lines of a word and hexadecimal numbers. */
u32 cpu_report(char *to, u32 size) {
  char *start = to;
  u64 version = PROTOCOL_VERSION;
  to = put_line(to, "precept-runner", &version, 1);
  static const u32 ranges[] = {0, 0x40000000u, 0x80000000u};
  for (u32 i = 0; i < 3; i++) {
    u32 r[4];
    cpuid(ranges[i], 0, r);
    u32 last = r[0];
    if (last < ranges[i] || last > ranges[i] + 0x40) {
      continue;
    }
    for (u32 leaf = ranges[i]; leaf <= last && (u32)(to - start) < size - 1024; leaf++) {
      to = put_leaf(to, leaf, 0);
      if (leaf == 7 || leaf == 0xD) {
        to = put_leaf(to, leaf, 1);
      }
    }
  }
  for (u32 i = 0; i < msrs_used; i++) {
    u64 line[2] = {msrs[i].msr, 0};
    if (msrs[i].present) {
      line[1] = rdmsr(msrs[i].msr);
      to = put_line(to, "msr", line, 2);
    } else {
      line[0] = msrs[i].reg;
      to = put_line(to, "missing", line, 1);
    }
  }
  if (cpu_vmx) {
    /* VMX capabilities (SDM vol. 3, appendix A), and the VMCS fields that there are. */
    for (u32 msr = 0x480; msr <= 0x493; msr++) {
      u64 line[2] = {msr, 0};
      if (try_rdmsr(msr, &line[1])) {
        to = put_line(to, "msr", line, 2);
      }
    }
    for (u32 i = 0; i < vmx_fields; i++) {
      u64 encoding = vmx_encodings[i];
      to = put_line(to, "vmcs", &encoding, 1);
    }
  }
  u64 has[] = {(u64)cpu_svm, (u64)cpu_nested, (u64)cpu_vmx, (u64)disk_dma};
  to = put_line(to, "svm", &has[0], 2);
  to = put_line(to, "vmx", &has[2], 1);
  to = put_line(to, "dma", &has[3], 1);
  *to = 0;
  return (u32)(to - start);
}
