#include "json.h"

#include <stdlib.h>
#include <string.h>

#define NODES 4096
#define DEEPEST 32

struct block {
	struct block *next;
	struct json nodes[NODES];
};

struct json_pool {
	struct block *first, *now;
	size_t used;
};

struct reader {
	struct json_pool *pool;
	char *at;
	int depth;
};

static struct block *block(void)
{
	struct block *made = calloc(1, sizeof *made);

	if (!made)
		abort();
	return made;
}

struct json_pool *json_pool(void)
{
	struct json_pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		abort();
	pool->first = pool->now = block();
	return pool;
}

void json_reset(struct json_pool *pool)
{
	pool->now = pool->first;
	pool->used = 0;
}

static struct json *node(struct json_pool *pool, enum json_type type)
{
	struct json *made;

	if (pool->used == NODES) {
		if (!pool->now->next)
			pool->now->next = block();
		pool->now = pool->now->next;
		pool->used = 0;
	}
	made = &pool->now->nodes[pool->used++];
	memset(made, 0, sizeof *made);
	made->type = type;
	return made;
}

static void space(struct reader *in)
{
	while (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')
		in->at++;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* \uXXXX as UTF-8; halves of a pair are passed on one by one, nothing here needs them. */
static char *unicode(struct reader *in, char *to)
{
	unsigned code = 0;
	int i;

	for (i = 0; i < 4; i++) {
		int digit = hex(*in->at);

		if (digit < 0)
			return NULL;
		code = code << 4 | (unsigned)digit;
		in->at++;
	}
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xC0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3F));
	} else {
		*to++ = (char)(0xE0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3F));
		*to++ = (char)(0x80 | (code & 0x3F));
	}
	return to;
}

/* A string, whose text takes the place of its escapes: it only gets shorter. */
static char *string(struct reader *in)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char *start = ++in->at, *to = start;

	while (*in->at != '"') {
		if ((unsigned char)*in->at < ' ')
			return NULL;
		if (*in->at != '\\') {
			*to++ = *in->at++;
			continue;
		}
		in->at++;
		if (*in->at == 'u') {
			in->at++;
			to = unicode(in, to);
			if (!to)
				return NULL;
		} else {
			const char *escape = *in->at ? strchr(escapes, *in->at) : NULL;

			if (!escape)
				return NULL;
			*to++ = meanings[escape - escapes];
			in->at++;
		}
	}
	in->at++;
	*to = '\0';
	return start;
}

static struct json *value(struct reader *in);

/* What stands between brackets or braces. */
static struct json *members(struct reader *in, enum json_type type, char close)
{
	struct json *whole = node(in->pool, type), **last = &whole->first;

	in->at++;
	space(in);
	if (*in->at == close) {
		in->at++;
		return whole;
	}
	for (;;) {
		const char *name = NULL;

		space(in);
		if (type == JSON_OBJECT) {
			if (*in->at != '"' || !(name = string(in)))
				return NULL;
			space(in);
			if (*in->at++ != ':')
				return NULL;
		}
		*last = value(in);
		if (!*last)
			return NULL;
		(*last)->name = name;
		last = &(*last)->next;
		space(in);
		if (*in->at == close) {
			in->at++;
			return whole;
		}
		if (*in->at++ != ',')
			return NULL;
	}
}

static struct json *word(struct reader *in, const char *text, enum json_type type)
{
	if (strncmp(in->at, text, strlen(text)) != 0)
		return NULL;
	in->at += strlen(text);
	return node(in->pool, type);
}

static struct json *number(struct reader *in)
{
	size_t length = strspn(in->at, "+-.0123456789eE");
	struct json *made = node(in->pool, JSON_NUMBER);

	if (length == 0 || length >= sizeof made->number)
		return NULL;
	memcpy(made->number, in->at, length);
	made->text = made->number;
	in->at += length;
	return made;
}

static struct json *value(struct reader *in)
{
	struct json *made = NULL;

	if (++in->depth > DEEPEST)
		return NULL;
	space(in);
	switch (*in->at) {
	case '{':
		made = members(in, JSON_OBJECT, '}');
		break;
	case '[':
		made = members(in, JSON_ARRAY, ']');
		break;
	case '"': {
		char *text = string(in);

		if (text) {
			made = node(in->pool, JSON_STRING);
			made->text = text;
		}
		break;
	}
	case 't':
		made = word(in, "true", JSON_TRUE);
		break;
	case 'f':
		made = word(in, "false", JSON_FALSE);
		break;
	case 'n':
		made = word(in, "null", JSON_NULL);
		break;
	default:
		made = number(in);
	}
	in->depth--;
	return made;
}

struct json *json_parse(struct json_pool *pool, char *text)
{
	struct reader in = { pool, text, 0 };
	struct json *made = value(&in);

	if (!made)
		return NULL;
	space(&in);
	return *in.at == '\0' ? made : NULL;
}

const struct json *json_member(const struct json *object, const char *name)
{
	const struct json *each;

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (each = object->first; each; each = each->next)
		if (strcmp(each->name, name) == 0)
			return each;
	return NULL;
}

const char *json_text(const struct json *object, const char *name)
{
	const struct json *member = json_member(object, name);

	return member ? member->text : NULL;
}
