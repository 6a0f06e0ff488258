/* Text of others on a terminal. Pure. */
#include "client/capactl/text.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "proto/base/utf8.h"

static uint32_t decode(const unsigned char *p, unsigned n)
{
        uint32_t v = n == 1 ? p[0] : n == 2 ? p[0] & 31U : n == 3 ? p[0] & 15U : p[0] & 7U;

        for (unsigned i = 1; i < n; i++)
                v = v << 6 | (p[i] & 63U);
        return v;
}

/* Direction marks are harmless in a database and deceive on a terminal: file names and commands
 * can be made to read backwards. */
static bool steers(uint32_t v)
{
        return v < 0x20 || (v >= 0x7f && v < 0xa0) || v == 0x61c || v == 0x200e || v == 0x200f ||
               (v >= 0x2028 && v <= 0x202e) || (v >= 0x2066 && v <= 0x2069) || v == 0xfeff;
}

void text_clean(struct buffer *b, const char *s, int indent)
{
        const unsigned char *p = (const unsigned char *) s;
        size_t left = s ? strlen(s) : 0;

        while (left > 0) {
                unsigned n = utf8_character(p, left);
                uint32_t v = n > 0 ? decode(p, n) : 0;

                if (n == 0)
                        buffer_printf(b, "\\x%02x", *p);
                else if (v == '\n' && indent >= 0)
                        buffer_printf(b, "\n%*s", indent, "");
                else if (v == '\n' || v == '\t')
                        buffer_add_char(b, ' ');
                else if (v == '\r' && left > 1 && p[1] == '\n')
                        ;
                else if (steers(v))
                        buffer_printf(b, v < 0x100 ? "\\x%02x" : "\\u%04x", v);
                else
                        buffer_add(b, p, n);
                n = MAX(n, 1U);
                p += n;
                left -= n;
        }
}

char *text_cleaned(const char *s, int indent)
{
        struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "");
        text_clean(&b, s, indent);
        if (buffer_status(&b) < 0) {
                buffer_done(&b);
                return NULL;
        }
        return b.data ? buffer_take(&b) : strdup("");
}

size_t text_width(const char *s)
{
        const unsigned char *p = (const unsigned char *) s;
        size_t left = strlen(s), width = 0;

        while (left > 0) {
                unsigned n = utf8_character(p, left);
                int w = n > 0 ? wcwidth((wchar_t) decode(p, n)) : 1;

                width += w > 0 ? (size_t) w : 0;
                n = MAX(n, 1U);
                p += n;
                left -= n;
        }
        return width;
}
