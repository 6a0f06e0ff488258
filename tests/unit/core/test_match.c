/* The match language: each operator from both sides, missing fields, wrong kinds, and the truth
 * tables of all, any and not. A condition's three values are seen from outside by putting it beside
 * its negation: yes matches the rule "is", no matches "is-not", unknown matches neither. */
#include "fixture.h"

#include <malloc.h>
#include <stdio.h>

#include "proto/base/limits.h"

enum answer { NO, YES, UNKNOWN };

static enum answer ask(const char *condition, const char *data)
{
        static char rules[16384];
        const struct judgement *j;
        enum answer answer;
        struct fixture f;

        assert_true(snprintf(rules, sizeof(rules),
                             "[{\"id\":\"is\",\"title\":\"t\",\"effect\":\"fail\",\"match\":%s,"
                             "\"fingerprint\":\"/"
                             "source\"},{\"id\":\"is-not\",\"title\":\"t\",\"effect\":"
                             "\"fail\",\"match\":{\"not\":%s},\"fingerprint\":\"/source\"}]",
                             condition, condition) < (int) sizeof(rules));
        fixture_load(&f, rules, NULL);
        j = judge_data(&f, "t", data);
        assert_true(only_part(j)->n_matches <= 1);
        if (match_by(&f, j, 0, "is"))
                answer = YES;
        else if (match_by(&f, j, 0, "is-not"))
                answer = NO;
        else
                answer = UNKNOWN;
        fixture_done(&f);
        return answer;
}

static void check(const char *operators, const char *x, enum answer expected)
{
        char condition[4096], data[8192];

        (void) snprintf(condition, sizeof(condition), "{\"path\":\"/data/x\",%s}", operators);
        (void) snprintf(data, sizeof(data), "{\"x\":%s}", x);
        if (ask(condition, data) != expected)
                fail_msg("%s of %s is not %s", operators, x,
                         expected == YES  ? "yes"
                         : expected == NO ? "no"
                                          : "unknown");
}

static void equality(void **state)
{
        (void) state;
        check("\"eq\":\"a\"", "\"a\"", YES);
        check("\"eq\":\"a\"", "\"\\u0061\"", YES);
        check("\"eq\":\"a\"", "\"A\"", NO);
        check("\"eq\":\"a\",\"nocase\":true", "\"A\"", YES);
        check("\"eq\":\"\xc3\xa9\",\"nocase\":true", "\"\xc3\x89\"", NO); /* ASCII only */
        check("\"eq\":\"\"", "\"\"", YES);
        check("\"eq\":\"1\"", "1", NO);
        check("\"eq\":1", "1.0", YES);
        check("\"eq\":1", "1e0", YES);
        check("\"eq\":100", "1E+2", YES);
        check("\"eq\":0", "-0", YES);
        check("\"eq\":9007199254740993", "9007199254740993", YES);
        check("\"eq\":9007199254740993", "9007199254740992", NO);
        check("\"eq\":true", "true", YES);
        check("\"eq\":true", "false", NO);
        check("\"eq\":true", "1", NO);
        check("\"eq\":null", "null", YES);
        check("\"eq\":null", "false", NO);
        check("\"eq\":\"a\"", "[\"a\"]", NO);
        check("\"ne\":\"a\"", "\"b\"", YES);
        check("\"ne\":\"a\"", "\"a\"", NO);
        check("\"ne\":\"a\"", "{}", YES);
        check("\"in\":[\"a\",1,null]", "1.00", YES);
        check("\"in\":[\"a\",1,null]", "null", YES);
        check("\"in\":[\"a\",1,null]", "\"1\"", NO);
        check("\"in\":[\"a\"],\"nocase\":true", "\"A\"", YES);
        check("\"nin\":[\"a\",1]", "2", YES);
        check("\"nin\":[\"a\",1]", "\"a\"", NO);
}

