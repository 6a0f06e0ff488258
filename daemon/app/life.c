/* Running: connect, READY, signals, the watchdog, and an end in which everything taken is answered.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <systemd/sd-daemon.h>

#include "daemon/app/clock.h"
#include "daemon/app/log.h"
#include "daemon/app/manager.h"
#include "daemon/app/replay.h"

#define STOP_US      (5U * 1000U * 1000U)
#define STOP_STEP_US (10U * 1000U)
/* What is on the wire already when the signal comes is still answered. */
#define STOP_QUIET_US (200U * 1000U)

static int connections_start(struct manager *m)
{
        struct connection *all[] = {m->calls,  m->writers[0], m->writers[1],
                                    m->reader, m->history,    m->history_next};
        int r = 0;

        for (size_t i = 0; r == 0 && i < ARRAY_LEN(all); i++)
                if (all[i])
                        r = connection_start(all[i]);
        return r;
}

/* -- stopping: nothing new is taken; what is under way is finished and answered */

static bool is_done(const struct manager *m)
{
        return batcher_idle(m->batcher) && connection_pending(m->calls) == 0 &&
               connection_pending(m->reader) == 0 && connection_pending(m->history) == 0 &&
               connection_pending(m->history_next) == 0;
}

static int on_stop_step(sd_event_source *s, uint64_t usec unused_, void *userdata)
{
        struct manager *m = userdata;
        int r;

        if ((is_done(m) && clock_us() + STOP_US > m->stop_until_us + STOP_QUIET_US) ||
            clock_us() > m->stop_until_us)
                return sd_event_exit(m->event, 0);
        r = sd_event_source_set_time_relative(s, STOP_STEP_US);
        return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int on_stop(sd_event_source *s unused_, const struct signalfd_siginfo *info unused_,
                   void *userdata)
{
        struct manager *m = userdata;

        if (m->stopping)
                return 0;
        m->stopping = true;
        m->stop_until_us = clock_us() + STOP_US;
        (void) sd_notify(false, "STOPPING=1\nSTATUS=Finishing what is under way");
        log_line(LOG_NOTICE, "stopping");
        inflow_stop(m->inflow);
        replay_stop(m);
        return sd_event_add_time_relative(m->event, &m->stop, CLOCK_MONOTONIC, 0, 0, on_stop_step,
                                          m);
}

/* -- reload: all or nothing */

static int on_reload(sd_event_source *s unused_, const struct signalfd_siginfo *info unused_,
                     void *userdata)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(generation_unref_p) struct generation *g = NULL;
        struct manager *m = userdata;
        int r;

        (void) sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%llu",
                          (unsigned long long) clock_us());
        r = generation_load(m->config_path, &g, &complaints);
        manager_note_reload(m, r > 0 ? complaints.text.data : r < 0 ? "out of memory" : NULL);
        if (r > 0)
                log_lines(LOG_ERR,
                          "reload refused, what was in force stays:", complaints.text.data);
        else if (r < 0)
                log_errno(LOG_ERR, r, "reload failed, what was in force stays");
        else if (connection_ready(m->calls)) {
                generation_unref(m->pending);
                m->pending = generation_ref(g);
                loader_start(&m->loader, g); /* in force when the register has it */
        } else {
                manager_adopt(
                        m, g); /* nothing is judged meanwhile; loaded when the database is back */
                batcher_set_loaded(m->batcher, false);
        }
        if (r == 0 && g->remarks.size > 0)
                log_lines(LOG_WARNING, "read, but look at this:", g->remarks.data);
        (void) sd_notify(false, "READY=1");
        manager_status(m);
        return 0;
}

/* -- watchdog: fed only while there is progress, not merely while the loop turns */

static int on_watchdog(sd_event_source *s, uint64_t usec unused_, void *userdata)
{
        struct manager *m = userdata;
        int r;

        if (!batcher_stuck(m->batcher))
                (void) sd_notify(false, "WATCHDOG=1");
        r = sd_event_source_set_time_relative(s, m->watchdog_us / 3);
        return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int watchdog_start(struct manager *m)
{
        int r;

        r = sd_watchdog_enabled(false, &m->watchdog_us);
        if (r <= 0)
                return r;
        return sd_event_add_time_relative(m->event, &m->watchdog, CLOCK_MONOTONIC, 0, 0,
                                          on_watchdog, m);
}

static int signals_watch(struct manager *m)
{
        int r;

        r = sd_event_add_signal(m->event, NULL, SIGTERM, on_stop, m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, on_stop, m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGHUP, on_reload, m);
        return MIN(r, 0);
}

int manager_run(struct manager *m)
{
        int r;

        r = signals_watch(m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot watch signals");
        r = watchdog_start(m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot set up the watchdog");
        r = connections_start(m);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot connect");
        manager_status(m);
        (void) sd_notify(false, "READY=1");
        log_line(LOG_NOTICE, "capad " CAPA_VERSION " serves, %u rules",
                 ruleset_count(m->generation->rules));
        return sd_event_loop(m->event);
}
