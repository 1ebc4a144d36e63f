/*
 * What the runner and the program outside say to each other, by disk sectors: docs/runner-protocol.md
 * explains every field. All numbers are little-endian. Java's side: dev.precept.subject.metal.
 */
#ifndef PRECEPT_PROTOCOL_H
#define PRECEPT_PROTOCOL_H

#include "types.h"

#define PROTOCOL_VERSION 8

/* Sector numbers. */
#define COMMAND_SECTOR 256
#define STATUS_SECTOR 257
#define REPORT_SECTOR 258
#define REPORT_SECTORS 64
#define FIRST_FREE_SECTOR 2048

/* Physical memory that a case owns. */
#define CASE_START 0x10000u
#define CASE_END 0x80000u
#define SENTINEL_PAGE 0x11000u
#define HANDLERS_PAGE 0x25000u
#define HOST_SAVE_PAGE 0x31000u
#define OTHER_CONTROL_BLOCK 0x38000u
#define PRIOR_CONTROL_BLOCK 0x39000u
#define CONTROL_BLOCK 0x30000u
#define SHADOW_CONTROL_BLOCK 0x54000u
#define EPT_PT 0x53000u
#define HOST_CODE 0x40000u
#define HOST_EXIT 0x40080u
#define HOST_STACK_TOP 0x41800u
#define HOST_STACK_PAGE 0x41000u
#define HOST_GDT 0x42000u
#define HOST_IDT 0x43000u
#define HOST_PML4 0x44000u
#define HOST_PDPT 0x45000u
#define HOST_PD 0x46000u

/* Registers by number, in the order of dev.precept.cases.Register. */
enum register_number {
  REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
  REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
  REG_RIP, REG_RFLAGS, REG_CR0, REG_CR2, REG_CR3, REG_CR4, REG_CR8,
  REG_DR0, REG_DR1, REG_DR2, REG_DR3, REG_DR6, REG_DR7, REG_EFER, REG_XCR0,
  REG_ES_SEL, REG_ES_ATTR, REG_ES_LIMIT, REG_ES_BASE,
  REG_CS_SEL, REG_CS_ATTR, REG_CS_LIMIT, REG_CS_BASE,
  REG_SS_SEL, REG_SS_ATTR, REG_SS_LIMIT, REG_SS_BASE,
  REG_DS_SEL, REG_DS_ATTR, REG_DS_LIMIT, REG_DS_BASE,
  REG_FS_SEL, REG_FS_ATTR, REG_FS_LIMIT, REG_FS_BASE,
  REG_GS_SEL, REG_GS_ATTR, REG_GS_LIMIT, REG_GS_BASE,
  REG_LDTR_SEL, REG_LDTR_ATTR, REG_LDTR_LIMIT, REG_LDTR_BASE,
  REG_TR_SEL, REG_TR_ATTR, REG_TR_LIMIT, REG_TR_BASE,
  REG_GDTR_LIMIT, REG_GDTR_BASE, REG_IDTR_LIMIT, REG_IDTR_BASE, REG_CPL,
  REG_STAR, REG_LSTAR, REG_CSTAR, REG_SFMASK, REG_KERNEL_GS_BASE,
  REG_SYSENTER_CS, REG_SYSENTER_ESP, REG_SYSENTER_EIP,
  REG_PAT, REG_DEBUGCTL, REG_TSC_AUX, REG_VM_CR, REG_VM_HSAVE_PA, REG_APIC_BASE, REG_SMBASE,
  REG_XSS, REG_FEATURE_CONTROL, REG_PASID,
  REG_TSC, REG_INTERRUPT_SHADOW, REG_GIF, REG_NMI_MASKED, REG_SMM,
  REG_COUNT
};

/* The sector that tells the runner what to do. */
#define COMMAND_MAGIC 0x444D4350u /* "PCMD" */
enum command_code { COMMAND_RUN = 1, COMMAND_BASE = 2, COMMAND_STOP = 3 };

/* Run the commands' cases, then wait for nothing more (a real machine without a program outside). */
#define COMMAND_FLAG_LAST 1u
/* Have every VMRUN flush the guest's TLB entries (TLB_CONTROL): needed where VMRUN keeps them. */
#define COMMAND_FLAG_FLUSH 2u
/* Enter guests and leave them, but neither compare nor report: measures the loop. */
#define COMMAND_FLAG_BARE 4u
/* With BARE: and copy all of the VMCB, or write all of the VMCS's fields, before each entry. */
#define COMMAND_FLAG_REBUILD 8u

struct command {
  u32 magic;
  u32 version;
  u64 sequence;
  u32 code;
  u32 flags;
  u32 data_sector;
  u32 data_bytes;
  u64 data_checksum;
  u32 count;           /* RUN: cases; BASE: number of the base image */
  u32 templates;       /* RUN: register templates in front of the cases */
  u32 result_sector;
  u32 result_sectors;
  u32 check_interval;  /* cases between comparisons of all memory */
  u32 flush_bytes;     /* results that are written out at once, at most RESULT_BLOCK_MAX */
  u32 heartbeat_port;  /* I/O port that takes a byte before each case; 0: none */
  u32 repeat;          /* BARE: how often the cases are run */
  u32 fields;          /* RUN: VMCS fields of a template; their encodings are in front of the templates */
  u32 next_sector;     /* of the command that follows; 0: look at COMMAND_SECTOR for it */
  u64 reserved[53];
  u64 checksum;        /* of everything before */
};

#define STATUS_MAGIC 0x54535450u /* "PTST" */
enum status_code { STATUS_READY = 1, STATUS_RUNNING, STATUS_DONE, STATUS_REFUSED, STATUS_DIED };

