/* Lets time pass in the register: calls api.tick when its next step is due, when somebody made an
 * earlier one, after batches, and now and then in any case (any tick can be missed, the next one
 * does all). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "daemon/db/connection.h"
#include "proto/json/tape.h"

struct ticker {
        struct connection *connection; /* borrowed */
        sd_event_source *timer;
        uint64_t due_us; /* monotonic; when the timer will fire */
        bool running, again;
        /* What did not come in time: the list "expectations" of a tick's result. */
        void (*on_missed)(const struct json_tape *t, uint32_t node, void *userdata);
        void (*on_failed)(const char *message, void *userdata);
        void *userdata;
        uint64_t ticks;
        struct json_tape tape;
};

int ticker_start(struct ticker *t, sd_event *event, struct connection *c) must_check_;
void ticker_done(struct ticker *t);
/* A tick within this time: earlier than planned is taken, later is not. */
void ticker_within(struct ticker *t, uint64_t delay_us);
/* The same from the text of a NOTIFY or a result's next_ms. */
void ticker_hint(struct ticker *t, const char *milliseconds);
