/* What a tool said under capactl run, for the adapter of that tool: the JSON of its outputs, each
 * message the data of a CloudEvent that says where it ran and how it ended. Used by
 * command_run.c. */
#pragma once

#include "client/capactl/event.h"
#include "client/capactl/transcript.h"

struct tool_events {
        const char *adapter; /* borrowed; NULL: there is none, and nothing is kept */
        struct transcript out, err;
        /* After tool_events_send: */
        size_t n, left_out; /* messages given to the adapter; those that went beyond the limits */
        bool cut;           /* it said more than is kept, and its beginning was not looked at */
        bool told;          /* capad has taken one of them as a failure */
};
#define TOOL_EVENTS_NULL                                                                           \
        {                                                                                          \
                .out = TRANSCRIPT_NULL, .err = TRANSCRIPT_NULL                                     \
        }

void tool_events_done(struct tool_events *t);
/* Push all messages as one request, and wait for the ack or the spool. about: the event of each but
 * for its data; its id gets a number. What goes wrong is told on standard error. */
void tool_events_send(struct tool_events *t, struct capa *c, const struct event *about);
/* Push events, and tell on standard error what did not go well. Was one of them taken as a
 * failure? Not known without an ack: false. */
bool tool_events_push(struct capa *c, const char *adapter, const struct capa_bytes *events,
                      size_t n);
