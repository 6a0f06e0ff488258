/* The connection's state machine and its queue of open statements. State moves through enter()
 * only.
 *
 * Facts behind the odd-looking parts: libpq may close a socket and open another one under the same
 * number while it walks its hosts, so the event source is made anew around each PQconnectPoll; its
 * connect_timeout does not work here, so each attempt has a timer of ours; in a pipeline a failed
 * COMMIT shows as an error between the rows and the sync, so an answer is complete at the sync
 * only; after a loss PQgetResult gives NULL for ever. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>

#include <libpq-fe.h>

#include "daemon/db/connection.h"
#include "daemon/db/pending.h"
#include "daemon/db/query.h"
#include "daemon/db/schema.h"

#define BACKOFF_FIRST_US (50U * 1000U)
#define BACKOFF_LAST_US  (5U * 1000U * 1000U)
#define CHECK_US         (250U * 1000U)
#define REASON_BYTES     512U
#define PARAMETERS_MAX   8U

enum connection_state {
        CONNECTION_DOWN,
        CONNECTION_CONNECTING,
        CONNECTION_PREPARING,
        CONNECTION_READY,
        CONNECTION_BACKOFF,
};

struct connection {
        sd_event *event;
        struct connection_events events;
        char *name, *conninfo;
        const char *const *channels;
        bool read_only;
        uint64_t attempt_us, answer_us;

        enum connection_state state;
        char reason[REASON_BYTES];
        PGconn *pg;
        sd_event_source *io, *timer, *flush;
        uint64_t backoff_us;
        PGresult *rows, *error; /* of the statement whose answer is coming in */
        bool *unprepared;       /* by query: the server refused it */
        bool failed;            /* a send failed: the timer says so to everyone */
        bool renew;             /* a new session is wanted */

        struct pending_queue queue;
};

static int poll_connect(struct connection *c);
static void lose(struct connection *c, const char *reason);

static uint64_t now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000U + (uint64_t) t.tv_nsec / 1000U;
}

static int timer_set(struct connection *c, uint64_t delay_us)
{
        int r;

        r = sd_event_source_set_time_relative(c->timer, delay_us);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
        return MIN(r, 0);
}

/* One line, without the newline that libpq ends its sentences with. */
static void reason_set(struct connection *c, const char *text)
{
        size_t n;

        if (text == c->reason)
                return;
        snprintf(c->reason, sizeof(c->reason), "%s", text);
        n = strlen(c->reason);
        while (n > 0 && (c->reason[n - 1] == ' ' || c->reason[n - 1] == '\n'))
                c->reason[--n] = '\0';
        for (size_t i = 0; i < n; i++)
                if (c->reason[i] == '\n' || c->reason[i] == '\t')
                        c->reason[i] = ' ';
}

static void results_clear(struct connection *c)
{
        PQclear(c->rows);
        PQclear(c->error);
        c->rows = c->error = NULL;
}

/* The rest of the queue learns that its outcome is unknown. Callbacks may send again: they are
 * refused, because the state is no longer READY. */
static void pending_abandon(struct connection *c)
{
        while (c->queue.n > 0) {
                struct pending p = pending_pop(&c->queue);
                struct answer a = {.kind = ANSWER_AWAY, .sqlstate = "08006", .message = c->reason};

                if (p.kind == PENDING_STATEMENT)
                        p.fn(&a, p.userdata);
        }
}

static void disconnect(struct connection *c)
{
        c->io = sd_event_source_disable_unref(c->io);
        (void) sd_event_source_set_enabled(c->flush, SD_EVENT_OFF);
        results_clear(c);
        if (c->pg)
                PQfinish(c->pg);
        c->pg = NULL;
}

/* Any failure ends here: everything open is answered, and a new attempt is planned. */
static void lose(struct connection *c, const char *reason)
{
        uint64_t random = 0;

        if (c->state == CONNECTION_BACKOFF || c->state == CONNECTION_DOWN)
                return;
        reason_set(c, reason);
        c->state = CONNECTION_BACKOFF;
        disconnect(c);
        pending_abandon(c);
        if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
                random = now_us();
        (void) timer_set(c, c->backoff_us / 2 + random % (c->backoff_us / 2));
        c->backoff_us = MIN(c->backoff_us * 2, (uint64_t) BACKOFF_LAST_US);
        if (c->events.on_state)
                c->events.on_state(c, false, c->events.userdata);
}

static void on_notice(void *userdata unused_, const PGresult *result unused_)
{
        /* Notices of the register's functions are for people in psql. */
}

static struct answer answer_of(const struct connection *c)
{
        struct answer a = {.message = ""};
        const char *state;

