/* Compiles expressions, after measuring them, and matches with them. */
#include "daemon/core/pattern.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/character.h"
#include "proto/base/limits.h"

#define EXPANDED_MAX 2000UL     /* atoms of an expression once its repetitions are written out */
#define MET_MAX      (8U * KIB) /* text that an automaton meets; a byte may cost it 3 KiB */
#define ESCAPED      ".[]{}()*+?|^$\\/-,:;=!\"#%&@~_ " /* stand for themselves behind "\\" */

static struct automaton *automaton_free(struct automaton *a)
{
        if (!a)
                return NULL;
        regfree(&a->regex);
        if (a->has_bytes)
                regfree(&a->bytes);
        free(a);
        return NULL;
}

void patterns_done(struct pattern **list)
{
        for (; *list; *list = (*list)->next)
                (*list)->automaton = automaton_free((*list)->automaton);
}

struct expression { /* being measured: how many atoms it has once expanded, what it can't match
                       without */
        const char *text;
        size_t size, at;
        unsigned long sums[PATTERN_BYTES + 1]; /* of each open group */
        unsigned depth;
        unsigned long last; /* the atom that a repetition would repeat */
        struct needed run;  /* plain characters in a row, outside all groups */
        bool repeated;      /* the last of them, once or more often: it ends the run */
        struct needed needed[NEEDED_ALTERNATIVES]; /* the longest run of each alternative */
        unsigned alternative;
};

static void run_end(struct needed *run, struct needed *longest)
{
        if (run->size > longest->size)
                *longest = *run;
        run->size = 0;
}

static void run_add(struct needed *run, char c)
{
        if (run->size < sizeof(run->data))
                run->data[run->size++] = c;
}

/* The last character, which may be several bytes, or as much of it as is there. */
static void run_drop(struct needed *run)
{
        while (run->size > 0 && (run->data[run->size - 1] & 0xC0) == 0x80)
                run->size--;
        if (run->size > 0)
                run->size--;
}

static void expression_run_end(struct expression *e)
{
        if (e->alternative < NEEDED_ALTERNATIVES)
                run_end(&e->run, &e->needed[e->alternative]);
        e->repeated = false;
}

static void atom_add(struct expression *e, unsigned long atoms)
{
        e->sums[e->depth] += atoms;
        e->last = atoms;
        expression_run_end(e);
}

/* A character that stands for itself. */
static void plain_add(struct expression *e, char c)
{
        bool full = e->run.size == sizeof(e->run.data);

        if (full && (c & 0xC0) == 0x80)
                run_drop(&e->run); /* not a piece of a character that may turn out to be optional */
        if (e->repeated || full || e->depth > 0)
                atom_add(e, 1);
        else {
                e->sums[0]++;
                e->last = 1;
        }
        if (e->depth == 0)
                run_add(&e->run, c);
}

/* The last atom may be absent. */
static void atom_optional(struct expression *e)
{
        run_drop(&e->run);
        expression_run_end(e);
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
                if (e->at < e->size && strchr(ESCAPED, e->text[e->at]))
                        plain_add(e, e->text[e->at]);
                else
                        atom_add(e, 1);
                e->at++;
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
                atom_optional(e);
                atom_repeat(e, read_interval(e));
                break;
        case '+':
                e->repeated = true;
                atom_repeat(e, 2);
                break;
        case '*':
        case '?':
                atom_optional(e);
                break;
        case '|':
                atom_add(e, 1);
                e->alternative += e->depth == 0;
                break;
        case '.':
        case '^':
        case '$':
                atom_add(e, 1);
                break;
        default:
                plain_add(e, e->text[e->at - 1]);
                break;
        }
}

/* Repetitions are expanded when a pattern is compiled, so nested ones multiply, in memory too. */
static bool repetitions_are_bounded(struct expression *e)
{
        while (e->at < e->size) {
                expression_step(e);
                if (e->sums[e->depth] > EXPANDED_MAX)
                        return false;
        }
        expression_run_end(e);
        return true;
}

