/* Controls that events name: what a text says, the translation from 2013, and a rule's list. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/annex.h"

static void assert_names(const char *text, enum edition edition, const char *expected)
{
        char names[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES], all[256] = "";
        struct text t = {text, strlen(text)};
        unsigned n = annex_find(&t, edition, names);

        for (unsigned i = 0; i < n; i++) {
                strcat(all, i > 0 ? " " : "");
                strcat(all, names[i]);
        }
        if (strcmp(all, expected) != 0)
                fail_msg("\"%s\" names \"%s\", not \"%s\"", text, all, expected);
}

static void spellings(void **state)
{
        (void) state;
        assert_names("A.8.15", EDITION_BY_NUMBER, "A.8.15");
        assert_names("a.8.15", EDITION_2022, "A.8.15");
        assert_names("8.15", EDITION_BY_NUMBER, "A.8.15");
        assert_names("A8.15", EDITION_BY_NUMBER, "A.8.15");
        assert_names("A 8.15", EDITION_BY_NUMBER, "A.8.15");
        assert_names("A.08.05", EDITION_BY_NUMBER, "A.8.5");
        assert_names(" Annex A.8.15 ", EDITION_BY_NUMBER, "A.8.15");
        assert_names("annex a 8.15", EDITION_BY_NUMBER, "A.8.15");
        assert_names("A.12.4.4", EDITION_BY_NUMBER, "A.8.17");
        assert_names("12.4.4", EDITION_2013, "A.8.17");
        assert_names("ISO27001:A.12.4.4", EDITION_BY_NUMBER, "A.8.17");
        assert_names("ISO/IEC 27001:2013 A.12.4.4", EDITION_2022, "A.8.17");
        assert_names("ISO-27001-2022 A.8.17", EDITION_2013, "A.8.17");
        assert_names("iso_27002:2013, 12.4", EDITION_BY_NUMBER, "A.8.15 A.8.17");
        assert_names("ISO27001-2013 A.10.1", EDITION_BY_NUMBER, "A.8.24");
        /* several, as Prowler writes them into findings of Security Hub; one of them is none */
        assert_names("ISO27001-2022 A.8.1 A.9.9 A.8.17, A.8.1", EDITION_BY_NUMBER, "A.8.1 A.8.17");
        assert_names("12.4.4;12.6.1", EDITION_BY_NUMBER, "A.8.17 A.8.8");
}

static void no_controls(void **state)
{
        static const char *const NONE[] = {
                "",
                "A",
                "A.",
                "A.8",
                "8",
                "A.8.35",
                "A.5.0",
                "A.9.1",
                "A.4.1",
                "A.12.4.9",
                "A.8.15.",
                "A.8.15 and more",
                "A..8.15",
                "A.8.150",
                "A.1.2.3.4",
                "AC-6",
                "Rev_4",
                "CIS 8.1",
                "NIS2 21",
                "ISO",
                "ISO 9001 8.1",
                "ISO27001",
                "ISO 27017 8.1",
                "PCI 8.1",
                "-8.1",
                "8,15",
                "A.8.1\n",
                "B.8.15",
                "A.8.+1",
                "10.2",
        };

        (void) state;
        for (unsigned i = 0; i < ARRAY_LEN(NONE); i++)
                assert_names(NONE[i], EDITION_BY_NUMBER, "");
        assert_names("A.8.17", EDITION_2013, ""); /* there is no objective A.8.17 */
        assert_names("A.12.4.4", EDITION_2022, "");
        assert_names("A.19.1", EDITION_2013, "");
}

/* Each edition is as large as it is, every old control has a successor, and those that nothing of
 * 2013 has become are the eleven that are new. */
