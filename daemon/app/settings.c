/* Values are kept as text beside what they mean, so that complaints and notes can say them as the
 * file does. Members of a group ("retention") are rows that follow each other. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/app/settings.h"
#include "proto/base/roff.h"
#include "proto/base/word.h"
#include "proto/duration/duration.h"

#define NAME_MAX_SIZE 64

enum kind {
        KIND_SPAN,
        KIND_COUNT,
};

struct setting {
        const char *name;
        enum kind kind;
        const char *otherwise, *least, *most;
        const char *help;
};

static const struct setting table[] = {
        {"late_after", KIND_SPAN, "5m", "1s", "7d",
         "an event received more than this after it was observed is late against what came "
         "between: "
         "it condemns no later fix. Looks back: verdicts not given yet are judged by the new "
         "value"},
        {"observed_back", KIND_SPAN, "7d", "1h", "90d",
         "a time of observation that lies further back than this is not believed, the receipt "
         "counts"},
        {"recurrence_window", KIND_SPAN, "365d", "1d", "3650d",
         "a failure within this time of a closing opens the nonconformity again; a later one "
         "raises "
         "a new one. Looks back: counts for closings of before too"},
        {"retention.events", KIND_SPAN, "90d", "1d", "3650d",
         "events are kept this long, what is evidence apart. Looks back, as all of retention: what "
         "is older goes with the next daily run"},
        {"retention.ignored", KIND_SPAN, "14d", "1d", "3650d",
         "the same of events that no rule matched"},
        {"retention.quarantine", KIND_SPAN, "30d", "1d", "3650d",
         "the same of events that were refused"},
        {"retention.keys", KIND_SPAN, "400d", "1d", "3650d",
         "an event that comes again within this time is known as a duplicate"},
        {"retention.closed", KIND_SPAN, "72mo", "1mo", "1200mo",
         "evidence is kept this long after its nonconformity was closed, longer under hold"},
        {"bytes.ignored", KIND_COUNT, "1073741824", "1048576", "1099511627776",
         "bytes of ignored events on disk; beyond it the oldest days go first, and are counted as "
         "cut"},
        {"bytes.quarantine", KIND_COUNT, "1073741824", "1048576", "1099511627776",
         "the same of the quarantine"},
        {"storm.n", KIND_COUNT, "500", "0", "1000000",
         "so many new nonconformities of one rule within storm.within become one storm, where the "
         "rule has no \"storm\" of its own; 0: no storms"},
        {"storm.within", KIND_SPAN, "10m", "1s", "7d", "the time of storm.n"},
        {"flapping.changes", KIND_COUNT, "3", "0", "1000",
         "a nonconformity whose newest events changed so often between fail and pass within "
         "flapping.within is shown as flapping, and not closed by the system; 0: none is"},
        {"flapping.within", KIND_SPAN, "24h", "1s", "366d", "the time of flapping.changes"},
        {"silence.longest", KIND_SPAN, "30d", "1h", "366d",
         "longest silence; those that were made already stay"},
        {"silence.longest_window", KIND_SPAN, "366d", "1d", "3660d",
         "longest silence that recurs; those that were made already stay"},
        {"consumer.rows", KIND_COUNT, "100000", "1", "1000000000",
         "a consumer that is more journal rows behind than this lags, and is reported"},
        {"consumer.lag", KIND_SPAN, "7d", "1m", "366d",
         "a consumer that has not read what is older than this lags, and is reported"},
};

struct value {
        char text[24]; /* as the file or the table writes it */
        struct duration span;
        int64_t count;
};

/* What is allowed, and hardly meant: a setting below another one, or below a duration. */
static const struct {
        const char *name, *least_name, *least;
        const char *why;
} doubts[] = {
        {"retention.keys", "retention.events", NULL,
         "an event that comes again once its key is gone is stored a second time beside the first"},
        {"retention.keys", "observed_back", NULL,
         "a sender may still deliver, and repeat, what it observed that long ago: it would count "
         "twice"},
        {"retention.closed", NULL, "72mo",
         "whoever audits after a certification cycle finds no evidence"},
};

