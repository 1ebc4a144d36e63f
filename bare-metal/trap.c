/*
 * Exceptions while the host runs. A stray one, such as a #DB that a guest left behind, is noted and
 * goes into the case's result; one that a probe waits for goes on where the probe says; any other
 * ends the runner, with a message.
 */
#include "runner.h"

struct trap_frame {
  u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
  u64 vector, error, rip, cs, rflags, rsp, ss;
};

volatile u64 trap_recover;
volatile u32 trap_vector;
volatile u32 trap_stray;
volatile u32 trap_gd;

#define DB 1
#define NMI 2
#define DR6_BD (1u << 13)
#define RFLAGS_TF 0x100u

extern char trap_stubs[], nmi_stub[];
extern const struct table_register runner_gdtr;
struct table_register home_gdtr, home_idtr;
static u64 runner_idt[256 * 2] __attribute__((aligned(16)));

/* Called by trap_common. */
void trap(struct trap_frame *f) {
  if (f->vector >= 32) {
    out8(0x20, 0x20); /* the timer that ends idling */
    return;
  }
  if (f->vector == DB) {
    u64 dr6 = read_dr6();
    f->rflags &= ~(u64)RFLAGS_TF;
    if (dr6 & DR6_BD) {
      write_dr6(dr6 & ~(u64)DR6_BD);
      trap_gd = 1;
      return;
    }
    trap_stray = DB + 1;
    return;
  }
  if (trap_recover) {
    trap_vector = (u32)f->vector;
    f->rip = trap_recover;
    trap_recover = 0;
    return;
  }
  die("exception in the runner: vector, rIP", f->vector, f->rip);
}

void trap_fill_idt(u64 *idt) {
  for (u32 v = 0; v < 256; v++) {
    /* Nothing sends the vectors from 48 on; INTn is in no host code. */
    u64 stub = (u64)trap_stubs + 16 * (v < 48 ? v : 47);
    if (v == NMI) {
      stub = (u64)nmi_stub;
    }
    idt[2 * v] = (stub & 0xFFFF) | (u64)CS64 << 16 | 0x8E00ull << 32 | (stub >> 16 & 0xFFFF) << 48;
    idt[2 * v + 1] = stub >> 32;
  }
}

void trap_set_up(void) {
  trap_fill_idt(runner_idt);
  home_gdtr = runner_gdtr;
  home_idtr.limit = sizeof runner_idt - 1;
  home_idtr.base = (u64)runner_idt;
  lidt(&home_idtr);
}

int try_rdmsr(u32 msr, u64 *value) {
  u32 low = 0, high = 0;
  u64 ok;
  __asm__ volatile(
      "movq $1f, trap_recover\n\t"
      "xorl %%ebx, %%ebx\n\t"
      "rdmsr\n\t"
      "incl %%ebx\n"
      "1:\n\t"
      "movq $0, trap_recover"
      : "+a"(low), "+d"(high), "=&b"(ok)
      : "c"(msr)
      : "memory");
  *value = (u64)high << 32 | low;
  return (int)ok;
}

int try_wrmsr(u32 msr, u64 value) {
  u64 ok;
  __asm__ volatile(
      "movq $1f, trap_recover\n\t"
      "xorl %%ebx, %%ebx\n\t"
      "wrmsr\n\t"
      "incl %%ebx\n"
      "1:\n\t"
      "movq $0, trap_recover"
      : "=&b"(ok)
      : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
      : "memory");
  return (int)ok;
}
