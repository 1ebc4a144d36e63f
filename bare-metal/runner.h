/* What the parts of the runner use of each other. */
#ifndef PRECEPT_RUNNER_H
#define PRECEPT_RUNNER_H

#include "layout.h"
#include "machine.h"
#include "protocol.h"

/*
 * Where things lie above the runner, which ends below 2 MiB. The distances keep a page and its copies
 * apart in a direct-mapped TLB of any usual size, as emulators have: otherwise each access evicts the
 * other's entry.
 */
#define INITIAL_OFFSET 0x380000u /* memory as the case begins with it: at its address + this */
#define RESULTS_AT 0x600000u
#define BASES_AT 0x845000u       /* base image n: at its address + this + n * BASE_STRIDE */
#define BASE_STRIDE 0x81000u
#define BASES_MAX 13u
#define DATA_AT 0x1000000u       /* what a command brings */
#define DATA_MAX 0x2000000u

/* trap.c: exceptions in the host. */
extern volatile u64 trap_recover;   /* where the next exception goes on; 0: it is stray or fatal */
extern volatile u32 trap_vector;    /* of the last exception that was recovered from */
extern volatile u32 trap_stray;     /* vector + 1 of an exception that nobody waited for */
extern volatile u32 trap_gd;        /* a DR access found DR7.GD */
void trap_set_up(void);
void trap_fill_idt(u64 *idt);
int try_rdmsr(u32 msr, u64 *value); /* 1: done; 0: it faults */
int try_wrmsr(u32 msr, u64 value);
extern struct table_register home_gdtr, home_idtr;

/* disk.c */
extern int disk_dma;
void disk_set_up(void);
void disk_read(u32 sector, void *to, u32 sectors);
void disk_write(u32 sector, const void *from, u32 sectors);

/* alarm.c: NMIs, from the timer and from the processor to itself. */
extern volatile u32 nmi_seen, nmi_keep;
void nmi_unblock(void);
void alarm_set_up(void);
void alarm_arm(u32 ticks);
void alarm_disarm(void);
void nmi_to_self(void);
/* Sends an NMI and waits; whether it came. */
int nmi_arrives(void);
void idle(u32 milliseconds); /* at most 54 */

/* cpu.c: what this processor has, and its registers. */
extern int cpu_svm, cpu_vmx, cpu_nested, cpu_xsave;
extern u64 home_cr4;                    /* CR4 while no case runs */
extern u64 live_set[REG_COUNT]; /* what a case begins with */
extern u64 live_got[REG_COUNT]; /* what it ended with */
void cpu_set_up(void);
/* live_set as the template says, or as the call before said if there is none, but for some. */
void cpu_set(const u64 *template, const struct pair *others, u32 count);
void cpu_set_anew(void);            /* live_set is not what the last cpu_set said any more */
void cpu_load(int system_segments); /* live_set into the processor, but for what enters a case */
/* After a guest: 1 if all that the processor shows but general registers and RFLAGS is as it was set (MARK_LIMITS). */
int cpu_as_set(void);
void cpu_capture(void);             /* after a guest: the processor into live_got */
void cpu_capture_native(void);      /* of live_got what the way out of a native case leaves */
/* Whether the MSRs that entering and leaving do not write are read behind the next guest; what if not: cpu.c. */
extern int cpu_rest_read;
void cpu_entered(void);             /* and the guest has run */
int cpu_rest_astray(void);          /* whether a guest behind which they were not read has changed one */
u32 cpu_rest_check(void);           /* those that differ, as pairs */
void cpu_check(void);               /* what is too slow to look at behind every case */
u32 cpu_report(char *to, u32 size);

/* memory.c: the case's memory, its copies and their differences. */
void memory_base(u32 number, const void *bytes);
void memory_use(u32 number);
extern u32 memory_in_use;
void memory_put(u32 address, u64 value);      /* here and in the copy that it is compared with */
void memory_put_back(void);                   /* what was there before all that was put */
void memory_refresh(u32 address, u32 bytes);  /* as the case began with it; writes only what is not */
int memory_is_initial(u32 address, u32 words);

