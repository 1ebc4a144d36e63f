/* The parts of a case, behind its header; what keeps patches in the case's memory; what watches its end. */
#ifndef PRECEPT_CASE_H
#define PRECEPT_CASE_H

#include "runner.h"

static inline const struct pair *registers_of(const struct case_header *c) {
  return (const struct pair *)(c + 1);
}

static inline const struct pair *fields_of(const struct case_header *c) {
  return registers_of(c) + c->registers;
}

static inline const struct pair *prior_fields_of(const struct case_header *c) {
  return fields_of(c) + c->fields;
}

static inline const struct pair *shadow_fields_of(const struct case_header *c) {
  return prior_fields_of(c) + c->prior_fields;
}

static inline const struct range *patches_of(const struct case_header *c) {
  return (const struct range *)(shadow_fields_of(c) + c->shadow_fields);
}

static inline const struct range *watches_of(const struct case_header *c) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++) {
    p = (const struct range *)((const u64 *)(p + 1) + p->words);
  }
  return p;
}

/* patches.c */
void patches_use_base(u32 number);
extern const struct range *watches;                 /* of the case whose patches are in place */
void patch(const struct case_header *c);            /* in the place of the last case's patches */
/* The same for a guest; what an earlier case changed where this one looks or writes is told first. */
void patch_guest(const struct case_header *c);
/* The same of a case outside any guest, before anything is done for it: whether nothing is changed there. */
int native_undisturbed(const struct case_header *next);
void patches_end(void);                             /* memory is the base image again */

/* cases.c: compares all memory, for the cases since it was compared last, if there are any. */
void check_earlier(void);

/* nested.c: page tables of a guest without the pages of SENTINEL and the handlers. */
extern u64 nested_pml4[512];

/* An EPT entry that is not present and has "suppress #VE" set: it exits whatever the case has. */
#define EPT_NOT_PRESENT (1ull << 63)
void nested_set_up(void);

/* nmi.c: NMI blocking, GIF, and alarms around a case. */
void block_nmi(void);
u32 probe(void);                                    /* marks; both are as between cases then */
void drain_alarm(void);

#endif
