/* What vmx.c, vmx_fields.c and vmx_code.c share. */
#ifndef PRECEPT_VMX_H
#define PRECEPT_VMX_H

#include "runner.h"

/* Encodings (SDM vol. 3, appendix B). */
#define EPT_POINTER 0x201Au
#define PDPTE0 0x280Au
#define PRIMARY 0x4002u
#define ENTRY_CONTROLS 0x4012u
#define ENTRY_EVENT 0x4016u
#define SECONDARY 0x401Eu
#define GUEST_CR0 0x6800u
#define GUEST_CR3 0x6802u
#define GUEST_CR4 0x6804u
#define GUEST_RIP 0x681Eu
#define GUEST_RFLAGS 0x6820u

/*
 * Fields come in this order: those that nearly every exit changes; others that may well be changed; those
 * that exits save but only instructions of some sorts change, which are read behind those (CASE_SEGMENTS);
 * the rest. What is not read behind a guest is compared before anything could hide a change or have it
 * blamed on the wrong case, and now and then.
 */
extern u32 vmx_often_end, vmx_maybe_end, vmx_seldom_end;
extern u64 vmx_wide_encodings[VMX_FIELDS_MAX]; /* vmx_encodings, as instructions take them */

/* By field. */
#define KIND_UNREAD 1u       /* not read behind every guest */
#define KIND_SAVED 2u        /* an exit writes it */
#define KIND_READ_ONLY 4u
#define KIND_PDPTE 8u
#define KIND_WATCH_SOURCE 16u /* what watches a guest's end depends on it */
extern u8 vmx_kinds[VMX_FIELDS_MAX];

extern int vmx_clears_read_only; /* VMWRITE writes read-only fields, too */

extern u64 vmx_current; /* the current VMCS, if the runner made it so */
void vmx_make_current(u64 region);
void vmx_forget(void);  /* what the case's VMCS holds */
void vmx_make_code(void);

/* Code made at set-up; fields go by number in the arrays. */
typedef void read_fields_code(u64 *to);
/* Makes a pair of each field that is not as in then, where it writes it back, and returns the place behind the last. */
typedef struct pair *compare_fields_code(struct pair *next, const u64 *then);

read_fields_code *vmx_make_read(u32 from, u32 to);
/* stays: those that cannot be written. */
compare_fields_code *vmx_make_compare(u32 from, u32 to, const u8 *stays);

#endif
