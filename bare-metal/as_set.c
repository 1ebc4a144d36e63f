/* Whether a guest's end has left the processor as it was set: nearly always, so it is looked at in place. */
#include "cpu.h"

/* What VMSAVE shows of FS, GS, LDTR and TR if they are as they were set. */
static u64 shown[8];

static void find_shown(void) {
  for (u32 i = 0; i < 4; i++) {
    const u64 *part = &live_set[hidden[i].reg];
    shown[2 * i] = part[0] | part[1] << 16 | part[2] << 32;
    shown[2 * i + 1] = part[3];
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
    d |= segments[switched[i].offset / 8] ^ live_set[switched[i].reg];
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
  for (u32 i = KEPT; i < SWITCHED; i++) {
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
  for (u32 i = 0; i < often_count; i++) {
    d |= rdmsr(often[i].msr) ^ live_set[often[i].reg];
  }
  for (u32 i = 0; cpu_rest_read && i < seldom_count; i++) {
    d |= rdmsr(seldom[i].msr) ^ live_set[seldom[i].reg];
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
