/* Windows: what core says of counts, sequences and expected events, what the register is told of
 * them, and the daemon's own events of what did not come. */
#include "fixture.h"

#include <stdio.h>

#include "daemon/core/cron.h"

static const char COUNT[] =
        "{\"id\":\"c\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/subject\",\"match\":{"
        "\"path\":\"/type\",\"eq\":\"login\"},\"count\":{\"n\":5,\"within\":\"10m\",\"by\":\"/data/"
        "ip\",\"distinct\":\"/data/user\",\"clock\":\"receipt\"}}";
static const char SEQUENCE[] =
        "{\"id\":\"s\",\"title\":\"t\",\"effect\":\"fail\",\"sequence\":{\"events\":[{\"path\":\"/"
        "type\",\"eq\":\"a\"},{\"path\":\"/data/x\",\"exists\":true}],\"ordered\":false,\"within\":"
        "\"1h\",\"by\":[\"/data/by\"]}}";
static const char BACKUP[] =
        "{\"id\":\"b\",\"title\":\"No backup of {/data/host}\",\"effect\":\"missing\",\"grade\":"
        "\"major\",\"match\":{\"path\":\"/type\",\"eq\":\"backup\"},\"expect\":{\"every\":\"24h\","
        "\"grace\":\"2h\",\"by\":\"/data/host\",\"subjects\":[\"7\",\"db\"]}}";
static const char REVIEW[] =
        "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"missing\",\"match\":{\"path\":\"/"
        "type\",\"eq\":\"reviewed\"},\"expect\":{\"after\":{\"path\":\"/type\",\"in\":[\"closed\","
        "\"reviewed\"]},\"within\":\"3d\"}}";

static void counts(void **state)
{
        const struct judgement *j;
        const struct match *m;
        struct hash by, value;
        struct fixture f;

        (void) state;
        fixture_load(&f, COUNT, NULL);
        j = judge_text(&f, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":"
                           "\"login\",\"subject\":\"h1\",\"data\":{\"ip\":\"::1\",\"user\":7}}");
        m = match_by(&f, j, 0, "c");
        assert_non_null(m);
        assert_true(m->has_by && m->has_value && m->step == 0);
        by = m->by;
        value = m->value;
        assert_memory_not_equal(&m->fingerprint, &by, sizeof(by));
        j = judge_text(&f, "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/s\",\"type\":"
                           "\"login\",\"subject\":\"h2\",\"data\":{\"ip\":\"::1\",\"user\":8}}");
        m = match_by(&f, j, 0, "c");
        assert_memory_equal(&m->by, &by, sizeof(by));
        assert_memory_not_equal(&m->value, &value, sizeof(value));
        j = judge_text(&f, "{\"specversion\":\"1.0\",\"id\":\"3\",\"source\":\"/s\",\"type\":"
                           "\"login\",\"subject\":\"h2\",\"data\":{\"ip\":\"::1\"}}");
        assert_int_equal(only_part(j)->verdict, VERDICT_INVALID);
        assert_contains(only_part(j)->problem.text, "needs /data/user for its window");
        fixture_done(&f);
}

static void sequences(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, SEQUENCE, NULL);
        j = judge_data(&f, "a", "{\"by\":\"v\"}");
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_int_equal(j->matches[0].step, 1);
        j = judge_data(&f, "z", "{\"by\":\"v\",\"x\":1}");
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_int_equal(j->matches[0].step, 2);
        j = judge_data(&f, "a", "{\"by\":\"v\",\"x\":1}");
        assert_int_equal(only_part(j)->n_matches, 2);
        assert_memory_equal(&j->matches[0].fingerprint, &j->matches[1].fingerprint,
                            sizeof(struct hash));
        assert_int_equal(only_part(judge_data(&f, "z", "{\"by\":\"v\"}"))->verdict,
                         VERDICT_IGNORED);
        assert_int_equal(only_part(judge_data(&f, "a", "{}"))->verdict, VERDICT_INVALID);
        fixture_done(&f);
}

