/* Where a case outside any guest leaves its state: docs/runner-protocol.md, "Outside any guest". */
#ifndef PRECEPT_NATIVE_H
#define PRECEPT_NATIVE_H

/* In the SENTINEL page, 11000h: its code, the handlers' common code, slots of 8 bytes, a stack. */
#define SLOTS 0x11E00
#define HANDLER_CODE_AT 0x11600
#define SCRATCH_STACK 0x11FF0
#define HANDLER_STACK 0x11F80
#define RUNNER_GDTR_AT 0x11F00
/* The same by an offset from 10000h, the base of CS and SS outside 64-bit mode. */
#define OFFSET(linear) ((linear) - 0x10000)

/* Slots 0 to 7: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI. */
#define SLOT_FLAGS 8
#define SLOT_CS 9
#define SLOT_SS 10
#define SLOT_DS 11
#define SLOT_ES 12
#define SLOT_FS 13
#define SLOT_GS 14
#define SLOT_CR0 15
#define SLOT_GDTR 16
#define SLOT_IDTR 18
#define SLOT_MARKER 20
#define SLOT_VECTOR 21
#define SLOT_HANDLER_EAX 22
#define SLOT_FRAME 23
#define SLOT_TSS 24
#define SLOT(n) (SLOTS + 8 * (n))

/* Markers: which way the case came. */
#define CAME_DIRECTLY 1   /* SENTINEL at CPL 0 */
#define CAME_BY_UD 2      /* SENTINEL at CPL 1 to 3, and from there by UD2 through the case's IDT */
#define CAME_BY_HANDLER 3

/* Stack pointer for CPL 0 in the TSS at 18000h, and the first stack of its interrupt stack table. */
#define TSS_STACK0 0x18004
#define TSS_IST1 0x18024

#endif
