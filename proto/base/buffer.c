/* Growing byte buffer: memory doubles, the end is always NUL-terminated, and failure is sticky so
 * that callers check once. Knows how to write JSON strings and hex, nothing else of the domain.
 * Owns buffer.data until buffer_take. Used by all folders. */
#include "proto/base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/utf8.h"

enum { BUFFER_FIRST_SIZE = 256 };

void buffer_done(struct buffer *b)
{
        free(b->data);
        *b = BUFFER_NULL;
}

void buffer_clear(struct buffer *b)
{
        b->size = 0;
        b->broken = false;
        if (b->data)
                b->data[0] = 0;
}

int buffer_status(const struct buffer *b)
{
        return b->broken ? -ENOMEM : 0;
}

/* Room for size more bytes and the NUL; false marks the buffer broken. */
static bool buffer_reserve(struct buffer *b, size_t size)
{
        size_t wanted, n;
        char *data;

        if (b->broken)
                return false;
        if (__builtin_add_overflow(b->size, size, &wanted) ||
            __builtin_add_overflow(wanted, 1, &wanted) || wanted > PTRDIFF_MAX) {
                b->broken = true;
                return false;
        }
        if (wanted <= b->allocated)
                return true;
        n = MAX(b->allocated, (size_t) BUFFER_FIRST_SIZE);
        while (n < wanted)
                n = n > SIZE_MAX / 2 ? wanted : n * 2;
        data = realloc(b->data, n);
        if (!data) {
                b->broken = true;
                return false;
        }
        b->data = data;
        b->allocated = n;
        return true;
}

char *buffer_take(struct buffer *b)
{
        char *data;

        if (!buffer_reserve(b, 0)) {
                buffer_done(b);
                return NULL;
        }
        b->data[b->size] = 0;
        data = TAKE_PTR(b->data);
        *b = BUFFER_NULL;
        return data;
}

void buffer_add(struct buffer *b, const void *data, size_t size)
{
        if (!buffer_reserve(b, size))
                return;
        if (size > 0)
                memcpy(b->data + b->size, data, size);
        b->size += size;
        b->data[b->size] = 0;
}

void buffer_add_str(struct buffer *b, const char *s)
{
        buffer_add(b, s, strlen(s));
}

void buffer_add_char(struct buffer *b, char c)
{
        buffer_add(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
        va_list args, again;
        int n;

        va_start(args, format);
        va_copy(again, args);
        n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0)
                b->broken = true;
        else if (buffer_reserve(b, (size_t) n)) {
                (void) vsnprintf(b->data + b->size, (size_t) n + 1, format, again);
                b->size += (size_t) n;
        }
        va_end(again);
}

/* One ASCII character that JSON cannot hold as it is. */
static void buffer_add_json_escape(struct buffer *b, unsigned char c)
{
        static const char SHORT[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                     ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};

        if (c < sizeof(SHORT) && SHORT[c])
                buffer_printf(b, "\\%c", SHORT[c]);
        else
                buffer_printf(b, "\\u%04x", c);
}

/* How many bytes from s on may be written unchanged. */
static size_t json_plain_span(const char *s, size_t size)
{
        size_t i = 0;

        while (i < size && (unsigned char) s[i] >= 0x20 && (unsigned char) s[i] < 0x7f &&
               s[i] != '"' && s[i] != '\\')
                i++;
        return i;
}

void buffer_add_json_string(struct buffer *b, const char *s, size_t size)
{
        buffer_add_char(b, '"');
        for (size_t i = 0; i < size;) {
                size_t plain = json_plain_span(s + i, size - i);
                unsigned n;

                buffer_add(b, s + i, plain);
                i += plain;
                if (i >= size)
                        break;
                n = utf8_character((const unsigned char *) s + i, size - i);
                if (n == 1)
                        buffer_add_json_escape(b, (unsigned char) s[i]);
                else if (n == 0)
                        buffer_add_str(b, "\xEF\xBF\xBD");
                else if (n == 3 && memcmp(s + i, "\xE2\x80\xA8", 3) == 0)
                        buffer_add_str(b, "\\u2028");
                else if (n == 3 && memcmp(s + i, "\xE2\x80\xA9", 3) == 0)
                        buffer_add_str(b, "\\u2029");
                else
                        buffer_add(b, s + i, n);
                i += MAX(n, 1U);
        }
        buffer_add_char(b, '"');
}

void buffer_add_json_cstr(struct buffer *b, const char *s)
{
        if (s)
                buffer_add_json_string(b, s, strlen(s));
        else
                buffer_add_str(b, "null");
}

void buffer_add_hex(struct buffer *b, const void *data, size_t size)
{
        static const char DIGITS[] = "0123456789abcdef";
        const unsigned char *p = data;

        if (size > SIZE_MAX / 2 || !buffer_reserve(b, 2 * size)) {
                b->broken = true;
                return;
        }
        for (size_t i = 0; i < size; i++) {
                b->data[b->size++] = DIGITS[p[i] >> 4];
                b->data[b->size++] = DIGITS[p[i] & 15];
        }
        b->data[b->size] = 0;
}
