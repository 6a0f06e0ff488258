/* Problems for people: formatted, made harmless for terminals and logs, cut at a character.
 * Plain values; nothing is allocated. Used by all parsers. */
#include "proto/base/problem.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/utf8.h"

/* What a peer sent may stand in the text: control characters and broken UTF-8 become '?'. A
 * character cut in half by the formatting ends the text. */
static void text_make_harmless(char *text, bool was_cut)
{
        size_t size = strlen(text);

        for (size_t i = 0; i < size;) {
                unsigned n = utf8_character((const unsigned char *) text + i, size - i);

                if (n == 0 && was_cut && i + 4 > size) {
                        text[i] = 0;
                        return;
                }
                if (n == 0 || (n == 1 && ((unsigned char) text[i] < 0x20 || text[i] == 0x7f)) ||
                    (n == 2 && text[i] == '\xC2' && (unsigned char) text[i + 1] < 0xA0)) {
                        memset(text + i, '?', MAX(n, 1U));
                }
                i += MAX(n, 1U);
        }
}

void problem_set(struct problem *p, size_t offset, const char *format, ...)
{
        va_list args;
        int n;

        if (!p)
                return;
        va_start(args, format);
        n = vsnprintf(p->text, sizeof(p->text), format, args);
        va_end(args);
        p->offset = offset;
        if (n < 0)
                p->text[0] = 0;
        text_make_harmless(p->text, n >= (int) sizeof(p->text));
}

void problem_place(const char *text, size_t size, size_t offset, unsigned *ret_line,
                   unsigned *ret_column)
{
        unsigned line = 1;
        size_t start = 0;

        offset = MIN(offset, size);
        for (size_t i = 0; i < offset; i++) {
                if (text[i] != '\n')
                        continue;
                line++;
                start = i + 1;
        }
        *ret_line = line;
        *ret_column = (unsigned) (offset - start) + 1;
}

void problem_locate(struct problem *p, const char *text, size_t size)
{
        struct problem sentence;
        unsigned line, column;

        if (!p)
                return;
        sentence = *p;
        problem_place(text, size, p->offset, &line, &column);
        problem_set(p, p->offset, "line %u, column %u: %s", line, column, sentence.text);
}
