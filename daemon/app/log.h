/* The daemon's log: to the journal under systemd, else to standard error. Only app/ logs, and only
 * what changes a state; lines that a peer can cause go through log_limited(). */
#pragma once

#include <errno.h>
#include <stdint.h>

#include "proto/base/util.h"

void log_setup(void);
/* level as in <syslog.h>; a sentence without full stop. */
void log_line(int level, const char *format, ...) printf_(2, 3);
/* The same with ": <meaning of errno>"; error is a negative errno and is returned. */
int log_errno(int level, int error, const char *format, ...) printf_(3, 4);

/* A sentence, then each line of text as a line of its own. */
void log_lines(int level, const char *sentence, const char *text);

struct log_limit { /* one a kind of line; static */
        uint64_t window_us;
        unsigned n, dropped;
};
/* At most 5 lines in 10 s; what was left out is said with the next line. */
void log_limited(struct log_limit *limit, int level, const char *format, ...) printf_(3, 4);
