/* A minimal JSON reader: one value into a tree. Nothing is freed but all of it at once. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *name;    /* of this member, if it is one */
	const char *text;    /* of a string, with its escapes resolved; of a number, as it was written */
	struct json *first;  /* element or member of an array or object */
	struct json *next;   /* element or member behind this one */
	char number[24];     /* where a number's text is kept */
};

struct json_pool;

/* A pool for trees. */
struct json_pool *json_pool(void);

/* Makes all trees of the pool invalid. */
void json_reset(struct json_pool *pool);

/* Reads `text`, which is changed and has to outlive the tree. Returns NULL if it is no JSON. */
struct json *json_parse(struct json_pool *pool, char *text);

/* The member `name` of an object; NULL if there is none, or `object` is none. */
const struct json *json_member(const struct json *object, const char *name);

/* The text of the member `name`; NULL if there is no such string or number. */
const char *json_text(const struct json *object, const char *name);

#endif
