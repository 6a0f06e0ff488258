/* The index against brute force: random rules and events, and the matches that the judge finds
 * through the index must be those that each rule gives alone in a ruleset of its own, written so
 * that nothing can be left out. Of every operator, with and without a path that leads somewhere.
 * Always the same seeds; CAPA_SEED=n takes another one. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define N_RULES  40U
#define N_EVENTS 60U
#define N_ROUNDS 20U
#define N_SEEDS  4U

struct comparison {
        const char *name;
        const char *operands[8]; /* NULL behind the last */
        bool knows_case;
};

static uint64_t state_of_random;
static const struct comparison *only; /* every rule of the round has just this one */

static unsigned below(unsigned n)
{
        state_of_random ^= state_of_random << 13;
        state_of_random ^= state_of_random >> 7;
        state_of_random ^= state_of_random << 17;
        return (unsigned) ((state_of_random >> 11) % n);
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

static const char *const PATHS[] = {"/type",     "/source",          "/data/a",   "/data/b",
                                    "/data/c",   "/data/d",          "/data/l/*", "/data/0",
                                    "/subject",  "/data/o/k",        "/a",        "/data/l/1",
                                    "/data/*/k", "/document/data/a", "/data"};
static const char *const VALUES[] = {"\"x\"", "\"y\"", "\"Z\"", "\"z\"",
                                     "1",     "2.0",   "true",  "null"};

/* Operands are made of the same few letters as the values of events: rules and events meet often.
 */
static const struct comparison OPERATORS[] = {
        {"startswith", {"\"\"", "\"x\"", "\"xY\"", "\"xyz.x\"", "\"xyz.xyz.y\""}, true},
        {"endswith", {"\"\"", "\"z\"", "\"Yz\"", "\".xyz\"", "\"xyz.xyz.x\""}, true},
        {"contains", {"\"\"", "\"x\"", "\"Yz\"", "\"z.x\"", "\"yz.xyz.x\"", "1", "null"}, true},
        {"glob",
         {"\"x*\"", "\"*yz\"", "\"?y*.x\"", "\"xy[zZ]\"", "\"*z.x*\"", "\"\\\\x*\"", "\"*\""},
         true},
        {"re",
         {"\"^x\"", "\"yz|Z\"", "\"x+yz?\\\\.?x\"", "\"ax+yz\"", "\"(x|Y)z\"", "\"xy{0,2}z\"",
          "\"[xy]z\\\\.x\"", "\"x|\""},
         true},
        {"cidr",
         {"\"10.0.0.0/8\"", "[\"10.1.2.3\",\"fe80::/10\"]", "\"0.0.0.0/0\"", "\"10.1.2.0/23\""},
         false},
        {"lt", {"1.5", "-3", "0", "1", "2.0", "-1e0", "\"y\""}, false},
        {"lte", {"1.5", "-3", "0", "1", "2.0", "10e-1", "\"y\""}, false},
        {"gt", {"1.5", "-3", "0", "1", "2.0", "0.99", "\"y\""}, false},
        {"gte", {"1.5", "-3", "0", "1", "2.0", "20e-1", "\"y\""}, false},
        {"exists", {"true", "false"}, false},
};

static void write_operator(FILE *out)
{
        const struct comparison *o = only ? only : &PICK(OPERATORS);
        unsigned n = 0;

        while (n < 8 && o->operands[n])
                n++;
        (void) fprintf(out, "\"%s\":%s%s", o->name, o->operands[below(n)],
                       o->knows_case && below(3) == 0 ? ",\"nocase\":true" : "");
}

static void write_comparison(FILE *out)
{
        switch (only ? 3 : below(4)) {
        case 0:
                (void) fprintf(out, "\"%s\":%s%s", below(4) == 0 ? "ne" : "eq", PICK(VALUES),
                               below(4) == 0 ? ",\"nocase\":true" : "");
                break;
        case 1:
                (void) fprintf(out, "\"%s\":[%s,%s]", below(4) == 0 ? "nin" : "in", PICK(VALUES),
                               PICK(VALUES));
                break;
        case 2:
                (void) fprintf(out, "\"ne\":%s,", PICK(VALUES));
                write_operator(out);
                break;
        default:
                write_operator(out);
                break;
        }
}

static void write_condition(FILE *out, unsigned depth)
{
        static const char *const GROUPS[] = {"all", "any"};
        unsigned way = below(only || depth > 3 ? 3 : 6);

        if (way == 5) {
                (void) fprintf(out, "{\"not\":");
                write_condition(out, depth + 1);
                (void) fprintf(out, "}");
        } else if (way >= 3) {
                unsigned n = 1 + below(3);

                (void) fprintf(out, "{\"%s\":[", PICK(GROUPS));
                for (unsigned i = 0; i < n; i++) {
                        (void) fprintf(out, "%s", i > 0 ? "," : "");
                        write_condition(out, depth + 1);
                }
                (void) fprintf(out, "]}");
        } else {
                (void) fprintf(out, "{\"path\":\"%s\",", PICK(PATHS));
                write_comparison(out);
                (void) fprintf(out, "}");
        }
}

/* The text of a rule; of one that is to be brute force, its match is under two "not": that means
 * the same, and leaves nothing to file it under but an adapter. */
static char *make_rule(unsigned number, const char *adapter, const char *match, bool brute)
{
        char *text = NULL;

        if (asprintf(&text,
                     "{\"id\":\"r%02u\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                     "source\"%s,"
                     "\"match\":%s%s%s}",
                     number, adapter, brute ? "{\"not\":{\"not\":" : "", match,
                     brute ? "}}" : "") < 0)
                fail_msg("no memory");
        return text;
}

static char *make_condition(void)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        assert_non_null(out);
        write_condition(out, 0);
        (void) fclose(out);
        return text;
}

