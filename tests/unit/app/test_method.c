/* Every method of the register has its statement, and no two rows have one name. */
#include "tests/unit/app/test.h"

#include "daemon/app/method.h"
#include "sql/embedded.h"

static int has_statement(const char *name)
{
        char file[80];
        size_t n = strlen(name);

        for (size_t i = 0; i <= n; i++)
                file[i] = name[i] == '.' ? '_' : name[i];
        for (size_t i = 0; i < sql_n_texts; i++)
                if (strcmp(sql_texts[i].folder, "queries") == 0 &&
                    strcmp(sql_texts[i].name, file) == 0)
                        return 1;
        return 0;
}

static void test_table(void **state)
{
        (void) state;
        for (size_t i = 0; method_at(i); i++) {
                const struct method *m = method_at(i);

                assert_ptr_equal(method_find(m->name, strlen(m->name)), m);
                if (!m->answer && !has_statement(m->name))
                        fail_msg("method %s has no sql/queries file", m->name);
                assert_false(m->reads && m->files);
        }
        assert_null(method_find("lis", 3));
        assert_string_equal(method_similar("lst", 3), "list");
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
