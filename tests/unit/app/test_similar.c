/* The nearest name, and no name when none is near. */
#include "tests/unit/app/test.h"

#include "daemon/app/similar.h"

static void test_similar(void **state)
{
        static const char *const names[] = {"ingest", "control", "publish", "pull"};
        static const struct {
                const char *text, *expected;
        } cases[] = {{"ingets", "ingest"}, {"contol", "control"}, {"publisch", "publish"},
                     {"pull", "pull"},     {"puul", "pull"},      {"xyz", NULL},
                     {"", NULL},           {"in", NULL}};
        char longest[200];

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const char *found = similar_name(cases[i].text, strlen(cases[i].text), names, 4);

                if (cases[i].expected)
                        assert_string_equal(found, cases[i].expected);
                else
                        assert_null(found);
        }
        memset(longest, 'a', sizeof(longest));
        assert_null(similar_name(longest, sizeof(longest), names, 4));
        assert_null(similar_name("a", 1, names, 0));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_similar)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
