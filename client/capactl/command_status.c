/* capactl status: is all well, for people and (--check) for any monitor. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

enum check { /* as monitoring plugins count */
             CHECK_OK,
             CHECK_WARNING,
             CHECK_CRITICAL,
             CHECK_UNKNOWN,
};

static int64_t sum_open(const struct cJSON *open)
{
        int64_t n = 0;

        for (unsigned i = 0; i < document_length(open); i++)
                n += document_int(open, document_name(document_at(open, i)), 0);
        return n;
}

static unsigned lost_sources(const struct cJSON *sources)
{
        unsigned n = 0;

        for (unsigned i = 0; i < document_length(sources); i++) {
                const struct cJSON *source = document_at(sources, i);

                n += document_bool(source, "lost", document_int(source, "lost", 0) > 0);
        }
        return n;
}

/* Subscriptions that the daemon is not connected to. */
static const struct cJSON *links(const struct cJSON *d)
{
        return document_get(document_get(d, "daemon"), "subscriptions");
}

static unsigned links_down(const struct cJSON *d)
{
        unsigned n = 0;

        for (const struct cJSON *one = document_at(links(d), 0); one; one = document_next(one))
                n += !document_bool(one, "connected", true);
        return n;
}

static enum check judge(const struct cJSON *d)
{
        if (!document_bool(document_get(d, "database"), "ok", false))
                return CHECK_CRITICAL;
        if (document_int(d, "overdue", 0) > 0 || lost_sources(document_get(d, "sources")) > 0 ||
            links_down(d) > 0 || document_length(document_get(d, "degraded")) > 0)
                return CHECK_WARNING;
        return CHECK_OK;
}

static int print_check(const struct cJSON *d)
{
        static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
        enum check check = judge(d);
        int64_t open = sum_open(document_get(d, "open")), overdue = document_int(d, "overdue", 0);
        unsigned lost = lost_sources(document_get(d, "sources"));
        unsigned degraded = document_length(document_get(d, "degraded"));

        if (!document_get(d, "open")) { /* what is not known is not nought */
                printf("CAPAD %s - the database is away: nothing is known of the register\n",
                       words[check]);
                return (int) check;
        }
        printf("CAPAD %s - ", words[check]);
        if (check == CHECK_CRITICAL)
                printf("the database is away, ");
        printf("%" PRId64 " open, %" PRId64
               " overdue, %u sources lost, %u links down, %u degraded, journal at %" PRId64
               " | open=%" PRId64 " overdue=%" PRId64 " lost=%u down=%u degraded=%u\n",
               open, overdue, lost, links_down(d), degraded,
               document_int(document_get(d, "journal"), "seq", 0), open, overdue, lost,
               links_down(d), degraded);
        return (int) check;
}

static void print_open(const struct cJSON *open)
{
        static const char *const grades[] = {"critical", "major", "minor", "observation", "ofi"};
        const char *between = ": ";

        printf("  %-13s%" PRId64, "open", sum_open(open));
        for (size_t i = 0; i < ARRAY_LEN(grades); i++) {
                int64_t n = document_int(open, grades[i], 0);

                if (n == 0)
                        continue;
                printf("%s%" PRId64 " %s", between, n, grades[i]);
                between = ", ";
        }
        putchar('\n');
}

static void print_ingest(const struct cJSON *ingest)
{
        const char *between = "";

        printf("  %-13s", "events");
        for (unsigned i = 0; i < document_length(ingest); i++) {
                const char *name = document_name(document_at(ingest, i));
                int64_t n = document_int(ingest, name, 0);

                if (n == 0 && strcmp(name, "stored") != 0)
                        continue;
                printf("%s%" PRId64 " %s", between, n, name);
                between = ", ";
        }
        putchar('\n');
}

