/* The nearest word, and no word when none is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/util.h"
#include "proto/base/word.h"

static void test_nearest(void **state unused_)
{
        static const char *const known[] = {"ingest", "control", "publish", "pull",
                                            "eq",     "ne",      NULL};
        static const struct {
                const char *text, *expected;
        } cases[] = {{"ingets", "ingest"}, {"contol", "control"}, {"publisch", "publish"},
                     {"pull", "pull"},     {"puul", "pull"},      {"plul", "pull"},
                     {"nq", "eq"},         {"qe", "eq"},          {"xyz", NULL},
                     {"", NULL},           {"in", NULL},          {"x", NULL},
                     {"pu", NULL},         {"controversy", NULL}};
        char longest[200];

        assert_int_equal(word_count(known), 6);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                const char *found = word_nearest(cases[i].text, strlen(cases[i].text), known, 6);

                if (cases[i].expected)
                        assert_string_equal(found, cases[i].expected);
                else
                        assert_null(found);
        }
        memset(longest, 'a', sizeof(longest));
        assert_null(word_nearest(longest, sizeof(longest), known, 6));
        assert_null(word_nearest("eq", 2, known, 0));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_nearest)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
