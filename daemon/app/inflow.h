/* What comes in by pull and subscriptions, where nobody waits for an answer: it must not be lost
 * while the database is away, so it goes to the disk spool then, and from there to the register
 * first and in order when it is back. Each message gets its delivery id at receipt, before
 * spooling.
 *
 *   push ──► spool empty? ──yes──► batcher ──ACK──► done
 *                │ no                 └──BUSY──► spool
 *                └──► spool ──database up──► batcher ──ACK──► dropped from the spool
 */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "daemon/app/batcher.h"
#include "daemon/app/generation.h"
#include "daemon/app/links.h"
#include "daemon/bus/intake.h"
#include "proto/spool/spool.h"

struct inflow;
struct source; /* one socket: pull, or a subscription */

struct inflow_counters {
        uint64_t received, malformed, forbidden, spooled, drained, lost, gaps;
        uint64_t queued; /* in the spool now */
};

/* Opens the spool; the problem says why not. 0, SPOOL_E_*, -errno. */
int inflow_new(sd_event *event, struct batcher *batcher, const char *spool_path,
               struct inflow **ret, struct problem *reterr) must_check_;
struct inflow *inflow_free(struct inflow *f);
void inflow_free_p(struct inflow **f);
/* Whose principals count from now on; takes a reference. */
void inflow_set_generation(struct inflow *f, struct generation *g);

/* Open the sockets that the configuration names; links, which outlive it, get the subscriptions. 0,
 * BUS_E_REFUSED, -errno. */
int inflow_open(struct inflow *f, struct bus *bus, struct links *links,
                struct problem *reterr) must_check_;
void inflow_stop(struct inflow *f); /* take no more */
/* The database is there (again): drain. */
int inflow_wake(struct inflow *f) must_check_;
const struct inflow_counters *inflow_counters(const struct inflow *f);
/* {"name":{"endpoint","received","lost","connected","since"},...} of the subscriptions. */
void inflow_write_sources(const struct inflow *f, struct buffer *b);
