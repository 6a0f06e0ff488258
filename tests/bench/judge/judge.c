/* What judging one event costs, with few and with many rules loaded. First 10 and 1,000 rules
 * side by side, a set for each kind of rule, of which none matches the event, and one of which one
 * does: short rounds alternate, so that whoever else uses the machine slows both, and median, 99th
 * percentile and least of the rounds are told, and the median of the ratios. Then a table up to
 * 10,000 rules, and for a fan-out. Prints; has no pass mark. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"

#define SECONDS      0.3
#define ROUNDS       201U
#define ROUND_EVENTS 200U /* of each kind and each ruleset in a round */
#define FEW          10U
#define MANY         1000U

static const char ADAPTERS[] =
        "{\"id\":\"list\",\"each\":\"/alerts/"
        "*\",\"source\":\"bench\",\"type\":{\"template\":\"list.{/status}\"},"
        "\"subject\":{\"path\":\"/host\"},\"fields\":{\"severity\":{\"path\":\"/severity\"}}}";

#define EVENT(type, exit_code)                                                                     \
        "{\"specversion\":\"1.0\",\"id\":\"5d7ad3f4-5d35-4b4a-9a3f-2f1d9b3a7c10\","                \
        "\"source\":\"bench/host\",\"type\":\"" type "\",\"subject\":\"db01\","                    \
        "\"time\":\"2026-11-22T01:46:00Z\",\"data\":{\"exit_code\":" exit_code                     \
        ",\"duration_ms\":1500,\"address\":\"2001:db8:ffff::7\",\"command\":[\"backup\",\"--"      \
        "all\"],"                                                                                  \
        "\"output_tail\":\"300 files, 12 GiB, no errors; snapshot 8c1f saved\"}}"

static const char NOTHING[] = EVENT("nobody.knows", "0");
static const char ONE[] = EVENT("job7.finished", "1");

/* A rule's match and what else it has; %u is its number. Each looks at a path that the event has,
 * except for "exists" and where something is absent by its nature. */
static const struct kind {
        const char *name, *rest;
} KINDS[] = {
        {"eq, in",
         "\"match\":{\"all\":[{\"path\":\"/type\",\"in\":[\"job%u.finished\",\"list.%u\"]},"
         "{\"any\":[{\"path\":\"/data/exit_code\",\"ne\":0},"
         "{\"path\":\"/severity\",\"exists\":true}]}]}"},
        {"startswith", "\"match\":{\"path\":\"/type\",\"startswith\":\"job%u.\"}"},
        {"endswith", "\"match\":{\"path\":\"/subject\",\"endswith\":\".rack%u\"}"},
        {"contains", "\"match\":{\"path\":\"/data/output_tail\",\"contains\":\"error %u on\"}"},
        {"contains, in a list", "\"match\":{\"path\":\"/data/command\",\"contains\":\"--job%u\"}"},
        {"glob", "\"match\":{\"path\":\"/data/output_tail\",\"glob\":\"*disk sd?%u failed*\"}"},
        {"re", "\"match\":{\"path\":\"/data/output_tail\",\"re\":\"(disk|array) [a-z]+%u lost\"}"},
        {"cidr", "\"match\":{\"path\":\"/data/address\",\"cidr\":\"2001:db8:%u::/48\"}"},
        {"eq of a number", "\"match\":{\"path\":\"/data/exit_code\",\"eq\":1%u}"},
        {"gt", "\"match\":{\"path\":\"/data/duration_ms\",\"gt\":9000%u}"},
        {"exists", "\"match\":{\"path\":\"/data/field%u\",\"exists\":true}"},
        {"count", "\"match\":{\"path\":\"/type\",\"startswith\":\"login%u.\"},"
                  "\"count\":{\"n\":5,\"within\":\"10m\"}"},
        {"sequence", "\"sequence\":{\"by\":\"/subject\",\"events\":[{\"path\":\"/"
                     "type\",\"startswith\":\"begin%u.\"},"
                     "{\"path\":\"/type\",\"eq\":\"end%u\"}],\"within\":\"1h\"}"},
        {"wild path", "\"match\":{\"path\":\"/data/command/*\",\"startswith\":\"job%u\"}"},
        {"ne, beside an eq", "\"match\":{\"all\":[{\"path\":\"/data/exit_code\",\"ne\":0},"
                             "{\"path\":\"/type\",\"eq\":\"job%u\"}]}"},
        {"not (nothing to file by)", "\"match\":{\"not\":{\"path\":\"/type\",\"ne\":\"job%u\"}}"},
};

