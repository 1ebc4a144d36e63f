/* What cpu.c, as_set.c and report.c share of the registers that a case sets and shows. */
#ifndef PRECEPT_CPU_H
#define PRECEPT_CPU_H

#include "runner.h"

extern struct case_msr {
  u8 reg;
  u8 writable;  /* the runner sets it; the others are only looked at */
  u8 kept;      /* neither entering nor leaving a guest writes it */
  u8 present;
  u32 msr;
} msrs[];
extern u32 msrs_used;

/*
 * Of those that are there, the ones looked at behind every guest; and behind some (cpu_rest_read). Of the former
 * there are OFTEN_MSRS places, filled up with EFER.
 */
#define OFTEN_MSRS 2u
struct looked_at {
  u32 msr;
  u32 reg;
};
extern struct looked_at often[], seldom[];
extern u32 often_count, seldom_count;

#define VMCB_FS 0x440
#define VMCB_GS 0x450
#define VMCB_LDTR 0x470
#define VMCB_TR 0x490

#define SWITCHED 8u
#define KEPT 5u /* the first of them: VM entries and exits do not write them */
/* What VMLOAD and VMSAVE move besides segments: offset in the VMCB (APM vol. 2, 15.5.2), MSR. */
static const struct {
  u8 reg;
  u16 offset;
  u32 msr;
} switched[SWITCHED] = {
  {REG_STAR, 0x600, 0xC0000081u},
  {REG_LSTAR, 0x608, 0xC0000082u},
  {REG_CSTAR, 0x610, 0xC0000083u},
  {REG_SFMASK, 0x618, 0xC0000084u},
  {REG_KERNEL_GS_BASE, 0x620, 0xC0000102u},
  {REG_SYSENTER_CS, 0x628, 0x174},
  {REG_SYSENTER_ESP, 0x630, 0x175},
  {REG_SYSENTER_EIP, 0x638, 0x176},
};

#define HIDDEN 4u
static const struct {
  u8 reg;
  u16 offset;
} hidden[HIDDEN] = {
  {REG_FS_SEL, VMCB_FS}, {REG_GS_SEL, VMCB_GS}, {REG_LDTR_SEL, VMCB_LDTR}, {REG_TR_SEL, VMCB_TR}};

extern u64 segments[512];

/* Registers that the runner loads, and all that cpu_as_set looks at: whether live_set has them otherwise now. */
#define LOADED 1u
#define SHOWN 2u
#define HIDDEN_SHOWN 4u /* the same of FS, GS, LDTR and TR */
extern u32 stale;

u64 read_xcr0(void);
int may_write_xcr0(void);

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

#endif
