/* Compiles expressions, after measuring them, and matches with them. */
#include "daemon/core/pattern.h"

#include <errno.h>
#include <string.h>

#include "proto/base/limits.h"

#define EXPANDED_MAX 2000UL /* atoms of an expression once its repetitions are written out */

void patterns_done(struct pattern **list)
{
        for (; *list; *list = (*list)->next)
                regfree(&(*list)->regex);
}

struct expression { /* an expression being measured: how many atoms it has once expanded */
        const char *text;
        size_t size, at;
        unsigned long sums[PATTERN_BYTES + 1]; /* of each open group */
        unsigned depth;
        unsigned long last; /* the atom that a repetition would repeat */
};

static void atom_add(struct expression *e, unsigned long atoms)
{
        e->sums[e->depth] += atoms;
        e->last = atoms;
}

static void atom_repeat(struct expression *e, unsigned long times)
{
        times = MAX(MIN(times, EXPANDED_MAX + 1), 1UL);
        e->sums[e->depth] += e->last * (times - 1);
        e->last *= times;
}

/* Behind the bracket: a "]" that comes first is a member, and classes hold some of their own. */
static void skip_bracket(struct expression *e)
{
        if (e->at < e->size && e->text[e->at] == '^')
                e->at++;
        if (e->at < e->size && e->text[e->at] == ']')
                e->at++;
        while (e->at < e->size && e->text[e->at] != ']') {
                const char *close = NULL;
                size_t left = e->size - e->at;

                if (left > 2 && e->text[e->at] == '[' && strchr(":=.", e->text[e->at + 1]))
                        close = memmem(e->text + e->at + 2, left - 2,
                                       (char[]){e->text[e->at + 1], ']'}, 2);
                e->at = close ? (size_t) (close - e->text) + 2 : e->at + 1;
        }
        e->at++;
}

static unsigned long read_interval(struct expression *e)
{
        unsigned long most = 0, number = 0;

        for (; e->at < e->size && e->text[e->at] != '}'; e->at++) {
                char c = e->text[e->at];

                number = c >= '0' && c <= '9' ? number * 10 + (unsigned long) (c - '0') : 0;
                most = MAX(most, MIN(number, EXPANDED_MAX + 1));
                number = MIN(number, EXPANDED_MAX + 1);
        }
        e->at++;
        return most;
}

static void expression_step(struct expression *e)
{
        unsigned long group;

        switch (e->text[e->at++]) {
        case '\\':
                e->at++;
                atom_add(e, 1);
                break;
        case '[':
                skip_bracket(e);
                atom_add(e, 1);
                break;
        case '(':
                e->sums[++e->depth] = 1;
                break;
        case ')':
                group = e->sums[e->depth];
                if (e->depth > 0) {
                        e->depth--;
                        atom_add(e, group);
                }
                break;
        case '{':
                atom_repeat(e, read_interval(e));
                break;
        case '+':
                atom_repeat(e, 2);
                break;
        case '*':
        case '?':
                break;
        default:
                atom_add(e, 1);
                break;
        }
}

/* Repetitions are expanded when a pattern is compiled, so nested ones multiply, in memory too. */
static bool repetitions_are_bounded(const struct text *text)
{
        struct expression e = {.text = text->data, .size = text->size};

        while (e.at < e.size) {
                expression_step(&e);
                if (e.sums[e.depth] > EXPANDED_MAX)
                        return false;
        }
        return true;
}

static const char *pattern_refusal(const struct text *text)
{
        for (size_t i = 0; i + 1 < text->size; i++)
                if (text->data[i] == '\\') {
                        i++;
                        if (text->data[i] >= '1' && text->data[i] <= '9')
                                return "back-references are not supported: their cost has no bound";
                }
        if (!repetitions_are_bounded(text))
                return "the repetitions multiply to more than 2,000 characters; use \"*\"";
        return NULL;
}

int pattern_read(struct reader *r, uint32_t node, int flags, size_t n_groups, struct pattern **ret)
{
        const char *refusal;
        struct pattern *p;
        struct text text;
        char reason[200];
        int k;

        *ret = NULL;
        k = reader_text(r, node, PATTERN_BYTES, &text);
        if (k < 0 || !text.data)
                return k;
        refusal = pattern_refusal(&text);
        if (refusal) {
                reader_complain(r, node, "%s", refusal);
                return 0;
        }
        p = arena_alloc(r->arena, sizeof(*p));
        if (!p)
                return -ENOMEM;
        k = regcomp(&p->regex, text.data, REG_EXTENDED | flags);
        if (k == REG_ESPACE)
                return -ENOMEM;
        if (k != 0) {
                regerror(k, &p->regex, reason, sizeof(reason));
                reader_complain(r, node, "not a POSIX extended regular expression: %s", reason);
                return 0;
        }
        p->next = *r->patterns;
        *r->patterns = p;
        if (p->regex.re_nsub < n_groups) {
                reader_complain(r, node,
                                "the expression needs a group in parentheses: "
                                "what it holds is the captured text");
                return 0;
        }
        *ret = p;
        return 0;
}

struct text text_head(const struct text *t, size_t max)
{
        struct text head = {t->data, MIN(t->size, max)};

        while (head.size < t->size && head.size > 0 && (t->data[head.size] & 0xC0) == 0x80)
                head.size--;
        return head;
}

void text_copy_head(const struct text *text, char ret[LIMIT_PATTERN_TEXT + 1])
{
        struct text head = text_head(text, LIMIT_PATTERN_TEXT);

        memcpy(ret, head.data, head.size);
        ret[head.size] = '\0';
}

bool pattern_matches(const struct pattern *p, const struct text *text, regmatch_t *groups,
                     size_t n_groups)
{
        char copy[LIMIT_PATTERN_TEXT + 1];

        text_copy_head(text, copy);
        return regexec(&p->regex, copy, n_groups, groups, 0) == 0;
}
