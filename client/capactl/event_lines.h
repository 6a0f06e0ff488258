/* Events from a file or a pipe: one JSON text, or one a line (NDJSON); the bytes stay as they are.
 * A file whose first line is JSON by itself is NDJSON and is read as it comes, so that a pipe that
 * lives long is served at once; else it is tried as one text. With `any`, what is neither is one
 * text, too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/buffer.h"

enum event_lines_error {
        EVENT_LINES_E_END = 1,  /* nothing more */
        EVENT_LINES_E_TOO_LONG, /* a line or text beyond LIMIT_EVENT_BYTES; it is skipped, go on */
        EVENT_LINES_E_WAIT, /* nothing there yet: do what waits, then call again to wait for it */
};

struct event_lines {
        int fd;
        struct buffer buffer;
        size_t start;     /* of what has not been given out */
        unsigned line;    /* of the event given last, from 1 */
        bool any;         /* set by the caller: text that is no JSON is given, too, as one */
        bool decided;     /* one text or NDJSON: known */
        bool one_text;    /* all of it is one JSON text */
        bool ended, told; /* end of file seen; E_WAIT given since the last read */
        bool skipping;    /* within a line that is too long */
};

/* fd stays the caller's. */
void event_lines_begin(struct event_lines *e, int fd);
void event_lines_done(struct event_lines *e);
/* The next event, borrowed until the next call. 0, an event_lines_error, or -errno. */
int event_lines_next(struct event_lines *e, const char **ret, size_t *ret_size) must_check_;
/* Is this one JSON text, as strictly as capad reads it? */
bool event_lines_is_json(const char *text, size_t size);
