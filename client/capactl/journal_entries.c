/* Entries of the systemd journal. */
#include "client/capactl/journal_entries.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "proto/base/utf8.h"
#include "proto/json/document.h"
#include "proto/seal/hash.h"

#define LOOK_S      1
#define FIELD_BYTES 65536U /* longer fields are cut here by libsystemd */
#define FIELDS_MAX  512U   /* of one entry; beyond it the rest is left out */

struct field { /* "NAME=value"; owned */
        char *text;
        size_t size, name; /* of all; of the name */
        unsigned at;       /* order within the entry */
};

struct journal_entries {
        sd_journal *journal;
        struct field fields[FIELDS_MAX];
        size_t n_fields;
        struct buffer event;
        char *given, *taken,
                *first; /* cursors: of the entry given last, taken last, the request's first */
        uint64_t n_given;
};

static void clear_fields(struct journal_entries *j)
{
        for (size_t i = 0; i < j->n_fields; i++)
                free(j->fields[i].text);
        j->n_fields = 0;
}

struct journal_entries *journal_entries_free(struct journal_entries *j)
{
        if (!j)
                return NULL;
        clear_fields(j);
        if (j->journal)
                sd_journal_close(j->journal);
        buffer_done(&j->event);
        free(j->given);
        free(j->taken);
        free(j->first);
        free(j);
        return NULL;
}

void journal_entries_free_p(struct journal_entries **j)
{
        *j = journal_entries_free(*j);
}

/* ---- one entry as JSON ---- */

static int compare_fields(const void *a, const void *b)
{
        const struct field *x = a, *y = b;
        int order = memcmp(x->text, y->text, MIN(x->name, y->name));

        if (order == 0 && x->name != y->name)
                order = x->name < y->name ? -1 : 1;
        return order != 0 ? order : x->at < y->at ? -1 : 1;
}

/* Copies of all fields, in an order that does not depend on how the entry is stored. */
static int collect_fields(struct journal_entries *j)
{
        const void *data;
        size_t size;
        int r;

        clear_fields(j);
        sd_journal_restart_data(j->journal);
        while ((r = sd_journal_enumerate_available_data(j->journal, &data, &size)) > 0) {
                const char *equals = memchr(data, '=', size);
                struct field *f = &j->fields[j->n_fields];

                if (!equals || j->n_fields == FIELDS_MAX)
                        continue;
                *f = (struct field){malloc(size + 1), size, (size_t) (equals - (const char *) data),
                                    (unsigned) j->n_fields};
                if (!f->text)
                        return -ENOMEM;
                memcpy(f->text, data, size);
                f->text[size] = '\0';
                j->n_fields++;
        }
        if (r < 0)
                return r;
        qsort(j->fields, j->n_fields, sizeof(*j->fields), compare_fields);
        return 0;
}

static bool is_text(const char *s, size_t size)
{
        while (size > 0) {
                unsigned n = *s ? utf8_character((const unsigned char *) s, size) : 0;

                if (n == 0)
                        return false;
                s += n;
                size -= n;
        }
        return true;
}

/* A text, or where it is none a list of its bytes. */
static void write_value(struct buffer *b, const struct field *f)
{
        const char *value = f->text + f->name + 1;
        size_t size = f->size - f->name - 1;

        if (is_text(value, size)) {
                buffer_add_json_string(b, value, size);
                return;
        }
        for (size_t i = 0; i < size; i++)
                buffer_printf(b, "%s%u", i == 0 ? "[" : ",", (unsigned char) value[i]);
        buffer_add_char(b, ']');
}

static void write_fields(struct journal_entries *j, struct buffer *b)
{
        for (size_t i = 0, n; i < j->n_fields; i += n) {
                const struct field *f = &j->fields[i];

                for (n = 1; i + n < j->n_fields && f[n].name == f->name &&
                            memcmp(f[n].text, f->text, f->name) == 0;)
                        n++;
                buffer_add_char(b, ',');
                buffer_add_json_string(b, f->text, f->name);
                buffer_add_str(b, n > 1 ? ":[" : ":");
                for (size_t k = 0; k < n; k++) {
                        if (k > 0)
                                buffer_add_char(b, ',');
                        write_value(b, &f[k]);
                }
                if (n > 1)
                        buffer_add_char(b, ']');
        }
}

