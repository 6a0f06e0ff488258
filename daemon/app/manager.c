/* Making and unmaking, in order; and what one part's news means for the others. */
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include <systemd/sd-daemon.h>

#include "daemon/app/clock.h"
#include "daemon/app/ingress.h"
#include "daemon/app/log.h"
#include "daemon/app/manager.h"
#include "daemon/app/replay.h"

void manager_status(struct manager *m)
{
        if (m->database_up)
                (void) sd_notifyf(false, "STATUS=Serving; the database is up");
        else
                (void) sd_notifyf(false, "STATUS=Senders are told to wait: %s",
                                  connection_reason(m->calls));
}

void manager_note_reload(struct manager *m, const char *lines)
{
        buffer_clear(&m->unread);
        buffer_add_str(&m->unread, lines ? lines : "");
        m->unread_us = clock_wall_us();
}

void manager_adopt(struct manager *m, struct generation *g)
{
        struct generation *old = m->generation;
        const char *const *keys;
        size_t n_keys = principals_keys(g->principals, &keys);

        /* until the register has it */
        m->publish.rules_hash = m->publish.policy_hash = m->publish.people_hash =
                m->publish.settings_hash = NULL;
        m->generation = generation_ref(g);
        batcher_set_rules(m->batcher, g->rules);
        inflow_set_generation(m->inflow, g);
        if (bus_allow_keys(m->bus, keys, n_keys) < 0)
                log_line(LOG_ERR, "the list of CURVE keys is unchanged: out of memory");
        generation_unref(old);
}

static void on_loaded(void *userdata)
{
        struct manager *m = userdata;

        if (m->pending) {
                manager_adopt(m, m->pending);
                m->pending = generation_unref(m->pending);
        } else if (!m->publish.rules_hash)
                manager_note_reload(m, NULL); /* what it did not take before it has taken now */
        batcher_set_loaded(m->batcher, m->publish.epoch_known);
        m->publish.rules_hash = m->generation->rules_hash;
        m->publish.policy_hash = m->generation->policy_hash;
        m->publish.people_hash = m->generation->people_hash;
        m->publish.settings_hash = m->generation->settings_hash;
        ticker_within(&m->ticker, 0);
        log_line(LOG_INFO,
                 "in force: %u rules (%.12s), policy %.12s, settings %.12s, %zu people (%.12s)",
                 ruleset_count(m->generation->rules), m->generation->rules_hash,
                 m->generation->policy_hash, m->generation->settings_hash, m->generation->people->n,
                 m->generation->people_hash);
        if (inflow_wake(m->inflow) < 0)
                (void) sd_event_exit(m->event, -ENOMEM);
}

static void on_load_failed(const char *message, void *userdata)
{
        struct manager *m = userdata;

        log_line(LOG_ERR, "the register does not take the configuration%s: %s",
                 m->pending ? ", what was in force before stays" : "", message);
        m->pending = generation_unref(m->pending);
        manager_note_reload(m, message);
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
                /* Asks for the epoch before anything else is called: a database that was put back
                 * gives no number again. Batches wait for the answer (on_epoch). */
                publish_database(&m->publish, true, reason);
                links_tell(m->links);
                /* At start and reload, never by itself: meanwhile another daemon may have loaded
                 * something newer, which is told as config_differs. */
                if (m->pending || !m->publish.rules_hash)
                        loader_start(&m->loader, m->pending ? m->pending : m->generation);
        } else if (m->database_up || strcmp(m->reason, reason) != 0) {
                log_line(LOG_WARNING, "the database is away: %s", reason);
                snprintf(m->reason, sizeof(m->reason), "%s", reason);
        }
        if (!ready) {
                batcher_set_loaded(m->batcher, false);
                publish_database(&m->publish, false, reason);
        }
        m->database_up = ready;
        manager_status(m);
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
        else
                publish_wake(&m->publish);
}

static void on_broken(const char *sqlstate, const char *message, void *userdata unused_)
{
        static struct log_limit limit;

        log_limited(&limit, LOG_ERR, "a batch failed: %s %s", sqlstate, message);
}

