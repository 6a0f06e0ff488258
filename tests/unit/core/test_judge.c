/* Verdicts of frames and parts, precedence of rules, identity of CloudEvents. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/limits.h"

#define RULE(id, effect, more)                                                                     \
        "{\"id\":\"" id "\",\"title\":\"t\",\"effect\":\"" effect                                  \
        "\",\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"fingerprint\":[\"/source\"]" more "}"

static void verdicts_of_frames(void **state)
{
        static char big[LIMIT_EVENT_BYTES + 2];
        const struct judgement *j;
        struct hash hash;
        struct fixture f;

        (void) state;
        fixture_load(&f, RULE("r", "fail", ""), NULL);
        j = judge_text(&f, "{\"a\":1,\"a\":2}");
        assert_int_equal(j->verdict, VERDICT_INVALID);
        assert_true(strlen(j->problem.text) > 0);
        hash_of("{\"a\":1,\"a\":2}", strlen("{\"a\":1,\"a\":2}"), &hash);
        assert_memory_equal(&hash, &j->body_hash, sizeof(hash));
        assert_int_equal(judge_text(&f, "")->verdict, VERDICT_INVALID);
        assert_int_equal(judge_text(&f, "[]")->verdict, VERDICT_INVALID);
        assert_int_equal(
                judge_text(&f, "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":"
                               "\"t\"}")
                        ->verdict,
                VERDICT_INVALID);
        memset(big, ' ', sizeof(big));
        j = judge_bytes(&f, big, LIMIT_EVENT_BYTES + 1);
        assert_int_equal(j->verdict, VERDICT_TOO_BIG);
        /* at the limit it is looked into: blanks are no JSON */
        assert_int_equal(judge_bytes(&f, big, LIMIT_EVENT_BYTES)->verdict, VERDICT_INVALID);
        f.from.adapter = (struct frame){"nobody", 6};
        j = judge_text(&f, "{}");
        assert_int_equal(j->verdict, VERDICT_INVALID);
        assert_contains(j->problem.text, "there is no adapter \"nobody\"");
        fixture_done(&f);
}

static void envelope(void **state)
{
        static const char *const EVENT =
                "{\"specversion\":\"1.0\",\"id\":\"i\\u00e9\",\"source\":\"s\",\"type\":\"t\","
                "\"subject\":\"x\",\"time\":\"2026-11-22T01:46:00.123456Z\"}";
        const struct part *p;
        uint8_t key[KEY_BYTES];
        struct fixture f;

        (void) state;
        fixture_load(&f, RULE("r", "fail", ""), NULL);
        p = only_part(judge_text(&f, EVENT));
        assert_int_equal(p->verdict, VERDICT_STORED);
        assert_text(p->source, "s");
        assert_text(p->id, "i\xc3\xa9");
        assert_text(p->type, "t");
        assert_text(p->subject, "x");
        assert_int_equal(p->observed_us, 1795311960123456);
        assert_int_equal(p->first_seen_us, 0);
        assert_int_equal(p->offset, 0);
        assert_int_equal(p->size, strlen(EVENT));
        event_key_make("s", 1, "i\xc3\xa9", 3, key);
        assert_memory_equal(key, p->key, KEY_BYTES);
        /* a bad time is no reason to refuse an event */
        p = only_part(judge_text(
                &f, "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\","
                    "\"time\":\"0001-01-01T00:00:00Z\"}"));
        assert_int_equal(p->verdict, VERDICT_STORED);
        assert_int_equal(p->observed_us, 0);
        assert_null(p->subject.data);
        fixture_done(&f);
}

static void sources(void **state)
{
        static const char *const PREFIXES[] = {"siem/", "test", NULL};
        static const char *const NONE[] = {NULL};
        const struct part *p;
        struct fixture f;

        (void) state;
        fixture_load(&f, RULE("r", "fail", ""), NULL);
        f.from.sources = PREFIXES;
        assert_int_equal(only_part(judge_data(&f, "t", "1"))->verdict, VERDICT_STORED);
        p = only_part(judge_text(
                &f, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"siem\",\"type\":\"t\"}"));
        assert_int_equal(p->verdict, VERDICT_FORBIDDEN);
        assert_int_equal(p->n_matches, 0);
        assert_contains(p->problem.text, "\"tester\" may not send events of source \"siem\"");
        f.from.sources = NONE;
        assert_int_equal(only_part(judge_data(&f, "t", "1"))->verdict, VERDICT_FORBIDDEN);
        fixture_done(&f);
}