static void order(void **state)
{
        (void) state;
        check("\"lt\":10", "9.999", YES);
        check("\"lt\":10", "10", NO);
        check("\"lte\":10", "10.0", YES);
        check("\"lte\":10", "10.0000000000000000001", NO);
        check("\"gt\":-1", "-0.5", YES);
        check("\"gt\":0.1", "0.1", NO);
        check("\"gte\":9007199254740993", "9007199254740992", NO);
        check("\"gte\":1e308", "1e307", NO);
        check("\"lt\":10", "\"9\"", UNKNOWN);
        check("\"lt\":10", "null", UNKNOWN);
        check("\"lt\":\"b\"", "\"a\"", YES);
        check("\"lt\":\"b\"", "\"ba\"", NO);
        check("\"lt\":\"b\"", "1", UNKNOWN);
        check("\"gte\":3,\"lt\":7", "3", YES);
        check("\"gte\":3,\"lt\":7", "7", NO);
        check("\"gte\":3,\"lt\":7", "\"5\"", UNKNOWN);
}

/* A match of what begins with ".*" may be looked for from the beginning alone, where that may not
 * be left out. */
static void anywhere(void)
{
        check("\"re\":\".*foo\"", "\"a\\nfoo\"", YES);
        check("\"re\":\"((.*)f)oo$\"", "\"afoo\"", YES);
        check("\"re\":\".*{0}foo\"", "\"afoo\"", YES);
        check("\"re\":\"(.*a){0}foo\"", "\"bfoo\"", YES);
        check("\"re\":\"(.*a)?foo\"", "\"bfoo\"", YES);
        check("\"re\":\".*b|foo\"", "\"afoo\"", YES);
}

/* A character of UTF-8 is one, however many bytes it has; nocase folds ASCII letters and no others.
 */
static void characters(void)
{
        check("\"glob\":\"M?ller\"", "\"M\\u00fcller\"", YES);
        check("\"glob\":\"M??ller\"", "\"M\xc3\xbcller\"", NO);
        check("\"glob\":\"[\xc3\xa4\xc3\xb6\xc3\xbc]\"", "\"\xc3\xb6\"", YES);
        check("\"glob\":\"[!a]\"", "\"\xe6\x97\xa5\"", YES);
        check("\"glob\":\"[!a-c\xc3\xa9]*\"", "\"\xc3\xa9t\xc3\xa9\"", NO);
        check("\"glob\":\"[]a]*[\\\\]x][[:digit:]]\"", "\"]axx7\"", YES);
        check("\"glob\":\"[]a]*[\\\\]x][[:digit:]]\"", "\"]a]7\"", YES);
        check("\"glob\":\"[a\\\\-c]\"", "\"b\"", NO);
        check("\"glob\":\"[a\\\\-c]\"", "\"-\"", YES);
        check("\"glob\":\"[\\\\^a]\"", "\"^\"", YES);
        check("\"glob\":\"a[b\"", "\"a[b\"", YES);
        check("\"glob\":\"a.(b)|{2}+$^\\\\*\"", "\"a.(b)|{2}+$^*\"", YES);
        check("\"glob\":\"a.b\"", "\"axb\"", NO);
        check("\"glob\":\"*\"", "\"a\\n/.b\"", YES);
        check("\"glob\":\"\"", "\"\"", YES);
        check("\"glob\":\"\"", "\"a\"", NO);
        check("\"glob\":\"m?LLER\",\"nocase\":true", "\"M\xc3\xbcller\"", YES);
        check("\"glob\":\"m\xc3\x9cLLER\",\"nocase\":true", "\"M\xc3\xbcller\"", NO);
        check("\"re\":\"^M.ller$\"", "\"M\xc3\xbcller\"", YES);
        check("\"re\":\"^.{2}$\"", "\"\xe6\x97\xa5\xe6\x9c\xac\"", YES);
        check("\"re\":\"^\xf0\x9f\x94\x92?x$\"", "\"x\"", YES);
        check("\"re\":\"^a\xf0\x9f\x94\x92?x$\"", "\"a\xf0\x9f\x94\x92x\"", YES);
        check("\"re\":\"^\xc3\xa4+$\"", "\"\xc3\xa4\xc3\xa4\"", YES);
        check("\"re\":\"^[^a-z]$\"", "\"\xc3\xa4\"", YES);
        check("\"re\":\"^[[:alpha:]]+$\"", "\"stra\xc3\x9f\x65\"", YES);
        check("\"re\":\"^[\xc3\xa4\xc3\xb6]{3}$\"", "\"\xc3\xa4\xc3\xb6\xc3\xa4\"", YES);
        check("\"re\":\"^STRA.E [A-F]\\\\.$\",\"nocase\":true", "\"Stra\xc3\x9f\x65 b.\"", YES);
        check("\"re\":\"^[[:upper:]]+$\",\"nocase\":true", "\"aBc\"", YES);
        check("\"re\":\"^\\\\w+\\\\W$\",\"nocase\":true", "\"aBc!\"", YES);
        check("\"re\":\"\xc3\x84\",\"nocase\":true", "\"\xc3\xa4\"", NO);
}