static void on_missed(const struct json_tape *t, uint32_t node, void *userdata)
{
        struct manager *m = userdata;

        if (missed_submit(&m->missed, t, node) < 0)
                (void) sd_event_exit(m->event, -ENOMEM);
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

static void on_differs(bool differs unused_, const char *kind, const char *theirs,
                       void *userdata unused_)
{
        log_line(LOG_WARNING,
                 "another daemon has loaded other %s since (%.12s): reload one of them", kind,
                 theirs);
}

static void on_epoch(const char *epoch, bool known, void *userdata)
{
        struct manager *m = userdata;

        if (!known)
                log_line(LOG_ERR, "the database went back in time: epoch %s begins", epoch);
        if (!m->publish.rules_hash)
                return; /* on_loaded */
        batcher_set_loaded(m->batcher, true);
        if (inflow_wake(m->inflow) < 0)
                (void) sd_event_exit(m->event, -ENOMEM);
}

static void on_unsaved(const char *path, int error, void *userdata unused_)
{
        static struct log_limit limit;

        log_limited(
                &limit, LOG_ERR,
                "%s cannot be written (%s): a database that goes back in time will not be noticed",
                path, strerror(-error));
}

static bool ingest_full(void *userdata)
{
        struct manager *m = userdata;

        return batcher_full(m->batcher);
}

static bool control_full(void *userdata)
{
        struct manager *m = userdata;

        return m->call_bytes >= (size_t) m->started->config->queue_bytes;
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
        r = connection_new(m->event, &config, &events, &m->reader);
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "%.32s history", c->daemon_name);
        config.conninfo = c->conninfo;
        config.read_only = false; /* temporary tables, rolled back */
        r = connection_new(m->event, &config, &events, &m->history);
        return r < 0 ? r : connection_new(m->event, &config, &events, &m->history_next);
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

static int state_dir_make(const char *path)
{
        if (mkdir(path, 0750) < 0 && errno != EEXIST)
                return -errno;
        return 0;
}

/* The server's key: a file of its own, which nobody else may read. */
static int secret_key_read(const char *path, char ret[CURVE_KEY_TEXT], struct problem *p)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(free_p) char *text = NULL;
        struct stat st;
        size_t size;
        int r;

        r = file_read(path, &text, &size, &complaints);
        if (r < 0)
                return r;
        if (r > 0) {
                problem_set(p, 0, "curve.secret_key_file: %s", complaints.text.data);
                return BUS_E_REFUSED;
        }
        if (stat(path, &st) == 0 && (st.st_mode & 0007)) {
                problem_set(p, 0, "curve.secret_key_file %s: others may read it; chmod o-rwx",
                            path);
                return BUS_E_REFUSED;
        }
        size = strcspn(text, " \t\r\n");
        if (size != CURVE_KEY_TEXT - 1) {
                problem_set(p, 0, "curve.secret_key_file %s: expected 40 characters of a Z85 key",
                            path);
                return BUS_E_REFUSED;
        }
        memcpy(ret, text, size);
        ret[size] = '\0';
        explicit_bzero(text, size);
        return 0;
}

static void on_failed_handshake(const char *name, const char *address, const char *why,
                                void *userdata unused_)
{
        static struct log_limit limit;

        log_limited(&limit, LOG_NOTICE, "%s: a peer's connection to %s failed: %s", name, address,
                    why);
}

static int bus_configure(const struct config *c, struct bus_config *config,
                         char key[CURVE_KEY_TEXT], struct problem *p)
{
        const struct group *group;
        char *end;
        int r;

        *config = (struct bus_config){.socket_mode = (mode_t) strtoul(c->socket_mode, &end, 8),
                                      .socket_group = (gid_t) -1,
                                      .heartbeat_ms = (uint64_t) c->heartbeat_ms,
                                      .on_failed = on_failed_handshake};
        if (*end || !c->socket_mode[0] || config->socket_mode > 0777) {
                problem_set(p, 0, "endpoints.mode \"%s\": expected a file mode such as \"0660\"",
                            c->socket_mode);
                return BUS_E_REFUSED;
        }
        if (c->socket_group) {
                group = getgrnam(c->socket_group);
                if (!group) {
                        problem_set(p, 0, "endpoints.group: this system has no group \"%s\"",
                                    c->socket_group);
                        return BUS_E_REFUSED;
                }
                config->socket_group = group->gr_gid;
        }
        if (!c->secret_key_file)
                return 0;
        r = secret_key_read(c->secret_key_file, key, p);
        if (r == 0)
                config->secret_key = key;
        return r;
}