static int write_entry(struct journal_entries *j)
{
        uint64_t realtime = 0, monotonic = 0;
        sd_id128_t boot;
        int r;

        r = sd_journal_get_realtime_usec(j->journal, &realtime);
        if (r >= 0)
                r = collect_fields(j);
        if (r < 0)
                return r;
        buffer_clear(&j->event);
        buffer_add_str(&j->event, "{\"__CURSOR\":");
        buffer_add_json_cstr(&j->event, j->given);
        buffer_printf(&j->event, ",\"__REALTIME_TIMESTAMP\":\"%" PRIu64 "\"", realtime);
        if (sd_journal_get_monotonic_usec(j->journal, &monotonic, &boot) >= 0)
                buffer_printf(&j->event, ",\"__MONOTONIC_TIMESTAMP\":\"%" PRIu64 "\"", monotonic);
        write_fields(j, &j->event);
        buffer_add_char(&j->event, '}');
        return buffer_status(&j->event);
}

/* ---- the source ---- */

static int fail(int r)
{
        return session_complain(EXIT_INTERNAL, "the journal can't be read: %s", strerror(-r));
}

static int next(void *of, const char **event, size_t *size)
{
        struct journal_entries *j = of;
        int r;

        for (;;) {
                r = sd_journal_next(j->journal);
                if (r == 0)
                        return STREAM_E_WAIT;
                free(TAKE_PTR(j->given));
                if (r > 0)
                        r = sd_journal_get_cursor(j->journal, &j->given);
                if (r >= 0)
                        r = write_entry(j);
                if (r == -EBADMSG ||
                    r == -EADDRNOTAVAIL) /* damaged or just vacuumed: pass over it */
                        continue;
                if (r < 0)
                        return fail(r);
                j->n_given++;
                *event = j->event.data;
                *size = j->event.size;
                return 0;
        }
}

static void take(void *of, bool first)
{
        struct journal_entries *j = of;

        if (first) {
                free(j->first);
                j->first = strdup(j->given);
        }
        free(j->taken);
        j->taken = strdup(j->given);
}

static void request_id(void *of, char ret[STREAM_ID_MAX])
{
        const struct journal_entries *j = of;
        char hex[2 * HASH_BYTES + 1];
        struct hash hash;

        hash_of(j->first ? j->first : "", j->first ? strlen(j->first) : 0, &hash);
        hash_hex(&hash, hex);
        snprintf(ret, STREAM_ID_MAX, "journal-%.48s", hex);
}

static void place(void *of, char *ret, size_t size)
{
        const struct journal_entries *j = of;

        snprintf(ret, size, "journal entry %s", j->given ? j->given : "?");
}

static void position(void *of, struct buffer *b)
{
        const struct journal_entries *j = of;

        buffer_add_str(b, "{\"cursor\":");
        buffer_add_json_cstr(b, j->taken);
        buffer_add_str(b, "}\n");
}

static int wait_for_more(void *of, const sigset_t *signals)
{
        const struct timespec look = {.tv_sec = LOOK_S};
        struct journal_entries *j = of;
        struct pollfd p = {.fd = sd_journal_get_fd(j->journal), .events = POLLIN};
        int r;

        ppoll(&p, 1, &look, signals);
        r = sd_journal_process(j->journal);
        return r < 0 ? fail(r) : 0;
}

struct stream_source journal_entries_source(struct journal_entries *j)
{
        return (struct stream_source){.adapter = "journal",
                                      .next = next,
                                      .take = take,
                                      .request_id = request_id,
                                      .place = place,
                                      .position = position,
                                      .wait = wait_for_more,
                                      .of = j};
}

/* ---- the beginning ---- */

static int add_match(sd_journal *journal, const char *field, const char *value)
{
        cleanup_(free_p) char *match = NULL;

        if (asprintf(&match, "%s=%s", field, value) < 0)
                return -ENOMEM;
        return sd_journal_add_match(journal, match, 0);
}