static const char *pattern_refusal(const struct text *text, struct expression *e)
{
        for (size_t i = 0; i + 1 < text->size; i++)
                if (text->data[i] == '\\') {
                        i++;
                        if (text->data[i] >= '1' && text->data[i] <= '9')
                                return "back-references are not supported: their cost has no bound";
                }
        if (!repetitions_are_bounded(e))
                return "the repetitions multiply to more than 2,000 characters; use \"*\"";
        return NULL;
}

static int pattern_keep_needed(struct reader *r, const struct expression *e, struct pattern *p)
{
        if (e->alternative >= NEEDED_ALTERNATIVES)
                return 0;
        p->n_needed = e->alternative + 1;
        p->needed = arena_array(r->arena, p->n_needed, sizeof(*p->needed));
        if (!p->needed)
                return -ENOMEM;
        memcpy(p->needed, e->needed, p->n_needed * sizeof(*p->needed));
        return 0;
}

static void text_fold(char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] >= 'A' && text[i] <= 'Z')
                        text[i] = (char) (text[i] + ('a' - 'A'));
}

/* Of an expression what stands for letters; what is behind a backslash stands for something else.
 * No letter of a folded text is a capital: the two classes that tell mean any letter. */
static void expression_fold(char *text, size_t size)
{
        struct expression e = {.text = text, .size = size};

        while (e.at < size) {
                size_t begin = e.at++;

                if (text[begin] == '\\') {
                        e.at++;
                        continue;
                }
                if (text[begin] == '[')
                        skip_bracket(&e);
                text_fold(text + begin, MIN(e.at, size) - begin);
        }
        for (char *p = text; (p = strstr(p, "[:")); p++)
                if (strncmp(p, "[:upper:]", 9) == 0 || strncmp(p, "[:lower:]", 9) == 0)
                        memcpy(p + 2, "alpha", 5);
}

/* Whether an expression begins with ".*", in groups or not, whatever comes behind: then a match
 * from anywhere is one from the beginning, too. Said so it costs one pass over a text; else regexec
 * tries each place in it, which is quadratic. Never true where that is not sure. */
static bool begins_anywhere(const char *text)
{
        const char *first = text + strspn(text, "(");

        if (strncmp(first, ".*", 2) != 0 || first[2] == '{' || strchr(text, '|') ||
            strchr(text, '\\'))
                return false;
        for (const char *p = strchr(text, ')'); p; p = strchr(p + 1, ')'))
                if (p[1] == '*' || p[1] == '?' || strncmp(p + 1, "{0", 2) == 0 ||
                    strncmp(p + 1, "{,", 2) == 0)
                        return false;
        return true;
}

static bool is_ascii(const char *text)
{
        for (; *text; text++)
                if ((unsigned char) *text > 0x7F)
                        return false;
        return true;
}

static int compile_characters(const char *expression, regex_t *ret)
{
        locale_t before = characters_begin();
        int k = regcomp(ret, expression, REG_EXTENDED);

        characters_end(before);
        return k;
}

/* Returns what regcomp does. */
static int automaton_new(const char *expression, struct automaton **ret)
{
        struct automaton *a = calloc(1, sizeof(*a));
        int k;

        if (!a)
                return REG_ESPACE;
        k = compile_characters(expression, &a->regex);
        if (k != 0) {
                free(a);
                return k;
        }
        a->has_bytes = is_ascii(expression) && regcomp(&a->bytes, expression, REG_EXTENDED) == 0;
        *ret = a;
        return 0;
}

int pattern_make(struct reader *r, uint32_t node, const char *text, size_t size, bool nocase,
                 struct pattern **ret)
{
        char reason[200], *expression = arena_dup(r->arena, text, size);
        struct pattern *p = arena_alloc(r->arena, sizeof(*p));
        int k;

