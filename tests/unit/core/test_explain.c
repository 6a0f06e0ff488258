/* What capactl rules explain is told. */
#include "fixture.h"

static void explained(void **state)
{
        static const char *const EVENT = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\","
                                         "\"type\":\"t\",\"data\":{\"n\":3}}";
        struct frame frame = {EVENT, strlen(EVENT)};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p = {0};
        struct fixture f;

        (void) state;
        fixture_load(&f,
                     "[{\"id\":\"a\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                     "source\",\"match\":{"
                     "\"all\":[{\"path\":\"/type\",\"eq\":\"t\"},{\"not\":{\"path\":\"/data/"
                     "n\",\"gt\":5}}]}},"
                     "{\"id\":\"b\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                     "source\",\"match\":{"
                     "\"path\":\"/subject\",\"ne\":\"x\"}},"
                     "{\"id\":\"c\",\"effect\":\"ignore\",\"enabled\":false,\"match\":{\"path\":\"/"
                     "type\","
                     "\"eq\":\"t\"}}]",
                     NULL);
        assert_int_equal(judge_explain(f.judge, f.rules, &f.from, &frame, &b), 0);
        assert_int_equal(json_tape_parse(&t, b.data, b.size, &p), 0);
        assert_contains(
                b.data,
                "{\"status\":null,\"error\":null,\"parts\":[{\"source\":\"s\",\"type\":\"t\","
                "\"subject\":null,\"status\":\"stored\",\"error\":null,\"rules\":[");
        assert_contains(
                b.data,
                "{\"rule\":\"a\",\"effect\":\"fail\",\"truth\":\"yes\",\"conditions\":[{\"path\":"
                "\"/type\",\"truth\":\"yes\",\"value\":\"t\"},{\"path\":\"/data/"
                "n\",\"truth\":\"no\","
                "\"value\":\"3\"}]}");
        assert_contains(b.data, "{\"rule\":\"b\",\"effect\":\"fail\",\"truth\":\"unknown\","
                                "\"conditions\":[{\"path\":"
                                "\"/subject\",\"truth\":\"unknown\",\"value\":null}]}");
        assert_contains(
                b.data,
                "{\"rule\":\"c\",\"effect\":\"ignore\",\"truth\":\"no\",\"why\":\"the rule is not "
                "enabled\"");
        buffer_clear(&b);
        frame = (struct frame){"{", 1};
        assert_int_equal(judge_explain(f.judge, f.rules, &f.from, &frame, &b), 0);
        assert_contains(b.data, "{\"status\":\"invalid\",\"error\":\"");
        assert_contains(b.data, "\"parts\":[]}");
        /* and an ordinary judgement afterwards explains nothing */
        assert_int_equal(only_part(judge_text(&f, EVENT))->n_matches, 1);
        fixture_done(&f);
}

/* What a rule takes over, and what it leaves out, only where it matches. */
static void explained_controls(void **state)
{
        static const char *const EVENT =
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\","
                "\"data\":{\"c\":[\"A.12.4.4\",\"AC-6\"]}}";
        struct frame frame = {EVENT, strlen(EVENT)};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "[{\"id\":\"a\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/source\","
                "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"controls\":[{\"path\":\"/data/"
                "c\"},\"A.8.9\"]},"
                "{\"id\":\"b\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/source\","
                "\"match\":{\"path\":\"/type\",\"eq\":\"u\"},\"controls\":[{\"path\":\"/data/"
                "c\"}]}]",
                NULL);
        assert_int_equal(judge_explain(f.judge, f.rules, &f.from, &frame, &b), 0);
        assert_contains(b.data, "\"value\":\"t\"}],\"controls\":[\"A.8.17\",\"A.8.9\"],"
                                "\"dropped\":[\"AC-6\"]},{\"rule\":\"b\"");
        assert_contains(b.data, "\"truth\":\"no\",\"value\":\"t\"}]}]}]}");
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(explained),
                cmocka_unit_test(explained_controls),
        };

        return cmocka_run_group_tests_name("core/explain", tests, NULL, NULL);
}
