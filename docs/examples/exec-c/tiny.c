/*
 * A tiny emulator: nine instructions and the way into an SVM guest and out of it. It shows what a
 * real one has to fill in, which is the three functions at the end. What it does not have, it says:
 * such a case is not applicable, and never guessed at.
 *
 * Section numbers are those of the AMD64 Architecture Programmer's Manual, volume 2.
 */
#include "tiny.h"
#include "vmcb.h"

#include <stdio.h>
#include <string.h>

#define R(NAME) cpu.r[PRECEPT_##NAME]

enum { UD = 6, GP = 13 };

#define CR4_TSD (1u << 2)
#define CR0_TS (1u << 3)
#define EFER_LMA (1u << 10)
#define RFLAGS_TF (1u << 8)
#define RFLAGS_RF (1u << 16)
#define RFLAGS_VM (1u << 17)
#define CS_L (1u << 9)
#define DR7_ENABLED 0xFFu

/* Exit codes (appendix C, table C-1). */
enum {
	VMEXIT_CR0_WRITE = 0x010,
	VMEXIT_EXCP = 0x040,
	VMEXIT_RDTSC = 0x06E,
	VMEXIT_CPUID = 0x072,
	VMEXIT_INVD = 0x076,
	VMEXIT_HLT = 0x078,
	VMEXIT_VMMCALL = 0x081,
	VMEXIT_RDTSCP = 0x087,
	VMEXIT_WBINVD = 0x089,
};

/* What #VMEXIT brings back of the host (15.6). DR6 and CR2 stay the guest's. */
static const enum precept_register host[] = {
	PRECEPT_ES_SEL, PRECEPT_ES_ATTR, PRECEPT_ES_LIMIT, PRECEPT_ES_BASE,
	PRECEPT_CS_SEL, PRECEPT_CS_ATTR, PRECEPT_CS_LIMIT, PRECEPT_CS_BASE,
	PRECEPT_SS_SEL, PRECEPT_SS_ATTR, PRECEPT_SS_LIMIT, PRECEPT_SS_BASE,
	PRECEPT_DS_SEL, PRECEPT_DS_ATTR, PRECEPT_DS_LIMIT, PRECEPT_DS_BASE,
	PRECEPT_GDTR_LIMIT, PRECEPT_GDTR_BASE, PRECEPT_IDTR_LIMIT, PRECEPT_IDTR_BASE,
	PRECEPT_EFER, PRECEPT_CR0, PRECEPT_CR3, PRECEPT_CR4, PRECEPT_RFLAGS, PRECEPT_RIP,
	PRECEPT_RSP, PRECEPT_RAX, PRECEPT_CPL,
};

static struct {
	const struct precept_case *c;
	uint8_t *memory;
	uint64_t r[PRECEPT_REGISTERS];
	uint64_t vmcb; /* of the guest that runs; 0: none does */
	enum precept_end end;
	const char *remark;
} cpu;

static uint64_t load(uint64_t at, int size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | cpu.memory[at + (uint64_t)size];
	return value;
}

static void store(uint64_t at, int size, uint64_t value)
{
	for (; size-- > 0; value >>= 8)
		cpu.memory[at++] = (uint8_t)value;
}

static void end(enum precept_end how)
{
	cpu.end = how;
}

static void cannot(const char *remark)
{
	cpu.remark = remark;
	end(PRECEPT_NOT_APPLICABLE);
}

static bool intercepted(int vector, int bit)
{
	return cpu.vmcb && (load(cpu.vmcb + (uint64_t)vector, 4) >> bit & 1);
}

/* VMLOAD and VMRUN (15.5.1), from the host that the case describes. */
static void enter(uint64_t vmcb)
{
	size_t i;

	for (i = 0; i < COUNT(vmcb_loaded); i++)
		cpu.r[vmcb_loaded[i].reg] = load(vmcb + (uint64_t)vmcb_loaded[i].offset, vmcb_loaded[i].size);
	for (i = 0; i < COUNT(vmcb_switched); i++)
		cpu.r[vmcb_switched[i].reg] = load(vmcb + (uint64_t)vmcb_switched[i].offset, vmcb_switched[i].size);
	R(INTERRUPT_SHADOW) = load(vmcb + VMCB_INTERRUPT_SHADOW, 1) & 1;
	R(CR8) = load(vmcb + VIRTUAL_INTERRUPT, 1) & 0xF;
	R(GIF) = 1;
	cpu.vmcb = vmcb;
	if (load(vmcb + EVENTINJ, 4) >> 31)
		cannot("event injection is not built");
	if (load(vmcb + NESTED_PAGING, 1) & 1)
		cannot("nested paging is not built");
	if (load(vmcb + VIRTUAL_INTERRUPT + 1, 1) & 1)
		cannot("virtual interrupts are not built");
	if (load(vmcb + VIRTUAL_INTERRUPT + 3, 1) >> 2 & 1)
		cannot("NMI virtualization is not built");
	if (load(vmcb + VIRTUAL_INTERRUPT + 3, 1) >> 1 & 1)
		cannot("a virtual GIF is not built");
	if ((load(vmcb + VIRTUAL_INTERRUPT, 1) & V_TPR) != cpu.c->state[PRECEPT_CR8])
		cannot("a V_TPR that is not the TPR is not built");
	if (load(vmcb + LBR_VIRTUALIZATION, 1) & 1)
		cannot("LBR virtualization is not built");
}

