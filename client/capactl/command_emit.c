/* capactl emit: events from files, standard input or options; the spool. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/command_stream.h"
#include "client/capactl/emission.h"
#include "client/capactl/event.h"
#include "client/capactl/event_lines.h"
#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/spool/spool.h"
#include "proto/wire/timestamp.h"

/* The event that the options describe; borrows from the arguments. */
struct described {
        struct event event;
        struct buffer time;
        char host[EVENT_HOST_MAX];
        const char *extensions[SESSION_VALUES_MAX + 1];
};

static void described_done(struct described *d)
{
        buffer_done(&d->time);
}

static int describe_time(const char *typed, struct described *d)
{
        struct problem problem = {0};
        int r;

        r = when_typed(typed, when_now(), &d->time, &problem);
        if (r == 0 && !strchr(d->time.data, 'T')) {
                problem_set(&problem, 0, "--time takes a moment with its time of day");
                r = WHEN_E_INVALID;
        }
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        d->event.time = d->time.data;
        return 0;
}

static int describe(const struct arguments *a, struct described *ret)
{
        size_t n;
        int r;

        *ret = (struct described){.time = BUFFER_NULL};
        ret->event = (struct event){.type = arguments_get(a, "type"),
                                    .source = arguments_get(a, "source"),
                                    .subject = arguments_get(a, "subject"),
                                    .id = arguments_get(a, "id"),
                                    .data = arguments_get(a, "data"),
                                    .extensions = ret->extensions};
        r = session_values(a, "extension", ret->extensions, &n);
        for (size_t i = 0; r == 0 && i < n; i++)
                if (!event_is_extension(ret->extensions[i]))
                        return session_complain(EXIT_USAGE,
                                                "--extension %s: give NAME=VALUE, NAME of small "
                                                "letters and digits, and no attribute",
                                                ret->extensions[i]);
        if (r == 0 && arguments_get(a, "time"))
                r = describe_time(arguments_get(a, "time"), ret);
        return r;
}

/* How a wrapped text is described where the options leave it open: by its adapter and this host. */
static int describe_wrapped(const struct arguments *a, struct described *d)
{
        if (d->event.data)
                return session_complain(EXIT_USAGE, "--wrap makes data of what it reads: leave "
                                                    "--data out");
        if (!d->event.type)
                d->event.type = arguments_get(a, "adapter");
        if (!d->event.type)
                return session_complain(EXIT_USAGE, "--wrap needs --type, or --adapter");
        event_host(d->host);
        if (!d->event.subject)
                d->event.subject = d->host;
        return 0;
}

/* What is read, and what becomes of it. */
struct input {
        struct emission *emission;
        const struct event *wrap; /* each text is the data of such an event; NULL: is one */
        struct event_lines lines;
};

static int add_wrapped(struct input *in, const char *place, const char *text, size_t size)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct event event = *in->wrap;
        char id[512];
        int r;

        if (size == 0)
                return emission_refuse(in->emission, place, VERDICT_INVALID, "it is empty");
        event.data = text;
        event.data_size = size;
        if (event.id && !in->lines.one_text) {
                snprintf(id, sizeof(id), "%.480s.%u", event.id, in->lines.line);
                event.id = id;
        }
        event_write(&event, &b);
        r = buffer_status(&b);
        return r < 0 ? r : emission_add(in->emission, place, b.data, b.size);
}

/* A line among lines of JSON that is none is refused as it is, by line and column. */
static int add_text(struct input *in, const char *place, const char *text, size_t size)
{
        if (!in->wrap || (!in->lines.one_text && !event_lines_is_json(text, size)))
                return emission_add(in->emission, place, text, size);
        return add_wrapped(in, place, text, size);
}

static int emit_lines(struct input *in, const char *name, int fd)
{
        struct event_lines *lines = &in->lines;
        char place[512];
        const char *text;
        size_t size;
        int r;

        event_lines_begin(lines, fd);
        lines->any = in->wrap != NULL;
        do {
                r = event_lines_next(lines, &text, &size);
                snprintf(place, sizeof(place), "%.480s:%u", name, lines->line);
                if (r == 0)
                        r = add_text(in, place, text, size);
                else if (r == EVENT_LINES_E_WAIT)
                        r = emission_send(in->emission);
                else if (r == EVENT_LINES_E_TOO_LONG)
                        r = emission_refuse(in->emission, place, VERDICT_TOO_BIG,
                                            "it is longer than the 4 MiB of one event: give each "
                                            "event a line of its own");
                else if (r != EVENT_LINES_E_END)
                        r = session_complain(EXIT_USAGE, "%s can't be read: %s", name,
                                             strerror(-r));
                else
                        break;
        } while (r == 0);
        event_lines_done(lines);
        return r == EVENT_LINES_E_END ? 0 : r;
}