static int print_sources(struct session *s, const struct cJSON *sources)
{
        static const struct column columns[] = {{.heading = "SOURCE", .cut = true},
                                                {.heading = "LAST SEEN"},
                                                {.heading = "EVENTS", .right = true},
                                                {.heading = "LOST", .right = true},
                                                {.heading = "LAG"}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(sources) == 0)
                return 0;
        output_heading(s, "Sources");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(sources); i++) {
                const struct cJSON *source = document_at(sources, i);
                char seen[2 * WHEN_TEXT_MAX], events[24], lost[24], lag[32] = "";
                const char *cells[] = {
                        document_string(source, "source", document_string(source, "name", "")),
                        seen, events, lost, lag};

                when_both(document_string(source, "last_seen", NULL), when_now(), seen);
                snprintf(events, sizeof(events), "%" PRId64, document_int(source, "events", 0));
                snprintf(lost, sizeof(lost), "%" PRId64, document_int(source, "lost", 0));
                if (document_get(source, "lag_ms"))
                        snprintf(lag, sizeof(lag), "%" PRId64 " ms",
                                 document_int(source, "lag_ms", 0));
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

/* Only what somebody should look at: owners whom nobody can reach, leavers who own, who is absent.
 */
static void print_people(const struct session *s, const struct cJSON *people)
{
        const struct cJSON *lists[] = {document_get(people, "unreachable"),
                                       document_get(people, "left"),
                                       document_get(people, "absent")};
        static const char *const says[] = {"cannot be reached", "left, and own things", "absent"};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
                const char *first = NULL;
                unsigned n = 0;

                for (const struct cJSON *one = document_at(lists[i], 0); one;
                     one = document_next(one)) {
                        if (i < 2 && document_int(one, "open", 0) == 0)
                                continue;
                        if (n++ == 0)
                                first = document_string(one, "name", "?");
                }
                if (n > 0)
                        buffer_printf(&b, "%s%u %s (%.60s%s)", b.size > 0 ? ", " : "", n, says[i],
                                      first, n > 1 ? ", …" : "");
        }
        if (b.size > 0 && buffer_status(&b) == 0) {
                buffer_add_str(&b, ": capactl people");
                output_field(s, "people", b.data ? b.data : "");
        }
}

static void add_setting(struct buffer *b, const struct cJSON *values, const char *name)
{
        const char *text = document_string(values, name, NULL);

        if (text)
                buffer_add_str(b, text);
        else
                buffer_printf(b, "%" PRId64, document_int(values, name, 0));
}

/* Only what a configuration set otherwise. */
static void print_settings(const struct session *s, const struct cJSON *settings)
{
        const struct cJSON *values = document_get(settings, "values"),
                           *standard = document_get(settings, "changed");
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        for (const struct cJSON *one = document_at(standard, 0); one; one = document_next(one)) {
                buffer_printf(&b, "%s%s ", b.size > 0 ? ", " : "", document_name(one));
                add_setting(&b, values, document_name(one));
                buffer_add_str(&b, " (default ");
                add_setting(&b, standard, document_name(one));
                buffer_add_char(&b, ')');
        }
        if (b.size > 0 && buffer_status(&b) == 0)
                output_field(s, "settings", b.data);
}

/* One line for each subscription: whether its link stands. */
static void print_links(const struct session *s, const struct cJSON *d)
{
        for (const struct cJSON *one = document_at(links(d), 0); one; one = document_next(one)) {
                bool stands = document_bool(one, "connected", true);
                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
                char since[2 * WHEN_TEXT_MAX];

                when_both(document_string(one, "since", NULL), when_now(), since);
                buffer_printf(&b, "%.200s %s since %s", document_name(one),
                              stands ? "stands" : "is down", since);
                if (!stands)
                        buffer_printf(&b, ": no publisher at %.300s, what it carries is not heard",
                                      document_string(one, "endpoint", "?"));
                if (buffer_status(&b) == 0)
                        output_field(s, "link", b.data);
        }
}

/* Whose clock is not to be believed. */
static void print_clock(const struct session *s, const struct cJSON *odd)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (!odd)
                return;
        buffer_printf(&b,
                      "%" PRId64 " events told a time ahead or more than 7 days back, the last "
                      "one of %.100s: %s; their receipt counts",
                      document_int(odd, "events", 0), document_string(odd, "source", "?"),
                      document_string(odd, "told", "?"));
        if (buffer_status(&b) == 0)
                output_field(s, "clock", b.data);
}

/* When in the last week nobody could have heard anything, or what one subscription carries: the
 * newest of these times, and how many more there are. */
