/* Making and unmaking, in order; and what one part's news means for the others. */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <systemd/sd-daemon.h>

#include "daemon/app/clock.h"
#include "daemon/app/ingress.h"
#include "daemon/app/log.h"
#include "daemon/app/manager.h"

static void status(struct manager *m)
{
        if (m->database_up)
                (void) sd_notifyf(false, "STATUS=Serving; the database is up");
        else
                (void) sd_notifyf(false, "STATUS=Senders are told to wait: %s",
                                  connection_reason(m->calls));
}

static void on_loaded(void *userdata)
{
        struct manager *m = userdata;

        batcher_set_loaded(m->batcher, true);
        ticker_within(&m->ticker, 0);
        log_line(LOG_INFO, "rules are loaded: %u rules, %s", ruleset_count(m->generation->rules),
                 m->generation->rules_hash);
}

static void on_load_failed(const char *what, const char *message, void *userdata unused_)
{
        log_line(LOG_ERR, "the register does not take the %s: %s", what, message);
}

static void on_tick_failed(const char *message, void *userdata unused_)
{
        static struct log_limit limit;

        log_limited(&limit, LOG_ERR, "api.tick failed: %s", message);
}

static void on_writer_state(struct connection *c, bool ready, void *userdata)
{
        struct manager *m = userdata;

        batcher_writer_state(m->batcher, c, ready);
}

static void on_calls_state(struct connection *c, bool ready, void *userdata)
{
        struct manager *m = userdata;
        const char *reason = connection_reason(c);

        if (ready) {
                log_line(LOG_NOTICE, "the database is up");
                m->reason[0] = '\0';
                loader_start(&m->loader, m->generation);
        } else if (m->database_up || strcmp(m->reason, reason) != 0) {
                log_line(LOG_WARNING, "the database is away: %s", reason);
                snprintf(m->reason, sizeof(m->reason), "%s", reason);
        }
        m->database_up = ready;
        status(m);
}

static void on_unprepared(const char *query, const char *message, void *userdata unused_)
{
        log_line(LOG_ERR, "statement %s cannot be prepared: %s", query, message);
}

static void on_notify(const char *channel, const char *payload, void *userdata)
{
        struct manager *m = userdata;

        if (strcmp(channel, "capa_due") == 0)
                ticker_hint(&m->ticker, payload);
}

static void on_broken(const char *sqlstate, const char *message, void *userdata unused_)
{
        static struct log_limit limit;

        log_limited(&limit, LOG_ERR, "a batch failed: %s %s", sqlstate, message);
}

static void on_committed(void *userdata)
{
        struct manager *m = userdata;

        ticker_within(&m->ticker, 1000U * 1000U);
}

static void on_unknown_rules(void *userdata)
{
        struct manager *m = userdata;

        if (connection_ready(m->calls))
                loader_start(&m->loader, m->generation);
}

static bool ingest_full(void *userdata)
{
        struct manager *m = userdata;

        return batcher_full(m->batcher);
}

static int connections_new(struct manager *m)
{
        static const char *const channels[] = {"capa_journal", "capa_due", NULL};
        const struct config *c = m->generation->config;
        struct connection_config config = {.conninfo = c->conninfo,
                                           .attempt_us = (uint64_t) c->attempt_ms * 1000U,
                                           .answer_us = (uint64_t) c->timeout_ms * 1000U};
        struct connection_events events = {.on_state = on_writer_state, .userdata = m};
        char name[64];
        int r;

        for (int64_t i = 0; i < c->writers; i++) {
                snprintf(name, sizeof(name), "%.32s writer %d", c->daemon_name, (int) i + 1);
                config.name = name;
                r = connection_new(m->event, &config, &events, &m->writers[i]);
                if (r < 0)
                        return r;
                r = batcher_add_writer(m->batcher, m->writers[i]);
                if (r < 0)
                        return r;
        }
        snprintf(name, sizeof(name), "%.32s calls", c->daemon_name);
        config.channels = channels;
        config.answer_us = (uint64_t) c->call_ms * 1000U;
        events = (struct connection_events){.on_state = on_calls_state,
                                            .on_notify = on_notify,
                                            .on_unprepared = on_unprepared,
                                            .userdata = m};
        r = connection_new(m->event, &config, &events, &m->calls);
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "%.32s reader", c->daemon_name);
        config.conninfo = c->reader_conninfo ? c->reader_conninfo : c->conninfo;
        config.channels = NULL;
        config.read_only = true;
        config.answer_us = (uint64_t) c->report_ms * 1000U;
        events = (struct connection_events){.userdata = m};
        return connection_new(m->event, &config, &events, &m->reader);
}

