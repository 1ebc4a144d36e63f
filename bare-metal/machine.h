/* Instructions that C has no words for. */
#ifndef PRECEPT_MACHINE_H
#define PRECEPT_MACHINE_H

#include "types.h"

#define EFER 0xC0000080u
#define EFER_LME 0x100u
#define EFER_LMA 0x400u
#define EFER_SVME 0x1000u
#define CR4_OSXSAVE (1u << 18)
#define CR4_VMXE (1u << 13)

static inline void out8(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory"); }
static inline void out32(u16 port, u32 value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory"); }
static inline u8 in8(u16 port) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory"); return v; }
static inline u32 in32(u16 port) { u32 v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory"); return v; }
static inline void ins16(u16 port, void *to, u32 words) {
  __asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(port) : "memory");
}
static inline void outs16(u16 port, const void *from, u32 words) {
  __asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(port) : "memory");
}

static inline u64 rdmsr(u32 msr) {
  u32 low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return (u64)high << 32 | low;
}
static inline void wrmsr(u32 msr, u64 value) {
  __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}
static inline u64 rdtsc(void) {
  u32 low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (u64)high << 32 | low;
}
static inline void cpuid(u32 leaf, u32 subleaf, u32 r[4]) {
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(subleaf));
}
static inline u64 xgetbv0(void) {
  u32 low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (u64)high << 32 | low;
}
static inline void xsetbv0(u64 v) { __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)v), "d"((u32)(v >> 32))); }

#define CONTROL_REGISTER(n) \
  static inline u64 read_cr##n(void) { u64 v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)); return v; } \
  static inline void write_cr##n(u64 v) { __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); }
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)
CONTROL_REGISTER(8)
#define DEBUG_REGISTER(n) \
  static inline u64 read_dr##n(void) { u64 v; __asm__ volatile("mov %%db" #n ", %0" : "=r"(v)); return v; } \
  static inline void write_dr##n(u64 v) { __asm__ volatile("mov %0, %%db" #n : : "r"(v)); }
DEBUG_REGISTER(0)
DEBUG_REGISTER(1)
DEBUG_REGISTER(2)
DEBUG_REGISTER(3)
DEBUG_REGISTER(6)
DEBUG_REGISTER(7)

static inline void copy_words(u64 *to, const u64 *from, u64 words) {
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

/*
 * Whether words differ from those at then. Both go on behind the first that does, and words, at least one, is what
 * is left there. An emulator takes a turn of this for about an instruction, and a loop for three a word.
 */
static inline int words_differ(u64 **now, u64 **then, u64 *words) {
  int differ;
  __asm__ volatile("repe cmpsq" : "+S"(*now), "+D"(*then), "+c"(*words), "=@ccne"(differ) : : "memory");
  return differ;
}

static inline void pause(void) { __asm__ volatile("pause" : : : "memory"); }
static inline void stgi(void) { __asm__ volatile(".byte 0x0F, 0x01, 0xDC" : : : "memory"); }
static inline void clgi(void) { __asm__ volatile(".byte 0x0F, 0x01, 0xDD" : : : "memory"); }
static inline void vmload(u64 pa) { __asm__ volatile(".byte 0x0F, 0x01, 0xDA" : : "a"(pa) : "memory"); }
static inline void vmsave(u64 pa) { __asm__ volatile(".byte 0x0F, 0x01, 0xDB" : : "a"(pa) : "memory"); }

/* VMX instructions: whether they fail, by VMfailValid or VMfailInvalid. */
static inline int vmxon(const u64 *region) {
  int failed;
  __asm__ volatile("vmxon %1" : "=@ccbe"(failed) : "m"(*region) : "memory");
  return failed;
}
static inline void vmxoff(void) { __asm__ volatile("vmxoff" : : : "cc", "memory"); }
static inline int vmclear(u64 region) {
  int failed;
  __asm__ volatile("vmclear %1" : "=@ccbe"(failed) : "m"(region) : "memory");
  return failed;
}
static inline int vmptrld(u64 region) {
  int failed;
  __asm__ volatile("vmptrld %1" : "=@ccbe"(failed) : "m"(region) : "memory");
  return failed;
}
static inline u32 vmwrite(u64 field, u64 value) {
  u8 failed;
  __asm__ volatile("vmwrite %2, %1\n\tsetna %0" : "=q"(failed) : "r"(field), "r"(value) : "cc", "memory");
  return failed;
}
/* To a field that there is, or a read-only one: whether it was written is of no interest. */
static inline void vmwrite_known(u64 field, u64 value) {
  __asm__ volatile("vmwrite %1, %0" : : "r"(field), "r"(value) : "cc", "memory");
}
static inline u32 vmread(u64 field, u64 *value) {
  u8 failed;
  u64 v;
  __asm__ volatile("vmread %2, %1\n\tsetna %0" : "=q"(failed), "=r"(v) : "r"(field) : "cc");
  *value = v;
  return failed;
}
/* Of a field that there is, with a current VMCS: nothing can fail. */
static inline void vmread_known(u64 field, u64 *value) {
  __asm__ volatile("vmread %1, %0" : "=r"(*value) : "r"(field) : "cc");
}
static inline void vmread_to(u64 field, u64 *to) {
  __asm__ volatile("vmread %1, %0" : "=m"(*to) : "r"(field) : "cc");
}
static inline void invept_all(void) {
  static const u64 none[2];
  __asm__ volatile("invept %0, %1" : : "m"(none), "r"(2ull) : "cc", "memory");
}

static inline u64 *at(u64 physical) {
  u64 *p = (u64 *)physical;
  __asm__("" : "+r"(p)); /* address 0 and its like are memory here */
  return p;
}

struct __attribute__((packed)) table_register {
  u16 limit;
  u64 base;
};
static inline void lgdt(const struct table_register *t) { __asm__ volatile("lgdt %0" : : "m"(*t)); }
static inline void lidt(const struct table_register *t) { __asm__ volatile("lidt %0" : : "m"(*t)); }

#endif