/* What a unit writes, and what systemd and the journal say about it. */
static int add_unit(sd_journal *journal, const char *name)
{
        cleanup_(free_p) char *unit = NULL;
        int r;

        if (asprintf(&unit, "%s%s", name, strrchr(name, '.') ? "" : ".service") < 0)
                return -ENOMEM;
        r = add_match(journal, "_SYSTEMD_UNIT", unit);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        if (r >= 0)
                r = add_match(journal, "_PID", "1");
        if (r >= 0)
                r = add_match(journal, "UNIT", unit);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        if (r >= 0)
                r = add_match(journal, "_UID", "0");
        if (r >= 0)
                r = add_match(journal, "OBJECT_SYSTEMD_UNIT", unit);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        return r;
}

static int add_filter(sd_journal *journal, const struct journal_filter *filter)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && filter->units && filter->units[i]; i++)
                r = add_unit(journal, filter->units[i]);
        if (r >= 0)
                r = sd_journal_add_conjunction(journal);
        for (size_t i = 0; r >= 0 && filter->matches && filter->matches[i]; i++) {
                r = sd_journal_add_match(journal, filter->matches[i], 0);
                if (r == -EINVAL)
                        return session_complain(
                                EXIT_USAGE,
                                "\"%s\" is no match: write FIELD=VALUE, the field in "
                                "capital letters, as journalctl -o verbose shows it",
                                filter->matches[i]);
        }
        if (r >= 0)
                r = sd_journal_add_conjunction(journal);
        for (int i = 0; r >= 0 && i <= filter->priority; i++) {
                char digit[] = {(char) ('0' + i), '\0'};

                r = add_match(journal, "PRIORITY", digit);
        }
        return r < 0 ? r : 0;
}

/* Behind an entry; if it is no longer there, at the next one that is. */
static int go_behind(struct journal_entries *j)
{
        int r;

        r = sd_journal_seek_cursor(j->journal, j->taken);
        if (r >= 0)
                r = sd_journal_next(j->journal);
        if (r <= 0)
                return r;
        r = sd_journal_test_cursor(j->journal, j->taken);
        if (r != 0)
                return r < 0 ? r : 0;
        session_complain(
                0,
                "the journal no longer has the entry up to which it was sent: what lay between it "
                "and the oldest one is not sent");
        return sd_journal_previous(j->journal) < 0 ? -EIO : 0;
}

/* Behind the newest entry, which is kept as the place where it began. */
static int go_to_end(struct journal_entries *j)
{
        int r;

        r = sd_journal_seek_tail(j->journal);
        if (r >= 0)
                r = sd_journal_previous(j->journal);
        if (r > 0)
                return sd_journal_get_cursor(j->journal, &j->taken);
        return r < 0 ? r : sd_journal_seek_head(j->journal);
}

static int begin(struct journal_entries *j, const char *kept, size_t size, uint64_t since_us)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const char *cursor = NULL;
        int r = 0;

        if (size > 0)
                r = document_parse(kept, size, &d, NULL);
        if (r < 0)
                return r;
        if (r == 0 && d)
                cursor = document_string(d, "cursor", NULL);
        if (!cursor && size > 0 && d) /* the journal was empty when it began */
                return sd_journal_seek_head(j->journal);
        if (!cursor)
                return since_us > 0 ? sd_journal_seek_realtime_usec(j->journal, since_us)
                                    : go_to_end(j);
        j->taken = strdup(cursor);
        return j->taken ? go_behind(j) : -ENOMEM;
}

int journal_entries_open(const struct journal_filter *filter, const char *kept, size_t size,
                         uint64_t since_us, struct journal_entries **ret)
{
        cleanup_(journal_entries_free_p) struct journal_entries *j = NULL;
        int r;

        j = calloc(1, sizeof(*j));
        if (!j)
                return -ENOMEM;
        r = filter->folder ? sd_journal_open_directory(&j->journal, filter->folder, 0)
                           : sd_journal_open(&j->journal, SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return session_complain(EXIT_USAGE, "the journal %scan't be opened: %s",
                                        filter->folder ? filter->folder : "", strerror(-r));
        r = add_filter(j->journal, filter);
        if (r != 0)
                return r < 0 ? fail(r) : r;
        r = sd_journal_set_data_threshold(j->journal, FIELD_BYTES);
        if (r >= 0)
                r = sd_journal_get_fd(j->journal); /* from here on changes are told */
        if (r >= 0)
                r = begin(j, kept, size, since_us);
        if (r < 0)
                return fail(r);
        *ret = TAKE_PTR(j);
        return 0;
}
