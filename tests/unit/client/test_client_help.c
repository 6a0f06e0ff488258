/* Did-you-mean, help and completion. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/capactl/help.h"

static void test_nearest(void **state)
{
        static const char *const names[] = {"list", "show", "log", "escalations", "evidence list"};
        static const char *const cases[][2] = {{"lst", "list"},
                                               {"lsit", "list"},
                                               {"esc", "escalations"},
                                               {"escalatons", "escalations"},
                                               {"shwo", "show"},
                                               {"lg", "log"},
                                               {"xyz", NULL},
                                               {"frobnicate", NULL},
                                               {"q", NULL}};

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                const char *got = nearest(cases[i][0], names, sizeof(names) / sizeof(*names));

                if (cases[i][1])
                        assert_string_equal(got ? got : "nothing", cases[i][1]);
                else
                        assert_null(got);
        }
}

static char *completed(char *const *words, size_t n)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        help_complete(f, words, n);
        fclose(f);
        return text;
}

static void expect_completed(const char *line, const char *there, const char *not_there)
{
        struct test_words w;
        char *text;

        test_split(&w, line);
        text = completed(w.words, (size_t) w.n);
        assert_non_null(strstr(text, there));
        if (not_there)
                assert_null(strstr(text, not_there));
        free(text);
}

static void test_completion(void **state)
{
        (void) state;
        expect_completed("^", "escalations\n", "--json");
        expect_completed("action ^", "cancel\n", "escalations");
        expect_completed("list --", "--overdue\n", "--dry-run");
        expect_completed("note -", "--dry-run\n", NULL);
        expect_completed("list --grade ^", "critical\n", "verifying");
        expect_completed("verify 17 ^", "not_effective\n", NULL);
}

static void test_help_of_all(void **state)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        (void) state;
        help_print(f, NULL);
        fclose(f);
        for (size_t i = 0; i < N_COMMANDS; i++)
                assert_non_null(strstr(text, COMMANDS[i].help));
        free(text);
}

static void test_help_of_one(void **state)
{
        (void) state;
        for (size_t i = 0; i < N_COMMANDS; i++) {
                const struct command *c = &COMMANDS[i];
                char *text = NULL;
                size_t size;
                FILE *f = open_memstream(&text, &size);

                help_print(f, c);
                fclose(f);
                for (size_t k = 0; k < COMMAND_OPTIONS && c->options[k].name; k++)
                        assert_non_null(strstr(text, c->options[k].name));
                for (size_t k = 0; k < COMMAND_ARGUMENTS && c->arguments[k].name; k++)
                        assert_non_null(strstr(text, c->arguments[k].name));
                free(text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nearest), cmocka_unit_test(test_completion),
                cmocka_unit_test(test_help_of_all), cmocka_unit_test(test_help_of_one)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
