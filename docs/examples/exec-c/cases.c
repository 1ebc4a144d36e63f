#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64

struct image {
	char name[64];
	uint8_t memory[PRECEPT_END - PRECEPT_START];
};

struct template {
	char name[64];
	struct precept_case like;
};

struct precept_library {
	int images, templates;
	struct image *image[MOST];
	struct template *template[MOST];
};

static const char *const names[] = {
#define NAME(REGISTER) #REGISTER,
	PRECEPT_EACH_REGISTER(NAME)
#undef NAME
};

void precept_die(const char *what, const char *which)
{
	fprintf(stderr, "%s: %.200s\n", what, which ? which : "is missing");
	exit(1);
}

const char *precept_register_name(int number)
{
	return names[number];
}

int precept_register_number(const char *name)
{
	int i;

	for (i = 0; i < PRECEPT_REGISTERS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

uint64_t precept_number(const char *text)
{
	char *end;
	uint64_t value;

	if (!text || strncmp(text, "0x", 2) != 0)
		precept_die("not a number", text);
	value = strtoull(text, &end, 16);
	if (*end)
		precept_die("not a number", text);
	return value;
}

static void copy(char *to, size_t size, const char *text)
{
	if (!text || strlen(text) >= size)
		precept_die("a name that is missing or too long", text);
	strcpy(to, text);
}

void precept_patch(const struct json *patches, uint8_t *memory)
{
	const struct json *each;

	for (each = patches ? patches->first : NULL; each; each = each->next) {
		const char *text = each->first && each->first->next ? each->first->next->text : NULL;
		uint64_t at;
		unsigned byte;

		if (!text)
			precept_die("a patch without bytes", NULL);
		at = precept_number(each->first->text);
		for (; sscanf(text, "%2x", &byte) == 1; text += 2, at++) {
			if (at < PRECEPT_START || at >= PRECEPT_END)
				precept_die("a patch outside the case's memory", each->first->text);
			memory[at - PRECEPT_START] = (uint8_t)byte;
		}
	}
}

static void registers(const struct json *some, uint64_t *values)
{
	const struct json *each;

	for (each = some ? some->first : NULL; each; each = each->next) {
		int number = precept_register_number(each->name);

		if (number < 0)
			precept_die("no register of mine", each->name);
		values[number] = precept_number(each->text);
	}
}

static void features(const struct json *all, struct precept_case *c)
{
	static const char *const outputs[] = { "eax", "ebx", "ecx", "edx" };
	const struct json *each;

	c->feature_count = 0;
	for (each = all->first; each; each = each->next) {
		struct precept_feature *feature = &c->features[c->feature_count++];
		const char *output = json_text(each, "register"), *bit = json_text(each, "bit");
		const struct json *present = json_member(each, "present");

		if (c->feature_count > PRECEPT_FEATURES || !output || !bit || !present)
			precept_die("a feature that I do not understand", output);
		feature->leaf = (uint32_t)precept_number(json_text(each, "leaf"));
		feature->subleaf = (uint32_t)precept_number(json_text(each, "subleaf"));
		for (feature->output = 0; strcmp(outputs[feature->output], output) != 0;)
			if (++feature->output == 4)
				precept_die("no output of CPUID", output);
		feature->bit = atoi(bit);
		feature->present = present->type == JSON_TRUE;
	}
}

/* The block that `json` describes by what its fields have differently from those in `block`. */
static void control_block(const struct json *json, struct precept_block *block)
{
	const struct json *fields = json_member(json, "fields"), *each;

	if (json->type == JSON_NULL) {
		memset(block, 0, sizeof *block);
		return;
	}
	block->address = precept_number(json_text(json, "address"));
	for (each = fields ? fields->first : NULL; each; each = each->next) {
		uint32_t encoding = (uint32_t)precept_number(each->name);
		int i = 0;

		while (i < block->count && block->fields[i].encoding != encoding)
			i++;
		if (each->type == JSON_NULL) {
			if (i < block->count)
				block->fields[i] = block->fields[--block->count];
			continue;
		}
		if (i == PRECEPT_FIELDS)
			precept_die("too many fields", each->name);
		if (i == block->count)
			block->count++;
		block->fields[i].encoding = encoding;
		block->fields[i].value = precept_number(each->text);
	}
}

struct precept_library *precept_library(void)
{
	struct precept_library *library = calloc(1, sizeof *library);

	if (!library)
		abort();
	return library;
}

void precept_image(struct precept_library *library, const struct json *json)
{
	struct image *image = calloc(1, sizeof *image);

	if (!image || library->images == MOST)
		precept_die("too many images", json_text(json, "name"));
	copy(image->name, sizeof image->name, json_text(json, "name"));
	precept_patch(json_member(json, "memory"), image->memory);
	library->image[library->images++] = image;
}

void precept_template(struct precept_library *library, const struct json *json)
{
	struct template *template = calloc(1, sizeof *template);
	const char *image = json_text(json, "image"), *context = json_text(json, "context");
	const struct json *block = json_member(json, "controlBlock");
	struct precept_case *like;
	int i;

	if (!template || library->templates == MOST)
		precept_die("too many templates", json_text(json, "name"));
	like = &template->like;
	copy(template->name, sizeof template->name, json_text(json, "name"));
	copy(like->vendor, sizeof like->vendor, json_text(json, "vendor"));
	for (i = 0; i < library->images && image && strcmp(library->image[i]->name, image) != 0;)
		i++;
	if (i == library->images || !image)
		precept_die("no image of mine", image);
	memcpy(like->memory, library->image[i]->memory, sizeof like->memory);
	precept_patch(json_member(json, "memory"), like->memory);
	like->guest = context && strcmp(context, "guest") == 0;
	features(json_member(json, "features"), like);
	registers(json_member(json, "state"), like->state);
	registers(json_member(json, "host"), like->host);
	if (block)
		control_block(block, &like->block);
	library->template[library->templates++] = template;
}

void precept_case(
	const struct precept_library *library, const struct json *json, struct precept_case *c)
{
	const char *name = json_text(json, "template"), *steps = json_text(json, "steps");
	const struct json *some, *code = json_member(json, "code");
	int i = 0;

	while (i < library->templates && name && strcmp(library->template[i]->name, name) != 0)
		i++;
	if (i == library->templates || !name)
		precept_die("no template of mine", name);
	*c = library->template[i]->like;
	if ((some = json_member(json, "features")))
		features(some, c);
	registers(json_member(json, "state"), c->state);
	registers(json_member(json, "host"), c->host);
	precept_patch(json_member(json, "memory"), c->memory);
	if ((some = json_member(json, "controlBlock")))
		control_block(some, &c->block);
	memset(&c->prior, 0, sizeof c->prior);
	if ((some = json_member(json, "priorControlBlock"))) {
		c->prior = c->block;
		control_block(some, &c->prior);
	}
	c->steps = steps ? atoi(steps) : 1;
	if (!code || !code->first || !code->first->next)
		precept_die("a case without code", name);
	c->code = precept_number(code->first->text);
	c->code_length = (int)strlen(code->first->next->text) / 2;
}

bool precept_wants(
	const struct precept_case *c, uint32_t leaf, int output, int bit, bool otherwise)
{
	int i;

	for (i = 0; i < c->feature_count; i++) {
		const struct precept_feature *f = &c->features[i];

		if (f->leaf == leaf && f->subleaf == 0 && f->output == output && f->bit == bit)
			return f->present;
	}
	return otherwise;
}

void precept_run(
	const struct precept_emulator *emulator, const struct precept_case *c, uint8_t *memory,
	struct precept_outcome *outcome)
{
	const char *why = emulator->load(c, memory);
	uint64_t before = c->guest ? c->prior.address : c->block.address;

	memset(outcome, 0, sizeof *outcome);
	outcome->error_code = -1;
	if (why) {
		outcome->end = PRECEPT_NOT_APPLICABLE;
		snprintf(outcome->remark, sizeof outcome->remark, "%s", why);
		return;
	}
	if (before) {
		/* A guest comes and goes. Memory is as it was afterwards; the processor may not be. */
		outcome->end = emulator->run(before, 1);
		memcpy(memory + PRECEPT_START, c->memory, sizeof c->memory);
		if (outcome->end != PRECEPT_EXIT) {
			emulator->read(outcome);
			if (outcome->end != PRECEPT_NOT_APPLICABLE) {
				outcome->end = PRECEPT_CRASH;
				snprintf(outcome->remark, sizeof outcome->remark,
					 "the guest that goes before did not exit");
			}
			return;
		}
	}
	outcome->end = emulator->run(c->guest ? c->block.address : 0, c->steps);
	emulator->read(outcome);
}
