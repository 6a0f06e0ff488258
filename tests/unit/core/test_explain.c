/* What capactl rules explain is told. */
#include "fixture.h"

#include <stdio.h>

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
                "\"/type\",\"asked\":\"eq \\\"t\\\"\",\"truth\":\"yes\",\"value\":\"t\"},"
                "{\"path\":\"/data/n\",\"asked\":\"gt 5\",\"truth\":\"no\","
                "\"value\":\"3\"}],\"then\":\"it raises, or is an occurrence of what was raised\","
                "\"matches\":[{\"effect\":\"fail\",\"rule\":\"a\",\"grade\":\"minor\",");
        assert_contains(
                b.data,
                "{\"rule\":\"b\",\"effect\":\"fail\",\"truth\":\"unknown\","
                "\"conditions\":[{\"path\":"
                "\"/subject\",\"asked\":\"ne \\\"x\\\"\",\"truth\":\"unknown\",\"value\":null}]}");
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
                                "\"dropped\":[\"AC-6\"],\"then\":\"it raises");
        assert_contains(b.data, "\"truth\":\"no\",\"value\":\"t\"}]}]}]}");
        fixture_done(&f);
}

/* What a rule that matches comes to, where several events or several rules have a say in it. */
static void explained_outcomes(void **state)
{
#define RULE(id, more) "{\"id\":\"" id "\",\"title\":\"t\"," more "}"
#define TYPE(of)       "{\"path\":\"/type\",\"eq\":\"" of "\"}"
#define FAIL(of)       "\"effect\":\"fail\",\"fingerprint\":\"/source\",\"match\":" TYPE(of)
        static const char *const RULES =
                "[" RULE("counts", FAIL("t") ",\"count\":{\"n\":5,\"within\":\"10m\"}") "," //
                RULE("steps", "\"effect\":\"fail\",\"sequence\":{\"events\":[" TYPE("s") "," TYPE(
                                      "t") "],\"within\":\"1h\",\"by\":\"/source\"}") "," //
                RULE("waits",
                     "\"effect\":\"missing\",\"match\":" TYPE("u") ",\"expect\":{\"after\":" TYPE(
                             "t") ",\"within\":\"72h\",\"by\":\"/"
                                  "source\"}") "," //
                RULE("awaited",
                     "\"effect\":\"missing\",\"match\":" TYPE(
                             "t") ",\"expect\":{\"every\":\"1d\",\"by\":\"/source\"}") ","  //
                RULE("weaker", FAIL("t")) "," RULE("stronger", FAIL("t") ",\"instead_of\":" //
                                                                         "\"weaker\"") ","  //
                RULE("clears", "\"effect\":\"pass\",\"clears\":[\"weaker\",\"stronger\"],"  //
                               "\"fingerprint\":\"/source\",\"match\":" TYPE("t")) ","      //
                RULE("noise", "\"effect\":\"ignore\",\"match\":" TYPE("n")) "," RULE("heard",
                                                                                     FAIL("n")) "]";
        static const char *const THEN[][2] = {
                {"counts", "it is counted, and number 5 within 10m raises"},
                {"steps", "it is step 2 of 2, which raise when all came in order within 1h"},
                {"waits", "from now on the rule expects another event within 72h"},
                {"awaited", "it is what the rule expects, and its pass"},
                {"weaker", "nothing: rule stronger stands in its place (instead_of)"},
                {"stronger", "it raises, or is an occurrence of what was raised"},
                {"clears", "it is a pass of weaker, stronger"},
                {"noise", "it is counted and not kept, whatever other rules say"},
                {"heard", "nothing: rule noise ignores the event, and that beats all others"},
        };
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct fixture f;

        (void) state;
        fixture_load(&f, RULES, NULL);
        for (const char *type = "tn"; *type; type++) {
                char event[128];
                struct frame frame = {event, 0};

                (void) snprintf(
                        event, sizeof(event),
                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"%c\"}",
                        *type);
                frame.size = strlen(event);
                assert_int_equal(judge_explain(f.judge, f.rules, &f.from, &frame, &b), 0);
        }
        for (size_t i = 0; i < ARRAY_LEN(THEN); i++) {
                char wanted[256];
                const char *of;

                (void) snprintf(wanted, sizeof(wanted), "{\"rule\":\"%s\"", THEN[i][0]);
                of = strstr(b.data, wanted);
                if (strcmp(THEN[i][0], "noise") == 0 || strcmp(THEN[i][0], "heard") == 0)
                        of = strstr(of + 1, wanted); /* they match the second event */
                assert_non_null(of);
                (void) snprintf(wanted, sizeof(wanted), "\"then\":\"%s\"", THEN[i][1]);
                assert_non_null(strstr(of, "\"then\""));
                assert_memory_equal(strstr(of, "\"then\""), wanted, strlen(wanted));
        }
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(explained),
                cmocka_unit_test(explained_controls),
                cmocka_unit_test(explained_outcomes),
        };

        return cmocka_run_group_tests_name("core/explain", tests, NULL, NULL);
}