static void editions_are_whole(void **state)
{
        static const char *const NEW[] = {"A.5.7",  "A.5.23", "A.5.30", "A.7.4",  "A.8.9", "A.8.10",
                                          "A.8.11", "A.8.12", "A.8.16", "A.8.23", "A.8.28"};
        char names[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES], text[32];
        unsigned n_old = 0, n_now = 0, n_new = 0;
        bool seen[10][40] = {{false}};

        (void) state;
        for (unsigned a = 0; a < 100; a++)
                for (unsigned b = 0; b < 100; b++)
                        for (unsigned c = 0; c < 20; c++) {
                                int size = snprintf(text, sizeof(text), "A.%u.%u.%u", a, b, c);
                                unsigned n = annex_find(&(struct text){text, (size_t) size},
                                                        EDITION_BY_NUMBER, names);

                                n_old += n > 0;
                                for (unsigned i = 0; i < n; i++) {
                                        unsigned theme, number;

                                        assert_int_equal(
                                                sscanf(names[i], "A.%u.%u", &theme, &number), 2);
                                        assert_true(theme < 10 && number < 40);
                                        seen[theme][number] = true;
                                }
                        }
        assert_int_equal(n_old, 114);
        for (unsigned a = 0; a < 10; a++)
                for (unsigned b = 0; b < 40; b++) {
                        int size = snprintf(text, sizeof(text), "A.%u.%u", a, b);

                        if (annex_find(&(struct text){text, (size_t) size}, EDITION_2022, names) ==
                            0) {
                                assert_false(seen[a][b]);
                                continue;
                        }
                        n_now++;
                        if (!seen[a][b])
                                assert_string_equal(text, NEW[n_new++]);
                }
        assert_int_equal(n_now, 93);
        assert_int_equal(n_new, ARRAY_LEN(NEW));
        /* one that became two, and the objective with the most */
        assert_names("A.18.2.3", EDITION_BY_NUMBER, "A.5.36 A.8.8");
        assert_names("11.2", EDITION_2013,
                     "A.7.8 A.7.11 A.7.12 A.7.13 A.7.10 A.7.9 A.7.14 A.8.1 A.7.7");
}

static const char *rule_with(const char *controls)
{
        static char rule[4096];

        snprintf(rule, sizeof(rule),
                 "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/source\","
                 "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"controls\":%s}",
                 controls);
        return rule;
}

/* What a rule with this list says of this data. */
static void assert_controls(const char *controls, const char *data, const char *expected)
{
        const struct judgement *j;
        const struct match *m;
        struct fixture f;

        fixture_load(&f, rule_with(controls), NULL);
        j = judge_data(&f, "t", data);
        assert_int_equal(only_part(j)->n_matches, 1);
        m = match_by(&f, j, 0, "r");
        assert_text(m->controls, expected);
        fixture_done(&f);
}

static void taken(void **state)
{
        (void) state;
        assert_controls("[\"A.8.9\",\"own-7\"]", "{}", "[\"A.8.9\",\"own-7\"]");
        assert_controls("\"A.8.9\"", "{}", "[\"A.8.9\"]");
        /* in the order of the list, each once */
        assert_controls("[{\"path\":\"/data/c\"},\"A.8.9\"]", "{\"c\":\"A.12.4.4\"}",
                        "[\"A.8.17\",\"A.8.9\"]");
        assert_controls("[\"A.8.9\",{\"path\":\"/data/c\"}]",
                        "{\"c\":[\"A.8.17\",\"A.8.9\",\"8.17\"]}", "[\"A.8.9\",\"A.8.17\"]");
        assert_controls(
                "[{\"path\":\"/data/*/id\"},\"A.8.9\"]",
                "{\"a\":{\"id\":\"A.\\u0035.1\"},\"b\":{\"id\":[\"A.5.2\",null,\"\"]},\"c\":7}",
                "[\"A.5.1\",\"A.5.2\",\"A.8.9\"]");
        /* absent, null, no control, of the other edition, a number */
        assert_controls("[{\"path\":\"/data/c\"},\"A.8.9\"]", "{}", "[\"A.8.9\"]");
        assert_controls("[{\"path\":\"/data/c\"},\"A.8.9\"]",
                        "{\"c\":[null,\"AC-6\",8.15,{},[\"A.8.1\"],true]}", "[\"A.8.9\"]");
        assert_controls("[{\"path\":\"/data/c\",\"edition\":2013},\"A.8.9\"]",
                        "{\"c\":[\"A.8.17\",\"A.12.6\",\"ISO27001:2022 A.5.7\"]}",
                        "[\"A.8.8\",\"A.8.19\",\"A.5.7\",\"A.8.9\"]");
        assert_controls("[{\"path\":\"/data/c\",\"edition\":2022},\"A.8.9\"]",
                        "{\"c\":[\"A.12.4.4\",\"8.1\"]}", "[\"A.8.1\",\"A.8.9\"]");
        /* a capture chooses; so does a map */
        assert_controls("[{\"path\":\"/data/c/*\",\"capture\":\"^ISO27001 (.*)$\"},\"A.8.9\"]",
                        "{\"c\":[\"CIS 8.1\",\"ISO27001 A.8.2\"]}", "[\"A.8.2\",\"A.8.9\"]");
        assert_controls(
                "[{\"path\":\"/data/c/*\",\"map\":[{\"startswith\":\"AC-6\",\"to\":[\"A.5.15\","
                "\"A.8.2\"]},{\"startswith\":\"AC-\",\"to\":\"A.5.15\"}]}]",
                "{\"c\":[\"AC-2\",\"AC-6(1)\",\"Rev_4\"]}", "[\"A.5.15\",\"A.8.2\"]");
        assert_controls("[{\"path\":\"/data/n\",\"map\":{\"gte\":5,\"to\":\"A.8.8\"}}]",
                        "{\"n\":7}", "[\"A.8.8\"]");
        assert_controls("[{\"path\":\"/data/c\"}]", "{}", "[]");
}

