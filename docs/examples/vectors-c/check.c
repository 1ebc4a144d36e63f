/*
 * Runs an emulator on test vectors, and judges it: the part of Precept that a project needs which
 * keeps the vectors beside its own tests. docs/vectors.md describes the files. This one knows SVM's
 * control block; vectors of VMX want other places for what an exit carries.
 *
 *     check COMMON.json VECTORS.json...
 */
#define _POSIX_C_SOURCE 200809L

#include "cases.h"
#include "tiny.h"
#include "vmcb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_SAVE 0x31000u /* no case says what VMRUN leaves there */

static const struct precept_emulator *const emulator = &tiny;

static struct {
	long holds, violates, not_applicable;
} counts;

/* What a case ended in, and where it began. */
struct run {
	const struct precept_case *c;
	const struct json *exit; /* what exits of this file carry where they do not say otherwise */
	struct precept_outcome outcome;
	uint8_t before[PRECEPT_END], memory[PRECEPT_END];
};

static char *read_file(const char *name)
{
	FILE *in = fopen(name, "rb");
	char *text = NULL;
	size_t size = 0, n;

	if (!in)
		precept_die("cannot be opened", name);
	do {
		text = realloc(text, size + 65537);
		if (!text)
			abort();
		n = fread(text + size, 1, 65536, in);
		size += n;
	} while (n > 0);
	text[size] = '\0';
	fclose(in);
	return text;
}

static uint64_t number_at(const uint8_t *memory, uint64_t at, int size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | memory[at + (uint64_t)size];
	return value;
}

/* The member `name` of the outcome, or of what exits of the file carry; null is none. */
static const char *carried(
	const struct run *run, const struct json *allowed, const char *part, const char *name)
{
	const struct json *own = json_member(json_member(allowed, part), name);

	if (!own && run->outcome.end == PRECEPT_EXIT)
		own = json_member(json_member(run->exit, part), name);
	return own && own->type != JSON_NULL ? own->text : NULL;
}

static uint64_t mask(const struct run *run, const struct json *allowed, const char *name)
{
	const char *text = carried(run, allowed, "masks", name);

	return text ? precept_number(text) : ~(uint64_t)0;
}

/* The code that tells outcomes of one kind apart: the exit code, or the vector. */
static uint64_t code(const struct run *run)
{
	if (run->outcome.end == PRECEPT_EXIT)
		return number_at(run->memory, run->c->block.address + EXITCODE, 8);
	return run->outcome.end == PRECEPT_DELIVERED ? (uint64_t)run->outcome.vector : 0;
}

static bool same_end(const struct run *run, const struct json *outcome)
{
	static const char *const ends[] = { "exit", "delivered", "retired", "halted", "shutdown" };
	const char *text = json_text(outcome, "code");

	return strcmp(json_text(outcome, "kind"), ends[run->outcome.end]) == 0
	       && (text ? precept_number(text) : 0) == code(run);
}

/* A field that an outcome carries, by its name. */
static bool field(const struct run *run, const char *name, uint64_t *value)
{
	static const struct {
		const char *name;
		int offset;
	} fields[] = {
		{ "EXITINFO1", EXITINFO1 }, { "EXITINFO2", EXITINFO2 },
		{ "EXITINTINFO", EXITINTINFO }, { "nRIP", NRIP },
		{ "EVENTINJ", EVENTINJ }, { "DBGCTL", DBGCTL },
		{ "guest instruction bytes 63:0", BYTES_FETCHED },
		{ "guest instruction bytes 127:64", BYTES_FETCHED + 8 },
	};
	size_t i;

	if (strcmp(name, "error code") == 0) {
		*value = (uint64_t)run->outcome.error_code;
		return run->outcome.error_code >= 0;
	}
	if (strcmp(name, "V_IRQ and V_TPR") == 0) {
		*value = number_at(run->memory, run->c->block.address + VIRTUAL_INTERRUPT, 8)
			 & (V_IRQ | V_TPR);
		return true;
	}
	if (strcmp(name, "V_NMI and V_NMI_MASK") == 0) {
		*value = number_at(run->memory, run->c->block.address + VIRTUAL_INTERRUPT, 8)
			 & (V_NMI | V_NMI_MASK);
		return true;
	}
	if (strcmp(name, "V_GIF") == 0) {
		*value = number_at(run->memory, run->c->block.address + VIRTUAL_INTERRUPT, 8)
			 & V_GIF;
		return true;
	}
	if (strncmp(name, "host ", 5) == 0) {
		*value = run->outcome.registers[precept_register_number(name + 5)];
		return true;
	}
	for (i = 0; i < COUNT(fields); i++) {
		if (strcmp(name, fields[i].name) == 0) {
			*value = number_at(
				run->memory, run->c->block.address + (uint64_t)fields[i].offset, 8);
			return true;
		}
	}
	precept_die("no field of mine", name);
	return false;
}