static void print_unknown(const struct session *s, const struct cJSON *list)
{
        const struct cJSON *newest = document_at(list, 0);
        char from[2 * WHEN_TEXT_MAX], to[2 * WHEN_TEXT_MAX];
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        unsigned n = document_length(list);

        if (n == 0)
                return;
        when_both(document_string(newest, "from", NULL), when_now(), from);
        when_both(document_string(newest, "to", NULL), when_now(), to);
        buffer_printf(&b, "from %s to %s: %s%.200s", from, to,
                      document_get(newest, "subscription") ? "the link was down of subscription "
                                                           : "capad or its database was away",
                      document_string(newest, "subscription", ""));
        if (n > 1)
                buffer_printf(&b, " (and %u more times in the last 7 days: --json)", n - 1);
        if (buffer_status(&b) == 0)
                output_field(s, "not heard", b.data);
}

/* What it is the status of: the database of now, or a moment of the past. */
static void print_header(const struct session *s, const struct cJSON *d)
{
        const struct cJSON *database = document_get(d, "database");
        bool ok = document_bool(database, "ok", false);
        char moment[2 * WHEN_TEXT_MAX];

        printf("capad %s, epoch ", document_string(d, "version", "?"));
        if (!document_get(d, "epoch"))
                putchar('?');
        else if (document_string(d, "epoch", NULL))
                output_text(s, document_string(d, "epoch", ""), NULL);
        else
                printf("%" PRId64, document_int(d, "epoch", 0));
        if (database) {
                printf(", database %s%s%s\n", session_colour(s, ok ? "green" : "red"),
                       ok ? "ok" : "away", session_colour(s, "off"));
                return;
        }
        when_both(document_string(d, "as_of", NULL), when_now(), moment);
        printf(", as of %s\n", moment);
}

/* What the past does not tell. */
static void print_not_known(const struct session *s, const struct cJSON *list)
{
        for (const struct cJSON *one = document_at(list, 0); one; one = document_next(one)) {
                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
                cleanup_(free_p) char *why = when_localised(document_string(one, "why", "?"));

                buffer_printf(&b, "%s: %s", document_string(one, "what", "?"), why ? why : "?");
                if (buffer_status(&b) == 0)
                        output_field(s, one == document_at(list, 0) ? "not known" : "", b.data);
        }
}

static int print_status(struct session *s, const struct cJSON *d)
{
        const struct cJSON *journal = document_get(d, "journal"), *rules = document_get(d, "rules");
        char text[256];

        print_header(s, d);
        if (!document_get(d, "open")) {
                print_ingest(document_get(d, "ingest"));
                print_links(s, d);
                output_field(s, "register", "not known while the database is away");
                return 0;
        }
        print_open(document_get(d, "open"));
        printf("  %-13s%s%" PRId64 "%s\n", "overdue",
               document_int(d, "overdue", 0) > 0 ? session_colour(s, "red") : "",
               document_int(d, "overdue", 0), session_colour(s, "off"));
        print_ingest(document_get(d, "ingest"));
        print_links(s, d);
        snprintf(text, sizeof(text), "%" PRId64 " (%.12s…)", document_int(rules, "count", 0),
                 document_string(rules, "hash", ""));
        output_field(s, "rules", text);
        print_settings(s, document_get(d, "settings"));
        print_people(s, document_get(d, "people"));
        snprintf(text, sizeof(text), "%" PRId64 ":%.64s", document_int(journal, "seq", 0),
                 document_string(journal, "hash", ""));
        output_field(s, "journal", text);
        print_unknown(s, document_get(document_get(d, "coverage"), "unknown"));
        print_clock(s, document_get(d, "odd_clock"));
        for (unsigned i = 0; i < document_length(document_get(d, "degraded")); i++)
                output_field(s, "degraded",
                             document_text(document_at(document_get(d, "degraded"), i)));
        print_not_known(s, document_get(d, "not_known"));
        return print_sources(s, document_get(d, "sources"));
}

int command_status(struct session *s, const struct arguments *a)
{
        cleanup_(reply_done) struct reply reply = {0};
        bool check = arguments_has(a, "check");
        int r;

        if (check && arguments_has(a, "as-of"))
                return session_complain(EXIT_USAGE,
                                        "--check tells a monitor how it is now: leave out --as-of");
        r = session_reply(s, a->command->method, NULL, &reply);
        if (r != 0 && check)
                printf("CAPAD UNKNOWN - no usable answer (see standard error)\n");
        if (r != 0)
                return check ? (int) CHECK_UNKNOWN : r;
        if (a->json)
                session_json(s, reply.text, reply.size);
        else if (check)
                return print_check(reply.document);
        else
                r = print_status(s, reply.document);
        return r < 0 ? r : check ? (int) judge(reply.document) : 0;
}
