/* Fingerprints against values that were computed apart from this code, with Python:
 *   def fp(rule, *parts):
 *       b = struct.pack(">I", len(rule)) + rule.encode()
 *       for letter, p in parts: b += letter + struct.pack(">I", len(p)) + p
 *       return hashlib.sha256(b).hexdigest()
 * with p in UTF-8. The parts of each vector are in its comment. */
#include "fixture.h"

#include <stdio.h>

static void check(const char *parts, const char *missing, const char *data, const char *expected)
{
        char rule[1024], hex[2 * HASH_BYTES + 1];
        const struct judgement *j;
        struct fixture f;

        (void) snprintf(
                rule, sizeof(rule),
                "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"t\"},\"fingerprint\":%s%s}",
                parts, missing);
        fixture_load(&f, rule, NULL);
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->n_matches, 1);
        hash_hex(&j->matches[0].fingerprint, hex);
        assert_string_equal(hex, expected);
        fixture_done(&f);
}

static void vectors(void **state)
{
        (void) state;
        /* ("s", "test"), ("s", "thing") */
        check("[\"/source\",\"/subject\"]", "", "{}",
              "17f24ed896318f7d241c9de3608f748f4f21360b2f6a3d60ef7afca4131bf0df");
        /* ("s", "a"), ("s", "bc") and ("s", "ab"), ("s", "c"): lengths keep them apart */
        check("[\"/data/x\",\"/data/y\"]", "", "{\"x\":\"a\",\"y\":\"bc\"}",
              "8992ab207b5ef4b53b602241f19df84cf131c74192862994bd5641d4ed8951aa");
        check("[\"/data/x\",\"/data/y\"]", "", "{\"x\":\"ab\",\"y\":\"c\"}",
              "51584ab941b153027c865b8bf9c3a539408d9434b9f060e36f8bc456f78f31ca");
        /* ("n", "1.0"), ("b", "true"): the number as written */
        check("[\"/data/x\",\"/data/y\"]", "", "{\"x\":1.0,\"y\":true}",
              "ae9f7f59ae14793adb651fb1547da2a2e1f9fd60e4392f2df95a181c9e62a3ae");
        /* ("n", "9007199254740993"), ("b", "false"): 2^53 + 1 */
        check("[\"/data/x\",\"/data/y\"]", "", "{\"x\":9007199254740993,\"y\":false}",
              "4e05c390dfc6b83368ba987de914295d8d842a3f9f10c3781b8e207c52813d60");
        /* ("s", "1"), ("z", ""): a text is no number; missing and null are the same */
        check("[\"/data/x\",\"/data/y\"]", ",\"missing\":\"null\"", "{\"x\":\"1\"}",
              "4cd7809003e2e262af8f63229f553b2effaa6f0cd86145d4755b241675c5e0ae");
        check("[\"/data/x\",\"/data/y\"]", ",\"missing\":\"null\"", "{\"x\":\"1\",\"y\":null}",
              "4cd7809003e2e262af8f63229f553b2effaa6f0cd86145d4755b241675c5e0ae");
        /* ("s", "\u00e9\n\"x"), ("z", ""): decoded, however it was escaped */
        check("[\"/data/x\",\"/data/y\"]", ",\"missing\":\"null\"",
              "{\"x\":\"\\u00e9\\u000a\\\"x\"}",
              "9b7bcd5faffcc383d34fd0ca1cc95d4d970298d2a9f976008d2dc96080379646");
        check("[\"/data/x\",\"/data/y\"]", ",\"missing\":\"null\"", "{\"x\":\"\xc3\xa9\\n\\\"x\"}",
              "9b7bcd5faffcc383d34fd0ca1cc95d4d970298d2a9f976008d2dc96080379646");
}

/* A renamed rule gives the fingerprints under its former ids too, also with the pass that clears
 * it. */