        if (!c->error) {
                a.kind = ANSWER_ROWS;
                a.result = c->rows;
                return a;
        }
        state = PQresultErrorField(c->error, PG_DIAG_SQLSTATE);
        snprintf(a.sqlstate, sizeof(a.sqlstate), "%s", state ? state : "08006");
        a.kind = answer_kind_of(a.sqlstate);
        a.message = PQresultErrorField(c->error, PG_DIAG_MESSAGE_PRIMARY);
        if (!a.message)
                a.message = PQresultErrorMessage(c->error);
        a.detail = PQresultErrorField(c->error, PG_DIAG_MESSAGE_DETAIL);
        a.hint = PQresultErrorField(c->error, PG_DIAG_MESSAGE_HINT);
        return a;
}

/* Is this database's register the one that this program was built with? */
static void check_schema(struct connection *c, const struct answer *a)
{
        char text[REASON_BYTES];
        const char *found;

        if (a->kind == ANSWER_AWAY) {
                lose(c, a->message);
                return;
        }
        found = answer_value(a, 0, 0, NULL);
        if (found && strcmp(found, schema_fingerprint()) == 0)
                return;
        if (found)
                snprintf(text, sizeof(text),
                         "the register in the database is of another version (%.12s) than this "
                         "program "
                         "(%.12s): run `capad migrate` of the newer one",
                         found, schema_fingerprint());
        else
                snprintf(text, sizeof(text),
                         "the database has no register of this version (%s): run `capad migrate`",
                         a->kind == ANSWER_ROWS ? "nothing is recorded" : a->message);
        c->backoff_us = BACKOFF_LAST_US;
        lose(c, text);
}

static void ready(struct connection *c)
{
        c->state = CONNECTION_READY;
        c->reason[0] = '\0';
        c->backoff_us = BACKOFF_FIRST_US;
        (void) timer_set(c, CHECK_US);
        if (c->events.on_state)
                c->events.on_state(c, true, c->events.userdata);
}

/* A sync came: what was asked first is answered completely. */
static void complete(struct connection *c)
{
        struct answer a = answer_of(c);
        PGresult *rows = TAKE_PTR(c->rows), *error = TAKE_PTR(c->error);
        struct pending p = pending_pop(&c->queue);

        switch (p.kind) {
        case PENDING_STATEMENT:
                p.fn(&a, p.userdata);
                break;
        case PENDING_SETTING:
                if (a.kind != ANSWER_ROWS)
                        lose(c, a.message);
                break;
        case PENDING_SCHEMA:
                check_schema(c, &a);
                break;
        case PENDING_PREPARE:
                c->unprepared[p.query] = a.kind != ANSWER_ROWS;
                if (a.kind != ANSWER_ROWS && c->events.on_unprepared)
                        c->events.on_unprepared(query_name(p.query), a.message, c->events.userdata);
                break;
        }
        if (c->state == CONNECTION_PREPARING && c->queue.n == 0)
                ready(c);
        PQclear(rows);
        PQclear(error);
}

static void take_result(struct connection *c, PGresult *result)
{
        switch (PQresultStatus(result)) {
        case PGRES_PIPELINE_SYNC:
                PQclear(result);
                if (c->queue.n > 0)
                        complete(c);
                return;
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
                PQclear(c->rows);
                c->rows = result;
                return;
        case PGRES_PIPELINE_ABORTED:
                PQclear(result); /* follows the error that is already kept */
                return;
        case PGRES_EMPTY_QUERY:
        case PGRES_COPY_OUT:
        case PGRES_COPY_IN:
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR:
        case PGRES_COPY_BOTH:
        case PGRES_SINGLE_TUPLE:
                PQclear(c->error);
                c->error = result;
                return;
        }
        PQclear(result);
}