static void expected(void **state)
{
        const struct judgement *j;
        struct hash text;
        struct fixture f;

        (void) state;
        fixture_load(&f, BACKUP, NULL);
        j = judge_data(&f, "backup", "{\"host\":\"7\"}");
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_int_equal(j->matches[0].effect, EFFECT_PASS);
        assert_text(j->matches[0].subject, "7");
        text = j->matches[0].fingerprint;
        j = judge_data(&f, "backup", "{\"host\":7}");
        assert_memory_equal(&j->matches[0].fingerprint, &text, sizeof(text));
        assert_int_equal(only_part(judge_data(&f, "backup", "{}"))->verdict, VERDICT_INVALID);
        assert_int_equal(only_part(judge_data(&f, "backup", "{\"host\":[1]}"))->verdict,
                         VERDICT_INVALID);
        fixture_done(&f);

        fixture_load(&f, REVIEW, NULL);
        j = judge_text(&f, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":"
                           "\"closed\",\"subject\":\"i\"}");
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_int_equal(j->matches[0].effect, EFFECT_MISSING);
        j = judge_text(&f, "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/s\",\"type\":"
                           "\"reviewed\",\"subject\":\"i\"}");
        assert_int_equal(only_part(j)->n_matches, 2);
        assert_int_equal(j->matches[1].effect, EFFECT_PASS);
        fixture_done(&f);
}

#define MISSED(data)                                                                               \
        "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"capad\",\"type\":\"" EXPECTATION_TYPE  \
        "\",\"subject\":\"db\",\"data\":" data "}"
#define SOME_FINGERPRINT "\"fingerprint\":\"" TEN "0123\""
#define TEN              "012345678901234567890123456789012345678901234567890123456789"

static void own_events(void **state)
{
        static const char *const NOTHING[] = {
                "{}",
                "{\"rule\":\"b\"}",
                "{\"rule\":\"gone\"," SOME_FINGERPRINT "}",
                "{\"rule\":\"b\",\"fingerprint\":\"00\"}",
                "{\"rule\":7," SOME_FINGERPRINT "}",
                "[1]",
                "null",
        };
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, BACKUP, NULL);
        j = judge_text(&f, MISSED("{\"rule\":\"b\"," SOME_FINGERPRINT ",\"host\":\"db\"}"));
        assert_int_equal(only_part(j)->verdict, VERDICT_FORBIDDEN);
        assert_contains(only_part(j)->problem.text, "the daemon's own");
        f.from.own = true;
        j = judge_text(&f, MISSED("{\"rule\":\"b\"," SOME_FINGERPRINT ",\"host\":\"db\"}"));
        assert_int_equal(only_part(j)->n_matches, 1);
        assert_int_equal(j->matches[0].effect, EFFECT_FAIL);
        assert_false(j->matches[0].grows);
        assert_string_equal(j->matches[0].grade, "major");
        assert_text(j->matches[0].title, "No backup of db");
        assert_text(j->matches[0].asset, "db");
        j = judge_text(
                &f, MISSED("{\"rule\":\"b\"," SOME_FINGERPRINT ",\"to\":\"critical\",\"host\":1}"));
        assert_true(j->matches[0].grows);
        assert_string_equal(j->matches[0].grade, "critical");
        for (unsigned i = 0; i < ARRAY_LEN(NOTHING); i++) {
                char event[512];

                (void) snprintf(event, sizeof(event),
                                "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"capad\","
                                "\"type\":\"" EXPECTATION_TYPE "\",\"data\":%s}",
                                NOTHING[i]);
                j = judge_text(&f, event);
                assert_int_equal(only_part(j)->verdict, VERDICT_IGNORED);
                assert_true(only_part(j)->counted_only);
        }
        fixture_done(&f);
}

static void check_described(const char *rule, const char *expected)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct fixture f;

        fixture_load(&f, rule, NULL);
        assert_int_equal(ruleset_describe(f.rules, &b), 0);
        buffer_add_char(&b, '\0');
        assert_contains(b.data, expected);
        fixture_done(&f);
}