/* #VMEXIT (15.6). `next` is the next instruction's rIP where the exit is an instruction's, else 0. */
static void leave(uint64_t code, uint64_t info1, uint64_t next)
{
	uint64_t vmcb = cpu.vmcb;
	size_t i;

	for (i = 0; i < COUNT(vmcb_switched); i++)
		store(vmcb + (uint64_t)vmcb_switched[i].offset, vmcb_switched[i].size, cpu.r[vmcb_switched[i].reg]);
	store(vmcb + VMCB_INTERRUPT_SHADOW, 1, R(INTERRUPT_SHADOW));
	store(vmcb + VIRTUAL_INTERRUPT, 1, R(CR8));
	store(vmcb + EXITCODE, 8, code);
	store(vmcb + EXITINFO1, 8, info1);
	store(vmcb + EXITINFO2, 8, 0);
	store(vmcb + EXITINTINFO, 8, 0);
	store(vmcb + NRIP, 8, next);
	store(vmcb + BYTES_FETCHED, 1, 0);
	for (i = 0; i < COUNT(host); i++)
		cpu.r[host[i]] = cpu.c->host[host[i]];
	R(RIP) += 6; /* behind VMLOAD and VMRUN */
	R(DR7) = 0x400;
	R(INTERRUPT_SHADOW) = 0;
	R(GIF) = 0;
	cpu.vmcb = 0;
	end(PRECEPT_EXIT);
}

static void fault(int vector)
{
	if (intercepted(EXCEPTION_INTERCEPTS, vector))
		leave(VMEXIT_EXCP + (uint64_t)vector, 0, 0);
	else
		cannot("delivery of exceptions is not built");
}

static bool long64(void)
{
	return (R(EFER) & EFER_LMA) && (R(CS_ATTR) & CS_L);
}

/* The instruction at CS:rIP, as far as there is one for us. */
struct instruction {
	int opcode; /* one byte; 0F xx as 0Fxx; 0F 01 xx as 0F01xx */
	int length;
	bool lock, repeat;
};

static bool fetch(struct instruction *in)
{
	uint64_t at = R(CS_BASE) + R(RIP), start = at;
	int byte;

	memset(in, 0, sizeof *in);
	for (;; at++) {
		if (at < PRECEPT_START || at + 4 >= PRECEPT_END || at - start > 11)
			return false;
		byte = cpu.memory[at];
		if (byte == 0xF0)
			in->lock = true;
		else if (byte == 0xF2 || byte == 0xF3)
			in->repeat = true;
		else if (!strchr("\x66\x67\x2E\x36\x3E\x26\x64\x65", byte) || !byte)
			break;
	}
	if (long64() && (byte & 0xF0) == 0x40)
		byte = cpu.memory[++at];
	in->opcode = byte;
	if (byte == 0x0F) {
		in->opcode = 0x0F00 | cpu.memory[++at];
		if (in->opcode == 0x0F01)
			in->opcode = 0x0F0100 | cpu.memory[++at];
	}
	in->length = (int)(at + 1 - start);
	return true;
}

/* A check of an instruction fires or it does not; the first to fire decides. */
static bool undefined(bool armed)
{
	if (armed)
		fault(UD);
	return armed;
}

static bool protection(bool armed)
{
	if (armed)
		fault(GP);
	return armed;
}

static bool exits(const struct instruction *in, int vector, int bit, uint64_t code)
{
	bool armed = intercepted(vector, bit);

	if (armed)
		leave(code, 0, precept_wants(cpu.c, 0x8000000A, 3, 3, true)
				? R(RIP) + (uint64_t)in->length : 0);
	return armed;
}

static bool no_tsc(void)
{
	return (R(CR4) & CR4_TSD) && R(CPL) != 0;
}

static void time_stamp(void)
{
	uint64_t tsc = R(TSC) + (cpu.vmcb ? load(cpu.vmcb + TSC_OFFSET, 8) : 0);

	R(RAX) = tsc & 0xFFFFFFFF;
	R(RDX) = tsc >> 32;
}