/* result.c: what goes back. */
void result_begin(const struct command *command);
void result_open(u32 index);
extern struct pair *result_next;
static inline void result_pair(u64 key, u64 value) {
  result_next->key = key;
  result_next->value = value;
  result_next++;
}
void result_close(u32 end, u32 marks, u32 detail);
void result_cancel(void);
void result_differ(u64 *now, u64 *then, u64 left);
/* At least one: differences as pairs; memory is as before then. */
static inline __attribute__((always_inline)) void compare_words(u64 address, u64 words) {
  u64 *now = at(address), *then = now + INITIAL_OFFSET / 8;
  if (words_differ(&now, &then, &words)) {
    result_differ(now, then, words);
  }
}
void result_compare(const struct range *watches, u32 count);
u32 result_check(u32 index);                  /* all memory against what it began with */
void result_flush(void);
extern u32 result_blocks;

/* vmx.c */
#define VMX_FIELDS_MAX 256u
extern u32 vmx_fields;                        /* those that the processor has */
extern u16 vmx_encodings[VMX_FIELDS_MAX];
void vmx_set_up(void);
/* Whether the page is one of the processor's own. */
static inline int vmx_region(u64 page) {
  switch (page) {
    case CONTROL_BLOCK:
    case PRIOR_CONTROL_BLOCK:
    case OTHER_CONTROL_BLOCK:
    case SHADOW_CONTROL_BLOCK:
    case HOST_SAVE_PAGE: return 1;
    default: return 0;
  }
}
void vmx_regions(void);                       /* makes them, outside VMX operation */
void vmx_operands_anew(void);                 /* those that instructions outside guests use */
void vmx_region_word(u32 region, u32 word);   /* what its first word differs by from the revision, from now on */
void vmx_region_words(void);                  /* all of them again, where something else has changed them */
void vmx_on(void);
void vmx_off(void);
void vmx_write(u32 region, const struct pair *fields, u32 count); /* and leaves it clear */
/* The fields of the case's VMCS, as cpu_set sets registers. */
void vmx_set(const u64 *template, const struct pair *others, u32 count);
int vmx_watch(u64 eptp);                      /* 1: by the case's own EPT */
/* Whether the region holds what it held behind the last guest: then it can be set, watched and loaded at once. */
int vmx_goes_on(u32 region);
int vmx_set_and_load(const struct pair *others, u32 count, int nested, u64 eptp);
void vmx_load(u32 region);                    /* clears it and makes it current, with the case's fields */
void vmx_load_bare(u32 region, int rebuild);  /* the same where results are not read: at least what exits change */
void vmx_load_prior(u32 region, const struct pair *fields, u32 count);
void vmx_flush(void);
int vmx_segments_astray(void);
/*
 * Fields of the current VMCS, which is CONTROL_BLOCK's, that differ: those that may well, and with segments those of
 * segments, descriptor tables and MSRs. They are the case's again then.
 */
void vmx_result(int segments);
void vmx_result_all(u32 region);
u32 vmx_check(void);                          /* of the others those that differ, as pairs */
void vmx_recover(u32 region);
u64 vmx_read(u32 encoding);
u32 vmx_index(u32 encoding);

/* cases.c, guest.c, native.c */
extern u64 tlb_flush;
void cases_run(const struct command *command, struct status *status);
#define ENTER_REFUSED 0x1000u
u32 guest_enter(u64 rax);                     /* 0: it exited; vector + 1 of an exception; or ENTER_REFUSED */
void native_correct(const struct case_header *c);
int native_enter(const struct case_header *c, u32 *detail);

/* main.c */
void tell_status(u32 code, const char *text);
void die(const char *text, u64 a, u64 b) __attribute__((noreturn));
char *put_text(char *to, const char *text);
char *put_hex(char *to, u64 value);

#endif
