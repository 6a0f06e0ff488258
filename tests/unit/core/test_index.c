/* The index against brute force: random rules and events, and the matches that the judge finds
 * through the index must be those that each rule gives alone in a ruleset of its own, where nothing
 * can be left out. The seed is printed; CAPA_SEED=n repeats a run. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_RULES  40U
#define N_EVENTS 60U
#define N_ROUNDS 12U

static uint64_t state_of_random;

static unsigned below(unsigned n)
{
        state_of_random ^= state_of_random << 13;
        state_of_random ^= state_of_random >> 7;
        state_of_random ^= state_of_random << 17;
        return (unsigned) ((state_of_random >> 11) % n);
}

static void write_condition(FILE *out, unsigned depth)
{
        static const char *const PATHS[] = {"/type",   "/source", "/data/a",   "/data/b",
                                            "/data/c", "/data/d", "/data/l/*", "/subject"};
        static const char *const VALUES[] = {"\"x\"", "\"y\"", "\"Z\"", "\"z\"",
                                             "1",     "2.0",   "true",  "null"};
        static const char *const GROUPS[] = {"all", "any"};
        unsigned way = below(depth > 3 ? 3 : 6);

        if (way == 5) {
                (void) fprintf(out, "{\"not\":");
                write_condition(out, depth + 1);
                (void) fprintf(out, "}");
        } else if (way >= 3) {
                unsigned n = 1 + below(3);

                (void) fprintf(out, "{\"%s\":[", GROUPS[below(2)]);
                for (unsigned i = 0; i < n; i++) {
                        (void) fprintf(out, "%s", i > 0 ? "," : "");
                        write_condition(out, depth + 1);
                }
                (void) fprintf(out, "]}");
        } else if (way == 2) {
                (void) fprintf(out, "{\"path\":\"%s\",\"in\":[%s,%s]}", PATHS[below(8)],
                               VALUES[below(8)], VALUES[below(8)]);
        } else {
                (void) fprintf(out, "{\"path\":\"%s\",\"%s\":%s%s}", PATHS[below(8)],
                               below(4) == 0 ? "ne" : "eq", VALUES[below(8)],
                               below(4) == 0 ? ",\"nocase\":true" : "");
        }
}

static char *make_rule(unsigned number)
{
        static const char *const ADAPTERS[] = {"", ",\"adapter\":\"\"", ",\"adapter\":\"x\"", ""};
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        assert_non_null(out);
        (void) fprintf(out,
                       "{\"id\":\"r%02u\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":\"/"
                       "source\"%s,"
                       "\"match\":",
                       number, ADAPTERS[below(4)]);
        write_condition(out, 0);
        (void) fprintf(out, "}");
        (void) fclose(out);
        return text;
}

static void make_event(char *ret, size_t size, bool adapted)
{
        static const char *const VALUES[] = {"\"x\"", "\"Y\"", "\"\\u0078\"", "\"z\"",
                                             "1.0",   "2",     "true",        "null"};

        (void) snprintf(ret, size,
                        "{%s\"source\":\"%s\",\"type\":\"%s\",\"data\":{\"a\":%s,\"b\":%s,\"%s\":%"
                        "s,\"l\":[%s,%s]},"
                        "\"a\":%s,\"l\":[%s]}",
                        adapted ? "" : "\"specversion\":\"1.0\",\"id\":\"1\",",
                        below(2) ? "x" : "y", below(2) ? "x" : "Z", VALUES[below(8)],
                        VALUES[below(8)], below(2) ? "c" : "d", VALUES[below(8)], VALUES[below(8)],
                        VALUES[below(8)], VALUES[below(8)], VALUES[below(8)]);
}

static void one_round(const char *adapter)
{
        char *rules[N_RULES], event[1024], *together = NULL;
        struct fixture all, alone[N_RULES];
        size_t size = 0;
        FILE *out = open_memstream(&together, &size);
        unsigned n_matched = 0;

        assert_non_null(out);
        for (unsigned i = 0; i < N_RULES; i++) {
                rules[i] = make_rule(i);
                (void) fprintf(out, "%s%s", i == 0 ? "[" : ",", rules[i]);
                fixture_load(&alone[i], rules[i], adapter);
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

static void same_as_brute_force(void **state)
{
        const char *seed = getenv("CAPA_SEED");

        (void) state;
        state_of_random = seed ? strtoull(seed, NULL, 10) : (uint64_t) time(NULL) * 2654435761U + 1;
        print_message("CAPA_SEED=%llu\n", (unsigned long long) state_of_random);
        for (unsigned i = 0; i < N_ROUNDS; i++)
                one_round("{\"id\":\"x\",\"source\":{\"path\":\"/source\"},\"type\":{\"path\":\"/"
                          "type\"}}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(same_as_brute_force),
        };

        return cmocka_run_group_tests_name("core/index", tests, NULL, NULL);
}
