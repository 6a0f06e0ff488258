/* Grades: constant, by map, growing; and what the register is told of them. */
#include "fixture.h"

#include <stdio.h>

static void check(const char *grade, const char *data, const char *expected)
{
        char rule[2048];
        const struct judgement *j;
        struct fixture f;

        (void) snprintf(
                rule, sizeof(rule),
                "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"t\"},\"fingerprint\":\"/source\"%s%s}",
                grade ? ",\"grade\":" : "", grade ? grade : "");
        fixture_load(&f, rule, NULL);
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_string_equal(j->matches[0].grade, expected);
        fixture_done(&f);
}

static void grades(void **state)
{
        static const char *const MAP =
                "{\"path\":\"/data/"
                "level\",\"map\":[{\"gte\":15,\"to\":\"critical\"},{\"gte\":10,\"to\":"
                "\"major\"},{\"eq\":\"High\",\"nocase\":true,\"to\":\"major\"},{\"eq\":null,\"to\":"
                "\"ofi\"}],\"else\":\"observation\"}";
        static const char *const ANY =
                "{\"path\":\"/data/x/*/level\",\"map\":[{\"gte\":15,\"to\":\"critical\"}],\"else\":"
                "\"minor\"}";

        (void) state;
        check(NULL, "{}", "minor");
        check("\"critical\"", "{}", "critical");
        check(MAP, "{\"level\":15}", "critical");
        check(MAP, "{\"level\":14.999}", "major");
        check(MAP, "{\"level\":3}", "observation");
        check(MAP, "{\"level\":\"HIGH\"}", "major");
        check(MAP, "{\"level\":\"15\"}", "observation");
        check(MAP, "{\"level\":null}", "ofi");
        check(MAP, "{}", "observation");
        check(ANY, "{\"x\":[{\"level\":1},{\"level\":20}]}", "critical");
        check(ANY, "{\"x\":[]}", "minor");
        check("{\"base\":\"minor\",\"raise\":[{\"occurrences\":3,\"within\":\"7d\",\"to\":"
              "\"major\"}]}",
              "{}", "minor");
        check("{\"base\":{\"path\":\"/data/"
              "level\",\"map\":[{\"eq\":1,\"to\":\"ofi\"}],\"else\":\"minor\"},"
              "\"raise\":[{\"occurrences\":3,\"within\":\"7d\",\"to\":\"major\"}]}",
              "{\"level\":1}", "ofi");
}

static void described(void **state)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p = {0};
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "[{\"id\":\"z\",\"effect\":\"pass\",\"clears\":\"a\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"ok\"},\"fingerprint\":\"/source\"},"
                "{\"id\":\"a\",\"title\":\"T {/subject}\",\"effect\":\"fail\",\"match\":{\"path\":"
                "\"/type\",\"eq\":\"t\"},\"fingerprint\":\"/source\",\"owner\":\"ops \\\"x\\\"\","
                "\"controls\":[\"A.8.13\",\"A.8.16\"],\"policy\":\"strict\",\"triaged\":true,"
                "\"grade\":{\"base\":\"minor\",\"raise\":[{\"occurrences\":3,\"within\":\"7d\","
                "\"to\":"
                "\"major\"}]},\"was\":\"y\",\"fingerprint_changed\":\"keep\",\"storm\":{\"n\":5,"
                "\"within\":\"1h\"},\"self_close\":{\"by\":\"dora\",\"cause\":\"full disk\","
                "\"category\":\"technology\",\"reason\":\"it \\\"heals\\\"\"}}]",
                NULL);
        assert_int_equal(ruleset_describe(f.rules, &b), 0);
        assert_int_equal(json_tape_parse(&t, b.data, b.size, &p), 0);
        assert_int_equal(ruleset_count(f.rules), 2);
        assert_string_equal(ruleset_rule_id(f.rules, 0), "a");
        assert_contains(b.data, "{\"rules\":[{\"id\":\"a\",\"hash\":\"");
        assert_contains(b.data, "\"title\":\"T {/subject}\"");
        assert_contains(b.data, "\"effect\":\"fail\",\"enabled\":true,\"triaged\":true");
        assert_contains(b.data, "\"owner\":\"ops \\\"x\\\"\",\"policy\":\"strict\"");
        assert_contains(b.data, "\"controls\":[\"A.8.13\",\"A.8.16\"],\"requirement\":\"A.8.13\"");
        assert_contains(b.data,
                        "\"growth\":[{\"occurrences\":3,\"within\":{\"mo\":0,\"d\":7,\"bd\":0,"
                        "\"s\":0},\"to\":\"major\"}]");
        assert_contains(b.data,
                        "\"self_close\":{\"cause\":\"full disk\",\"category\":\"technology\","
                        "\"reason\":\"it \\\"heals\\\"\",\"by\":\"dora\"}");
        assert_contains(b.data,
                        "\"fingerprint\":[\"/source\"],\"missing\":null,\"was\":[\"y\"],"
                        "\"fingerprint_changed\":\"keep\",\"storm\":{\"n\":5,\"within\":{\"mo\":0,"
                        "\"d\":0,\"bd\":0,\"s\":3600}}");
        assert_contains(b.data, "],\"paths\":[");
        assert_contains(b.data, "\"policy\":\"default\"");
        assert_contains(b.data, "\"clears\":[\"a\"]");
        fixture_done(&f);
}

/* The hash is of what a rule says, not of how or where it is written. */
static void hashes(void **state)
{
        static const char *const ONE =
                "[{\"id\":\"a\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
                "type\",\"eq\":"
                "\"t\"},\"fingerprint\":[\"/source\"]},"
                "{\"id\":\"b\",\"effect\":\"ignore\",\"match\":{\"path\":\"/type\",\"eq\":\"u\"}}]";
        static const char *const SAME =
                "// the same\n{\"rules\": [ {\"effect\":\"ignore\", "
                "\"id\":\"b\",\"match\":{\"eq\":\"\\u0075\","
                "\"path\":\"/type\"}},\n/* and "
                "*/{\"title\":\"t\",\"id\":\"a\",\"effect\":\"fail\",\"match\":"
                "{\"path\":\"/type\",\"eq\":\"t\"},\"fingerprint\":[\"/source\"]} ] }";
        static const char *const OTHER =
                "[{\"id\":\"a\",\"title\":\"t!\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
                "type\",\"eq\":"
                "\"t\"},\"fingerprint\":[\"/source\"]},"
                "{\"id\":\"b\",\"effect\":\"ignore\",\"match\":{\"path\":\"/type\",\"eq\":\"u\"}}]";
        struct fixture one, same, other;

        (void) state;
        fixture_load(&one, ONE, NULL);
        fixture_load(&same, SAME, NULL);
        fixture_load(&other, OTHER, NULL);
        assert_memory_equal(ruleset_hash(one.rules), ruleset_hash(same.rules), HASH_BYTES);
        assert_memory_not_equal(ruleset_hash(one.rules), ruleset_hash(other.rules), HASH_BYTES);
        fixture_done(&one);
        fixture_done(&same);
        fixture_done(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(grades),
                cmocka_unit_test(described),
                cmocka_unit_test(hashes),
        };

        return cmocka_run_group_tests_name("core/grade", tests, NULL, NULL);
}
