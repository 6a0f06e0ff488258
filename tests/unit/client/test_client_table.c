/* The command table against itself, and against the register's table of methods. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <string.h>

#include "client/capactl/command.h"

#define METHODS_MAX 80

struct method {
        char name[40], parameters[512];
        bool changes;
};

static struct method methods[METHODS_MAX];
static size_t n_methods;

/* Lines of the view: ('raise', '*', true, true, 'title', 'grade statement ...'), */
static int read_methods(void **state)
{
        FILE *f = fopen(METHODS, "r");
        char line[1024], changes[8], needed[300], optional[400];

        (void) state;
        if (!f)
                return -1;
        while (fgets(line, sizeof(line), f) && n_methods < METHODS_MAX) {
                struct method *m = &methods[n_methods];

                needed[0] = optional[0] = '\0';
                if (sscanf(line,
                           "  ('%39[^']', '%*[^']', %7[a-z], %*[a-z], '%299[^']', '%399[^']')",
                           m->name, changes, needed, optional) < 3 &&
                    sscanf(line, "  ('%39[^']', '%*[^']', %7[a-z], %*[a-z], '', '%399[^']')",
                           m->name, changes, optional) < 2)
                        continue;
                m->changes = strcmp(changes, "true") == 0;
                snprintf(m->parameters, sizeof(m->parameters), " %s %s ", needed, optional);
                n_methods++;
        }
        fclose(f);
        return n_methods > 30 ? 0 : -1;
}

static const struct method *find_method(const char *name)
{
        for (size_t i = 0; i < n_methods; i++)
                if (strcmp(methods[i].name, name) == 0)
                        return &methods[i];
        return NULL;
}

static void check_parameter(const struct command *c, const struct method *m,
                            const struct parameter *p)
{
        char word[64];

        if (!p->member)
                return;
        snprintf(word, sizeof(word), " %s ", p->member);
        if (!strstr(m->parameters, word))
                fail_msg("capactl %s sends \"%s\", which method %s does not take (%s)", c->words,
                         p->member, m->name, m->parameters);
}

static void test_members_are_taken(void **state)
{
        unsigned n = 0;

        (void) state;
        for (size_t i = 0; i < N_COMMANDS; i++) {
                const struct command *c = &COMMANDS[i];
                const struct method *m = c->method ? find_method(c->method) : NULL;

                if (!m)
                        continue;
                n++;
                assert_int_equal(c->changes, m->changes);
                for (size_t k = 0; k < COMMAND_ARGUMENTS && c->arguments[k].name; k++)
                        check_parameter(c, m, &c->arguments[k]);
                for (size_t k = 0; k < COMMAND_OPTIONS && c->options[k].name; k++)
                        check_parameter(c, m, &c->options[k]);
        }
        assert_true(n > 35);
}

static void test_every_method_has_a_command(void **state)
{
        static const char *const without[] = {
                "event",        "journal.read", "form", "consumer.attach",
                "consumer.ack", "rules.outcome"}; /* for
                programs; the last one is asked by rules explain */

        (void) state;
        for (size_t i = 0; i < n_methods; i++) {
                bool found = false;

                for (size_t k = 0; k < N_COMMANDS; k++)
                        found = found || (COMMANDS[k].method &&
                                          strcmp(COMMANDS[k].method, methods[i].name) == 0);
                for (size_t k = 0; k < sizeof(without) / sizeof(*without); k++)
                        found = found || strcmp(without[k], methods[i].name) == 0;
                if (!found)
                        fail_msg("no command calls %s", methods[i].name);
        }
}

static void test_rows_are_whole(void **state)
{
        (void) state;
        for (size_t i = 0; i < N_COMMANDS; i++) {
                const struct command *c = &COMMANDS[i];

                assert_non_null(c->run);
                assert_non_null(c->help);
                assert_non_null(c->group);
                assert_null(c->options[COMMAND_OPTIONS - 1].name); /* the end mark is there */
                assert_null(c->arguments[COMMAND_ARGUMENTS - 1].name);
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(c->words, COMMANDS[k].words);
                for (size_t k = 0; c->options[k].name; k++) {
                        assert_non_null(c->options[k].help);
                        assert_true((c->options[k].kind == PARAMETER_FLAG) == !c->options[k].value);
                        for (size_t g = 0; GLOBAL_OPTIONS[g].name; g++)
                                assert_string_not_equal(c->options[k].name, GLOBAL_OPTIONS[g].name);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_members_are_taken),
                                           cmocka_unit_test(test_every_method_has_a_command),
                                           cmocka_unit_test(test_rows_are_whole)};

        return cmocka_run_group_tests(tests, read_methods, NULL);
}
