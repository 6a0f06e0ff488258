/* How a ZeroMQ socket lives in the event loop. Its descriptor is signalled only when its mailbox
 * turns from empty to not empty, and reading or sending can eat that signal. So the state is read
 * again before every sleep (a prepare callback), and while messages wait, a defer source takes them
 * in small portions, at idle priority, so that PostgreSQL, timers and signals go first. Inner to
 * daemon/bus. */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "proto/base/util.h"

struct pump {
        void *socket; /* borrowed */
        sd_event_source *io, *work;
        int (*take)(void *userdata);  /* takes one message: 0, -EAGAIN when there is none, -errno */
        bool (*full)(void *userdata); /* true: leave messages where they are; may be NULL */
        void *userdata;
        bool stopped;
};

int pump_start(struct pump *p, sd_event *event, void *socket, const char *name) must_check_;
void pump_done(struct pump *p);
