/* Tests of wire/code: names both ways, and the tables of PROTOCOL.md say the same. */
#include "test.h"

#include "proto/wire/code.h"

static void test_codes(void **state unused_)
{
        for (int c = 0; c < CODE_MAX; c++) {
                assert_non_null(code_name((enum capa_code) c));
                assert_int_equal(code_from_name(code_name((enum capa_code) c)), c);
        }
        assert_null(code_name(CODE_MAX));
        assert_null(code_name(CODE_INVALID_NAME));
        assert_int_equal(code_from_name("no such code"), CODE_INVALID_NAME);
        assert_int_equal(code_from_name(NULL), CODE_INVALID_NAME);
        assert_int_equal(code_exit_status(CODE_NOT_FOUND), 4);
        assert_int_equal(code_exit_status(CODE_REFUSED), 1);
        assert_int_equal(code_exit_status(CODE_UNAVAILABLE), 3);
        assert_int_equal(code_exit_status(CODE_INTERNAL), 70);
        assert_int_equal(code_exit_status(CODE_MAX), 70);
}

static void test_verdicts(void **state unused_)
{
        for (int v = 0; v < VERDICT_MAX; v++) {
                assert_non_null(verdict_name((enum verdict) v));
                assert_int_equal(verdict_from_name(verdict_name((enum verdict) v)), v);
        }
        assert_null(verdict_name(VERDICT_MAX));
        assert_int_equal(verdict_from_name("storedx"), VERDICT_INVALID_NAME);
        assert_int_equal(verdict_from_name(NULL), VERDICT_INVALID_NAME);
}

/* The rows `| ` + word + ` | ` of the table behind a heading. */
static unsigned table_rows(const char *text, const char *heading)
{
        const char *p = strstr(text, heading), *end;
        unsigned n = 0;

        assert_non_null(p);
        end = strstr(p + 1, "\n#");
        for (p = strstr(p, "\n| `"); p && (!end || p < end); p = strstr(p + 1, "\n| `"))
                n++;
        return n;
}

static void test_protocol_md(void **state unused_)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        char row[128];

        assert_int_equal(test_file_read(PROTOCOL_MD, &text), 0);
        assert_true(text.size > 0);
        for (int c = 0; c < CODE_MAX; c++) {
                (void) snprintf(row, sizeof(row), "\n| `%s` | %d |", code_name((enum capa_code) c),
                                code_exit_status((enum capa_code) c));
                assert_contains(text.data, row);
        }
        for (int v = 0; v < VERDICT_MAX; v++) {
                (void) snprintf(row, sizeof(row), "\n| `%s` |", verdict_name((enum verdict) v));
                assert_contains(text.data, row);
        }
        assert_int_equal(table_rows(text.data, "\n### Codes\n"), CODE_MAX);
        assert_int_equal(table_rows(text.data, "\n### Verdicts\n"), VERDICT_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_codes),
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_protocol_md),
        };

        return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
