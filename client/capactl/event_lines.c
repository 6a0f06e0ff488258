/* Events from a file or a pipe. */
#include "client/capactl/event_lines.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/limits.h"
#include "proto/json/tape.h"

#define READ_BYTES (256 * KIB)

void event_lines_begin(struct event_lines *e, int fd)
{
        *e = (struct event_lines){.fd = fd};
}

void event_lines_done(struct event_lines *e)
{
        buffer_done(&e->buffer);
}

bool event_lines_is_json(const char *text, size_t size)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;

        return size > 0 && json_tape_parse(&tape, text, size, NULL) == 0;
}

/* One read. E_WAIT, once, where it would block. */
static int fill(struct event_lines *e)
{
        struct pollfd p = {.fd = e->fd, .events = POLLIN};
        char chunk[READ_BYTES];
        ssize_t n;

        if (!e->told && poll(&p, 1, 0) == 0) {
                e->told = true;
                return EVENT_LINES_E_WAIT;
        }
        e->told = false;
        do
                n = read(e->fd, chunk, sizeof(chunk));
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        e->ended = n == 0;
        if (e->start > 0) { /* what was given out is done with */
                memmove(e->buffer.data, e->buffer.data + e->start, e->buffer.size - e->start);
                e->buffer.size -= e->start;
                e->start = 0;
        }
        buffer_add(&e->buffer, chunk, (size_t) n);
        return buffer_status(&e->buffer);
}

/* Of what is too long to be tried as one text: is one of its first two lines JSON by itself? If
 * not it is one text of many lines, to be refused once, not line by line. */
static bool begins_with_lines(const struct buffer *b)
{
        const char *at = b->data, *end = at + b->size, *feed;

        for (unsigned i = 0; i < 2 && at < end; i++, at = feed + 1) {
                feed = memchr(at, '\n', (size_t) (end - at));
                if (!feed || event_lines_is_json(at, (size_t) (feed - at)))
                        return true;
        }
        return false;
}

/* Read until it is known whether this is one text or many lines. */
static int decide(struct event_lines *e)
{
        const char *feed;
        int r;

        while (!e->decided) {
                feed = e->buffer.size > 0 ? memchr(e->buffer.data, '\n', e->buffer.size) : NULL;
                if (feed && event_lines_is_json(e->buffer.data, (size_t) (feed - e->buffer.data)) &&
                    !e->ended)
                        e->decided = true;
                else if (e->ended || e->buffer.size > LIMIT_EVENT_BYTES) {
                        e->decided = true;
                        e->one_text = e->any || (e->ended ? event_lines_is_json(e->buffer.data,
                                                                                e->buffer.size)
                                                          : !begins_with_lines(&e->buffer));
                } else {
                        r = fill(e);
                        if (r != 0)
                                return r;
                }
        }
        return 0;
}

/* The next line without its end; blank ones are passed over. */
static int next_line(struct event_lines *e, const char **ret, size_t *ret_size)
{
        for (;;) {
                size_t left = e->buffer.size - e->start;
                const char *begin = left > 0 ? e->buffer.data + e->start : "";
                const char *feed = left > 0 ? memchr(begin, '\n', left) : NULL;
                size_t size = feed ? (size_t) (feed - begin) : left;
                bool skip = e->skipping;

                if (!feed && !e->ended) {
                        int r;

                        if (left > LIMIT_EVENT_BYTES + 1) { /* + 1: a \r */
                                e->skipping = true;
                                e->start = e->buffer.size;
                        }
                        r = fill(e);
                        if (r != 0)
                                return r;
                        continue;
                }
                if (!feed && left == 0 && !skip)
                        return EVENT_LINES_E_END;
                e->start += size + (feed != NULL);
                e->line++;
                e->skipping = false;
                if (size > 0 && begin[size - 1] == '\r')
                        size--;
                if (skip || size > LIMIT_EVENT_BYTES)
                        return EVENT_LINES_E_TOO_LONG;
                if (strspn(begin, " \t\r") >= size)
                        continue;
                *ret = begin;
                *ret_size = size;
                return 0;
        }
}

int event_lines_next(struct event_lines *e, const char **ret, size_t *ret_size)
{
        int r;

        r = decide(e);
        if (r != 0)
                return r;
        if (!e->one_text)
                return next_line(e, ret, ret_size);
        if (e->line > 0)
                return EVENT_LINES_E_END;
        e->line = 1;
        if (e->buffer.size > LIMIT_EVENT_BYTES)
                return EVENT_LINES_E_TOO_LONG;
        *ret = e->buffer.data;
        *ret_size = e->buffer.size;
        return 0;
}