/* 16 at most, the rule's own among them, and no more than 64 values of a place are looked at. */
static void bounded(void **state)
{
        char data[8192] = "{\"c\":[";

        (void) state;
        for (unsigned i = 1; i <= 34; i++)
                snprintf(data + strlen(data), sizeof(data) - strlen(data), "%s\"A.8.%u\"",
                         i > 1 ? "," : "", i);
        strcat(data, "]}");
        assert_controls(
                "[{\"path\":\"/data/c\"},\"A.5.1\",\"own\"]", data,
                "[\"A.8.1\",\"A.8.2\",\"A.8.3\",\"A.8.4\",\"A.8.5\",\"A.8.6\",\"A.8.7\",\"A.8.8\","
                "\"A.8.9\",\"A.8.10\",\"A.8.11\",\"A.8.12\",\"A.8.13\",\"A.8.14\",\"A.5.1\","
                "\"own\"]");
        strcpy(data, "{\"c\":[");
        for (unsigned i = 0; i < 64; i++)
                strcat(data, i == 62 ? "\"A.5.2\"," : "\"no control\",");
        strcat(data, "\"A.5.3\"]}");
        assert_controls("[{\"path\":\"/data/c\"},\"A.5.1\"]", data, "[\"A.5.2\",\"A.5.1\"]");
        assert_controls("[{\"path\":\"/data/c/*\"},\"A.5.1\"]", data, "[\"A.5.2\",\"A.5.1\"]");
}

/* No part of the fingerprint, counted where they are none, and only what an event named is told. */
static void judged(void **state)
{
        struct hash first;
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, rule_with("[{\"path\":\"/data/c\"},\"A.8.9\"]"), NULL);
        j = judge_data(&f, "t", "{\"c\":[\"A.8.17\",\"x\",\"y\"]}");
        assert_int_equal(only_part(j)->n_unknown, 2);
        assert_true(j->matches[0].takes_controls);
        first = j->matches[0].fingerprint;
        j = judge_data(&f, "t", "{\"c\":\"z\"}");
        assert_int_equal(only_part(j)->n_unknown, 1);
        assert_false(j->matches[0].takes_controls);
        assert_memory_equal(&first, &j->matches[0].fingerprint, sizeof(first));
        fixture_done(&f);
}

/* A rule with such a list has its first control as the requirement, so the register is told none.
 */
static void described(void **state)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct fixture f;

        (void) state;
        fixture_load(&f, rule_with("[{\"path\":\"/data/c\"},\"A.8.9\"]"), NULL);
        assert_int_equal(ruleset_describe(f.rules, &b), 0);
        assert_contains(b.data, "\"controls\":[\"A.8.9\"],\"requirement\":null");
        fixture_done(&f);
        buffer_clear(&b);
        fixture_load(&f, rule_with("\"A.8.9\""), NULL);
        assert_int_equal(ruleset_describe(f.rules, &b), 0);
        assert_contains(b.data, "\"controls\":[\"A.8.9\"],\"requirement\":\"A.8.9\"");
        fixture_done(&f);
}