static int64_t value_size(const struct setting *s, const struct value *v)
{
        return s->kind == KIND_SPAN ? duration_us(&v->span) : v->count;
}

/* Of a text of the table, which is right: a test reads all of them. */
static struct value value_known(const struct setting *s, const char *text)
{
        struct value v = {0};

        snprintf(v.text, sizeof(v.text), "%s", text);
        if (s->kind == KIND_COUNT)
                v.count = strtoll(text, NULL, 10);
        else
                (void) !duration_parse(text, strlen(text), &v.span, NULL);
        return v;
}

/* What stands there, as the kind that it must have; a complaint if it is none. */
static bool read_kind(struct document *d, uint32_t node, const struct setting *s, struct value *ret)
{
        const struct json_node *n = &d->tape.nodes[node];
        struct problem p = {0};

        if (s->kind == KIND_COUNT && json_int64(&d->tape, node, &ret->count) != 0) {
                document_complain(d, node, "\"%s\" is a whole number (%s)", s->name, s->help);
                return false;
        }
        if (s->kind == KIND_SPAN && n->kind != JSON_STRING) {
                document_complain(d, node,
                                  "\"%s\" is a duration such as \"15m\", \"30d\" or \"6mo\" (%s)",
                                  s->name, s->help);
                return false;
        }
        if (s->kind == KIND_SPAN &&
            duration_parse(d->tape.text + n->offset, n->length, &ret->span, &p) != 0) {
                document_complain(d, node, "\"%s\": %s", s->name, p.text);
                return false;
        }
        snprintf(ret->text, sizeof(ret->text), "%.*s", (int) n->length, d->tape.text + n->offset);
        return true;
}

static void read_value(struct document *d, uint32_t node, const struct setting *s,
                       struct value *into)
{
        const struct value least = value_known(s, s->least), most = value_known(s, s->most);
        struct value v = {0};

        if (!read_kind(d, node, s, &v))
                return;
        if (value_size(s, &v) < value_size(s, &least) || value_size(s, &v) > value_size(s, &most))
                document_complain(d, node, "\"%s\" is from %s to %s (%s)", s->name, s->least,
                                  s->most, s->help);
        else
                *into = v;
}

static size_t setting_find(const char *name)
{
        size_t i = 0;

        while (i < ARRAY_LEN(table) && strcmp(table[i].name, name) != 0)
                i++;
        return i;
}

static bool is_group(const char *name)
{
        size_t size = strlen(name);

        for (size_t i = 0; i < ARRAY_LEN(table); i++)
                if (strncmp(table[i].name, name, size) == 0 && table[i].name[size] == '.')
                        return true;
        return false;
}