/* A guest register at the end: what the exit saved, or what is still in the processor. */
static uint64_t guest_register(const struct run *run, int number)
{
	size_t i;

	if (run->outcome.end == PRECEPT_EXIT) {
		uint64_t vmcb = run->c->block.address;

		for (i = 0; i < COUNT(vmcb_switched); i++)
			if ((int)vmcb_switched[i].reg == number)
				return number_at(
					run->memory, vmcb + (uint64_t)vmcb_switched[i].offset,
					vmcb_switched[i].size);
		if (number == PRECEPT_INTERRUPT_SHADOW)
			return number_at(run->memory, vmcb + VMCB_INTERRUPT_SHADOW, 1) & 1;
		if (number == PRECEPT_CR8)
			return number_at(run->memory, vmcb + VIRTUAL_INTERRUPT, 1) & 0xF;
	}
	return run->outcome.registers[number];
}

static bool listed(const struct json *names, const char *name)
{
	const struct json *each;

	for (each = names ? names->first : NULL; each; each = each->next)
		if (strcmp(each->text, name) == 0)
			return true;
	return false;
}

/* Says a difference, and counts it. */
static int differs(bool tell, const char *name, uint64_t expected, uint64_t seen)
{
	if (tell)
		printf("    %s: 0x%" PRIx64 " expected, 0x%" PRIx64 " seen\n", name, expected, seen);
	return 1;
}

static int field_differences(const struct run *run, const struct json *allowed, bool tell)
{
	const struct json *parts[] = {
		json_member(allowed, "fields"),
		run->outcome.end == PRECEPT_EXIT ? json_member(run->exit, "fields") : NULL,
	};
	int found = 0;
	size_t i;

	for (i = 0; i < COUNT(parts); i++) {
		const struct json *each;

		for (each = parts[i] ? parts[i]->first : NULL; each; each = each->next) {
			const char *text = carried(run, allowed, "fields", each->name);
			uint64_t bits = mask(run, allowed, each->name), seen = 0;
			bool again = i == 1 && json_member(parts[0], each->name);

			if (!text || again)
				continue;
			if (!field(run, each->name, &seen)
			    || ((seen ^ precept_number(text)) & bits) != 0)
				found += differs(tell, each->name, precept_number(text), seen);
		}
	}
	return found;
}

static int register_differences(const struct run *run, const struct json *allowed, bool tell)
{
	const struct json *changed = json_member(allowed, "registers");
	const struct json *open = json_member(allowed, "unspecified");
	int i, found = 0;

	for (i = 0; i < PRECEPT_REGISTERS; i++) {
		const char *name = precept_register_name(i), *text = json_text(changed, name);
		uint64_t expected = text ? precept_number(text) : run->c->state[i];
		uint64_t seen = guest_register(run, i);

		if (i != PRECEPT_TSC && !run->outcome.unseen[i] && !listed(open, name)
		    && ((expected ^ seen) & mask(run, allowed, name)) != 0)
			found += differs(tell, name, expected, seen);
	}
	return found;
}

/* Marks what an exit writes to the control block whatever the outcome. */
static void mark_written(bool *written)
{
	static const struct {
		int offset, size;
	} outputs[] = {
		{ VIRTUAL_INTERRUPT, 8 }, { VMCB_INTERRUPT_SHADOW, 8 }, { EXITCODE, 8 },
		{ EXITINFO1, 8 }, { EXITINFO2, 8 }, { EXITINTINFO, 8 }, { EVENTINJ, 8 }, { NRIP, 8 },
		{ BYTES_FETCHED, 16 }, { DBGCTL, 8 },
	};
	size_t i;

	for (i = 0; i < COUNT(outputs); i++)
		memset(written + outputs[i].offset, true, (size_t)outputs[i].size);
	for (i = 0; i < COUNT(vmcb_switched); i++)
		memset(written + vmcb_switched[i].offset, true, (size_t)vmcb_switched[i].size);
}