/* The same rule for both sides. */
static void make_pair(unsigned number, char **ret_filed, char **ret_brute)
{
        static const char *const ADAPTERS[] = {"", ",\"adapter\":\"\"", ",\"adapter\":\"x\"", ""};
        const char *adapter = PICK(ADAPTERS);
        char *match = make_condition();

        *ret_filed = make_rule(number, adapter, match, false);
        *ret_brute = make_rule(number, adapter, match, true);
        free(match);
}

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* One value more often a text, an address, a number or a list of them than not. */
static const char *some_value(void)
{
        static const char *const SOME[] = {
                "\"x\"",
                "\"Y\"",
                "\"\\u0078\"",
                "\"z\"",
                "1.0",
                "2",
                "true",
                "null",
                "\"xyz.xyz.x\"",
                "\"XYZ.xyz\"",
                "\"aaxyz.xYz.yz\"",
                "\"axxyz\"",
                "\"" A64 A64 A64 A64 A64 "xyz.xyz.x" A64 "\"",
                "\"\"",
                "\"10.1.2.3\"",
                "\"10.1.3.9\"",
                "\"fe80::1\"",
                "-1",
                "0.99",
                "[\"x\",1]",
                "[null,\"yz.xyz.x\"]",
                "[]",
                "{\"k\":\"xyz\"}",
                "{}",
        };

        return PICK(SOME);
}

/* Attributes of a CloudEvent are no fractions. */
static const char *some_attribute(bool adapted)
{
        const char *value = some_value();

        while (!adapted && strchr(value, '.') && value[0] != '"')
                value = some_value();
        return value;
}

static void make_event(char *ret, size_t size, bool adapted)
{
        static const char *const NAMES[] = {"c", "d", "\\u0063", "0"};

        (void) snprintf(ret, size,
                        "{%s\"source\":\"%s\",\"type\":\"%s\",\"data\":{\"a\":%s,\"b\":%s,\"%s\":%"
                        "s,\"l\":[%s,%s],\"o\":%s},"
                        "\"a\":%s,\"l\":[%s]}",
                        adapted ? "" : "\"specversion\":\"1.0\",\"id\":\"1\",",
                        below(2) ? "x" : "xyz.xyz.y", below(2) ? "x" : "Z", some_value(),
                        some_value(), PICK(NAMES), some_value(), some_value(), some_value(),
                        some_value(), some_attribute(adapted), some_value());
}

static void one_round(const char *adapter)
{
        char *rules[N_RULES], event[8192], *together = NULL;
        struct fixture all, alone[N_RULES];
        size_t size = 0;
        FILE *out = open_memstream(&together, &size);
        unsigned n_matched = 0;

        assert_non_null(out);
        for (unsigned i = 0; i < N_RULES; i++) {
                char *brute;

                make_pair(i, &rules[i], &brute);
                (void) fprintf(out, "%s%s", i == 0 ? "[" : ",", rules[i]);
                fixture_load(&alone[i], brute, adapter);
                free(brute);
        }
        (void) fprintf(out, "]");
        (void) fclose(out);
        fixture_load(&all, together, adapter);
        for (unsigned e = 0; e < N_EVENTS; e++) {
                struct frame by = {"x", below(2)};
                const struct judgement *j;

                make_event(event, sizeof(event), by.size > 0);
                all.from.adapter = by;
                for (unsigned i = 0; i < N_RULES; i++) {
                        char id[8];
                        bool here, there;

                        (void) snprintf(id, sizeof(id), "r%02u", i);
                        alone[i].from.adapter = by;
                        there = only_part(judge_text(&alone[i], event))->n_matches > 0;
                        j = judge_text(&all, event);
                        here = match_by(&all, j, 0, id) != NULL;
                        if (here != there)
                                fail_msg("%s\n%s\nmatches %s the index", rules[i], event,
                                         there ? "only without" : "only with");
                        n_matched += there;
                }
        }
        assert_true(n_matched > 0);
        fixture_done(&all);
        for (unsigned i = 0; i < N_RULES; i++) {
                fixture_done(&alone[i]);
                free(rules[i]);
        }
        free(together);
}

static void rounds(uint64_t seed)
{
        state_of_random = seed * 2654435761U + 1;
        print_message("CAPA_SEED=%llu\n", (unsigned long long) seed);
        for (unsigned i = 0; i < N_ROUNDS; i++) {
                only = i % 2 == 0 ? NULL : &PICK(OPERATORS);
                one_round("{\"id\":\"x\",\"source\":{\"path\":\"/source\"},\"type\":{\"path\":\"/"
                          "type\"},\"fields\":{\"a\":{\"path\":\"/data/a\"}}}");
        }
}

static void same_as_brute_force(void **state)
{
        const char *seed = getenv("CAPA_SEED");

        (void) state;
        if (seed)
                rounds(strtoull(seed, NULL, 10));
        for (uint64_t i = 1; !seed && i <= N_SEEDS; i++)
                rounds(i);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(same_as_brute_force),
        };

        return cmocka_run_group_tests_name("core/index", tests, NULL, NULL);
}
