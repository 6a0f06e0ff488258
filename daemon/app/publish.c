/* One statement at a time: the next rows, until there are none. Then the place is told, at most
 * once a heartbeat, so that its row does not change with each message. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app/clock.h"
#include "daemon/app/publish.h"
#include "proto/wire/timestamp.h"

#define BEAT_US  (1000U * 1000U)
#define ROWS     "200"
#define ROWS_MAX 200U

static void read_on(struct publish *p);
static void ask_epoch(struct publish *p);

/* -- the bus */

static void send(struct publish *p, const char *topic, const char *sequence, const void *body,
                 size_t size)
{
        /* XPUB never blocks; an error here is the end of the context, which the loop notices. */
        (void) !publisher_send(p->publisher, topic, sequence, body, size);
}

/* A message about the daemon itself, which is not in the journal. data is a JSON object. */
static void say(struct publish *p, const char *topic, const char *data)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char time[TIMESTAMP_MAX], sequence[24];
        int64_t now = clock_wall_us();

        timestamp_format(now, time, sizeof(time));
        snprintf(sequence, sizeof(sequence), "%" PRId64, MAX(p->journal_seq, (int64_t) 0));
        buffer_printf(&b,
                      "{\"specversion\":\"1.0\",\"id\":\"%s-%" PRId64 "-%" PRIu64
                      "\",\"source\":\"capad\"",
                      topic, now, p->beats);
        buffer_printf(&b, ",\"type\":\"org.capad.%s.v1\",\"time\":\"%s\"", topic, time);
        buffer_printf(&b, ",\"datacontenttype\":\"application/json\",\"epoch\":\"%s\",\"data\":",
                      p->epoch);
        buffer_add_str(&b, data);
        buffer_add_char(&b, '}');
        if (buffer_status(&b) == 0)
                send(p, topic, sequence, b.data, b.size);
}

static void beat(struct publish *p)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        p->beats++;
        buffer_add_str(&b, "{\"heads\":");
        buffer_add_str(&b, p->heads.data ? p->heads.data : "{}");
        buffer_printf(&b,
                      ",\"epoch\":\"%s\",\"journal_seq\":%" PRId64
                      ",\"database\":{\"ok\":%s},\"daemon\":",
                      p->epoch, MAX(p->journal_seq, (int64_t) 0),
                      p->database_up ? "true" : "false");
        buffer_add_json_cstr(&b, p->name);
        buffer_add_char(&b, '}');
        if (buffer_status(&b) == 0)
                say(p, "sys.heartbeat", b.data);
}

void publish_database(struct publish *p, bool up, const char *reason)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (p->database_up != up) {
                buffer_printf(&b, "{\"reason\":\"database_away\",\"over\":%s,\"sentence\":",
                              up ? "true" : "false");
                buffer_add_json_cstr(&b, up       ? "the database is back"
                                         : reason ? reason
                                                  : "the database is away");
                buffer_add_char(&b, '}');
                if (buffer_status(&b) == 0)
                        say(p, "sys.degraded", b.data);
        }
        p->database_up = up;
        p->epoch_known = false;
        p->reading = p->asking_heads = false;
        p->place = p->told_place = -1; /* the register knows better, also after a restore */
        if (up)
                ask_epoch(p);
}

/* -- what was seen last, in the state folder: one line "epoch seq hash" */

static bool state_read(struct publish *p, int64_t *ret_seq, char ret_hash[2 * HASH_BYTES + 1])
{
        FILE *f = fopen(p->state_path, "re");
        char line[128], *rest = line, *epoch, *seq, *hash, *end;
        bool good;

        if (!f)
                return false;
        good = fgets(line, sizeof(line), f) != NULL;
        fclose(f);
        if (!good)
                return false;
        epoch = strsep(&rest, " ");
        seq = strsep(&rest, " ");
        hash = strsep(&rest, "\n");
        if (!epoch || !seq || !hash || strlen(hash) != 2UL * HASH_BYTES)
                return false;
        *ret_seq = strtoll(seq, &end, 10);
        memcpy(ret_hash, hash, 2 * HASH_BYTES + 1);
        return *end == '\0' && end != seq;
}

/* Written beside and renamed: a crash leaves the old line or the new one. */
static int state_replace(const struct publish *p)
{
        cleanup_(free_p) char *fresh = NULL;
        FILE *f;
        bool good;

        if (asprintf(&fresh, "%s.new", p->state_path) < 0) {
                fresh = NULL;
                return -ENOMEM;
        }
        f = fopen(fresh, "we");
        if (!f)
                return -errno;
        good = fprintf(f, "%s %" PRId64 " %s\n", p->epoch, p->journal_seq, p->journal_hash) > 0;
        good = fclose(f) == 0 && good;
        if (!good || rename(fresh, p->state_path) < 0)
                return -errno;
        return 0;
}