static int batcher_make(struct manager *m)
{
        const struct config *c = m->generation->config;
        const struct batcher_config config = {
                .batch_events = (unsigned) c->batch_events,
                .batch_us = (uint64_t) c->batch_ms * 1000U,
                .timeout_us = (uint64_t) c->timeout_ms * 1000U,
                .queue_bytes = (size_t) c->queue_bytes,
                .retry_ms = (unsigned) c->retry_ms,
                .daemon_name = c->daemon_name,
        };
        const struct batcher_events events = {.on_broken = on_broken,
                                              .on_committed = on_committed,
                                              .on_unknown_rules = on_unknown_rules,
                                              .userdata = m};
        int r;

        r = batcher_new(m->event, &config, &events, &m->batcher);
        if (r == 0)
                batcher_set_rules(m->batcher, m->generation->rules);
        return r;
}

static int bus_make(struct manager *m, struct problem *p)
{
        const struct config *c = m->generation->config;
        struct bus_config config = {.socket_mode = (mode_t) strtoul(c->socket_mode, NULL, 8),
                                    .socket_group = (gid_t) -1,
                                    .heartbeat_ms = (uint64_t) c->heartbeat_ms};
        const struct endpoint_handler ingest = {.on_request = ingress_on_ingest,
                                                .full = ingest_full,
                                                .userdata = m,
                                                .verbs = 1U << WIRE_PUT | 1U << WIRE_PING};
        const struct endpoint_handler control = {.on_request = ingress_on_control,
                                                 .userdata = m,
                                                 .verbs = 1U << WIRE_CALL | 1U << WIRE_PING};
        const struct group *group;
        int r;

        if (c->socket_group) {
                group = getgrnam(c->socket_group);
                if (!group) {
                        problem_set(p, 0, "endpoints.group: this system has no group \"%s\"",
                                    c->socket_group);
                        return BUS_E_REFUSED;
                }
                config.socket_group = group->gr_gid;
        }
        r = bus_new(m->event, &config, &m->bus, p);
        if (r == 0)
                r = endpoint_new(m->bus, "ingest", (const char *const *) c->ingest, &ingest,
                                 &m->ingest, p);
        if (r == 0)
                r = endpoint_new(m->bus, "control", (const char *const *) c->control, &control,
                                 &m->control, p);
        return r;
}

int manager_new(sd_event *event, const char *config_path, struct generation *g,
                struct manager **ret)
{
        cleanup_(manager_free_p) struct manager *m = NULL;
        struct problem p = {0};
        int r;

        m = calloc(1, sizeof(*m));
        if (!m)
                return -ENOMEM;
        m->event = sd_event_ref(event);
        m->config_path = config_path;
        m->generation = generation_ref(g);
        r = batcher_make(m);
        if (r == 0)
                r = connections_new(m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the database connections");
        m->loader = (struct loader){.connection = m->calls,
                                    .actor = "system",
                                    .on_loaded = on_loaded,
                                    .on_failed = on_load_failed,
                                    .userdata = m};
        m->ticker = (struct ticker){.on_failed = on_tick_failed, .userdata = m};
        r = ticker_start(&m->ticker, event, m->calls);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the timer");
        r = bus_make(m, &p);
        if (r > 0) {
                log_line(LOG_ERR, "%s", p.text);
                return -EADDRNOTAVAIL;
        }
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the sockets");
        *ret = TAKE_PTR(m);
        return 0;
}

struct manager *manager_free(struct manager *m)
{
        if (!m)
                return NULL;
        batcher_free(m->batcher);
        for (size_t i = 0; i < WRITERS_MAX; i++)
                connection_free(m->writers[i]);
        connection_free(m->calls);
        connection_free(m->reader);
        ticker_done(&m->ticker);
        loader_done(&m->loader);
        endpoint_free(m->ingest);
        endpoint_free(m->control);
        bus_free(m->bus);
        generation_unref(m->generation);
        sd_event_unref(m->event);
        free(m);
        return NULL;
}

void manager_free_p(struct manager **m)
{
        *m = manager_free(*m);
}

static int connections_start(struct manager *m)
{
        struct connection *all[] = {m->calls, m->writers[0], m->writers[1], m->reader};
        int r = 0;

        for (size_t i = 0; r == 0 && i < ARRAY_LEN(all); i++)
                if (all[i])
                        r = connection_start(all[i]);
        return r;
}

static int on_stop(sd_event_source *s unused_, const struct signalfd_siginfo *info unused_,
                   void *userdata)
{
        struct manager *m = userdata;

        return sd_event_exit(m->event, 0);
}

int manager_run(struct manager *m)
{
        int r;

        r = sd_event_add_signal(m->event, NULL, SIGTERM, on_stop, m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, on_stop, m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot watch signals");
        r = connections_start(m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot connect");
        status(m);
        (void) sd_notify(false, "READY=1");
        log_line(LOG_NOTICE, "capad " CAPA_VERSION " serves; %u rules",
                 ruleset_count(m->generation->rules));
        r = sd_event_loop(m->event);
        (void) sd_notify(false, "STOPPING=1");
        return r;
}
