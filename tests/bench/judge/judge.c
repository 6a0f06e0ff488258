/* Nanoseconds to judge one event, with few and with many rules loaded, for events that match
 * nothing, one rule, or fan out. First 10 and 1,000 rules side by side: short rounds alternate, so
 * that whoever else uses the machine slows both, and the median of each and of their ratio is told.
 * Then a table. Prints; has no pass mark. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"

#define SECONDS      0.3
#define ROUNDS       41U
#define ROUND_EVENTS 2000U /* of each kind and each ruleset in a round */

static const char ADAPTERS[] =
        "{\"id\":\"list\",\"each\":\"/alerts/"
        "*\",\"source\":\"bench\",\"type\":{\"template\":\"list.{/status}\"},"
        "\"subject\":{\"path\":\"/host\"},\"fields\":{\"severity\":{\"path\":\"/severity\"}}}";

static const char NOTHING[] = "{\"specversion\":\"1.0\",\"id\":\"5d7ad3f4-5d35-4b4a-9a3f-"
                              "2f1d9b3a7c10\",\"source\":\"bench/host\","
                              "\"type\":\"nobody.knows\",\"subject\":\"db01\",\"time\":\"2026-11-"
                              "22T01:46:00Z\",\"data\":{\"exit_code\":"
                              "0,\"duration_ms\":1500,\"command\":[\"backup\",\"--all\"],\"output_"
                              "tail\":\"300 files, 12 GiB, no "
                              "errors; snapshot 8c1f saved\"}}";
static const char ONE[] = "{\"specversion\":\"1.0\",\"id\":\"5d7ad3f4-5d35-4b4a-9a3f-"
                          "2f1d9b3a7c10\",\"source\":\"bench/host\","
                          "\"type\":\"job7.finished\",\"subject\":\"db01\",\"time\":\"2026-11-"
                          "22T01:46:00Z\",\"data\":{\"exit_code\":"
                          "1,\"duration_ms\":1500,\"command\":[\"backup\",\"--all\"],\"output_"
                          "tail\":\"300 files, 12 GiB, no "
                          "errors; snapshot 8c1f saved\"}}";

static char *make_rules(unsigned n)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                abort();
        (void) fprintf(out, "[");
        for (unsigned i = 0; i < n; i++)
                (void) fprintf(
                        out,
                        "%s{\"id\":\"r%u\",\"title\":\"Job {/subject} "
                        "failed\",\"effect\":\"fail\",\"match\":{"
                        "\"all\":[{\"path\":\"/"
                        "type\",\"in\":[\"job%u.finished\",\"list.%u\"]},{\"any\":[{\"path\":"
                        "\"/data/exit_code\",\"ne\":0},{\"path\":\"/"
                        "severity\",\"exists\":true}]}]},"
                        "\"fingerprint\":[\"/source\",\"/subject\"]}",
                        i > 0 ? "," : "", i, i, i);
        (void) fprintf(out, "]");
        (void) fclose(out);
        return text;
}

/* Rules that ask for no text as a whole: the index cannot file them, and every event meets all. */
static char *make_unfiled_rules(unsigned n)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                abort();
        (void) fprintf(out, "[");
        for (unsigned i = 0; i < n; i++)
                (void) fprintf(
                        out,
                        "%s{\"id\":\"r%u\",\"title\":\"Job {/subject} failed\",\"effect\":\"fail\","
                        "\"match\":{\"path\":\"/type\",\"startswith\":\"job%u.\"},"
                        "\"fingerprint\":[\"/source\",\"/subject\"]}",
                        i > 0 ? "," : "", i, i);
        (void) fprintf(out, "]");
        (void) fclose(out);
        return text;
}

static char *make_list(unsigned n)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                abort();
        (void) fprintf(out, "{\"alerts\":[");
        for (unsigned i = 0; i < n; i++)
                (void) fprintf(out,
                               "%s{\"status\":\"7\",\"host\":\"db%u\",\"severity\":\"high\","
                               "\"text\":\"something is "
                               "wrong there\"}",
                               i > 0 ? "," : "", i);
        (void) fprintf(out, "]}");
        (void) fclose(out);
        return text;
}