static void renamed(void **state)
{
        static const char *const EXPECTED[] = {
                "a2cf7bdb4b3ad6d04525352f5e1cd4dc2e230425e7e35a7f64ad2e11a8319155",
                "83b3a7526952e3ab5bfb36d7b64e23c84f442364f8f5c3f3723c974a50c58108",
                "be2a531c819229dbe8d123efdcade63b861c5888e210fc6a6c82cc4639cd928a"};
        struct fixture f;
        char hex[2 * HASH_BYTES + 1];

        (void) state;
        fixture_load(
                &f,
                "[{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"was\":[\"old\",\"older\"],"
                "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"fingerprint\":[\"/source\"]},"
                "{\"id\":\"s\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"u\"},\"fingerprint\":[\"/source\"]},"
                "{\"id\":\"p\",\"effect\":\"pass\",\"clears\":[\"r\",\"s\"],\"match\":{\"path\":\"/"
                "type\","
                "\"eq\":\"ok\"},\"fingerprint\":[\"/source\"]}]",
                NULL);
        for (unsigned pass = 0; pass < 2; pass++) {
                const struct judgement *j = judge_data(&f, pass ? "ok" : "t", "{}");

                assert_int_equal(only_part(j)->n_matches, pass ? 2 : 1);
                assert_int_equal(j->matches[0].n_was, 2);
                hash_hex(&j->matches[0].fingerprint, hex);
                assert_string_equal(hex, EXPECTED[0]);
                for (unsigned i = 0; i < 2; i++) {
                        hash_hex(&j->matches[0].was[i], hex);
                        assert_string_equal(hex, EXPECTED[i + 1]);
                }
                if (pass)
                        assert_int_equal(j->matches[1].n_was, 0);
        }
        fixture_done(&f);
}

static void refused(const char *data, const char *what)
{
        const struct judgement *j;
        struct fixture f;

        fixture_load(
                &f,
                "[{\"id\":\"one\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
                "type\","
                "\"eq\":\"t\"},\"fingerprint\":\"/source\"},"
                "{\"id\":\"two\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"t\"},\"fingerprint\":[\"/source\",\"/data/x\"]}]",
                NULL);
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->verdict, VERDICT_INVALID);
        assert_int_equal(only_part(j)->n_matches, 0);
        assert_int_equal(j->n_matches, 0); /* the other rule's match does not stay behind */
        assert_contains(only_part(j)->problem.text, "\"two\"");
        assert_contains(only_part(j)->problem.text, "/data/x");
        assert_contains(only_part(j)->problem.text, what);
        fixture_done(&f);
}

static void missing_parts(void **state)
{
        (void) state;
        refused("{}", "the event has none");
        refused("{\"x\":null}", "the event has none");
        refused("{\"x\":[1]}", "a list or an object");
        refused("{\"x\":{}}", "a list or an object");
}

static void long_parts(void **state)
{
        static char data[5000];

        (void) state;
        (void) snprintf(data, sizeof(data), "{\"x\":\"%04097d\"}", 0);
        refused(data, "it has 4097 bytes; the most is 4096");
}

/* A pass computes the fingerprint of the rule that it clears, from its own paths. */
static void cleared(void **state)
{
        const struct judgement *j;
        struct hash failed;
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "[{\"id\":\"bad\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
                "type\","
                "\"eq\":\"bad\"},\"fingerprint\":[\"/data/x\"]},"
                "{\"id\":\"worse\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
                "type\","
                "\"eq\":\"bad\"},\"fingerprint\":[\"/data/x\"]},"
                "{\"id\":\"good\",\"effect\":\"pass\",\"clears\":[\"bad\",\"worse\"],\"match\":"
                "{\"path\":\"/type\",\"eq\":\"good\"},\"fingerprint\":[\"/subject\"]}]",
                NULL);
        j = judge_data(&f, "bad", "{\"x\":\"thing\"}");
        assert_int_equal(j->n_matches, 2);
        failed = match_by(&f, j, 0, "bad")->fingerprint;
        j = judge_data(&f, "good", "{}");
        assert_int_equal(only_part(j)->n_matches, 2);
        assert_string_equal(ruleset_rule_id(f.rules, j->matches[0].rule), "bad");
        assert_string_equal(ruleset_rule_id(f.rules, j->matches[0].matched), "good");
        assert_string_equal(ruleset_rule_id(f.rules, j->matches[1].rule), "worse");
        assert_int_equal(j->matches[0].effect, EFFECT_PASS);
        assert_null(j->matches[0].grade);
        assert_memory_equal(&failed, &j->matches[0].fingerprint, sizeof(failed));
        assert_memory_not_equal(&failed, &j->matches[1].fingerprint, sizeof(failed));
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(vectors),       cmocka_unit_test(renamed),
                cmocka_unit_test(missing_parts), cmocka_unit_test(long_parts),
                cmocka_unit_test(cleared),
        };

        return cmocka_run_group_tests_name("core/fingerprint", tests, NULL, NULL);
}
