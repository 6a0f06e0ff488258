/* What the files of json/ share among themselves: a cursor over an escaped string's decoded bytes,
 * and the check for duplicate keys. Not for other folders. */
#pragma once

#include "proto/json/tape.h"

/* Yields the decoded bytes of a valid JSON string body one character at a time, without memory. */
struct string_cursor {
        const char *p, *end;
        unsigned char character[4]; /* decoded bytes of the current character */
        unsigned size;              /* of character */
        unsigned at;                /* next byte of character */
};

void string_cursor_init(struct string_cursor *c, const char *text, size_t size);
int string_cursor_next(struct string_cursor *c); /* a byte, or -1 at the end */
uint32_t string_hex4(const char *p);             /* four hex digits, already checked */

/* Order of two key nodes by their decoded bytes. */
int key_compare(const struct json_tape *t, uint32_t a, uint32_t b);

/* A number for a key such that equal keys (decoded) have equal numbers. Kept in json_node.count of
 * keys while parsing. */
uint32_t key_fingerprint(const struct json_tape *t, const struct json_node *key);

/* Find two members of the object with the same key. Returns 0 if there are none, 1 and the later
 * key node in *ret_key if there are, -ENOMEM. */
int object_find_duplicate(const struct json_tape *t, uint32_t object,
                          uint32_t *ret_key) must_check_;