static int emit_file(struct input *in, const char *name)
{
        int fd, r;

        if (strcmp(name, "-") == 0)
                return emit_lines(in, "standard input", STDIN_FILENO);
        fd = open(name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return session_complain(EXIT_USAGE, "%s can't be opened: %s", name,
                                        strerror(errno));
        r = emit_lines(in, name, fd);
        close(fd);
        return r;
}

static int emit_files(struct input *in, const struct arguments *a)
{
        int r = 0;

        if (a->n_rest == 0 && isatty(STDIN_FILENO))
                return session_complain(EXIT_USAGE, "emit needs a FILE, - for standard input, or "
                                                    "--type: see capactl emit --help");
        if (a->n_rest == 0)
                return emit_file(in, "-");
        for (size_t i = 0; r == 0 && i < a->n_rest; i++)
                r = emit_file(in, a->rest[i]);
        return r;
}

static int emit_options(struct emission *e, const struct event *event)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        int r;

        if (!event->type)
                return session_complain(EXIT_USAGE, "an event made of options needs --type; or "
                                                    "give a FILE, or - for standard input");
        event_write(event, &b);
        r = buffer_status(&b);
        return r < 0 ? r : emission_add(e, "the event", b.data, b.size);
}

static int emit(struct session *s, const struct arguments *a)
{
        static const char *const made_of[] = {"type", "source", "subject",  "id",
                                              "time", "data",   "extension"};
        const char *adapter = arguments_get(a, "adapter");
        bool wrap = arguments_has(a, "wrap"), options = false;
        cleanup_(described_done) struct described d;
        cleanup_(emission_done) struct emission e;
        struct input in = {.emission = &e};
        int r;

        emission_begin(&e, s, adapter ? adapter : "");
        r = describe(a, &d);
        if (r == 0 && wrap)
                r = describe_wrapped(a, &d);
        if (r != 0)
                return r;
        in.wrap = wrap ? &d.event : NULL;
        for (size_t i = 0; i < ARRAY_LEN(made_of); i++)
                options = options || arguments_has(a, made_of[i]);
        if (options && !wrap && (a->n_rest > 0 || adapter))
                return session_complain(EXIT_USAGE,
                                        "--type, --source, --subject, --id, --time, --data and "
                                        "--extension make an event of their own: give neither FILE "
                                        "nor --adapter with them, or --wrap what is read");
        r = options && !wrap ? emit_options(&e, &d.event) : emit_files(&in, a);
        return r == 0 ? emission_end(&e) : r;
}

/* What lies in the spool, first. With nobody there the events join it, which is no failure yet. */
static int flush(struct session *s, bool alone)
{
        uint64_t sent = 0, refused = 0;
        int r;

        r = capa_flush(s->capa, &sent, &refused);
        if (refused > 0)
                session_complain(0,
                                 "%" PRIu64 " spooled request%s refused: capactl emit --list "
                                 "shows why",
                                 refused, refused == 1 ? " was" : "s were");
        if (!alone)
                return 0; /* what failed here shows again when the events are sent */
        if (s->arguments->json)
                printf("{\"sent\":%" PRIu64 ",\"refused\":%" PRIu64 "}\n", sent, refused);
        else if (!s->arguments->quiet)
                printf("%" PRIu64 " spooled request%s sent\n", sent, sent == 1 ? "" : "s");
        if (r == CAPA_E_NO_ANSWER)
                return session_complain(EXIT_NO_ANSWER, "%s; what is left stays in %s",
                                        capa_problem(s->capa), s->spool);
        return r != 0 ? session_failed(s, r, "") : refused > 0 ? EXIT_REFUSED : 0;
}

typedef int next_entry(struct spool *spool, int64_t after, struct spool_entry *ret,
                       struct problem *reterr);

/* Entries of one kind as rows, or as JSON elements. */
static int list_entries(struct session *s, struct spool *spool, next_entry *next,
                        struct columns *columns)
{
        struct problem problem = {0};
        int64_t after = 0;
        int r = 0;

