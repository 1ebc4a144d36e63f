/*
 * Cases and outcomes, as docs/subjects.md describes them, out of the JSON of the protocol or of test
 * vectors. All of a case is here as it is: templates, images and differences are already resolved.
 */
#ifndef CASES_H
#define CASES_H

#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* Physical memory that a case owns; linear addresses are the same. */
#define PRECEPT_START 0x10000u
#define PRECEPT_END 0x80000u
#define PRECEPT_PAGE 0x1000u

/* Every register there is, in the order of the schema. */
#define PRECEPT_SEGMENT(X, NAME) X(NAME##_SEL) X(NAME##_ATTR) X(NAME##_LIMIT) X(NAME##_BASE)
#define PRECEPT_EACH_REGISTER(X)                                                                    \
	X(RAX) X(RCX) X(RDX) X(RBX) X(RSP) X(RBP) X(RSI) X(RDI)                                     \
	X(R8) X(R9) X(R10) X(R11) X(R12) X(R13) X(R14) X(R15)                                       \
	X(RIP) X(RFLAGS) X(CR0) X(CR2) X(CR3) X(CR4) X(CR8)                                         \
	X(DR0) X(DR1) X(DR2) X(DR3) X(DR6) X(DR7) X(EFER) X(XCR0)                                   \
	PRECEPT_SEGMENT(X, ES) PRECEPT_SEGMENT(X, CS) PRECEPT_SEGMENT(X, SS)                        \
	PRECEPT_SEGMENT(X, DS) PRECEPT_SEGMENT(X, FS) PRECEPT_SEGMENT(X, GS)                        \
	PRECEPT_SEGMENT(X, LDTR) PRECEPT_SEGMENT(X, TR)                                             \
	X(GDTR_LIMIT) X(GDTR_BASE) X(IDTR_LIMIT) X(IDTR_BASE) X(CPL)                                \
	X(STAR) X(LSTAR) X(CSTAR) X(SFMASK) X(KERNEL_GS_BASE)                                       \
	X(SYSENTER_CS) X(SYSENTER_ESP) X(SYSENTER_EIP) X(PAT) X(DEBUGCTL) X(TSC_AUX)                \
	X(VM_CR) X(VM_HSAVE_PA) X(APIC_BASE) X(SMBASE) X(XSS) X(FEATURE_CONTROL) X(PASID)              \
	X(TSC)                                                                                      \
	X(INTERRUPT_SHADOW) X(GIF) X(NMI_MASKED) X(SMM)

enum precept_register {
#define PRECEPT_NUMBER(NAME) PRECEPT_##NAME,
	PRECEPT_EACH_REGISTER(PRECEPT_NUMBER)
#undef PRECEPT_NUMBER
	PRECEPT_REGISTERS
};

/* The name of a register, and the register of a name, or -1. */
const char *precept_register_name(int number);
int precept_register_number(const char *name);

/* A CPUID bit that has to be there, or must not: `output` is 0 for EAX, 1 EBX, 2 ECX, 3 EDX. */
struct precept_feature {
	uint32_t leaf, subleaf;
	int output, bit;
	bool present;
};

struct precept_field {
	uint32_t encoding;
	uint64_t value;
};

#define PRECEPT_FIELDS 256
#define PRECEPT_FEATURES 64

/* A VMCB, or a VMCS region with its fields; address 0: there is none. */
struct precept_block {
	uint64_t address;
	int count;
	struct precept_field fields[PRECEPT_FIELDS];
};

struct precept_case {
	char id[256], vendor[16];
	bool guest; /* runs in a guest; else outside any */
	int feature_count;
	struct precept_feature features[PRECEPT_FEATURES];
	uint64_t state[PRECEPT_REGISTERS]; /* at the first instruction */
	uint64_t host[PRECEPT_REGISTERS];  /* of the host that enters the guest */
	struct precept_block block, prior;
	int steps;
	uint64_t code; /* address of the instruction under test */
	int code_length;
	/* What memory holds, by physical address less PRECEPT_START. */
	uint8_t memory[PRECEPT_END - PRECEPT_START];
};

/* Whether the case wants the CPUID bit, or `otherwise` where it does not say. */
bool precept_wants(const struct precept_case *c, uint32_t leaf, int output, int bit, bool otherwise);

struct precept_library;

/* Nothing known yet. */
struct precept_library *precept_library(void);

/* Take an image, or a template. */
void precept_image(struct precept_library *library, const struct json *image);
void precept_template(struct precept_library *library, const struct json *template);

/* Makes `c` the case that `json` describes by its differences. */
void precept_case(const struct precept_library *library, const struct json *json, struct precept_case *c);

/* Writes the patches of the array `patches` to a case's memory. */
void precept_patch(const struct json *patches, uint8_t *memory);

/* The number that a string such as "0x1f" is. */
uint64_t precept_number(const char *text);

/* Ends the program over something that must not be. */
void precept_die(const char *what, const char *which);

/* How a case ended. */
enum precept_end {
	PRECEPT_EXIT,           /* the guest was left */
	PRECEPT_DELIVERED,      /* an exception's handler is next */
	PRECEPT_RETIRED,        /* the instruction completed */
	PRECEPT_HALTED,         /* it completed, and the processor waits */
	PRECEPT_SHUTDOWN,       /* triple fault, with nothing to intercept it */
	PRECEPT_NOT_APPLICABLE, /* cannot be run here, and `remark` says why */
	PRECEPT_CRASH,          /* something went wrong here, and `remark` says what */
};

struct precept_outcome {
	enum precept_end end;
	int vector;         /* if delivered */
	int64_t error_code; /* if delivered with one, else -1 */
	uint64_t registers[PRECEPT_REGISTERS];
	bool unseen[PRECEPT_REGISTERS]; /* registers that cannot be told */
	int field_count;                /* after an exit from VMX non-root operation: the VMCS */
	struct precept_field fields[PRECEPT_FIELDS];
	char remark[256];
};

/*
 * An emulator, as far as a case needs one. `memory` is all physical memory up to PRECEPT_END, with
 * the case in its place.
 */
struct precept_emulator {
	const char *name, *version;
	/* The other members of the hello, as JSON: "\"vendors\":[\"svm\"],\"contexts\":[\"guest\"]". */
	const char *capabilities;

	/* A processor out of RESET with the features of the case; or why there cannot be one. */
	const char *(*load)(const struct precept_case *c, uint8_t *memory);

	/*
	 * With a control block, which is 0 or an address: loads the host's registers and those of the
	 * guest that the control block does not hold, and enters the guest. Without: loads the state.
	 * Then runs so many instructions, or fewer if something ends them.
	 */
	enum precept_end (*run)(uint64_t control_block, int steps);

	/* What there is to see afterwards: all but `end`. */
	void (*read)(struct precept_outcome *outcome);
};

/*
 * Runs a case, with what goes before it, on `memory`, which has to hold the case and holds what
 * became of it afterwards.
 */
void precept_run(
	const struct precept_emulator *emulator, const struct precept_case *c, uint8_t *memory,
	struct precept_outcome *outcome);

/* Speaks the protocol on standard input and output until the input ends. */
int precept_serve(const struct precept_emulator *emulator);

#endif