static double now(void)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void measure(const struct ruleset *rules, const char *name, const char *adapter,
                    const char *event)
{
        cleanup_(judge_free_p) struct judge *judge = NULL;
        struct delivery from = {
                .adapter = {adapter, strlen(adapter)}, .peer = "bench", .unique = 1};
        struct frame frame = {event, strlen(event)};
        const struct judgement *j = NULL;
        unsigned long n = 0, parts = 0, matches = 0;
        double begin = now(), spent = 0;

        if (judge_new(&judge) < 0)
                abort();
        while (spent < SECONDS) {
                for (unsigned i = 0; i < 200; i++) {
                        if (judge_frame(judge, rules, &from, &frame, &j) < 0)
                                abort();
                        n++;
                        parts += j->n_parts;
                        matches += j->n_matches;
                }
                spent = now() - begin;
        }
        (void) printf(
                "%6u rules  %-26s %7zu bytes  %8.0f ns/event  %8.2f MB/s  %.2f matches/event\n",
                ruleset_count(rules), name, frame.size, spent / (double) parts * 1e9,
                (double) n * (double) frame.size / spent / 1e6, (double) matches / (double) parts);
}

static struct ruleset *load(unsigned n, char *(*make)(unsigned n))
{
        cleanup_(free_p) char *text = make(n);
        cleanup_(complaints_done) struct complaints complaints = {0};
        const struct source_file files[] = {
                {SOURCE_RULES, "rules", text, strlen(text)},
                {SOURCE_ADAPTERS, "adapters", ADAPTERS, strlen(ADAPTERS)},
        };
        struct ruleset *rules = NULL;
        double begin = now();

        if (ruleset_load(files, 2, NULL, &rules, &complaints) != 0) {
                (void) fprintf(stderr, "%s", complaints.text.data);
                exit(1);
        }
        (void) printf("%6u rules  loaded in %.1f ms\n", n, (now() - begin) * 1e3);
        return rules;
}

/* Microseconds an event, over one round; each must have as many matches as it is made for. */
static double one_round(struct judge *judge, const struct ruleset *rules, const char *event,
                        size_t n_matches)
{
        struct delivery from = {.peer = "bench", .unique = 1};
        struct frame frame = {event, strlen(event)};
        const struct judgement *j = NULL;
        double begin = now();

        for (unsigned i = 0; i < ROUND_EVENTS; i++)
                if (judge_frame(judge, rules, &from, &frame, &j) < 0 || j->n_matches != n_matches)
                        abort();
        return (now() - begin) / ROUND_EVENTS * 1e6;
}

static int by_size(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static void tell(const char *what, double values[ROUNDS], const char *unit)
{
        qsort(values, ROUNDS, sizeof(*values), by_size);
        (void) printf("  %-12s median %6.2f%s  least %6.2f  most %6.2f\n", what, values[ROUNDS / 2],
                      unit, values[0], values[ROUNDS - 1]);
}

static void side_by_side(const char *name, const char *event, size_t n_matches,
                         const struct ruleset *few, const struct ruleset *many)
{
        cleanup_(judge_free_p) struct judge *judge = NULL;
        double of_few[ROUNDS], of_many[ROUNDS], ratio[ROUNDS];

        if (judge_new(&judge) < 0)
                abort();
        for (unsigned i = 0; i < ROUNDS; i++) {
                of_few[i] = one_round(judge, few, event, n_matches);
                of_many[i] = one_round(judge, many, event, n_matches);
                ratio[i] = of_many[i] / of_few[i];
        }
        (void) printf("%s, %zu bytes, %u rounds of %u events\n", name, strlen(event), ROUNDS,
                      ROUND_EVENTS);
        tell("10 rules", of_few, " us");
        tell("1,000 rules", of_many, " us");
        tell("ratio", ratio, "   ");
}

int main(void)
{
        static const unsigned COUNTS[] = {0, 10, 1000, 10000};
        cleanup_(free_p) char *list = make_list(500);
        cleanup_(ruleset_unref_p) struct ruleset *few = load(10, make_rules),
                                                 *many = load(1000, make_rules),
                                                 *few_unfiled = load(10, make_unfiled_rules),
                                                 *unfiled = load(1000, make_unfiled_rules);

        side_by_side("matches nothing", NOTHING, 0, few, many);
        side_by_side("matches one", ONE, 1, few, many);
        side_by_side("matches nothing, no rule can be filed", NOTHING, 0, few_unfiled, unfiled);
        side_by_side("matches one, no rule can be filed", ONE, 1, few_unfiled, unfiled);
        for (unsigned i = 0; i < sizeof(COUNTS) / sizeof(COUNTS[0]); i++) {
                cleanup_(ruleset_unref_p) struct ruleset *rules = load(COUNTS[i], make_rules);

                measure(rules, "matches nothing", "", NOTHING);
                measure(rules, "matches one (from 10 rules)", "", ONE);
                measure(rules, "fan-out of 500", "list", list);
        }
        return 0;
}