        while (r == 0) {
                cleanup_(spool_entry_done) struct spool_entry entry = {0};
                char number[24], when[2 * WHEN_TEXT_MAX], events[24], utc[TIMESTAMP_MAX];
                const char *cells[] = {number, NULL, when, NULL, events, NULL};

                r = next(spool, after, &entry, &problem);
                if (r == SPOOL_E_EMPTY)
                        return 0;
                if (r != 0)
                        return r < 0 ? r : session_complain(EXIT_INTERNAL, "%s", problem.text);
                after = entry.number;
                timestamp_format(entry.at_us, utc, sizeof(utc));
                when_both(utc, when_now(), when);
                snprintf(number, sizeof(number), "%" PRId64, entry.number);
                snprintf(events, sizeof(events), "%zu", entry.n_frames);
                cells[1] = entry.refusal ? "refused" : "waiting";
                cells[3] = *entry.adapter ? entry.adapter : "cloudevents";
                cells[5] = entry.refusal;
                if (s->arguments->json) {
                        struct buffer b = BUFFER_NULL;

                        buffer_printf(&b,
                                      "{\"number\":%s,\"state\":\"%s\",\"at\":\"%s\",\"adapter\":",
                                      number, cells[1], utc);
                        buffer_add_json_cstr(&b, entry.adapter);
                        buffer_printf(&b, ",\"events\":%s,\"answer\":%s}", events,
                                      entry.refusal ? entry.refusal : "null");
                        r = buffer_status(&b);
                        if (r == 0)
                                session_json(s, b.data, b.size);
                        buffer_done(&b);
                } else
                        r = columns_row(columns, cells, entry.refusal ? "red" : NULL);
        }
        return r;
}

static int list(struct session *s)
{
        static const struct column heads[] = {{.heading = "N", .right = true},
                                              {.heading = "STATE"},
                                              {.heading = "WHEN"},
                                              {.heading = "ADAPTER"},
                                              {.heading = "EVENTS", .right = true},
                                              {.heading = "ANSWER"}};
        cleanup_(spool_free_p) struct spool *spool = NULL;
        cleanup_(columns_done) struct columns c = {0};
        struct problem problem = {0};
        int r = 0;

        if (s->arguments->json)
                session_json_begin(s);
        if (access(s->spool, F_OK) == 0)
                r = spool_open(s->spool, &spool, &problem);
        if (r > 0)
                return session_complain(EXIT_INTERNAL, "%s: %s", s->spool, problem.text);
        if (r == 0)
                r = columns_begin(&c, s, heads, ARRAY_LEN(heads));
        if (r == 0 && spool)
                r = list_entries(s, spool, spool_next, &c);
        if (r == 0 && spool)
                r = list_entries(s, spool, spool_next_refused, &c);
        if (r != 0)
                return r;
        if (s->arguments->json)
                session_json_end(s);
        else if (c.n_rows == 0)
                printf("The spool %s is empty.\n", s->spool);
        else
                columns_print(&c);
        return 0;
}

/* Options that only the endless forms have, or that don't go with them. */
static int check_stream(const struct arguments *a)
{
        static const char *const journal[] = {"unit", "match", "priority", "since", "directory"};
        static const char *const others[] = {"id",       "time",  "data", "extension",
                                             "spool-ok", "flush", "wrap"};
        static const char *const lines[] = {"adapter", "type", "source", "subject", "from-end"};
        bool follow = arguments_has(a, "follow"), journal_too = arguments_has(a, "journal");

        for (size_t i = 0; !journal_too && i < ARRAY_LEN(journal); i++)
                if (arguments_has(a, journal[i]))
                        return session_complain(EXIT_USAGE, "--%s goes with --journal", journal[i]);
        if (!follow && arguments_has(a, "from-end"))
                return session_complain(EXIT_USAGE, "--from-end goes with --follow FILE");
        for (size_t i = 0; (follow || journal_too) && i < ARRAY_LEN(others); i++)
                if (arguments_has(a, others[i]))
                        return session_complain(EXIT_USAGE,
                                                "--%s does not go with --follow and --journal",
                                                others[i]);
        for (size_t i = 0; journal_too && i < ARRAY_LEN(lines); i++)
                if (arguments_has(a, lines[i]))
                        return session_complain(EXIT_USAGE, "--%s does not go with --journal",
                                                lines[i]);
        if ((follow && journal_too) || ((follow || journal_too) && a->n_rest > 0))
                return session_complain(EXIT_USAGE,
                                        "--follow FILE, --journal and FILE are different ways: "
                                        "give one of them");
        return 0;
}

int command_emit(struct session *s, const struct arguments *a)
{
        int r;

        if (arguments_has(a, "list"))
                return list(s);
        r = check_stream(a);
        if (r != 0)
                return r;
        r = session_connect(s, true);
        if (r != 0)
                return r;
        if (arguments_has(a, "flush") && a->n_rest == 0)
                return flush(s, true);
        r = flush(s, false);
        if (r != 0)
                return r;
        if (arguments_has(a, "follow"))
                return emit_follow(s, a);
        return arguments_has(a, "journal") ? emit_journal(s, a) : emit(s, a);
}
