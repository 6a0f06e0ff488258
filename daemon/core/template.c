/* Compiles and renders templates. */
#include "daemon/core/template.h"

#include <errno.h>
#include <string.h>

#include "proto/base/limits.h"

static unsigned count_braces(const char *s, size_t size)
{
        unsigned n = 0;

        for (size_t i = 0; i < size; i++)
                n += s[i] == '{';
        return n;
}

/* Take the path at the brace text[at]; the offset behind its closing brace comes back in *ret_end.
 */
static int read_hole(struct reader *r, const struct text *text, size_t at, const struct path **ret,
                     size_t *ret_end, struct problem *reterr)
{
        const char *close = memchr(text->data + at, '}', text->size - at);
        int k;

        if (!close) {
                problem_set(reterr, at,
                            "the brace is not closed; write \"{{\" for a literal brace");
                return PATH_E_INVALID;
        }
        k = path_table_add(r->paths, text->data + at + 1, (size_t) (close - text->data) - at - 1,
                           ret, reterr);
        if (k > 0)
                reterr->offset += at + 1;
        *ret_end = (size_t) (close - text->data) + 1;
        return k;
}

static int template_compile(struct reader *r, const struct text *text, struct template *t,
                            struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer literal = BUFFER_NULL;
        size_t at = 0;
        int k;

        while (at < text->size) {
                struct template_piece *piece = &t->pieces[t->n_pieces];

                if (text->data[at] != '{') {
                        buffer_add_char(&literal, text->data[at++]);
                        continue;
                }
                if (at + 1 < text->size && text->data[at + 1] == '{') {
                        buffer_add_char(&literal, '{');
                        at += 2;
                        continue;
                }
                k = read_hole(r, text, at, &piece->path, &at, reterr);
                if (k != 0)
                        return k;
                if (buffer_status(&literal) < 0)
                        return -ENOMEM;
                k = arena_text(r->arena, literal.data, literal.size, &piece->literal);
                if (k < 0)
                        return k;
                t->n_pieces++;
                buffer_clear(&literal);
        }
        if (buffer_status(&literal) < 0)
                return -ENOMEM;
        return arena_text(r->arena, literal.data, literal.size, &t->pieces[t->n_pieces++].literal);
}

int template_read(struct reader *r, uint32_t node, struct template *ret)
{
        struct template t = {0};
        struct problem p = {0};
        struct text text;
        int k;

        *ret = t;
        k = reader_text(r, node, LIMIT_STATEMENT_BYTES, &text);
        if (k < 0 || !text.data)
                return k;
        t.pieces =
                arena_array(r->arena, count_braces(text.data, text.size) + 1U, sizeof(*t.pieces));
        if (!t.pieces)
                return -ENOMEM;
        k = template_compile(r, &text, &t, &p);
        if (k < 0)
                return k;
        if (k > 0)
                reader_complain_within(r, node, &p);
        else
                *ret = t;
        return 0;
}

static size_t character_length(const char *s)
{
        unsigned char c = (unsigned char) *s;

        return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static bool is_control(const char *s)
{
        unsigned char c = (unsigned char) s[0];

        if (c < 0x20 || c == 0x7F)
                return true;
        return c == 0xC2 && (unsigned char) s[1] < 0xA0; /* U+0080 to U+009F */
}

bool text_render(const struct text *t, size_t max, struct buffer *b)
{
        size_t i = 0;

        while (i < t->size) {
                size_t n = character_length(t->data + i);
                bool control;

                if (i + n > t->size || b->size + n > max)
                        return false;
                control = is_control(t->data + i);
                if (control)
                        buffer_add_char(b, ' ');
                else
                        buffer_add(b, t->data + i, n);
                i += n;
        }
        return true;
}

/* The text that a path stands for: "?" where there is none. */
static int path_text(const struct path *p, struct view *v, struct text *ret, unsigned *n_missing)
{
        struct value value;
        int r;

        r = view_find(v, p, &value);
        if (r < 0)
                return r;
        *ret = value.text;
        if (r > 0 || value.kind == JSON_NULL) {
                *ret = (struct text){"?", 1};
                if (n_missing)
                        (*n_missing)++;
        }
        return 0;
}

int template_render(const struct template *t, struct view *v, size_t max, struct buffer *b,
                    unsigned *n_missing)
{
        max += b->size;
        for (unsigned i = 0; i < t->n_pieces; i++) {
                struct text text = TEXT_NULL;
                int r;

                if (!text_render(&t->pieces[i].literal, max, b))
                        break;
                if (!t->pieces[i].path)
                        continue;
                r = path_text(t->pieces[i].path, v, &text, n_missing);
                if (r < 0)
                        return r;
                if (!text_render(&text, max, b))
                        break;
        }
        return buffer_status(b);
}