static void texts(void **state)
{
        (void) state;
        check("\"contains\":\"ell\"", "\"hello\"", YES);
        check("\"contains\":\"ELL\"", "\"hello\"", NO);
        check("\"contains\":\"ELL\",\"nocase\":true", "\"hello\"", YES);
        check("\"contains\":\"x\"", "5", UNKNOWN);
        check("\"contains\":\"b\"", "[\"a\",\"\\u0062\"]", YES);
        check("\"contains\":2", "[1,2.0]", YES);
        check("\"contains\":2", "[]", NO);
        check("\"contains\":2", "\"2\"", UNKNOWN);
        check("\"startswith\":\"he\"", "\"hello\"", YES);
        check("\"startswith\":\"hello!\"", "\"hello\"", NO);
        check("\"endswith\":\"LO\",\"nocase\":true", "\"hello\"", YES);
        check("\"endswith\":\"lo\"", "[\"hello\"]", UNKNOWN);
        check("\"glob\":\"db*.prod\"", "\"db01.prod\"", YES);
        check("\"glob\":\"db??\"", "\"db1\"", NO);
        check("\"glob\":\"[!a]*\",\"nocase\":true", "\"Xyz\"", YES);
        check("\"re\":\"^db[0-9]+$\"", "\"db01\"", YES);
        check("\"re\":\"^db[0-9]+$\"", "\"db01x\"", NO);
        check("\"re\":\"B[0-9]\",\"nocase\":true", "\"db01x\"", YES);
        characters();
        anywhere();
        check("\"re\":\"a|b\"", "7", UNKNOWN);
        check("\"re\":\"^[]+[:digit:]]+([a-z]+){3}(x|y*){2,40}\\\\+$\"", "\"]7abc+\"", YES);
}

static void networks(void **state)
{
        (void) state;
        check("\"cidr\":\"10.0.0.0/8\"", "\"10.255.0.1\"", YES);
        check("\"cidr\":\"10.0.0.0/8\"", "\"11.0.0.1\"", NO);
        check("\"cidr\":\"10.0.0.0/9\"", "\"10.128.0.1\"", NO);
        check("\"cidr\":\"192.0.2.7\"", "\"192.0.2.7\"", YES);
        check("\"cidr\":\"0.0.0.0/0\"", "\"2001:db8::1\"", NO);
        check("\"cidr\":\"10.0.0.0/8\"", "\"::ffff:10.1.2.3\"", YES);
        check("\"cidr\":[\"10.0.0.0/8\",\"2001:db8::/32\"]", "\"2001:db8:5::1\"", YES);
        check("\"cidr\":\"2001:db8::/33\"", "\"2001:db8:8000::1\"", NO);
        check("\"cidr\":\"10.0.0.0/8\"", "\"db01\"", UNKNOWN);
        check("\"cidr\":\"10.0.0.0/8\"", "10", UNKNOWN);
}

static void existence(void **state)
{
        (void) state;
        check("\"exists\":true", "null", YES);
        check("\"exists\":false", "1", NO);
        assert_int_equal(ask("{\"path\":\"/data/y\",\"exists\":true}", "{}"), NO);
        assert_int_equal(ask("{\"path\":\"/data/y\",\"exists\":false}", "{}"), YES);
        assert_int_equal(ask("{\"path\":\"/data/y\",\"exists\":true,\"eq\":1}", "{}"), NO);
        assert_int_equal(ask("{\"path\":\"/data/y\",\"exists\":false,\"eq\":1}", "{}"), UNKNOWN);
}

