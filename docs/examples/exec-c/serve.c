/* The protocol: a line is read, a line is said. docs/subjects.md describes it. */
#define _POSIX_C_SOURCE 200809L

#include "cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ends[] = {
	"exit", "delivered", "retired", "halted", "shutdown", "not-applicable", "crash",
};

static void quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar((unsigned char)*text < ' ' ? '?' : *text);
	}
	putchar('"');
}

/* Bytes of the case's memory that are not as they were, in patches. */
static void changes(const uint8_t *before, const uint8_t *after)
{
	const uint32_t size = PRECEPT_END - PRECEPT_START;
	const char *between = "";
	uint32_t page, at;

	for (page = 0; page < size; page += PRECEPT_PAGE) {
		if (memcmp(before + page, after + page, PRECEPT_PAGE) == 0)
			continue;
		for (at = page; at < page + PRECEPT_PAGE; at++) {
			if (before[at] == after[at])
				continue;
			printf("%s[\"0x%" PRIx32 "\",\"", between, PRECEPT_START + at);
			for (; at < page + PRECEPT_PAGE && before[at] != after[at]; at++)
				printf("%02x", after[at]);
			printf("\"]");
			between = ",";
		}
	}
}

/* Registers are said by what they have differently from the host's after an exit, else the state's. */
static void registers(const struct precept_case *c, const struct precept_outcome *o)
{
	const uint64_t *from = o->end == PRECEPT_EXIT ? c->host : c->state;
	const char *between = "";
	int i;

	printf(",\"others\":\"%s\",\"registers\":{", o->end == PRECEPT_EXIT ? "host" : "state");
	for (i = 0; i < PRECEPT_REGISTERS; i++) {
		if (o->registers[i] != from[i] && !o->unseen[i]) {
			printf("%s\"%s\":\"0x%" PRIx64 "\"", between, precept_register_name(i),
			       o->registers[i]);
			between = ",";
		}
	}
	printf("},\"unseen\":[");
	between = "";
	for (i = 0; i < PRECEPT_REGISTERS; i++) {
		if (o->unseen[i]) {
			printf("%s\"%s\"", between, precept_register_name(i));
			between = ",";
		}
	}
	printf("]");
}

static void fields(const struct precept_outcome *o)
{
	int i;

	printf(",\"fields\":{");
	for (i = 0; i < o->field_count; i++)
		printf("%s\"0x%" PRIx32 "\":\"0x%" PRIx64 "\"", i ? "," : "", o->fields[i].encoding,
		       o->fields[i].value);
	printf("}");
}

static void say(
	const char *number, const struct precept_case *c, const struct precept_outcome *o,
	const uint8_t *memory)
{
	printf("{\"observation\":{\"number\":%s,\"kind\":\"%s\"", number, ends[o->end]);
	if (o->end == PRECEPT_NOT_APPLICABLE || o->end == PRECEPT_CRASH) {
		printf(",\"remark\":");
		quoted(o->remark);
	} else {
		if (o->end == PRECEPT_DELIVERED) {
			printf(",\"vector\":%d", o->vector);
			if (o->error_code >= 0)
				printf(",\"errorCode\":\"0x%" PRIx64 "\"", (uint64_t)o->error_code);
		}
		registers(c, o);
		printf(",\"memory\":[");
		changes(c->memory, memory + PRECEPT_START);
		printf("]");
		if (o->field_count > 0)
			fields(o);
	}
	printf("}}\n");
}

int precept_serve(const struct precept_emulator *emulator)
{
	static uint8_t memory[PRECEPT_END];
	static struct precept_case c;
	static struct precept_outcome outcome;
	struct precept_library *library = precept_library();
	struct json_pool *pool = json_pool();
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&line, &size, stdin)) > 0) {
		const struct json *message, *body;
		char *copy = strdup(line);

		json_reset(pool);
		message = json_parse(pool, line);
		body = message ? message->first : NULL;
		if (!body || !body->name || !copy)
			precept_die("a line that I do not understand", copy);
		if (strcmp(body->name, "hello") == 0) {
			printf("{\"hello\":{\"protocol\":1,\"name\":");
			quoted(emulator->name);
			printf(",\"version\":");
			quoted(emulator->version);
			printf(",%s}}\n", emulator->capabilities);
			fflush(stdout);
		} else if (strcmp(body->name, "image") == 0) {
			precept_image(library, body);
		} else if (strcmp(body->name, "template") == 0) {
			precept_template(library, body);
		} else if (strcmp(body->name, "case") == 0) {
			precept_case(library, body, &c);
			snprintf(c.id, sizeof c.id, "%s", json_text(body, "id"));
			memcpy(memory + PRECEPT_START, c.memory, sizeof c.memory);
			precept_run(emulator, &c, memory, &outcome);
			say(json_text(body, "number"), &c, &outcome, memory);
		} else if (strcmp(body->name, "end") == 0) {
			/* All of the batch is answered: say so by the same line. */
			fputs(copy, stdout);
			fflush(stdout);
		} else {
			precept_die("a message that I do not know", body->name);
		}
		free(copy);
	}
	free(line);
	return 0;
}