static int bus_make(struct manager *m, struct problem *p)
{
        const struct config *c = m->generation->config;
        const struct endpoint_handler ingest = {.on_request = ingress_on_ingest,
                                                .full = ingest_full,
                                                .userdata = m,
                                                .verbs = 1U << WIRE_PUT | 1U << WIRE_PING};
        const struct endpoint_handler control = {.on_request = ingress_on_control,
                                                 .full = control_full,
                                                 .userdata = m,
                                                 .verbs = 1U << WIRE_CALL | 1U << WIRE_PING};
        struct bus_config config;
        char key[CURVE_KEY_TEXT] = "";
        int r;

        r = bus_configure(c, &config, key, p);
        if (r == 0)
                r = bus_new(m->event, &config, &m->bus, p);
        explicit_bzero(key, sizeof(key));
        if (r == 0)
                r = endpoint_new(m->bus, "ingest", (const char *const *) c->ingest, &ingest,
                                 &m->ingest, p);
        if (r == 0)
                r = endpoint_new(m->bus, "control", (const char *const *) c->control, &control,
                                 &m->control, p);
        if (r == 0)
                r = publisher_new(m->bus, (const char *const *) c->publish, &m->publisher, p);
        if (r != 0)
                return r;
        m->publish.publisher = m->publisher;
        manager_adopt(m, m->generation);
        return inflow_open(m->inflow, m->bus, m->links, p);
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
        m->started = generation_ref(g);
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
        m->missed.batcher = m->batcher;
        m->ticker =
                (struct ticker){.on_missed = on_missed, .on_failed = on_tick_failed, .userdata = m};
        r = ticker_start(&m->ticker, event, m->calls);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the timer");
        m->publish = (struct publish){.connection = m->calls,
                                      .name = g->config->daemon_name,
                                      .on_differs = on_differs,
                                      .on_epoch = on_epoch,
                                      .on_unsaved = on_unsaved,
                                      .userdata = m};
        r = state_dir_make(g->config->state_dir);
        if (r < 0)
                return log_errno(LOG_ERR, r, "state_dir %s", g->config->state_dir);
        r = publish_start(&m->publish, event, g->config->state_dir);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the heartbeat");
        r = inflow_new(event, m->batcher, g->config->spool, &m->inflow, &p);
        if (r > 0) {
                log_line(LOG_ERR, "spool %s: %s", g->config->spool, p.text);
                return -EIO;
        }
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the spool");
        r = links_new(event, m->calls, g->config->daemon_name,
                      (uint64_t) g->config->heartbeat_ms * 1000U, &m->links);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the links of subscriptions");
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
        sd_event_source_disable_unref(m->watchdog);
        sd_event_source_disable_unref(m->stop);
        replay_stop(m);
        /* Connections first: what is open there is answered through the others. */
        for (size_t i = 0; i < WRITERS_MAX; i++)
                connection_free(m->writers[i]);
        connection_free(m->calls);
        connection_free(m->reader);
        connection_free(m->history);
        connection_free(m->history_next);
        batcher_free(m->batcher);
        ticker_done(&m->ticker);
        publish_done(&m->publish);
        publisher_free(m->publisher);
        loader_done(&m->loader);
        inflow_free(m->inflow);
        links_free(m->links);
        endpoint_free(m->ingest);
        endpoint_free(m->control);
        bus_free(m->bus);
        generation_unref(m->pending);
        generation_unref(m->generation);
        generation_unref(m->started);
        sd_event_unref(m->event);
        buffer_done(&m->unread);
        free(m);
        return NULL;
}

void manager_free_p(struct manager **m)
{
        *m = manager_free(*m);
}
