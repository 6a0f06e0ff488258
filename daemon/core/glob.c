/* Translates globs to POSIX extended regular expressions. */
#include "daemon/core/glob.h"

#include <errno.h>
#include <string.h>

struct glob { /* being translated */
        const char *text;
        size_t size, at;
        struct buffer out;
};

static void add_plain(struct glob *g, char c)
{
        if (strchr(".[]{}()*+?|^$\\", c))
                buffer_add_char(&g->out, '\\');
        buffer_add_char(&g->out, c);
}

/* Behind "[", the place of the bracket that closes it, or the end: then it stands for itself. */
static size_t find_close(const struct glob *g)
{
        size_t i = g->at;

        if (i < g->size && (g->text[i] == '!' || g->text[i] == '^'))
                i++;
        if (i < g->size && g->text[i] == ']')
                i++;
        while (i < g->size && g->text[i] != ']') {
                const char *close = NULL;

                if (i + 2 < g->size && g->text[i] == '[' && strchr(":=.", g->text[i + 1]))
                        close = memmem(g->text + i + 2, g->size - i - 2,
                                       (char[]){g->text[i + 1], ']'}, 2);
                if (close)
                        i = (size_t) (close - g->text) + 2;
                else
                        i += g->text[i] == '\\' ? 2 : 1;
        }
        return MIN(i, g->size);
}

/* An expression has no backslash in brackets: what it made plain is written as a collating symbol.
 */
static void add_bracket(struct glob *g, size_t close)
{
        buffer_add_char(&g->out, '[');
        if (g->text[g->at] == '!') {
                buffer_add_char(&g->out, '^');
                g->at++;
        }
        for (; g->at < close; g->at++) {
                bool plain = g->text[g->at] == '\\' && g->at + 1 < close;

                g->at += plain;
                if (plain && strchr("]^-[\\", g->text[g->at]))
                        buffer_printf(&g->out, "[.%c.]", g->text[g->at]);
                else
                        buffer_add_char(&g->out, g->text[g->at]);
        }
        buffer_add_char(&g->out, ']');
        g->at = close + 1;
}

static void step(struct glob *g)
{
        char c = g->text[g->at++];
        size_t close;

        switch (c) {
        case '*':
                buffer_add_str(&g->out, ".*");
                break;
        case '?':
                buffer_add_char(&g->out, '.');
                break;
        case '[':
                close = find_close(g);
                if (close < g->size)
                        add_bracket(g, close);
                else
                        add_plain(g, c);
                break;
        case '\\':
                add_plain(g, g->at < g->size ? g->text[g->at++] : c);
                break;
        default:
                add_plain(g, c);
                break;
        }
}

int glob_read(struct reader *r, uint32_t node, const struct text *glob, bool nocase,
              struct pattern **ret)
{
        struct glob g = {.text = glob->data, .size = glob->size, .out = BUFFER_NULL};
        cleanup_(buffer_done) struct buffer out = BUFFER_NULL;

        buffer_add_char(&g.out, '^');
        while (g.at < g.size)
                step(&g);
        buffer_add_char(&g.out, '$');
        out = g.out;
        if (buffer_status(&out) < 0)
                return -ENOMEM;
        return pattern_make(r, node, out.data, out.size, nocase, ret);
}