static int memory_differences(const struct run *run, const struct json *allowed, bool tell)
{
	static uint8_t expected[PRECEPT_END];
	static bool open[PRECEPT_END];
	const struct json *each, *ranges = json_member(allowed, "unspecifiedMemory");
	uint32_t at;
	int found = 0;

	memcpy(expected, run->before, sizeof expected);
	precept_patch(json_member(allowed, "memory"), expected + PRECEPT_START);
	memset(open, false, sizeof open);
	memset(open + HOST_SAVE, true, PRECEPT_PAGE);
	for (each = ranges ? ranges->first : NULL; each; each = each->next)
		memset(open + precept_number(each->first->text), true,
		       (size_t)atoi(each->first->next->text));
	if (run->outcome.end == PRECEPT_EXIT)
		mark_written(open + run->c->block.address);
	for (at = PRECEPT_START; at < PRECEPT_END; at++) {
		if (expected[at] != run->memory[at] && !open[at]) {
			char name[32];

			snprintf(name, sizeof name, "memory 0x%" PRIx32, at);
			found += differs(tell, name, expected[at], run->memory[at]);
		}
	}
	return found;
}

static int differences(const struct run *run, const struct json *allowed, bool tell)
{
	if (!same_end(run, allowed)) {
		if (tell)
			printf("    %s expected\n", json_text(allowed, "label"));
		return 1;
	}
	return field_differences(run, allowed, tell) + register_differences(run, allowed, tell)
	       + memory_differences(run, allowed, tell);
}

static void judge(const struct run *run, const struct json *vector)
{
	const struct json *allowed = json_member(vector, "allowed")->first, *each;
	const struct json *outranked = json_member(vector, "outranked");

	if (run->outcome.end == PRECEPT_NOT_APPLICABLE) {
		counts.not_applicable++;
		return;
	}
	for (each = allowed; each; each = each->next) {
		if (differences(run, each, false) == 0) {
			counts.holds++;
			return;
		}
	}
	counts.violates++;
	printf("%s: %s\n", run->c->id, json_text(vector, "claim"));
	differences(run, allowed, true);
	for (each = outranked ? outranked->first : NULL; each; each = each->next)
		if (same_end(run, each))
			printf("    took %s (%s), which an earlier check outranks\n",
			       json_text(each, "check"), json_text(each, "label"));
	printf("    reveals: %s\n    source: %s\n", json_text(vector, "reveals"),
	       json_text(vector, "source"));
}

static void run_case(
	const struct precept_case *c, const char *id, const struct json *variant,
	const struct json *vector, const struct json *exit)
{
	static struct precept_case own;
	static struct run run;

	own = *c;
	snprintf(own.id, sizeof own.id, "%s", id);
	precept_patch(variant, own.memory);
	run.c = &own;
	run.exit = exit;
	memcpy(run.before + PRECEPT_START, own.memory, sizeof own.memory);
	memcpy(run.memory, run.before, sizeof run.memory);
	precept_run(emulator, &own, run.memory, &run.outcome);
	judge(&run, vector);
}

static void check(const struct precept_library *library, const struct json *file)
{
	const struct json *vectors = json_member(file, "vectors"), *vector, *variant;
	const struct json *exit = json_member(file, "exit");
	static struct precept_case c;

	for (vector = vectors ? vectors->first : NULL; vector; vector = vector->next) {
		const struct json *variants = json_member(vector, "variants");

		precept_case(library, json_member(vector, "case"), &c);
		if (!variants)
			run_case(&c, json_text(vector, "id"), NULL, vector, exit);
		for (variant = variants ? variants->first : NULL; variant; variant = variant->next)
			run_case(&c, json_text(variant, "id"), json_member(variant, "memory"), vector,
				 exit);
	}
}

static const struct json *parse(struct json_pool *pool, const char *name, const char *format)
{
	const struct json *file = json_parse(pool, read_file(name));
	const char *version = json_text(file, "version"), *found = json_text(file, "format");

	const char *vendor = json_text(file, "vendor");

	if (!found || strcmp(found, format) != 0 || !version || strcmp(version, "1") != 0)
		precept_die("no file that I understand", name);
	if (!vendor || strcmp(vendor, "svm") != 0)
		precept_die("no vectors of SVM", name);
	return file;
}

int main(int argc, char **argv)
{
	struct precept_library *library = precept_library();
	struct json_pool *pool = json_pool();
	const struct json *common, *each;
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: check COMMON.json VECTORS.json...\n");
		return 2;
	}
	common = parse(pool, argv[1], "precept-vectors-common");
	for (each = json_member(common, "images")->first; each; each = each->next)
		precept_image(library, each);
	for (each = json_member(common, "templates")->first; each; each = each->next)
		precept_template(library, each);
	for (i = 2; i < argc; i++) {
		json_reset(pool);
		check(library, parse(pool, argv[i], "precept-vectors"));
	}
	printf("%ld hold, %ld violate, %ld not applicable\n", counts.holds, counts.violates,
	       counts.not_applicable);
	return counts.violates ? 1 : 0;
}