static void state_write(struct publish *p)
{
        int r;

        if ((uint64_t) p->journal_seq == p->saved_seq || !p->journal_hash[0])
                return;
        r = state_replace(p);
        if (r == 0)
                p->saved_seq = (uint64_t) p->journal_seq;
        else
                p->on_unsaved(p->state_path, r, p->userdata);
}

/* -- the register */

static void take_string(struct publish *p, uint32_t object, const char *name, char *into,
                        size_t size)
{
        const struct json_node *n;
        uint32_t node;

        if (json_member(&p->tape, object, name, &node) != 0)
                return;
        n = &p->tape.nodes[node];
        if (n->kind == JSON_STRING && n->length < size) {
                memcpy(into, p->tape.text + n->offset, n->length);
                into[n->length] = '\0';
        }
}

/* Head of the journal and epoch, which several answers carry. */
static bool take_head(struct publish *p, const struct answer *a)
{
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);
        uint32_t journal, seq;

        if (!json || json_tape_parse(&p->tape, json, size, NULL) != 0)
                return false;
        take_string(p, 0, "epoch", p->epoch, sizeof(p->epoch));
        if (json_member(&p->tape, 0, "journal", &journal) != 0)
                return false;
        take_string(p, journal, "hash", p->journal_hash, sizeof(p->journal_hash));
        return json_member(&p->tape, journal, "seq", &seq) == 0 &&
               json_int64(&p->tape, seq, &p->journal_seq) == 0;
}

/* What the register never had differs from nothing: people, where there is no file. */
static bool differs(struct publish *p, const char *kind, const char *ours)
{
        char theirs[2 * HASH_BYTES + 1] = "";

        take_string(p, 0, kind, theirs, sizeof(theirs));
        return ours && theirs[0] && strcmp(ours, theirs) != 0;
}

/* Which kind another daemon has loaded otherwise, or NULL; the first of several. */
static const char *differing(struct publish *p, const char **ret_ours)
{
        const struct {
                const char *kind, *ours;
        } kinds[] = {{"rules", p->rules_hash},
                     {"policy", p->policy_hash},
                     {"settings", p->settings_hash},
                     {"people", p->people_hash}};

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (differs(p, kinds[i].kind, kinds[i].ours)) {
                        *ret_ours = kinds[i].ours;
                        return kinds[i].kind;
                }
        return NULL;
}

static void say_differs(struct publish *p, const char *kind, const char *ours)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char theirs[2 * HASH_BYTES + 1] = "";

        take_string(p, 0, kind, theirs, sizeof(theirs));
        buffer_printf(&b,
                      "{\"reason\":\"config_differs\",\"over\":false,\"kind\":\"%s\",\"ours\":\"%"
                      "s\",\"theirs\":\"%s\"",
                      kind, ours, theirs);
        buffer_add_str(&b, ",\"sentence\":\"another daemon has loaded something else since: reload "
                           "one of them\"}");
        if (buffer_status(&b) == 0)
                say(p, "sys.degraded", b.data);
        p->on_differs(true, kind, theirs, p->userdata);
}

/* Said once, and once that it is over. */
static void compare_all(struct publish *p)
{
        const char *ours = NULL, *kind = differing(p, &ours);

        if (kind && !p->differs)
                say_differs(p, kind, ours);
        else if (!kind && p->differs)
                say(p, "sys.degraded",
                    "{\"reason\":\"config_differs\",\"over\":true,\"sentence\":\"all daemons have "
                    "the same configuration again\"}");
        p->differs = kind != NULL;
}

static void on_heads(const struct answer *a, void *userdata)
{
        struct publish *p = userdata;
        const char *text;
        size_t size;
        uint32_t node;

        p->asking_heads = false;
        if (a->kind == ANSWER_ROWS && take_head(p, a)) {
                if (json_member(&p->tape, 0, "heads", &node) == 0) {
                        json_slice(&p->tape, node, &text, &size);
                        buffer_clear(&p->heads);
                        buffer_add(&p->heads, text, size);
                }
                compare_all(p);
                state_write(p);
                if (p->journal_seq > p->place)
                        read_on(p);
        }
        beat(p);
}

static void on_place(const struct answer *a unused_, void *userdata unused_)
{
        /* Not told is told again with the next heartbeat; then some rows may go out twice. */
}

