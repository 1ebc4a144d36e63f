/* Whether a guest's end has left the processor as it was set: nearly always, so it is read and compared at once. */
#include "cpu.h"

/* What is looked at besides control and debug registers; all words, so that two of these are compared by words. */
struct shown {
  u64 efer;
  u64 often[OFTEN_MSRS];
  u16 selectors[4]; /* ES, CS, SS, DS */
  struct {
    u16 none[3];
    u16 limit;
    u64 base;
  } gdtr, idtr;
  /* VMSAVE shows these on SVM. */
  u16 system_selectors[4]; /* FS, GS, LDTR, TR */
  u64 bases[2];            /* of FS and GS */
  u64 sysenter[SWITCHED - KEPT];
};
#define SHOWN_SVM (offsetof(struct shown, system_selectors) / 8)
#define SHOWN_VMX (sizeof(struct shown) / 8)

static struct shown now, then;

/* What VMSAVE stores if it is as it was set: FS to TR, with GDTR and IDTR between, which it leaves alone; and MSRs. */
#define HIDDEN_WORDS ((VMCB_TR + 16 - VMCB_FS) / 8)
static u64 hidden_then[HIDDEN_WORDS];
static u64 switched_then[SWITCHED];

static u64 other_cpl; /* CPL is not that of CS: never as it was set */

/* Of the segments that VMSAVE shows. */
static __attribute__((noinline)) void find_hidden(void) {
  for (u32 i = 0; i < 4; i++) {
    const u64 *part = &live_set[hidden[i].reg];
    u64 *to = &hidden_then[(hidden[i].offset - VMCB_FS) / 8];
    to[0] = part[0] | part[1] << 16 | part[2] << 32;
    to[1] = part[3];
    then.system_selectors[i] = (u16)part[0];
  }
  then.bases[0] = live_set[REG_FS_BASE];
  then.bases[1] = live_set[REG_GS_BASE];
  stale &= ~HIDDEN_SHOWN;
}

static __attribute__((noinline)) void find_shown(void) {
  then.efer = live_set[REG_EFER];
  for (u32 i = 0; i < OFTEN_MSRS; i++) {
    then.often[i] = live_set[often[i].reg];
  }
  for (u32 i = 0; i < 4; i++) {
    then.selectors[i] = (u16)live_set[REG_ES_SEL + 4 * i];
  }
  /* A VM exit leaves limits of FFFFh (MARK_LIMITS). */
  then.gdtr.limit = cpu_vmx ? 0xFFFF : (u16)live_set[REG_GDTR_LIMIT];
  then.gdtr.base = live_set[REG_GDTR_BASE];
  then.idtr.limit = cpu_vmx ? 0xFFFF : (u16)live_set[REG_IDTR_LIMIT];
  then.idtr.base = live_set[REG_IDTR_BASE];
  for (u32 i = 0; i < SWITCHED; i++) {
    switched_then[i] = live_set[switched[i].reg];
    if (i >= KEPT) {
      then.sysenter[i - KEPT] = switched_then[i];
    }
  }
  other_cpl = (live_set[REG_CS_SEL] & 3) ^ live_set[REG_CPL];
  stale &= ~SHOWN;
}

/* In halves: to put them together would take three instructions more. */
static inline __attribute__((always_inline)) void read_msr(u32 msr, u64 *to) {
  __asm__ volatile("rdmsr" : "=a"(((u32 *)to)[0]), "=d"(((u32 *)to)[1]) : "c"(msr));
}

static int differ(void *a, void *b, u64 words) {
  u64 *x = a, *y = b;
  return words_differ(&x, &y, &words);
}

/* In assembly, because the compiler would keep all of them to put them together at the end. */
#define LOOK(name, reg) \
  __asm__ volatile("mov %%" name ", %1\n\txor %2, %1\n\tor %1, %0" : "+r"(d), "=&r"(one) : "m"(live_set[reg]) : "cc")

int cpu_as_set(void) {
  if (stale) {
    if (stale & SHOWN) {
      find_shown();
    }
    if (stale & HIDDEN_SHOWN) {
      find_hidden();
    }
  }
  u64 d = other_cpl, one;
  LOOK("cr0", REG_CR0);
  LOOK("cr2", REG_CR2);
  LOOK("cr3", REG_CR3);
  LOOK("cr4", REG_CR4);
  LOOK("cr8", REG_CR8);
  LOOK("db0", REG_DR0);
  LOOK("db1", REG_DR1);
  LOOK("db2", REG_DR2);
  LOOK("db3", REG_DR3);
  LOOK("db6", REG_DR6);
  LOOK("db7", REG_DR7);
  read_msr(EFER, &now.efer);
#pragma GCC unroll 4
  for (u32 i = 0; i < OFTEN_MSRS; i++) {
    read_msr(often[i].msr, &now.often[i]);
  }
  __asm__ volatile("mov %%es, %0" : "=m"(now.selectors[0]));
  __asm__ volatile("mov %%cs, %0" : "=m"(now.selectors[1]));
  __asm__ volatile("mov %%ss, %0" : "=m"(now.selectors[2]));
  __asm__ volatile("mov %%ds, %0" : "=m"(now.selectors[3]));
  __asm__ volatile("sgdt %0" : "=m"(*(struct table_register *)&now.gdtr.limit));
  __asm__ volatile("sidt %0" : "=m"(*(struct table_register *)&now.idtr.limit));
  int others;
  if (cpu_svm) {
    vmsave((u64)segments);
    others = differ(&now, &then, SHOWN_SVM) || differ(segments + VMCB_FS / 8, hidden_then, HIDDEN_WORDS)
        || differ(segments + switched[0].offset / 8, switched_then, SWITCHED);
  } else {
    __asm__ volatile("mov %%fs, %0" : "=m"(now.system_selectors[0]));
    __asm__ volatile("mov %%gs, %0" : "=m"(now.system_selectors[1]));
    __asm__ volatile("sldt %0" : "=m"(now.system_selectors[2]));
    __asm__ volatile("str %0" : "=m"(now.system_selectors[3]));
    read_msr(0xC0000100u, &now.bases[0]);
    read_msr(0xC0000101u, &now.bases[1]);
#pragma GCC unroll 8
    for (u32 i = KEPT; i < SWITCHED; i++) {
      read_msr(switched[i].msr, &now.sysenter[i - KEPT]);
    }
    others = differ(&now, &then, SHOWN_VMX);
  }
  if (d || others) {
    return 0;
  }
  for (u32 i = 0; cpu_rest_read && i < seldom_count; i++) {
    if (rdmsr(seldom[i].msr) != live_set[seldom[i].reg]) {
      return 0;
    }
  }
  if (may_write_xcr0() && read_xcr0() != live_set[REG_XCR0]) {
    return 0;
  }
  live_got[REG_RIP] = live_set[REG_RIP];
  return 1;
}