/* Writes text with each %u replaced by the number. */
static void write_numbered(FILE *out, const char *text, unsigned number)
{
        const char *mark;

        while ((mark = strstr(text, "%u"))) {
                (void) fprintf(out, "%.*s%u", (int) (mark - text), text, number);
                text = mark + 2;
        }
        (void) fputs(text, out);
}

static char *make_rules(unsigned n, const struct kind *kind)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                abort();
        (void) fputc('[', out);
        for (unsigned i = 0; i < n; i++) {
                write_numbered(out,
                               i > 0 ? ",{\"id\":\"r%u\",\"title\":\"Job {/subject} failed\","
                                     : "{\"id\":\"r%u\",\"title\":\"Job {/subject} failed\",",
                               i);
                (void) fputs("\"effect\":\"fail\",", out);
                if (!strstr(kind->rest, "\"sequence\"")) /* whose fingerprint is its "by" */
                        (void) fputs("\"fingerprint\":[\"/source\",\"/subject\"],", out);
                write_numbered(out, kind->rest, i);
                (void) fputc('}', out);
        }
        (void) fputc(']', out);
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
                               "\"text\":\"something is wrong there\"}",
                               i > 0 ? "," : "", i);
        (void) fprintf(out, "]}");
        (void) fclose(out);
        return text;
}

/* The program's own time on a processor: what it waits for others on the machine is not the cost of
 * an event. */
static double now(void)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static struct ruleset *load(unsigned n, const struct kind *kind)
{
        cleanup_(free_p) char *text = make_rules(n, kind);
        cleanup_(complaints_done) struct complaints complaints = {0};
        const struct source_file files[] = {
                {.kind = SOURCE_RULES, .path = "rules", .text = text, .size = strlen(text)},
                {.kind = SOURCE_ADAPTERS,
                 .path = "adapters",
                 .text = ADAPTERS,
                 .size = strlen(ADAPTERS)},
        };
        struct ruleset *rules = NULL;

        if (ruleset_load(files, 2, NULL, &rules, &complaints) != 0) {
                (void) fprintf(stderr, "%s", complaints.text.data);
                exit(1);
        }
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

static void tell(double values[ROUNDS])
{
        qsort(values, ROUNDS, sizeof(*values), by_size);
        (void) printf("  %7.2f %7.2f %7.2f  ", values[ROUNDS / 2], values[ROUNDS * 99 / 100],
                      values[0]);
}

static void side_by_side(const struct kind *kind, const char *event, size_t n_matches)
{
        cleanup_(ruleset_unref_p) struct ruleset *few = load(FEW, kind), *many = load(MANY, kind);
        cleanup_(judge_free_p) struct judge *judge = NULL;
        double of_few[ROUNDS], of_many[ROUNDS], ratio[ROUNDS];

        if (judge_new(&judge) < 0)
                abort();
        for (unsigned i = 0; i < ROUNDS; i++) {
                of_few[i] = one_round(judge, few, event, n_matches);
                of_many[i] = one_round(judge, many, event, n_matches);
                ratio[i] = of_many[i] / of_few[i];
        }
        (void) printf("%-26s", kind->name);
        tell(of_few);
        tell(of_many);
        qsort(ratio, ROUNDS, sizeof(*ratio), by_size);
        (void) printf("  %6.2f\n", ratio[ROUNDS / 2]);
        (void) fflush(stdout);
}

static void tell_head(const char *what, const char *event)
{
        (void) printf("\n%s, %zu bytes; %u rounds of %u events, microseconds an event\n"
                      "%-26s  %u rules: median, p99, least     %u rules: the same    ratio\n",
                      what, strlen(event), ROUNDS, ROUND_EVENTS, "rules ask for", FEW, MANY);
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

int main(void)
{
        static const unsigned COUNTS[] = {0, 10, 1000, 10000};
        cleanup_(free_p) char *list = make_list(500);

        tell_head("an event that matches nothing", NOTHING);
        for (unsigned i = 0; i < ARRAY_LEN(KINDS); i++)
                side_by_side(&KINDS[i], NOTHING, 0);
        tell_head("an event that matches one rule", ONE);
        side_by_side(&KINDS[0], ONE, 1);
        side_by_side(&KINDS[1], ONE, 1);
        (void) printf("\n");
        for (unsigned i = 0; i < ARRAY_LEN(COUNTS); i++) {
                cleanup_(ruleset_unref_p) struct ruleset *rules = load(COUNTS[i], &KINDS[0]);

                measure(rules, "matches nothing", "", NOTHING);
                measure(rules, "matches one (from 10 rules)", "", ONE);
                measure(rules, "fan-out of 500", "list", list);
        }
        return 0;
}