static void tell_place(struct publish *p)
{
        char place[24];
        const struct parameter parameters[] = {PARAMETER_TEXT(p->name), PARAMETER_TEXT(place)};

        if (p->place < 0 || p->place == p->told_place)
                return;
        snprintf(place, sizeof(place), "%" PRId64, p->place);
        if (connection_send(p->connection, "published", parameters, ARRAY_LEN(parameters), on_place,
                            p) == 0)
                p->told_place = p->place;
}

static void on_rows(const struct answer *a, void *userdata)
{
        struct publish *p = userdata;
        unsigned n = answer_rows(a);

        p->reading = false;
        for (unsigned i = 0; i < n; i++) {
                size_t size = 0;
                const char *topic = answer_value(a, i, 0, NULL), *seq = answer_value(a, i, 1, NULL);
                const char *body = answer_value(a, i, 2, &size);

                if (!topic || !seq)
                        continue;
                if (body) /* a redacted one is passed over */
                        send(p, topic, seq, body, size);
                p->place = strtoll(seq, NULL, 10);
        }
        p->journal_seq = MAX(p->journal_seq, p->place);
        if (a->kind == ANSWER_ROWS && (n == ROWS_MAX || p->again))
                read_on(p);
}

static void read_on(struct publish *p)
{
        char place[24];
        struct parameter parameters[] = {PARAMETER_TEXT(p->name), PARAMETER_TEXT(NULL),
                                         PARAMETER_TEXT(ROWS)};

        if (!p->epoch_known)
                return;
        if (p->reading) {
                p->again = true;
                return;
        }
        p->again = false;
        if (p->place >= 0) {
                snprintf(place, sizeof(place), "%" PRId64, p->place);
                parameters[1].data = place;
        }
        p->reading = connection_send(p->connection, "publish", parameters, ARRAY_LEN(parameters),
                                     on_rows, p) == 0;
}

void publish_wake(struct publish *p)
{
        read_on(p);
}

static void on_epoch(const struct answer *a, void *userdata)
{
        struct publish *p = userdata;
        uint32_t known;

        if (a->kind != ANSWER_ROWS || !take_head(p, a))
                return; /* asked again with the next heartbeat */
        p->epoch_known = true;
        p->on_epoch(p->epoch,
                    json_member(&p->tape, 0, "known", &known) != 0 ||
                            p->tape.nodes[known].kind == JSON_TRUE,
                    p->userdata);
        read_on(p);
}

static void ask_epoch(struct publish *p)
{
        char seq[24], hash[2 * HASH_BYTES + 1];
        struct parameter parameters[] = {PARAMETER_TEXT(NULL), PARAMETER_TEXT(NULL),
                                         PARAMETER_TEXT(NULL)};
        int64_t seen;

        if (state_read(p, &seen, hash)) {
                snprintf(seq, sizeof(seq), "%" PRId64, seen);
                parameters[0].data = seq;
                parameters[1].data = hash;
        }
        (void) !connection_send(p->connection, "epoch", parameters, ARRAY_LEN(parameters), on_epoch,
                                p);
}

static void ask_heads(struct publish *p)
{
        char place[24];
        struct parameter parameter = PARAMETER_TEXT(NULL);

        if (p->place >= 0) {
                snprintf(place, sizeof(place), "%" PRId64, p->place);
                parameter.data = place;
        }
        p->asking_heads = connection_send(p->connection, "heads", &parameter, 1, on_heads, p) == 0;
}

static int on_timer(sd_event_source *s, uint64_t usec unused_, void *userdata)
{
        struct publish *p = userdata;
        int r;

        if (!p->database_up || p->asking_heads || !p->epoch_known) {
                beat(p);
                if (p->database_up && !p->epoch_known)
                        ask_epoch(p);
        } else {
                tell_place(p);
                ask_heads(p);
        }
        r = sd_event_source_set_time_relative(s, BEAT_US);
        return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

int publish_start(struct publish *p, sd_event *event, const char *state_dir)
{
        p->event = event;
        p->place = p->told_place = -1;
        snprintf(p->epoch, sizeof(p->epoch), "0");
        if (asprintf(&p->state_path, "%s/journal.seen", state_dir) < 0) {
                p->state_path = NULL;
                return -ENOMEM;
        }
        return sd_event_add_time_relative(event, &p->timer, CLOCK_MONOTONIC, BEAT_US, 1000,
                                          on_timer, p);
}

void publish_done(struct publish *p)
{
        p->timer = sd_event_source_disable_unref(p->timer);
        buffer_done(&p->heads);
        json_tape_done(&p->tape);
        free_p(&p->state_path);
}