static void described(void **state)
{
        (void) state;
        check_described(
                COUNT, "\"count\":{\"n\":5,\"within\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":600},\"by\":"
                       "true,\"distinct\":true,\"clock\":\"receipt\"}");
        check_described(SEQUENCE,
                        "\"sequence\":{\"n\":2,\"ordered\":false,\"within\":{\"mo\":0,\"d\":0,"
                        "\"bd\":0,\"s\":3600}}");
        /* SHA-256 of 00000001 "b" "s" 00000002 "db" */
        check_described(BACKUP, "{\"name\":\"db\",\"fp\":\""
                                "3d81a6e082cd6df824909bbdf3d2c6fd0b235354356fa6d6d01907548f9c5680"
                                "\"}]");
        check_described(BACKUP, "\"expect\":{\"kind\":\"every\",\"every\":{\"mo\":0,\"d\":0,\"bd\":"
                                "0,\"s\":86400},\"grace\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":7200},"
                                "\"by\":\"/data/host\",\"subjects\":[{\"name\":\"7\",");
        check_described(REVIEW, "\"expect\":{\"kind\":\"after\",\"every\":{\"mo\":0,\"d\":3,");
        check_described(REVIEW, "\"by\":\"/subject\",\"subjects\":null,\"sources\":[]}");
        /* of a match only what it cannot do without, letter by letter */
        check_described(
                "{\"id\":\"e\",\"title\":\"t\",\"effect\":\"missing\",\"match\":{\"all\":[{"
                "\"path\":\"/type\",\"eq\":\"x\"},{\"all\":[{\"path\":\"/source\",\"in\":["
                "\"/a\",\"/b\"]}]},{\"path\":\"/source\",\"startswith\":\"/c\",\"ne\":\"/d\"},{"
                "\"any\":[{\"path\":\"/source\",\"eq\":\"/e\"}]},{\"path\":\"/source\",\"eq\":"
                "\"/F\",\"nocase\":true}]},\"expect\":{\"every\":\"1h\"}}",
                "\"sources\":[\"/a\",\"/b\",\"/c\"]}");
        check_described("{\"id\":\"g\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                        "subject\",\"match\":{\"path\":\"/type\",\"eq\":\"x\"},\"grade\":{\"base\":"
                        "\"minor\",\"raise\":[{\"no_pass_for\":\"48h\",\"to\":\"major\"},{"
                        "\"occurrences\":3,\"within\":\"7d\",\"to\":\"major\"}]}}",
                        "\"growth\":[{\"no_pass_for\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":172800},"
                        "\"to\":\"major\"},{\"occurrences\":3,");
}

static void check_cron(const char *text, const char *expected)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem p = {0};
        struct cron c;

        assert_int_equal(cron_parse(text, strlen(text), &c, &p), expected ? 0 : CRON_E_INVALID);
        if (!expected)
                return;
        cron_to_json(&c, &b);
        buffer_add_char(&b, '\0');
        assert_string_equal(b.data, expected);
}

static void crons(void **state)
{
        static const char *const WRONG[] = {"",
                                            "*",
                                            "* * * *",
                                            "60 * * * *",
                                            "* * 0 * *",
                                            "* * * 13 *",
                                            "* * * * mo",
                                            "1- * * * *",
                                            "1,,2 * * * *",
                                            "*/61x * * * *",
                                            "-1 * * * *",
                                            "1 2 3 4 5 6",
                                            "@daily",
                                            "99999999999999999999 * * * *"};

        (void) state;
        check_cron("0 3 * * 1-5",
                   "{\"minute\":[0],\"hour\":[3],\"day\":null,\"month\":[1,2,3,4,5,6,"
                   "7,8,9,10,11,12],\"weekday\":[1,2,3,4,5]}");
        check_cron("*/20,7  22-23 1,15 jan,DEC sat-7",
                   "{\"minute\":[0,7,20,40],\"hour\":[22,23],\"day\":[1,15],\"month\":[1,12],"
                   "\"weekday\":[0,6]}");
        check_cron("10-30/10 */12 */10 6 Mon-Fri",
                   "{\"minute\":[10,20,30],\"hour\":[0,12],\"day\":[1,11,21,31],\"month\":[6],"
                   "\"weekday\":[1,2,3,4,5]}");
        for (unsigned i = 0; i < ARRAY_LEN(WRONG); i++)
                check_cron(WRONG[i], NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(counts),    cmocka_unit_test(sequences),
                cmocka_unit_test(expected),  cmocka_unit_test(own_events),
                cmocka_unit_test(described), cmocka_unit_test(crons),
        };

        return cmocka_run_group_tests_name("core/window", tests, NULL, NULL);
}
