/* A growing byte buffer, for building JSON and frames. After a failed append the buffer is
 * "broken": later appends do nothing and buffer_status() gives -ENOMEM, so that a run of appends
 * needs one check. Reuse with buffer_clear() keeps the memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/util.h"

struct buffer {
        char *data; /* owned; NUL-terminated behind size whenever not NULL */
        size_t size;
        size_t allocated;
        bool broken;
};

#define BUFFER_NULL ((struct buffer){0})

void buffer_done(
        struct buffer *b); /* frees the memory, leaves BUFFER_NULL; cleanup_(buffer_done) */
void buffer_clear(struct buffer *b);                   /* size 0, not broken, memory kept */
int buffer_status(const struct buffer *b) must_check_; /* 0 or -ENOMEM */
char *buffer_take(struct buffer *b);                   /* caller frees; NULL if broken */

void buffer_add(struct buffer *b, const void *data, size_t size);
void buffer_add_str(struct buffer *b, const char *s);
void buffer_add_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) printf_(2, 3);
/* The JSON string (with quotes) for size bytes of valid UTF-8 without NUL. Bytes that are not
 * valid UTF-8 become U+FFFD; control characters and U+2028/2029 are escaped. */
void buffer_add_json_string(struct buffer *b, const char *s, size_t size);
void buffer_add_json_cstr(struct buffer *b, const char *s);           /* NULL gives null */
void buffer_add_hex(struct buffer *b, const void *data, size_t size); /* lower case */
