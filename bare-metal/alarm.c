/*
 * The alarm that ends a case which waits (HLT, MWAIT): the interval timer, through the I/O APIC as an
 * NMI, which needs neither RFLAGS.IF nor an intercept. And NMIs from the processor to itself, which
 * show whether GIF and NMI blocking let them in.
 */
#include "runner.h"

#define IOAPIC 0xFEC00000u
#define LAPIC 0xFEE00000u
#define MASKED (1u << 16)
#define DELIVER_NMI (4u << 8)

/* The timer's interrupt is on one of these, by chipset. */
static const u32 timer_pins[] = {2, 0};

static volatile u32 *io_select = (u32 *)(u64)IOAPIC;
static volatile u32 *io_window = (u32 *)(u64)(IOAPIC + 0x10);

static volatile u32 *lapic(u32 offset) { return (u32 *)(u64)(LAPIC + offset); }

static void io_apic(u32 reg, u32 value) {
  *io_select = reg;
  *io_window = value;
}

static void timer_pins_set(u32 mask) {
  for (u32 i = 0; i < 2; i++) {
    io_apic(0x10 + 2 * timer_pins[i], DELIVER_NMI | mask);
  }
}

void alarm_set_up(void) {
  /* Both PICs: vectors from 20h on, everything masked. */
  static const u8 first[] = {0x11, 0x20, 4, 1}, second[] = {0x11, 0x28, 2, 1};
  for (u32 i = 0; i < 4; i++) {
    out8(i ? 0x21 : 0x20, first[i]);
    out8(i ? 0xA1 : 0xA0, second[i]);
  }
  out8(0x21, 0xFF);
  out8(0xA1, 0xFF);
  *lapic(0xF0) = *lapic(0xF0) | 0x100 | 0xFF;
  for (u32 i = 0; i < 2; i++) {
    io_apic(0x11 + 2 * timer_pins[i], *lapic(0x20) & 0xFF000000u);
  }
  timer_pins_set(MASKED);
}

static void timer(u8 mode, u32 ticks) {
  out8(0x43, mode);
  out8(0x40, (u8)ticks);
  out8(0x40, (u8)(ticks >> 8));
}

/*
 * An edge that comes while the pin is masked is lost, and a busy computer can let any time pass
 * between two instructions here: the pin is open before the count begins.
 */
void alarm_arm(u32 ticks) {
  nmi_seen = 0;
  out8(0x43, 0x30); /* mode 0: one rising edge, at the end of the count */
  timer_pins_set(0);
  out8(0x40, (u8)ticks);
  out8(0x40, (u8)(ticks >> 8));
}

void alarm_disarm(void) {
  timer_pins_set(MASKED);
}

void nmi_to_self(void) {
  while (*lapic(0x300) & 0x1000) {
    pause();
  }
  *lapic(0x310) = *lapic(0x20) & 0xFF000000u;
  *lapic(0x300) = DELIVER_NMI | 0x4000;
}

static void wait_for_nmi(void) {
  for (u32 i = 0; i < 200 && !nmi_seen; i++) {
    pause();
  }
}

int nmi_arrives(void) {
  nmi_seen = 0;
  nmi_to_self();
  wait_for_nmi();
  return nmi_seen != 0;
}

/*
 * Waits without keeping the machine busy. One edge, at the end of the count: the PIC keeps an edge that
 * comes while it is masked, and the next wait would be over at once.
 */
void idle(u32 milliseconds) {
  out8(0x21, 0xFE);
  timer(0x30, (u16)(1193 * milliseconds));
  __asm__ volatile("sti; hlt; cli" : : : "memory");
  out8(0x21, 0xFF);
}