static int flush(struct connection *c)
{
        int r;

        if (!c->pg || c->state < CONNECTION_PREPARING || c->state == CONNECTION_BACKOFF)
                return 0;
        r = PQflush(c->pg);
        if (r < 0) {
                lose(c, PQerrorMessage(c->pg));
                return 0;
        }
        r = sd_event_source_set_io_events(c->io, r > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
        return MIN(r, 0);
}

static int on_flush(sd_event_source *s unused_, void *userdata)
{
        return flush(userdata);
}

static void take_notifications(struct connection *c)
{
        for (PGnotify *n; c->pg && (n = PQnotifies(c->pg)); PQfreemem(n))
                if (c->events.on_notify)
                        c->events.on_notify(n->relname, n->extra, c->events.userdata);
}

static void take_results(struct connection *c)
{
        unsigned nulls = 0;

        while (c->pg && !PQisBusy(c->pg)) {
                PGresult *result = PQgetResult(c->pg);

                if (result) {
                        nulls = 0;
                        take_result(c, result);
                        continue;
                }
                if (PQstatus(c->pg) != CONNECTION_OK) {
                        lose(c, c->error ? PQresultErrorMessage(c->error) : PQerrorMessage(c->pg));
                        return;
                }
                if (++nulls > 1)
                        return;
        }
}

static int on_io(sd_event_source *s unused_, int fd unused_, uint32_t revents, void *userdata)
{
        struct connection *c = userdata;

        if (c->state == CONNECTION_CONNECTING)
                return poll_connect(c);
        if ((revents & ~(uint32_t) EPOLLOUT) && !PQconsumeInput(c->pg)) {
                take_results(c); /* the server's last words, such as "shutting down" */
                if (c->pg)
                        lose(c, PQerrorMessage(c->pg));
                return 0;
        }
        take_results(c);
        take_notifications(c);
        return flush(c);
}

static int watch(struct connection *c, uint32_t events)
{
        int r;

        r = sd_event_add_io(c->event, &c->io, PQsocket(c->pg), events, on_io, c);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(c->io, c->name);
        return 0;
}

static int push_sync(struct connection *c, enum pending_kind kind, unsigned query, int sent)
{
        struct pending *p;

        if (!sent || PQpipelineSync(c->pg) != 1) {
                lose(c, PQerrorMessage(c->pg));
                return CONNECTION_E_AWAY;
        }
        p = pending_push(&c->queue, now_us());
        if (!p)
                return -ENOMEM;
        p->kind = kind;
        p->query = query;
        return 0;
}

static int send_setting(struct connection *c, const char *name, enum pending_kind kind, int n,
                        const char *const *values)
{
        unsigned query = query_find(name);

        if (query == QUERY_NONE)
                return -ENOENT;
        return push_sync(
                c, kind, query,
                PQsendQueryParams(c->pg, query_text(query), n, NULL, values, NULL, NULL, 0));
}

/* Connected: settings, version of the register, channels, and all statements, in one go. */
static int prepare(struct connection *c)
{
        char timeout[32], name[64];
        const char *values[] = {timeout, c->read_only ? "on" : "off", timeout};
        int r;

        c->state = CONNECTION_PREPARING;
        PQsetNoticeReceiver(c->pg, on_notice, NULL);
        if (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1) {
                lose(c, PQerrorMessage(c->pg));
                return 0;
        }
        r = watch(c, EPOLLIN);
        if (r < 0)
                return r;
        snprintf(timeout, sizeof(timeout), "%llums", (unsigned long long) (c->answer_us / 1000U));
        r = send_setting(c, "session_settings", PENDING_SETTING, ARRAY_LEN(values), values);
        if (r == 0)
                r = send_setting(c, "session_schema", PENDING_SCHEMA, 0, NULL);
        for (unsigned i = 0; r == 0 && c->channels && c->channels[i]; i++) {
                snprintf(name, sizeof(name), "session_listen_%s", c->channels[i]);
                r = send_setting(c, name, PENDING_SETTING, 0, NULL);
        }
        for (unsigned i = 0; r == 0 && i < query_count(); i++)
                if (query_is_prepared(i))
                        r = push_sync(c, PENDING_PREPARE, i,
                                      PQsendPrepare(c->pg, query_name(i), query_text(i), 0, NULL));
        return r < 0 ? r : flush(c);
}

static int poll_connect(struct connection *c)
{
        c->io = sd_event_source_disable_unref(c->io);
        switch (PQconnectPoll(c->pg)) {
        case PGRES_POLLING_READING:
                return watch(c, EPOLLIN);
        case PGRES_POLLING_WRITING:
                return watch(c, EPOLLOUT);
        case PGRES_POLLING_OK:
                return prepare(c);
        case PGRES_POLLING_FAILED:
        case PGRES_POLLING_ACTIVE:
                break;
        }
        lose(c, PQerrorMessage(c->pg));
        return 0;
}

static int attempt(struct connection *c)
{
        const char *keys[] = {"dbname", "application_name", "target_session_attrs",
                              "client_encoding", NULL};
        const char *values[] = {c->conninfo, c->name, c->read_only ? "any" : "read-write", "UTF8",
                                NULL};
        int r;

        c->state = CONNECTION_CONNECTING;
        c->failed = c->renew = false;
        r = timer_set(c, c->attempt_us);
        if (r < 0)
                return r;
        c->pg = PQconnectStartParams(keys, values, 1);
        if (!c->pg)
                return -ENOMEM;
        if (PQstatus(c->pg) == CONNECTION_BAD) {
                lose(c, PQerrorMessage(c->pg));
                return 0;
        }
        return watch(c, EPOLLOUT); /* as if PQconnectPoll had said so */
}

static int on_timer(sd_event_source *s unused_, uint64_t usec unused_, void *userdata)
{
        struct connection *c = userdata;

        switch (c->state) {
        case CONNECTION_DOWN:
                return 0;
        case CONNECTION_BACKOFF:
                return attempt(c);
        case CONNECTION_CONNECTING:
        case CONNECTION_PREPARING:
                lose(c, "no connection in time");
                return 0;
        case CONNECTION_READY:
                break;
        }
        if (c->failed) {
                lose(c, PQerrorMessage(c->pg));
                return 0;
        }
        if (c->queue.n > 0 &&
            now_us() - pending_first(&c->queue)->sent_us > c->answer_us + CHECK_US) {
                lose(c, "the database does not answer");
                return 0;
        }
        if (c->renew && c->queue.n == 0) {
                lose(c, "a new session begins");
                return 0;
        }
        return timer_set(c, CHECK_US);
}

int connection_new(sd_event *event, const struct connection_config *config,
                   const struct connection_events *events, struct connection **ret)
{
        cleanup_(connection_free_p) struct connection *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->event = sd_event_ref(event);
        c->events = *events;
        c->name = strdup(config->name);
        c->conninfo = strdup(config->conninfo);
        c->unprepared = calloc(query_count() + 1, sizeof(*c->unprepared));
        if (!c->name || !c->conninfo || !c->unprepared)
                return -ENOMEM;
        c->channels = config->channels;
        c->read_only = config->read_only;
        c->attempt_us = config->attempt_us;
        c->answer_us = config->answer_us;
        c->backoff_us = BACKOFF_FIRST_US;
        reason_set(c, "not connected yet");
        r = sd_event_add_time_relative(event, &c->timer, CLOCK_MONOTONIC, UINT64_MAX / 2, 1000,
                                       on_timer, c);
        if (r < 0)
                return r;
        r = sd_event_add_defer(event, &c->flush, on_flush, c);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(c->flush, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

struct connection *connection_free(struct connection *c)
{
        if (!c)
                return NULL;
        c->state = CONNECTION_DOWN;
        c->events = (struct connection_events){0};
        disconnect(c);
        reason_set(c, "the connection was closed");
        pending_abandon(c);
        sd_event_source_disable_unref(c->timer);
        sd_event_source_disable_unref(c->flush);
        sd_event_unref(c->event);
        pending_done(&c->queue);
        free(c->unprepared);
        free(c->name);
        free(c->conninfo);
        free(c);
        return NULL;
}

void connection_free_p(struct connection **c)
{
        *c = connection_free(*c);
}

int connection_start(struct connection *c)
{
        return c->state == CONNECTION_DOWN ? attempt(c) : 0;
}

void connection_renew(struct connection *c)
{
        c->renew = true;
}

bool connection_ready(const struct connection *c)
{
        return c->state == CONNECTION_READY && !c->renew;
}

const char *connection_reason(const struct connection *c)
{
        return c->reason;
}

unsigned connection_pending(const struct connection *c)
{
        return c->queue.n;
}

int connection_send(struct connection *c, const char *query, const struct parameter *parameters,
                    unsigned n_parameters, answer_fn fn, void *userdata)
{
        const char *values[PARAMETERS_MAX];
        int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
        unsigned number = query_find(query);
        struct pending *p;
        int r;

        if (c->state != CONNECTION_READY)
                return CONNECTION_E_AWAY;
        if (number == QUERY_NONE || c->unprepared[number] || n_parameters > PARAMETERS_MAX)
                return CONNECTION_E_QUERY;
        for (unsigned i = 0; i < n_parameters; i++) {
                values[i] = parameters[i].data;
                lengths[i] = (int) parameters[i].size;
                formats[i] = parameters[i].binary;
        }
        if (PQsendQueryPrepared(c->pg, query, (int) n_parameters, values, lengths, formats, 0) !=
                    1 ||
            PQpipelineSync(c->pg) != 1) {
                /* Not from here: the callbacks of what is open must not run inside a caller's call.
                 */
                c->failed = true;
                (void) timer_set(c, 0);
                return CONNECTION_E_AWAY;
        }
        p = pending_push(&c->queue, now_us());
        if (!p)
                return -ENOMEM;
        p->fn = fn;
        p->userdata = userdata;
        r = sd_event_source_set_enabled(c->flush, SD_EVENT_ONESHOT);
        return MIN(r, 0);
}
