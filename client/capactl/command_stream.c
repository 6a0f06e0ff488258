/* capactl emit --follow and --journal: their options, and where the position lies. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command_stream.h"
#include "client/capactl/followed.h"
#include "client/capactl/journal_entries.h"
#include "client/capactl/position.h"
#include "client/capactl/when.h"
#include "proto/duration/duration.h"
#include "proto/wire/timestamp.h"

static int complain_position(struct session *s, int r)
{
        if (r == POSITION_E_HELD)
                return session_complain(EXIT_REFUSED, "another capactl follows this already");
        return session_complain(EXIT_INTERNAL, "the position can't be kept beside %s: %s", s->spool,
                                strerror(-r));
}

/* The position of what is followed. *ret_text stays NULL where nothing is kept yet. */
static int open_position(struct session *s, const char *of, struct position *ret, char **ret_text,
                         size_t *ret_size)
{
        int r;

        r = position_open(s->spool, of, ret);
        if (r == 0)
                r = position_read(ret, ret_text, ret_size);
        if (r == POSITION_E_NONE)
                r = 0;
        return r != 0 ? complain_position(s, r) : 0;
}

/* The same file has the same position from wherever it is followed; what it links to may change. */
static char *absolute(const char *path)
{
        cleanup_(free_p) char *folder = NULL;
        char *all = NULL;

        if (*path == '/')
                return strdup(path);
        folder = realpath(".", NULL);
        if (!folder || asprintf(&all, "%s/%s", folder, path) < 0)
                return NULL;
        return all;
}

int emit_follow(struct session *s, const struct arguments *a)
{
        const char *adapter = arguments_get(a, "adapter"), *type = arguments_get(a, "type");
        const struct event wrap = {.type = type,
                                   .source = arguments_get(a, "source"),
                                   .subject = arguments_get(a, "subject")};
        cleanup_(position_done) struct position position = POSITION_NULL;
        cleanup_(free_p) char *path = NULL, *of = NULL, *kept = NULL;
        struct followed f = {0};
        struct stream_source source;
        size_t size = 0;
        int r;

        if (adapter && type)
                return session_complain(EXIT_USAGE,
                                        "lines are what --adapter says, or text for events of "
                                        "--type: give one of them");
        if (!type && (wrap.source || wrap.subject))
                return session_complain(EXIT_USAGE,
                                        "--source and --subject make events of lines of text: "
                                        "they need --type");
        path = absolute(arguments_get(a, "follow"));
        if (!path || asprintf(&of, "file %s", path) < 0)
                return -ENOMEM;
        r = open_position(s, of, &position, &kept, &size);
        if (r != 0)
                return r;
        f.path = path;
        f.adapter = adapter ? adapter : "";
        f.wrap = type ? &wrap : NULL;
        r = followed_open(&f, kept, size, arguments_has(a, "from-end"));
        source = followed_source(&f);
        if (r == 0)
                r = stream_run(s, &source, &position);
        followed_done(&f);
        return r;
}

static int read_priority(const char *text, int *ret)
{
        static const char *const names[] = {"emerg",   "alert",  "crit", "err",
                                            "warning", "notice", "info", "debug"};

        *ret = -1;
        if (!text)
                return 0;
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (strcmp(text, names[i]) == 0 || (text[0] == (char) ('0' + i) && !text[1]))
                        *ret = (int) i;
        if (*ret < 0)
                return session_complain(EXIT_USAGE,
                                        "--priority is emerg, alert, crit, err, warning, notice, "
                                        "info or debug, or 0 to 7");
        return 0;
}

/* A moment, or a span ago, as --since of other commands. */
static int read_since(const char *text, uint64_t *ret_us)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem problem = {0};
        struct duration span;
        int64_t at = 0;
        int r;

        if (!text)
                return 0;
        if (duration_parse(text, strlen(text), &span, NULL) == 0) {
                *ret_us = (uint64_t) (when_now() - duration_us(&span));
                return 0;
        }
        r = when_typed(text, when_now(), &b, &problem);
        if (r < 0)
                return r;
        if (r > 0 || timestamp_parse(b.data, b.size, &at) != 0)
                return session_complain(EXIT_USAGE,
                                        "--since takes a moment as \"2026-11-25 17:00\", or a "
                                        "duration ago as 2h%s%s",
                                        r > 0 ? ": " : "", r > 0 ? problem.text : "");
        *ret_us = (uint64_t) at;
        return 0;
}

/* Another selection is another stream with a position of its own. */
static char *name_of(const struct journal_filter *filter)
{
        struct buffer b = BUFFER_NULL;

        buffer_printf(&b, "journal %s priority %d", filter->folder ? filter->folder : "",
                      filter->priority);
        for (size_t i = 0; filter->units && filter->units[i]; i++)
                buffer_printf(&b, " unit %s", filter->units[i]);
        for (size_t i = 0; filter->matches && filter->matches[i]; i++)
                buffer_printf(&b, " match %s", filter->matches[i]);
        return buffer_take(&b);
}

int emit_journal(struct session *s, const struct arguments *a)
{
        const char *units[SESSION_VALUES_MAX + 1], *matches[SESSION_VALUES_MAX + 1];
        struct journal_filter filter = {.folder = arguments_get(a, "directory")};
        cleanup_(journal_entries_free_p) struct journal_entries *j = NULL;
        cleanup_(position_done) struct position position = POSITION_NULL;
        cleanup_(free_p) char *of = NULL, *kept = NULL;
        struct stream_source source;
        size_t n_units, n_matches, size = 0;
        uint64_t since_us = 0;
        int r;

        r = session_values(a, "unit", units, &n_units);
        if (r == 0)
                r = session_values(a, "match", matches, &n_matches);
        if (r == 0)
                r = read_priority(arguments_get(a, "priority"), &filter.priority);
        if (r == 0)
                r = read_since(arguments_get(a, "since"), &since_us);
        if (r != 0)
                return r;
        filter.units = n_units > 0 ? units : NULL;
        filter.matches = n_matches > 0 ? matches : NULL;
        of = name_of(&filter);
        if (!of)
                return -ENOMEM;
        r = open_position(s, of, &position, &kept, &size);
        if (r == 0)
                r = journal_entries_open(&filter, kept, size, since_us, &j);
        if (r != 0)
                return r;
        source = journal_entries_source(j);
        return stream_run(s, &source, &position);
}