        *ret = NULL;
        if (!p || !expression)
                return -ENOMEM;
        p->nocase = nocase;
        if (nocase)
                expression_fold(expression, size);
        if (begins_anywhere(expression)) {
                char *anchored = arena_alloc(r->arena, size + 2);

                if (!anchored)
                        return -ENOMEM;
                anchored[0] = '^';
                memcpy(anchored + 1, expression, size + 1);
                expression = anchored;
        }
        p->expression = expression;
        k = automaton_new(expression, &p->automaton);
        if (k == REG_ESPACE)
                return -ENOMEM;
        if (k != 0) {
                regerror(k, NULL, reason, sizeof(reason));
                reader_complain(r, node,
                                "not a POSIX extended regular expression, or not a glob: %s%s",
                                reason,
                                k == REG_ECOLLATE ? "; a range in brackets is of ASCII characters, "
                                                    "others are named one by one"
                                                  : "");
                return 0;
        }
        p->next = *r->patterns;
        *r->patterns = p;
        *ret = p;
        return 0;
}

int pattern_read(struct reader *r, uint32_t node, bool nocase, size_t n_groups,
                 struct pattern **ret)
{
        const char *refusal;
        struct expression e;
        struct text text;
        int k;

        *ret = NULL;
        k = reader_text(r, node, PATTERN_BYTES, &text);
        if (k < 0 || !text.data)
                return k;
        e = (struct expression){.text = text.data, .size = text.size};
        refusal = pattern_refusal(&text, &e);
        if (refusal) {
                reader_complain(r, node, "%s", refusal);
                return 0;
        }
        k = pattern_make(r, node, text.data, text.size, nocase, ret);
        if (k < 0 || !*ret)
                return k;
        if ((*ret)->automaton->regex.re_nsub < n_groups) {
                reader_complain(r, node,
                                "the expression needs a group in parentheses: "
                                "what it holds is the captured text");
                *ret = NULL;
                return 0;
        }
        return pattern_keep_needed(r, &e, *ret);
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

/* regexec keeps each state that a text has led it to as long as the expression is compiled, and
 * looks through them for each further one. There may be more of them than memory: ".*a.{20}b" has a
 * million, and each byte of a text can lead to a new one. So they are forgotten now and then, which
 * costs an ordinary expression nothing: compiling it takes as long as a few texts. */
static void meet(struct pattern *p, size_t size)
{
        struct automaton *fresh;

        p->n_met += size;
        if (p->n_met <= MET_MAX)
                return;
        p->n_met = size;
        if (automaton_new(p->expression, &fresh) != 0)
                return; /* without memory the old one goes on */
        automaton_free(p->automaton);
        p->automaton = fresh;
}

static bool execute(struct pattern *p, const char *text, size_t n_groups, regmatch_t *groups,
                    int flags)
{
        const struct automaton *a;
        locale_t before;
        bool matches;

        meet(p, strlen(text));
        a = p->automaton;
        if (a->has_bytes && is_ascii(text))
                return regexec(&a->bytes, text, n_groups, groups, flags) == 0;
        before = characters_begin();
        matches = regexec(&a->regex, text, n_groups, groups, flags) == 0;
        characters_end(before);
        return matches;
}

bool pattern_matches(struct pattern *p, const struct text *text, regmatch_t *groups,
                     size_t n_groups)
{
        char copy[LIMIT_PATTERN_TEXT + 1];

        text_copy_head(text, copy);
        if (p->nocase)
                text_fold(copy, strlen(copy));
        return execute(p, copy, n_groups, groups, 0);
}

bool pattern_finds(struct pattern *p, const char *text, bool behind, regmatch_t *ret)
{
        return execute(p, text, 1, ret, behind ? REG_NOTBOL : 0);
}

void glob_needs(const struct text *glob, struct needed *ret_head, struct needed *ret_longest)
{
        struct needed run = {.size = 0};
        bool head = true;

        ret_head->size = ret_longest->size = 0;
        for (size_t i = 0; i < glob->size && glob->data[i] != '['; i++) {
                char c = glob->data[i];

                if (c == '*' || c == '?') {
                        run_end(&run, ret_longest);
                        head = false;
                        continue;
                }
                if (c == '\\' && ++i == glob->size)
                        break;
                run_add(&run, glob->data[i]);
                if (head)
                        *ret_head = run;
        }
        run_end(&run, ret_longest);
}
