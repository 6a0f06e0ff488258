/* Rendered texts: what is put in, what is missing, what is cut. */
#include "fixture.h"

#include <stdio.h>

#include "proto/base/limits.h"

static void check_title(const char *title, const char *data, const char *expected)
{
        char rule[1024];
        struct fixture f;
        const struct judgement *j;

        (void) snprintf(
                rule, sizeof(rule),
                "{\"id\":\"r\",\"title\":\"%s\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"t\"},\"fingerprint\":\"/source\"}",
                title);
        fixture_load(&f, rule, NULL);
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_text(j->matches[0].title, expected);
        assert_text(j->matches[0].found, expected); /* no statement: the title */
        assert_text(j->matches[0].asset, "thing");
        fixture_done(&f);
}

static void values(void **state)
{
        (void) state;
        check_title("Backup of {/subject} failed", "{}", "Backup of thing failed");
        check_title("{/data/x}", "{\"x\":\"a\\u00e9\\\"b\"}", "a\xc3\xa9\"b");
        check_title("{/data/x}{/data/x}", "{\"x\":1.50}", "1.501.50");
        check_title("{/data/x} {/data/y}", "{\"x\":true,\"y\":null}", "true ?");
        check_title("a{/data/none}b", "{}", "a?b");
        check_title("{{x} {{{/subject}}", "{}", "{x} {thing}");
}

static void lists(void **state)
{
        (void) state;
        check_title("{/data/x}", "{\"x\":[1, {\"a\": 2}]}", "[1, {\"a\": 2}]");
}

static void controls(void **state)
{
        (void) state;
        check_title("{/data/x}", "{\"x\":\"a\\nb\\tc\\u001bd\\u007fe\\u0085f\"}", "a b c d e f");
        check_title("{/data/x}", "{\"x\":\"a\\u00a0b\"}",
                    "a\xc2\xa0"
                    "b");
}

static void cut(void **state)
{
        static char data[20000], expected[2 * LIMIT_TITLE_BYTES];
        const struct judgement *j;
        struct fixture f;
        size_t n;

        (void) state;
        fixture_load(&f,
                     "{\"id\":\"r\",\"title\":\"-{/data}\",\"statement\":\"{/data}\",\"asset\":"
                     "\"/data\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\",\"eq\":\"t\"},"
                     "\"fingerprint\":\"/source\"}",
                     NULL);
        n = (size_t) snprintf(data, sizeof(data), "\"");
        for (unsigned i = 0; i < 3000; i++)
                n += (size_t) snprintf(data + n, sizeof(data) - n, "\xc3\xa9");
        (void) snprintf(data + n, sizeof(data) - n, "\"");
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->n_matches, 1);
        /* "-" and 149 characters of two bytes: the 150th would end behind the limit */
        n = (size_t) snprintf(expected, sizeof(expected), "-");
        for (unsigned i = 0; i < (LIMIT_TITLE_BYTES - 1) / 2; i++)
                n += (size_t) snprintf(expected + n, sizeof(expected) - n, "\xc3\xa9");
        assert_int_equal(n, LIMIT_TITLE_BYTES - 1);
        assert_text(j->matches[0].title, expected);
        assert_int_equal(j->matches[0].found.size, LIMIT_STATEMENT_BYTES);
        assert_int_equal(j->matches[0].asset.size, LIMIT_TITLE_BYTES);
        fixture_done(&f);
}

static void assets(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "[{\"id\":\"a\",\"title\":\"t\",\"asset\":\"host {/data/h}\",\"effect\":\"fail\","
                "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"fingerprint\":\"/source\"},"
                "{\"id\":\"b\",\"title\":\"t\",\"asset\":\"/data/h\",\"effect\":\"fail\","
                "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"fingerprint\":\"/source\"}]",
                NULL);
        j = judge_data(&f, "t", "{\"h\":7}");
        assert_text(match_by(&f, j, 0, "a")->asset, "host 7");
        assert_text(match_by(&f, j, 0, "b")->asset, "7");
        j = judge_data(&f, "t", "{}");
        assert_text(match_by(&f, j, 0, "a")->asset, "host ?");
        assert_null(match_by(&f, j, 0, "b")->asset.data);
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values), cmocka_unit_test(lists),  cmocka_unit_test(controls),
                cmocka_unit_test(cut),    cmocka_unit_test(assets),
        };

        return cmocka_run_group_tests_name("core/template", tests, NULL, NULL);
}