/* ignore beats all; instead_of switches off; disabled rules are silent; a rule of another adapter
 * does not see the event. */
static void precedence(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "[" RULE("a", "fail", "") "," RULE("b", "fail", ",\"instead_of\":\"a\"") "," RULE("c", "fail", ",\"enabled\":false") "," RULE(
                        "d", "fail",
                        ",\"adapter\":\"x\"") "," RULE("e", "fail",
                                                       ",\"adapter\":\"\"") "," RULE("f", "pass",
                                                                                     ",\"clears\":"
                                                                                     "\"a\"") ","
                                                                                              "{\"i"
                                                                                              "d\":"
                                                                                              "\"no"
                                                                                              "ise"
                                                                                              "\","
                                                                                              "\"ef"
                                                                                              "fect"
                                                                                              "\":"
                                                                                              "\"ig"
                                                                                              "nore"
                                                                                              "\","
                                                                                              "\"ma"
                                                                                              "tch"
                                                                                              "\":{"
                                                                                              "\"pa"
                                                                                              "th\""
                                                                                              ":\"/"
                                                                                              "data"
                                                                                              "/noi"
                                                                                              "se\""
                                                                                              ",\"e"
                                                                                              "q\":"
                                                                                              "true"
                                                                                              "}}]",
                "{\"id\":\"x\",\"source\":\"s\",\"type\":\"t\"}");
        j = judge_data(&f, "t", "{}");
        assert_int_equal(only_part(j)->verdict, VERDICT_STORED);
        assert_int_equal(only_part(j)->n_matches, 3);
        assert_non_null(match_by(&f, j, 0, "b"));
        assert_non_null(match_by(&f, j, 0, "e"));
        assert_non_null(match_by(&f, j, 0, "f"));
        j = judge_data(&f, "t", "{\"noise\":true}");
        assert_int_equal(only_part(j)->verdict, VERDICT_IGNORED);
        assert_true(only_part(j)->counted_only);
        assert_int_equal(j->n_matches, 0);
        j = judge_data(&f, "u", "{}");
        assert_int_equal(only_part(j)->verdict, VERDICT_IGNORED);
        assert_false(only_part(j)->counted_only);
        f.from.adapter = (struct frame){"x", 1};
        j = judge_text(&f, "{}");
        assert_non_null(match_by(&f, j, 0, "d"));
        assert_null(match_by(&f, j, 0, "e"));
        fixture_done(&f);
}

/* A judge is used for frame after frame, also after a reload. */
static void reuse(void **state)
{
        struct fixture small, large;
        char *rules = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&rules, &size);

        (void) state;
        assert_non_null(out);
        for (unsigned i = 0; i < 300; i++)
                (void) fprintf(out,
                               "%s{\"id\":\"r%u\",\"title\":\"t "
                               "{/data/p%u}\",\"effect\":\"fail\",\"match\":"
                               "{\"path\":\"/data/p%u\",\"eq\":\"v\"},\"fingerprint\":\"/source\"}",
                               i == 0 ? "[" : ",", i, i, i);
        (void) fprintf(out, "]");
        (void) fclose(out);
        fixture_load(&small, RULE("r", "fail", ""), NULL);
        fixture_load(&large, rules, NULL);
        free(rules);
        assert_int_equal(only_part(judge_data(&small, "t", "{\"p299\":\"v\"}"))->n_matches, 1);
        ruleset_unref(small.rules);
        small.rules = ruleset_ref(large.rules);
        assert_int_equal(only_part(judge_data(&small, "t", "{\"p299\":\"v\"}"))->n_matches, 1);
        assert_int_equal(
                only_part(judge_data(&small, "t", "{\"p0\":\"v\",\"p1\":\"\\u0076\"}"))->n_matches,
                2);
        assert_int_equal(only_part(judge_data(&small, "t", "{\"p0\":\"w\"}"))->n_matches, 0);
        fixture_done(&small);
        fixture_done(&large);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(verdicts_of_frames),
                cmocka_unit_test(envelope),
                cmocka_unit_test(sources),
                cmocka_unit_test(precedence),
                cmocka_unit_test(reuse),
        };

        return cmocka_run_group_tests_name("core/judge", tests, NULL, NULL);
}