/* Every operator is unknown without its field, and so is its negation. */
static void absence(void **state)
{
        static const char *const OPERATORS[] = {
                "\"eq\":1",           "\"ne\":1",
                "\"in\":[1]",         "\"nin\":[1]",
                "\"lt\":1",           "\"lte\":1",
                "\"gt\":1",           "\"gte\":1",
                "\"contains\":\"a\"", "\"startswith\":\"a\"",
                "\"endswith\":\"a\"", "\"glob\":\"*\"",
                "\"re\":\".*\"",      "\"cidr\":\"::/0\"",
        };

        (void) state;
        for (size_t i = 0; i < sizeof(OPERATORS) / sizeof(OPERATORS[0]); i++) {
                char condition[256];

                (void) snprintf(condition, sizeof(condition), "{\"path\":\"/data/none\",%s}",
                                OPERATORS[i]);
                if (ask(condition, "{\"x\":1}") != UNKNOWN)
                        fail_msg("%s is not unknown without a field", OPERATORS[i]);
        }
}

static void wildcards(void **state)
{
        static const char *const HIGH = "{\"path\":\"/data/x/*/level\",\"gte\":5}";

        (void) state;
        assert_int_equal(ask(HIGH, "{\"x\":[{\"level\":1},{\"level\":7}]}"), YES);
        assert_int_equal(ask(HIGH, "{\"x\":{\"a\":{\"level\":1},\"b\":{\"level\":7}}}"), YES);
        assert_int_equal(ask(HIGH, "{\"x\":[{\"level\":1}]}"), NO);
        assert_int_equal(ask(HIGH, "{\"x\":[{\"level\":1},{\"level\":\"7\"}]}"), UNKNOWN);
        assert_int_equal(ask(HIGH, "{\"x\":[{\"level\":\"7\"},{\"level\":7}]}"), YES);
        assert_int_equal(ask(HIGH, "{\"x\":[]}"), UNKNOWN);
        assert_int_equal(ask(HIGH, "{}"), UNKNOWN);
        assert_int_equal(
                ask("{\"path\":\"/data/x/*\",\"eq\":\"\xc3\xa9\"}", "{\"x\":[\"a\",\"\\u00e9\"]}"),
                YES);
        assert_int_equal(ask("{\"path\":\"/data/x/*\",\"exists\":true}", "{\"x\":[]}"), NO);
        /* one element must satisfy both tests */
        assert_int_equal(ask("{\"path\":\"/data/x/*\",\"gte\":3,\"lt\":7}", "{\"x\":[1,9]}"), NO);
        assert_int_equal(ask("{\"path\":\"/data/x/*\",\"gte\":3,\"lt\":7}", "{\"x\":[1,5]}"), YES);
        assert_int_equal(ask("{\"path\":\"/data/x/1\",\"eq\":2}", "{\"x\":[1,2]}"), YES);
        assert_int_equal(ask("{\"path\":\"/data/a~1b/m~0n\",\"eq\":2}", "{\"a/b\":{\"m~n\":2}}"),
                         YES);
}

/* Kleene's tables, with y and u standing for conditions of that value. */
static void kleene(void **state)
{
        static const char *const VALUES[] = {
                [NO] = "{\"path\":\"/data/x\",\"eq\":2}",
                [YES] = "{\"path\":\"/data/x\",\"eq\":1}",
                [UNKNOWN] = "{\"path\":\"/data/none\",\"eq\":1}",
        };
        static const enum answer AND[3][3] = {
                [NO] = {[NO] = NO, [YES] = NO, [UNKNOWN] = NO},
                [YES] = {[NO] = NO, [YES] = YES, [UNKNOWN] = UNKNOWN},
                [UNKNOWN] = {[NO] = NO, [YES] = UNKNOWN, [UNKNOWN] = UNKNOWN},
        };
        static const enum answer OR[3][3] = {
                [NO] = {[NO] = NO, [YES] = YES, [UNKNOWN] = UNKNOWN},
                [YES] = {[NO] = YES, [YES] = YES, [UNKNOWN] = YES},
                [UNKNOWN] = {[NO] = UNKNOWN, [YES] = YES, [UNKNOWN] = UNKNOWN},
        };
        char condition[1024];

        (void) state;
        for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++) {
                        (void) snprintf(condition, sizeof(condition), "{\"all\":[%s,%s]}",
                                        VALUES[a], VALUES[b]);
                        assert_int_equal(ask(condition, "{\"x\":1}"), AND[a][b]);
                        (void) snprintf(condition, sizeof(condition), "{\"any\":[%s,%s]}",
                                        VALUES[a], VALUES[b]);
                        assert_int_equal(ask(condition, "{\"x\":1}"), OR[a][b]);
                }
}