static void complain_unknown(struct document *d, uint32_t key, const char *name)
{
        const char *names[ARRAY_LEN(table)], *near;

        for (size_t i = 0; i < ARRAY_LEN(table); i++)
                names[i] = table[i].name;
        near = word_nearest(name, strlen(name), names, ARRAY_LEN(names));
        document_complain(d, key, "there is no setting \"%s\"%s%s%s", name,
                          near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* The settings of an object, whose names begin with prefix; "" is the outermost. */
static void read_group(struct document *d, uint32_t node, const char *prefix, struct value values[])
{
        uint32_t key = json_first(&d->tape, node);

        if (d->tape.nodes[node].kind != JSON_OBJECT) {
                document_complain(d, node, "here an object {…} is expected");
                return;
        }
        for (uint32_t i = 0; i < d->tape.nodes[node].count;
             i++, key = d->tape.nodes[key + 1].next) {
                const struct json_node *k = &d->tape.nodes[key];
                char name[NAME_MAX_SIZE];
                size_t found;

                snprintf(name, sizeof(name), "%s%.*s", prefix, (int) MIN(k->length, 40U),
                         d->tape.text + k->offset);
                found = setting_find(name);
                if (found < ARRAY_LEN(table)) {
                        read_value(d, key + 1, &table[found], &values[found]);
                } else if (prefix[0] == '\0' && is_group(name)) {
                        strncat(name, ".", sizeof(name) - strlen(name) - 1);
                        read_group(d, key + 1, name, values);
                } else {
                        complain_unknown(d, key, name);
                }
        }
}

static void write_value(const struct setting *s, const struct value *v, struct buffer *b)
{
        if (s->kind == KIND_SPAN)
                duration_to_json(&v->span, b);
        else
                buffer_printf(b, "%" PRId64, v->count);
}

/* {"late_after":span,…,"retention":{"events":span,…},…} */
static void write_body(const struct value values[], struct buffer *b)
{
        const char *group = "";
        size_t size = 0;

        buffer_add_char(b, '{');
        for (size_t i = 0; i < ARRAY_LEN(table); i++) {
                const char *name = table[i].name, *dot = strchr(name, '.');
                bool same = dot && (size_t) (dot - name) == size && memcmp(name, group, size) == 0;

                if (size > 0 && !same)
                        buffer_add_char(b, '}');
                if (i > 0)
                        buffer_add_char(b, ',');
                if (dot && !same)
                        buffer_printf(b, "\"%.*s\":{", (int) (dot - name), name);
                buffer_printf(b, "\"%s\":", dot ? dot + 1 : name);
                write_value(&table[i], &values[i], b);
                group = name;
                size = dot ? (size_t) (dot - name) : 0;
        }
        buffer_add_str(b, size > 0 ? "}}" : "}");
}

static void write_notes(const char *path, const struct value values[], struct buffer *b)
{
        for (size_t i = 0; i < ARRAY_LEN(doubts); i++) {
                size_t is = setting_find(doubts[i].name),
                       other = doubts[i].least_name ? setting_find(doubts[i].least_name) : is;
                struct value least =
                        doubts[i].least ? value_known(&table[is], doubts[i].least) : values[other];

                if (value_size(&table[is], &values[is]) >= value_size(&table[other], &least))
                        continue;
                buffer_printf(b, "%s: %s (%s) is shorter than ", path, doubts[i].name,
                              values[is].text);
                if (doubts[i].least_name)
                        buffer_printf(b, "%s (%s)", doubts[i].least_name, least.text);
                else
                        buffer_add_str(b, doubts[i].least);
                buffer_printf(b, ": %s\n", doubts[i].why);
        }
}

int settings_read(struct document *d, const uint32_t *node, struct settings *s)
{
        struct value values[ARRAY_LEN(table)];

        for (size_t i = 0; i < ARRAY_LEN(table); i++)
                values[i] = value_known(&table[i], table[i].otherwise);
        if (node)
                read_group(d, *node, "", values);
        write_body(values, &s->body);
        write_notes(d->path, values, &s->notes);
        if (buffer_status(&s->body) < 0 || buffer_status(&s->notes) < 0)
                return -ENOMEM;
        hash_of(s->body.data, s->body.size, &s->hash);
        return 0;
}

void settings_done(struct settings *s)
{
        buffer_done(&s->body);
        buffer_done(&s->notes);
}

void settings_help(FILE *out)
{
        fputs("\npolicy.json, \"settings\" (read again by SIGHUP, for all daemons of a "
              "database):\n",
              out);
        for (size_t i = 0; i < ARRAY_LEN(table); i++)
                fprintf(out, "%-26s %s\n%-26s default %s, from %s to %s\n", table[i].name,
                        table[i].help, "", table[i].otherwise, table[i].least, table[i].most);
}

void settings_manual(FILE *out)
{
        for (size_t i = 0; i < ARRAY_LEN(table); i++) {
                char text[512];

                snprintf(text, sizeof(text), "%s; default %s, from %s to %s", table[i].help,
                         table[i].otherwise, table[i].least, table[i].most);
                roff_item(out, table[i].name, text);
        }
}
