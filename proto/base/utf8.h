/* One table of UTF-8 (RFC 3629 section 4) for all who check or cut text. Header only, because the
 * JSON reader calls it for each character that is not ASCII. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1..4) of the character at p, or 0 if the bytes there are no valid UTF-8:
 * stray, truncated, overlong, surrogate, or above U+10FFFF. */
static inline unsigned utf8_character(const unsigned char *p, size_t size)
{
        unsigned n;
        uint32_t v;

        if (size == 0)
                return 0;
        if (p[0] < 0x80)
                return 1;
        if (p[0] >= 0xC2 && p[0] <= 0xDF)
                n = 2, v = p[0] & 31U;
        else if ((p[0] & 0xF0) == 0xE0)
                n = 3, v = p[0] & 15U;
        else if (p[0] >= 0xF0 && p[0] <= 0xF4)
                n = 4, v = p[0] & 7U;
        else
                return 0;
        if (size < n)
                return 0;
        for (unsigned i = 1; i < n; i++) {
                if ((p[i] & 0xC0) != 0x80)
                        return 0;
                v = v << 6 | (p[i] & 63U);
        }
        if (n == 3 && (v < 0x800 || (v >= 0xD800 && v <= 0xDFFF)))
                return 0;
        if (n == 4 && (v < 0x10000 || v > 0x10FFFF))
                return 0;
        return n;
}

/* Write v (a scalar value) as UTF-8; returns the number of bytes, 1..4. */
static inline unsigned utf8_encode(uint32_t v, unsigned char ret[4])
{
        if (v < 0x80) {
                ret[0] = (unsigned char) v;
                return 1;
        }
        if (v < 0x800) {
                ret[0] = (unsigned char) (0xC0 | v >> 6);
                ret[1] = (unsigned char) (0x80 | (v & 63));
                return 2;
        }
        if (v < 0x10000) {
                ret[0] = (unsigned char) (0xE0 | v >> 12);
                ret[1] = (unsigned char) (0x80 | (v >> 6 & 63));
                ret[2] = (unsigned char) (0x80 | (v & 63));
                return 3;
        }
        ret[0] = (unsigned char) (0xF0 | v >> 18);
        ret[1] = (unsigned char) (0x80 | (v >> 12 & 63));
        ret[2] = (unsigned char) (0x80 | (v >> 6 & 63));
        ret[3] = (unsigned char) (0x80 | (v & 63));
        return 4;
}

/* Largest prefix of at most limit bytes that ends between two characters. */
static inline size_t utf8_cut(const char *s, size_t size, size_t limit)
{
        if (size <= limit)
                return size;
        while (limit > 0 && ((unsigned char) s[limit] & 0xC0) == 0x80)
                limit--;
        return limit;
}