/* Checks in the order of 15.9, table 15-7, then what the instruction does. */
static enum precept_end execute(const struct instruction *in)
{
	switch (in->opcode) {
	case 0xF4: /* HLT */
		if (protection(R(CPL) != 0) || exits(in, INTERCEPTS_3, 24, VMEXIT_HLT))
			break;
		if (intercepted(INTERCEPTS_5, 6))
			cannot("the idle HLT intercept is not built");
		else
			return PRECEPT_HALTED;
		break;
	case 0x0F06: /* CLTS */
		if (protection(R(CPL) != 0) || exits(in, CR_WRITE_INTERCEPTS, 0, VMEXIT_CR0_WRITE))
			break;
		R(CR0) &= ~(uint64_t)CR0_TS;
		return PRECEPT_RETIRED;
	case 0x0F08: /* INVD */
		if (protection(R(CPL) != 0) || exits(in, INTERCEPTS_3, 22, VMEXIT_INVD))
			break;
		return PRECEPT_RETIRED;
	case 0x0F09: /* WBINVD */
		if (protection(R(CPL) != 0) || exits(in, INTERCEPTS_4, 9, VMEXIT_WBINVD))
			break;
		return PRECEPT_RETIRED;
	case 0x0F0B: /* UD2 */
		fault(UD);
		break;
	case 0x0F31: /* RDTSC */
		if (undefined(!precept_wants(cpu.c, 1, 3, 4, true)) || protection(no_tsc())
		    || exits(in, INTERCEPTS_3, 14, VMEXIT_RDTSC))
			break;
		time_stamp();
		return PRECEPT_RETIRED;
	case 0x0FA2: /* CPUID: this processor has nothing to tell. */
		if (exits(in, INTERCEPTS_3, 18, VMEXIT_CPUID))
			break;
		R(RAX) = R(RBX) = R(RCX) = R(RDX) = 0;
		return PRECEPT_RETIRED;
	case 0x0F01D9: /* VMMCALL */
		if (!exits(in, INTERCEPTS_4, 1, VMEXIT_VMMCALL))
			fault(UD);
		break;
	case 0x0F01F9: /* RDTSCP */
		if (undefined(!precept_wants(cpu.c, 0x80000001, 3, 27, true)) || protection(no_tsc())
		    || exits(in, INTERCEPTS_4, 7, VMEXIT_RDTSCP))
			break;
		time_stamp();
		R(RCX) = R(TSC_AUX) & 0xFFFFFFFF;
		return PRECEPT_RETIRED;
	default:
		cannot("no such instruction here");
	}
	return cpu.end;
}

static void step(void)
{
	struct instruction in;

	if (R(RFLAGS) & RFLAGS_TF || R(DR7) & DR7_ENABLED) {
		cannot("debug exceptions are not built");
	} else if (!fetch(&in) || in.repeat) {
		cannot("no such instruction here");
	} else if (in.lock) {
		/* Nothing we have may be locked; but what we do not have might. */
		struct instruction bare = in;

		bare.lock = false;
		switch (bare.opcode) {
		case 0xF4: case 0x0F06: case 0x0F08: case 0x0F09: case 0x0F0B: case 0x0F31:
		case 0x0FA2: case 0x0F01D9: case 0x0F01F9:
			fault(UD);
			break;
		default:
			cannot("no such instruction here");
		}
	} else {
		enum precept_end how = execute(&in);

		if (how == PRECEPT_RETIRED || how == PRECEPT_HALTED) {
			R(RIP) += (uint64_t)in.length;
			if (!long64())
				R(RIP) &= 0xFFFFFFFF;
			R(RFLAGS) &= ~(uint64_t)RFLAGS_RF;
			R(INTERRUPT_SHADOW) = 0;
		}
		end(how);
	}
}

/* The three functions that make an emulator a subject. */

static const char *tiny_load(const struct precept_case *c, uint8_t *memory)
{
	memset(&cpu, 0, sizeof cpu);
	cpu.c = c;
	cpu.memory = memory;
	if (strcmp(c->vendor, "svm") != 0)
		return "only SVM is built";
	if (c->state[PRECEPT_SMM])
		return "system-management mode is not built";
	return NULL;
}

static enum precept_end tiny_run(uint64_t control_block, int steps)
{
	cpu.end = PRECEPT_RETIRED;
	memcpy(cpu.r, cpu.c->state, sizeof cpu.r);
	if (control_block)
		enter(control_block);
	while (steps-- > 0 && cpu.end == PRECEPT_RETIRED)
		step();
	return cpu.end;
}

static void tiny_read(struct precept_outcome *outcome)
{
	memcpy(outcome->registers, cpu.r, sizeof cpu.r);
	if (cpu.remark)
		snprintf(outcome->remark, sizeof outcome->remark, "%s", cpu.remark);
}

const struct precept_emulator tiny = {
	"tiny", "1.0", "\"vendors\":[\"svm\"]", tiny_load, tiny_run, tiny_read,
};