static void unknowns_are_counted(void **state)
{
        struct fixture f;

        (void) state;
        fixture_load(
                &f,
                "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/source\","
                "\"match\":{\"all\":[{\"path\":\"/type\",\"eq\":\"t\"},{\"path\":\"/data/"
                "a\",\"ne\":1},"
                "{\"path\":\"/data/b\",\"ne\":1}]}}",
                NULL);
        assert_int_equal(only_part(judge_data(&f, "t", "{}"))->n_unknown, 2);
        assert_int_equal(only_part(judge_data(&f, "t", "{\"a\":2}"))->n_unknown, 1);
        assert_int_equal(only_part(judge_data(&f, "t", "{\"a\":2,\"b\":2}"))->n_unknown, 0);
        assert_int_equal(only_part(judge_data(&f, "other", "{}"))->n_unknown, 0);
        fixture_done(&f);
}

/* No event makes an expression expensive: it sees the first 4 KiB. */
static void long_texts(void **state)
{
        static char data[200000];
        size_t n = 0;

        (void) state;
        data[n++] = '"';
        memset(data + n, 'a', 4096);
        n += 4096;
        memset(data + n, 'b', 100000);
        n += 100000;
        memcpy(data + n, "\"", 2);
        {
                static char event[300000];
                struct fixture f;

                fixture_load(&f,
                             "[{\"id\":\"a\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":"
                             "\"/source\","
                             "\"match\":{\"path\":\"/data\",\"re\":\"^a+$\"}},"
                             "{\"id\":\"b\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                             "source\","
                             "\"match\":{\"path\":\"/data\",\"contains\":\"b\"}},"
                             "{\"id\":\"c\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                             "source\","
                             "\"match\":{\"path\":\"/data\",\"glob\":\"*b*\"}}]",
                             NULL);
                (void) snprintf(
                        event, sizeof(event),
                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\","
                        "\"data\":%s}",
                        data);
                (void) judge_text(&f, event);
                assert_non_null(match_by(&f, judge_text(&f, event), 0, "a"));
                assert_non_null(match_by(&f, judge_text(&f, event), 0, "b"));
                assert_null(match_by(&f, judge_text(&f, event), 0, "c"));
                fixture_done(&f);
        }
}

/* An expression whose automaton has a million states remembers few of them: else these texts, each
 * byte of which leads to another, would cost 150 MiB. (Under AddressSanitizer the C library counts
 * nothing.) */
static void remembered_texts(void **state)
{
        const size_t before = mallinfo2().uordblks;
        uint32_t random = 1;
        struct fixture f;

        (void) state;
        fixture_load(&f,
                     "[{\"id\":\"a\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":"
                     "\"/source\",\"match\":{\"path\":\"/data\",\"re\":\".*a.{20}b\"}}]",
                     NULL);
        for (unsigned n = 0; n < 16; n++) {
                char text[4096] = "\"";

                for (size_t i = 1; i < sizeof(text) - 2; i++) {
                        random = random * 1664525U + 1013904223U;
                        text[i] = random >> 31 ? 'a' : 'x';
                }
                text[sizeof(text) - 2] = '"';
                assert_null(match_by(&f, judge_data(&f, "t", text), 0, "a"));
        }
        assert_true(mallinfo2().uordblks < before + 64U * MIB);
        assert_non_null(match_by(&f, judge_data(&f, "t", "\"a01234567890123456789b\""), 0, "a"));
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(equality),
                cmocka_unit_test(order),
                cmocka_unit_test(texts),
                cmocka_unit_test(networks),
                cmocka_unit_test(existence),
                cmocka_unit_test(absence),
                cmocka_unit_test(wildcards),
                cmocka_unit_test(kleene),
                cmocka_unit_test(unknowns_are_counted),
                cmocka_unit_test(long_texts),
                cmocka_unit_test(remembered_texts),
        };

        return cmocka_run_group_tests_name("core/match", tests, NULL, NULL);
}
