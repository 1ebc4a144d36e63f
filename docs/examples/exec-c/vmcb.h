/*
 * Where the VMCB has what (AMD64 Architecture Programmer's Manual, volume 2, appendix B), as far as it
 * is needed here.
 */
#ifndef VMCB_H
#define VMCB_H

#include "cases.h"

/* The VMCB's control area (appendix B, table B-1). */
enum {
	CR_WRITE_INTERCEPTS = 0x002,
	EXCEPTION_INTERCEPTS = 0x008,
	INTERCEPTS_3 = 0x00C,
	INTERCEPTS_4 = 0x010,
	INTERCEPTS_5 = 0x014,
	TSC_OFFSET = 0x050,
	VIRTUAL_INTERRUPT = 0x060,
	VMCB_INTERRUPT_SHADOW = 0x068,
	EXITCODE = 0x070,
	EXITINFO1 = 0x078,
	EXITINFO2 = 0x080,
	EXITINTINFO = 0x088,
	NESTED_PAGING = 0x090,
	EVENTINJ = 0x0A8,
	LBR_VIRTUALIZATION = 0x0B8,
	NRIP = 0x0C8,
	BYTES_FETCHED = 0x0D0,
	DBGCTL = 0x670,
};

/* Bits of VIRTUAL_INTERRUPT that #VMEXIT writes back (appendix B, table B-1). */
enum {
	V_TPR = 0xF,
	V_IRQ = 1 << 8,
	V_GIF = 1 << 9,
	V_NMI = 1 << 11,
	V_NMI_MASK = 1 << 12,
};

struct vmcb_saved {
	enum precept_register reg;
	int offset, size;
};

#define VMCB_SEGMENT(NAME, OFFSET)                                                                       \
	{ PRECEPT_##NAME##_SEL, OFFSET, 2 }, { PRECEPT_##NAME##_ATTR, OFFSET + 2, 2 },              \
	{ PRECEPT_##NAME##_LIMIT, OFFSET + 4, 4 }, { PRECEPT_##NAME##_BASE, OFFSET + 8, 8 }

/* What VMRUN loads and #VMEXIT saves (15.5.1, 15.6; appendix B, table B-2). */
static const struct vmcb_saved vmcb_switched[] = {
	VMCB_SEGMENT(ES, 0x400), VMCB_SEGMENT(CS, 0x410), VMCB_SEGMENT(SS, 0x420), VMCB_SEGMENT(DS, 0x430),
	{ PRECEPT_GDTR_LIMIT, 0x464, 4 }, { PRECEPT_GDTR_BASE, 0x468, 8 },
	{ PRECEPT_IDTR_LIMIT, 0x484, 4 }, { PRECEPT_IDTR_BASE, 0x488, 8 },
	{ PRECEPT_CPL, 0x4CB, 1 }, { PRECEPT_EFER, 0x4D0, 8 },
	{ PRECEPT_CR4, 0x548, 8 }, { PRECEPT_CR3, 0x550, 8 }, { PRECEPT_CR0, 0x558, 8 },
	{ PRECEPT_DR7, 0x560, 8 }, { PRECEPT_DR6, 0x568, 8 }, { PRECEPT_RFLAGS, 0x570, 8 },
	{ PRECEPT_RIP, 0x578, 8 }, { PRECEPT_RSP, 0x5D8, 8 }, { PRECEPT_RAX, 0x5F8, 8 },
	{ PRECEPT_CR2, 0x640, 8 },
};

/* What VMLOAD loads; #VMEXIT leaves it in the processor (15.5.2). */
static const struct vmcb_saved vmcb_loaded[] = {
	VMCB_SEGMENT(FS, 0x440), VMCB_SEGMENT(GS, 0x450), VMCB_SEGMENT(LDTR, 0x470), VMCB_SEGMENT(TR, 0x490),
	{ PRECEPT_STAR, 0x600, 8 }, { PRECEPT_LSTAR, 0x608, 8 }, { PRECEPT_CSTAR, 0x610, 8 },
	{ PRECEPT_SFMASK, 0x618, 8 }, { PRECEPT_KERNEL_GS_BASE, 0x620, 8 },
	{ PRECEPT_SYSENTER_CS, 0x628, 8 }, { PRECEPT_SYSENTER_ESP, 0x630, 8 },
	{ PRECEPT_SYSENTER_EIP, 0x638, 8 },
};

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof(ARRAY)[0])

#endif