struct status {
  u32 magic;
  u32 version;
  u64 sequence;        /* of the command it is about; 0: none yet */
  u32 code;
  u32 blocks;          /* result blocks written */
  u32 cases;           /* cases run */
  u32 reserved0;
  u64 cycles;          /* time-stamp counts that the cases took */
  u64 polls;           /* how often the runner has looked for a command */
  char text[256];      /* REFUSED, DIED: why */
  u64 reserved[25];
  u64 checksum;
};

/*
 * A case: this header, then registers, VMCS fields, those of the VMCS that goes before and of the shadow
 * VMCS, patches and watches. Everything is 8-aligned.
 */
#define CASE_GUEST 1u       /* in a guest; else outside any */
#define CASE_NESTED 2u      /* watch SENTINEL and HANDLERS by nested paging, or EPT */
#define CASE_ALARM 4u       /* it may wait: an NMI ends it */
#define CASE_FULL_CHECK 8u  /* compare all memory behind it */
#define CASE_NMI_MASKED 16u /* enter with NMIs blocked, and find out whether they still are */
#define CASE_PROBE 32u      /* find out GIF behind it */
#define CASE_SEGMENTS 64u   /* it may well change segments, descriptor tables or MSRs */
#define CASE_OWN_NMI 128u   /* an NMI of the guest's own may leave NMIs blocked */
#define CASE_SAME_WATCHES 4096u /* as the case before has them */
#define CASE_MODE_SHIFT 8
#define CASE_ALARM_SHIFT 16 /* the alarm's time, in ticks of the interval timer */
enum case_mode { MODE_REAL, MODE_V86, MODE_PROT16, MODE_PROT32, MODE_COMPAT, MODE_LONG64 };

#define NO_TEMPLATE 0xFFFFu

struct case_header {
  u32 bytes;     /* of the whole case */
  u32 index;     /* comes back with the result */
  u32 flags;
  u16 base;      /* number of the base image */
  u16 template;  /* number of the register template; or NO_TEMPLATE: the case before takes its place */
  u32 control_block;
  u32 prior_control_block;
  u16 registers; /* struct pair: register number, value */
  u16 fields;    /* struct pair: number of a field in the command's list, value */
  u16 patches;   /* struct range and its words */
  u16 watches;   /* struct range */
  u16 prior_fields;
  u16 shadow_fields;
  u32 shadow;    /* address of the shadow VMCS; 0: none */
};

struct pair {
  u64 key;
  u64 value;
};

struct range {
  u32 address;   /* physical, 8-aligned */
  u32 words;     /* of 8 bytes */
};

/* What a pair of a result is about: the high half of its key. */
#define KEY_MEMORY 0u    /* low half: physical address of 8 bytes that differ from the case's beginning */
#define KEY_REGISTER 1u  /* low half: number of a register that is not what the case set */
#define KEY_NOT_SET 2u   /* low half: number of a register that did not take the case's value */
#define KEY_FIELD 3u     /* low half: number of a VMCS field that differs from the case's; read-only ones from 0 */

#define BLOCK_MAGIC 0x4B4C4250u /* "PBLK" */
#define RESULT_BLOCK_MAX 0x40000u

struct block_header {
  u32 magic;
  u32 version;
  u64 sequence;
  u32 number;
  u32 bytes;           /* of results behind this header */
  u32 results;
  u32 reserved;
  u64 payload_checksum;
  u64 reserved1[2];
  u64 checksum;        /* of everything before */
};

enum end_kind {
  END_EXIT = 1,        /* the guest exited */
  END_NATIVE,          /* outside any guest: SENTINEL or a handler was reached */
  END_ENTRY_FAULT,     /* VMLOAD, VMRUN or VMLAUNCH raised an exception in the host */
  END_ENTRY_FAILED,    /* VMLAUNCH failed without an exit */
  END_PRIOR,           /* the guest that goes before did not exit as it must */
  END_CANNOT,          /* the runner cannot set this case up */
  END_CHECKED          /* no case: all memory was compared, and the pairs differ from its beginning */
};

/* Marks beside the end. */
#define MARK_STRAY 1u     /* an exception came in the host; detail: its vector */
#define MARK_ALARM 2u     /* the alarm went off */
#define MARK_MASKED 4u    /* NMIs were blocked at the end */
#define MARK_GIF 8u       /* GIF was set at the end */
#define MARK_SENTINEL 16u /* END_NATIVE: SENTINEL, not a handler */
#define MARK_PROBED 32u   /* MASKED and GIF are known */
#define MARK_GD 64u       /* END_NATIVE: reading DR7 found DR7.GD set */
#define MARK_LIMITS 128u  /* GDTR and IDTR have limits of FFFFh, as a VM exit leaves them */

struct result_header {
  u32 index;     /* of the case; CHECKED: of the last case before it */
  u16 end;
  u16 marks;
  u32 detail;    /* vector (NATIVE, ENTRY_FAULT, STRAY), exit code (PRIOR), VM-instruction error (ENTRY_FAILED), reason (CANNOT) */
  u32 pairs;     /* struct pair, behind */
};

u64 checksum(const void *data, u32 bytes);

_Static_assert(sizeof(struct command) == 512 && offsetof(struct command, checksum) == 504, "command");
_Static_assert(sizeof(struct status) == 512 && offsetof(struct status, checksum) == 504, "status");
_Static_assert(sizeof(struct case_header) == 40, "case_header");
_Static_assert(sizeof(struct block_header) == 64, "block_header");
_Static_assert(sizeof(struct result_header) == 16, "result_header");
_Static_assert(REG_COUNT == 91, "as many registers as dev.precept.cases.Register");

#endif
