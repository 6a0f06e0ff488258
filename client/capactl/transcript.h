/* The end of what a command said on one of its outputs, and the JSON in it: what an adapter reads.
 * Pure; filled by pump.c, read by tool_events.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/capa.h"
#include "proto/base/buffer.h"
#include "proto/base/limits.h"

/* Kept of one output, so that a JSON text of that size is kept whole. */
#define TRANSCRIPT_BYTES    LIMIT_EVENT_BYTES
#define TRANSCRIPT_MESSAGES (LIMIT_PUT_EVENTS / 2U) /* two outputs go in one request */

struct transcript {
        struct buffer text;
        bool cut; /* what came before is gone */
};
#define TRANSCRIPT_NULL                                                                            \
        {                                                                                          \
                .text = BUFFER_NULL                                                                \
        }

void transcript_done(struct transcript *t);
/* What memory does not suffice for shows as a broken buffer at the end. */
void transcript_add(struct transcript *t, const char *data, size_t size);

struct transcript_messages { /* borrowed from the transcript */
        struct capa_bytes list[TRANSCRIPT_MESSAGES];
        size_t n, left_out; /* given; the oldest beyond them */
};
/* All of it where it is one JSON text, else each line that is an object or a list; what else was
 * said is no message. 0 or -ENOMEM. */
int transcript_read(struct transcript *t, struct transcript_messages *ret) must_check_;
