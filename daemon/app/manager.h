/* The daemon as a whole: joins bus, database and rules. Owns everything that lives as long as the
 * daemon; each part is made by its own module and handed to the others here and nowhere else. */
#pragma once

#include <systemd/sd-event.h>

#include "daemon/app/batcher.h"
#include "daemon/app/generation.h"
#include "daemon/app/inflow.h"
#include "daemon/app/links.h"
#include "daemon/app/loader.h"
#include "daemon/app/publish.h"
#include "daemon/app/missed.h"
#include "daemon/app/ticker.h"
#include "daemon/bus/bus.h"
#include "daemon/bus/endpoint.h"

struct manager {
        sd_event *event;
        struct generation *generation; /* in force */
        struct generation *pending;    /* reloaded, in force once the register has it */
        struct generation *started;    /* the first one: what it names stays until the end */
        const char *config_path;
        struct bus *bus;
        struct endpoint *ingest, *control;
        struct connection *writers[WRITERS_MAX], *calls, *reader;
        struct connection *history, *history_next; /* for reading as of a moment, in turns */
        unsigned past_reads;                       /* by history, since its turn began */
        struct replay *replay;                     /* the one that runs, or NULL; its own */
        struct batcher *batcher;
        size_t call_bytes; /* of calls that wait for the register */
        struct loader loader;
        struct ticker ticker;
        struct missed missed;
        struct publisher *publisher;
        struct publish publish;
        struct inflow *inflow;
        struct links *links;
        sd_event_source *watchdog, *stop;
        uint64_t watchdog_us, stop_until_us;
        bool database_up, stopping;
        char reason[512];     /* why the database is away, as last logged */
        struct buffer unread; /* what was wrong with the last reload, lines; empty: nothing */
        int64_t unread_us;    /* when, wall clock */
};

/* Takes a reference to g. Sockets are bound when it returns. 0 or -errno; it has said why. */
int manager_new(sd_event *event, const char *config_path, struct generation *g,
                struct manager **ret) must_check_;
struct manager *manager_free(struct manager *m);
void manager_free_p(struct manager **m);
/* Connect, say READY, and serve until a signal ends it. */
int manager_run(struct manager *m) must_check_;
void manager_status(struct manager *m); /* tell systemd what we are doing */
/* Remember why a reload was refused, for `status`; NULL: it was not. Lines are copied. */
void manager_note_reload(struct manager *m, const char *lines);
/* A new configuration is in force from now on. */
void manager_adopt(struct manager *m, struct generation *g);
