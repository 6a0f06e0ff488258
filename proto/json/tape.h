/* The strict JSON reader. One pass over the received bytes checks RFC 8259 grammar, UTF-8, and our
 * limits, and writes a tape of nodes that point back into these bytes: nothing is copied, no
 * number is converted, the bytes stay the truth. What this reader accepts, PostgreSQL accepts as
 * jsonb; a test holds the two against each other.
 *
 * The tape borrows the text: it is valid as long as the text is. Nodes are in document order; a
 * container's children follow it; an object's children are key, value, key, value. json_tape_parse
 * may be called again on the same tape and reuses its memory, unless that became very large. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/base/util.h"

enum json_error {
        JSON_E_INVALID = 1, /* not JSON, or JSON that we refuse: the problem says what and where */
        JSON_E_ABSENT,      /* json_find: no such value */
        JSON_E_TYPE,        /* the value is of another kind */
        JSON_E_RANGE,       /* a number that does not fit, a pointer that is no pointer */
};

enum json_kind {
        JSON_NULL,
        JSON_FALSE,
        JSON_TRUE,
        JSON_NUMBER,
        JSON_STRING,
        JSON_ARRAY,
        JSON_OBJECT,
};

struct json_node {
        uint32_t offset; /* first byte of the value; of a string: behind the opening quote */
        uint32_t length; /* bytes of the value; of a string: without its quotes, still escaped */
        uint32_t next;   /* index of the node behind this value and all in it */
        uint32_t count;  /* array: elements; object: members */
        uint8_t kind;    /* enum json_kind */
        bool escaped;    /* string with at least one backslash */
};

struct json_tape {
        const char *text; /* borrowed */
        size_t size;
        struct json_node *nodes; /* owned; nodes[0] is the document */
        size_t n_nodes;
        size_t n_allocated;
        bool lines; /* nodes[0] is a list that the text does not write: of the texts on its lines */
};

#define JSON_TAPE_NULL ((struct json_tape){0})

void json_tape_done(struct json_tape *t);

/* Parse exactly one JSON text of size bytes (leading and trailing blanks allowed, nothing else).
 * Refused beyond the grammar: duplicate keys at any depth (compared decoded), U+0000, lone
 * surrogates, a byte-order mark, depth > 64, numbers longer than 64 characters or with an exponent
 * beyond +-308. Returns 0, JSON_E_INVALID, or -ENOMEM. */
int json_tape_parse(struct json_tape *t, const void *text, size_t size,
                    struct problem *reterr) must_check_;

/* As json_tape_parse, and where the text is none, several of them, each of which begins on a line
 * of its own (NDJSON): then the document is the list of them, and t->lines is set. */
int json_tape_parse_lines(struct json_tape *t, const void *text, size_t size,
                          struct problem *reterr) must_check_;

/* As json_tape_parse for configuration: blanks may also be // and block comments. */
int json_tape_parse_config(struct json_tape *t, const void *text, size_t size,
                           struct problem *reterr) must_check_;

/* Put the document of `other` behind those of t, as nodes of t: *ret_root is the first. `text` is
 * where t's own text stands at the beginning and the other's at `offset`; it is borrowed from now
 * on, and t->size stays that of the first. 0 or -ENOMEM. */
int json_tape_append(struct json_tape *t, const struct json_tape *other, const char *text,
                     size_t offset, uint32_t *ret_root) must_check_;

/* A compiled RFC 6901 pointer; "*" as a whole segment stands for any element or member. */
struct json_pointer {
        struct json_segment *segments; /* owned */
        unsigned n_segments;
        bool wild;  /* has at least one "*" */
        char *text; /* owned: the pointer as written */
};

struct json_segment {
        char *name;      /* owned, decoded (~0, ~1) */
        uint32_t length; /* of name */
        int64_t index;   /* as an array index, or -1 */
        bool any;        /* "*" */
};

int json_pointer_compile(const char *text, size_t size, struct json_pointer *ret,
                         struct problem *reterr) must_check_; /* 0, JSON_E_RANGE, -ENOMEM */
void json_pointer_done(struct json_pointer *p);

/* First value that p names below node base (0 = the document). Returns 0 or JSON_E_ABSENT. */
int json_find(const struct json_tape *t, uint32_t base, const struct json_pointer *p,
              uint32_t *ret_node) must_check_;
/* All values that p names: calls fn for each until it returns non-zero, and returns that, else 0.
 */
int json_find_each(const struct json_tape *t, uint32_t base, const struct json_pointer *p,
                   int (*fn)(const struct json_tape *t, uint32_t node, void *userdata),
                   void *userdata);
/* Member of an object by a plain name; JSON_E_ABSENT also when node is no object. */
int json_member(const struct json_tape *t, uint32_t node, const char *name,
                uint32_t *ret_node) must_check_;

/* Walk: for (uint32_t c = json_first(t, n), i = 0; i < count; i++, c = t->nodes[c].next). Of an
 * object the first child is a key, and its value is the node behind it (key index + 1). */
static inline uint32_t json_first(const struct json_tape *t unused_, uint32_t node)
{
        return node + 1;
}

/* The documents in a message, which is one of them or, of a tape of lines, has several: for (d =
 * json_first_document(t, message); d < t->nodes[message].next; d = t->nodes[d].next). */
static inline uint32_t json_first_document(const struct json_tape *t, uint32_t message)
{
        return t->lines ? json_first(t, message) : message;
}

/* Does the string node equal s (decoded, byte for byte)? */
bool json_string_equals(const struct json_tape *t, uint32_t node, const char *s, size_t size);
/* Append the decoded string. Only for JSON_STRING nodes. */
void json_string_decode(const struct json_tape *t, uint32_t node, struct buffer *b);
/* A place between two characters of a string: bytes of the text before it, and decoded ones. Begins
 * as {offset of the node, 0}. */
struct json_place {
        size_t raw, decoded;
};
/* Move it forward to the place behind `decoded` bytes, or to the end. */
void json_string_advance(const struct json_tape *t, uint32_t node, struct json_place *place,
                         size_t decoded);
/* The decoded string as malloc()ed text; JSON_E_TYPE if the node is no string. */
int json_string_dup(const struct json_tape *t, uint32_t node, char **ret) must_check_;
/* A number without fraction and exponent that fits; else JSON_E_TYPE or JSON_E_RANGE. */
int json_int64(const struct json_tape *t, uint32_t node, int64_t *ret) must_check_;
/* The whole text of a value as received (of a string: with its quotes). */
void json_slice(const struct json_tape *t, uint32_t node, const char **ret_text, size_t *ret_size);

/* Compare two JSON number texts as exact decimals, never through a double: -1, 0, 1. */
int json_number_compare(const char *a, size_t a_size, const char *b, size_t b_size);
/* Equal for texts of equal numbers (1, 1.0, 10e-1). */
uint64_t json_number_hash(const char *text, size_t size);