static void assert_mistake(const char *controls, const char *complaint)
{
        char *text = fixture_complaints(rule_with(controls), NULL);

        assert_contains(text, complaint);
        assert_contains(text, "rules.json:1:");
        free(text);
}

static void mistakes(void **state)
{
        char *text;

        (void) state;
        assert_mistake("7", "a control is a text, such as \"A.8.9\", or {\"path\": ...}");
        assert_mistake("[{\"edition\":2013}]", "\"path\"");
        assert_mistake("[{\"path\":\"/data/c\",\"editon\":2013}]", "did you mean \"edition\"?");
        assert_mistake("[{\"path\":\"/data/c\",\"edition\":2005}]", "\"edition\" is 2013 or 2022");
        assert_mistake("[{\"path\":\"/data/c\",\"edition\":\"2013\"}]",
                       "\"edition\" is 2013 or 2022");
        assert_mistake("[{\"path\":\"/data/c\",\"capture\":\"x\"}]", "needs a group");
        assert_mistake("[{\"path\":\"data\"}]", "a pointer begins with");
        assert_mistake("[{\"path\":\"/data/c\",\"map\":[{\"eq\":\"x\",\"to\":\"A.12.4.4\"}]}]",
                       "of the 2013 edition's number it would be \"A.8.17\"");
        assert_mistake("[{\"path\":\"/data/c\",\"map\":[{\"eq\":\"x\",\"to\":\"logging\"}]}]",
                       "a control of Annex A as of 2022, such as \"A.8.9\"");
        assert_mistake("[{\"path\":\"/data/c\",\"map\":[{\"to\":\"A.8.9\"}]}]",
                       "an operator is missing");
        assert_mistake("[{\"path\":\"/data/"
                       "c\",\"edition\":2013,\"map\":[{\"eq\":\"x\",\"to\":\"A.8.9\"}]}]",
                       "no meaning beside \"map\"");
        assert_mistake("[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\","
                       "\"12\",\"13\","
                       "\"14\",\"15\",\"16\",\"17\"]",
                       "at most 16 controls");
        text = fixture_complaints(
                "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"triaged\":true,\"owner\":"
                "\"o\",\"grade\":\"minor\",\"fingerprint\":\"/source\",\"match\":{\"path\":"
                "\"/type\",\"eq\":\"t\"},\"controls\":[{\"path\":\"/data/c\"}]}",
                NULL);
        assert_contains(text, "control or requirement of its own");
        free(text);
        text = fixture_complaints(
                "[{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/source\","
                "\"match\":{\"path\":\"/type\",\"eq\":\"t\"}},{\"id\":\"p\",\"effect\":\"pass\","
                "\"clears\":\"r\",\"fingerprint\":\"/source\",\"match\":{\"path\":\"/type\","
                "\"eq\":\"p\"},\"controls\":[{\"path\":\"/data/c\"}]}]",
                NULL);
        assert_contains(text, "controls are taken from the event that raises");
        free(text);
}

/* A field that the adapter does not make is a mistake here as in a match. */
static void fields(void **state)
{
        char *text;

        (void) state;
        text = fixture_complaints(
                "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"adapter\":\"a\","
                "\"fingerprint\":"
                "\"/source\",\"match\":{\"path\":\"/type\",\"eq\":\"t\"},\"controls\":[{\"path\":"
                "\"/anex\"}]}",
                "{\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\"fields\":{\"annex\":{\"path\":\"/"
                "c\"}}}");
        assert_contains(text, "adapter \"a\" makes no field \"anex\"; did you mean \"/annex\"?");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(spellings),
                cmocka_unit_test(no_controls),
                cmocka_unit_test(editions_are_whole),
                cmocka_unit_test(taken),
                cmocka_unit_test(bounded),
                cmocka_unit_test(judged),
                cmocka_unit_test(described),
                cmocka_unit_test(mistakes),
                cmocka_unit_test(fields),
        };

        return cmocka_run_group_tests_name("core/control", tests, NULL, NULL);
}
