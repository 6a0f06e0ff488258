/* POSIX extended regular expressions of rules and adapters, bounded on all sides: what an
 * expression expands to when it is compiled, how much text it is given, and what it remembers of
 * texts. Compiled at load, and anew now and then; freed with the ruleset. */
#pragma once

#include <regex.h>

#include "daemon/core/reader.h"
#include "daemon/core/text.h"
#include "proto/base/limits.h"

#define PATTERN_BYTES 1024U /* of a pattern: load error beyond */

#define NEEDED_BYTES        64U
#define NEEDED_ALTERNATIVES 16U

struct needed { /* a text without which one alternative of a pattern doesn't match */
        char data[NEEDED_BYTES];
        size_t size; /* 0: there is none */
};

struct automaton {     /* an expression, compiled */
        regex_t regex; /* meets characters */
        regex_t bytes; /* the same byte by byte: of ASCII texts it says the same, and much faster */
        bool has_bytes; /* so it is where the expression is ASCII, too */
};

struct pattern { /* in the ruleset's arena, in a list so that it can be freed */
        const char *expression;
        struct automaton *automaton;
        size_t n_met;          /* bytes of text that the automaton has met */
        bool nocase;           /* it is folded, and what it is held against must be */
        struct needed *needed; /* of each alternative */
        unsigned n_needed;     /* 0: too many alternatives */
        struct pattern *next;
};

void patterns_done(struct pattern **list);
/* Compile the expression at node, with at least n_groups groups; nocase: ASCII letters of either
 * case. *ret is NULL after a complaint. Refused: more than PATTERN_BYTES, back-references,
 * repetitions that multiply beyond 2,000. */
int pattern_read(struct reader *r, uint32_t node, bool nocase, size_t n_groups,
                 struct pattern **ret) must_check_;
/* The same of an expression that is known to be bounded. A complaint is about node. */
int pattern_make(struct reader *r, uint32_t node, const char *text, size_t size, bool nocase,
                 struct pattern **ret) must_check_;
/* Match the text. groups has n_groups entries, offsets into text. */
bool pattern_matches(struct pattern *p, const struct text *text, regmatch_t *groups,
                     size_t n_groups);
/* Find the pattern in a text that ends with NUL, at its beginning or behind an earlier find. */
bool pattern_finds(struct pattern *p, const char *text, bool behind, regmatch_t *ret);

/* The text cut to at most max bytes, not within a character. */
struct text text_head(const struct text *t, size_t max);
/* Its first LIMIT_PATTERN_TEXT with a NUL behind them; there is none within (the tape refuses
 * U+0000). */
void text_copy_head(const struct text *text, char ret[LIMIT_PATTERN_TEXT + 1]);
/* What a text must begin with, and the longest text that it must have, to match this glob. */
void glob_needs(const struct text *glob, struct needed *ret_head, struct needed *ret_longest);
