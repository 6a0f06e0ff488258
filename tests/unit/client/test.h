/* What every unit test of client/ includes: cmocka in the order it wants its headers. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define TEST_WORDS_MAX 24

struct test_words { /* an argv, writable as main()'s is */
        char text[1024];
        char *words[TEST_WORDS_MAX + 1];
        int n;
};

/* Splits at blanks; '~' stands for a blank within a word, a lone '^' for an empty word. */
static inline void test_split(struct test_words *w, const char *line)
{
        snprintf(w->text, sizeof(w->text), "%s", line);
        w->n = 0;
        for (char *p = strtok(w->text, " "); p && w->n < TEST_WORDS_MAX; p = strtok(NULL, " ")) {
                for (char *q = p; *q; q++)
                        if (*q == '~')
                                *q = ' ';
                if (strcmp(p, "^") == 0)
                        *p = '\0';
                w->words[w->n++] = p;
        }
        w->words[w->n] = NULL;
}
