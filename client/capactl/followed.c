/* A file that is followed across rotation. All that was given is sent before another file is turned
 * to (E_WAIT comes first), so a request and a kept position are of one file. */
#include "client/capactl/followed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/limits.h"
#include "proto/json/document.h"

#define READ_BYTES (256 * KIB)
#define LOOK_MS    1000 /* how often the file is looked at where inotify says nothing */
/* Whoever had a file open when it was rotated goes on writing to it until it is told: the old one
 * is left when the new one has something and the old one was quiet for so long. */
#define LEAVE_US (3 * INT64_C(1000000))

static int64_t monotonic_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- which file ---- */

static void watch_folder(struct followed *f)
{
        const char *slash = strrchr(f->path, '/');
        char folder[4096];

        f->watch = -1;
        f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (f->notify < 0)
                return;
        snprintf(folder, sizeof(folder), "%.*s", slash ? (int) (slash - f->path + 1) : 2,
                 slash ? f->path : "./");
        inotify_add_watch(f->notify, folder, IN_CREATE | IN_MOVED_TO);
}

static void watch_file(struct followed *f)
{
        char open_file[64];

        if (f->notify < 0)
                return;
        if (f->watch >= 0)
                inotify_rm_watch(f->notify, f->watch);
        snprintf(open_file, sizeof(open_file), "/proc/self/fd/%d", f->fd);
        f->watch = f->fd < 0 ? -1
                             : inotify_add_watch(f->notify, open_file,
                                                 IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF);
}

/* Read on in another file (-1: none is there yet), from a place in it. */
static void turn_to(struct followed *f, int fd, const struct reading_place *place, bool rest)
{
        if (f->fd >= 0)
                close(f->fd);
        f->fd = fd;
        f->given = f->taken = f->known = *place;
        f->rest = rest;
        f->cut = f->told = f->turning = f->skipping = f->last = false;
        f->replaced_us = 0;
        f->checked = (struct timespec){0};
        f->used = 0;
        buffer_clear(&f->buffer);
        watch_file(f);
}

static int open_regular(const char *path)
{
        struct stat status;
        int fd;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
                close(fd);
                return -EINVAL;
        }
        return fd;
}

/* An open file from its beginning. */
static int begin_file(struct followed *f, int fd, bool rest)
{
        struct reading_place place = {.turns = f->given.turns + 1};
        int r;

        r = rotation_identity(fd, place.identity);
        if (r == 0)
                r = rotation_mark(fd, 0, &place.mark);
        if (r < 0) {
                close(fd);
                return r;
        }
        turn_to(f, fd, &place, rest);
        return 0;
}

/* What path names now, from its beginning. That it is not there is no mistake: it is waited for. */
static int begin_path(struct followed *f)
{
        struct reading_place none = {.turns = f->given.turns};
        int fd;

        fd = open_regular(f->path);
        if (fd >= 0)
                return begin_file(f, fd, false);
        if (fd != -ENOENT)
                return fd;
        if (f->fd >= 0)
                turn_to(f, -1, &none, false);
        return 0;
}

/* The file was cut, or cut and written again. What had been written before and not read stands in
 * the copy that was made of it, if there is one. */
static int begin_again(struct followed *f)
{
        const struct reading_place place = f->given;
        enum rotated kind;
        int fd;

        fd = rotation_find(f->path, &f->known, &kind);
        if (fd < 0)
                return begin_path(f);
        turn_to(f, fd, &f->known, true);
        f->given.offset = f->taken.offset = place.offset;
        f->given.line = f->taken.line = place.line;
        f->cut = true;
        return 0;
}

/* The open file is read to its end: the next one is the oldest that was rotated since, else path.
 */
static int leave(struct followed *f)
{
        char identity[IDENTITY_MAX] = "";
        struct stat status = {0};
        int fd;

        if (fstat(f->fd, &status) < 0 || rotation_identity(f->fd, identity) < 0)
                return begin_path(f);
        fd = rotation_between(f->path, &status.st_mtim, identity);
        return fd >= 0 ? begin_file(f, fd, true) : begin_path(f);
}

/* Has path another file than the open one, with something in it? */
static bool is_replaced(const struct followed *f)
{
        char identity[IDENTITY_MAX] = "";
        struct stat status = {0};
        bool known;
        int fd;

        fd = open_regular(f->path);
        if (fd == -EACCES) /* turning to it will say so */
                return true;
        if (fd < 0)
                return false;
        known = fstat(fd, &status) == 0 && rotation_identity(fd, identity) == 0;
        close(fd);
        return known && status.st_size > 0 && (f->rest || strcmp(identity, f->given.identity) != 0);
}

/* At the end of what is there, when all of it was sent: is it still the file? 0: look again for
 * lines; STREAM_E_WAIT; -errno. */
static int look_around(struct followed *f)
{
        int r;

        if (f->fd < 0) {
                r = begin_path(f);
                return r < 0 ? r : f->fd >= 0 ? 0 : STREAM_E_WAIT;
        }
        if (!f->cut && !is_replaced(f)) {
                f->replaced_us = 0;
                return STREAM_E_WAIT;
        }
        if (f->replaced_us == 0)
                f->replaced_us = monotonic_us();
        if (!f->cut && monotonic_us() - f->replaced_us < LEAVE_US)
                return STREAM_E_WAIT;
        if (f->buffer.size > f->used && !f->last) {
                f->last = true;
                return 0;
        }
        return leave(f);
}

/* ---- lines ---- */

/* Was the file cut since it was last looked at? Its change time says whether that must be looked
 * at. */
static bool was_cut(struct followed *f)
{
        struct stat status;
        bool has;

        if (f->rest || fstat(f->fd, &status) < 0 ||
            memcmp(&status.st_ctim, &f->checked, sizeof(f->checked)) == 0)
                return false;
        has = (uint64_t) status.st_size >= f->given.offset + (f->buffer.size - f->used) &&
              rotation_has(f->fd, &f->known);
        if (has)
                f->checked = status.st_ctim;
        return !has;
}

/* Bytes behind those that are there. 0; STREAM_E_WAIT at the end; -errno. */
static int fill(struct followed *f)
{
        cleanup_(free_p) char *chunk = NULL;
        ssize_t n;

        if (f->used > 0) {
                memmove(f->buffer.data, f->buffer.data + f->used, f->buffer.size - f->used);
                f->buffer.size -= f->used;
                f->used = 0;
        }
        chunk = malloc(READ_BYTES);
        if (!chunk)
                return -ENOMEM;
        n = pread(f->fd, chunk, READ_BYTES, (off_t) (f->given.offset + f->buffer.size));
        if (n < 0)
                return errno == EINTR ? 0 : -errno;
        if (n == 0)
                return STREAM_E_WAIT;
        f->told = false;
        f->replaced_us = 0;
        buffer_add(&f->buffer, chunk, (size_t) n);
        return buffer_status(&f->buffer);
}

/* More of the file, after having looked whether it still is the one. As fill. */
static int read_more(struct followed *f)
{
        size_t left = f->buffer.size - f->used;

        if (f->fd < 0)
                return STREAM_E_WAIT;
        if (was_cut(f)) {
                if (f->told)
                        return begin_again(f);
                f->turning = true;
                return STREAM_E_WAIT;
        }
        if (left > LIMIT_EVENT_BYTES + 1) { /* + 1: a \r */
                f->skipping = true;
                f->given.offset += left;
                f->used = f->buffer.size;
        }
        return fill(f);
}

/* The next line without its end. 0, STREAM_E_WAIT, STREAM_E_TOO_LONG, -errno. */
static int next_line(struct followed *f, const char **ret, size_t *ret_size)
{
        for (;;) {
                size_t left = f->buffer.size - f->used, size;
                const char *begin = left > 0 ? f->buffer.data + f->used : "";
                const char *feed = left > 0 ? memchr(begin, '\n', left) : NULL;
                bool skipped = f->skipping;
                int r;

                if (!feed) {
                        r = read_more(f);
                        if (r == 0)
                                continue;
                        left = f->buffer.size - f->used;
                        if (r != STREAM_E_WAIT || !f->last || left == 0)
                                return r;
                        begin = f->buffer.data + f->used;
                }
                size = feed ? (size_t) (feed - begin) : left;
                f->start = f->given.offset;
                f->given.offset += size + (feed != NULL);
                f->given.line++;
                f->used += size + (feed != NULL);
                f->skipping = false;
                if (size > 0 && begin[size - 1] == '\r')
                        size--;
                if (skipped || size > LIMIT_EVENT_BYTES)
                        return STREAM_E_TOO_LONG;
                if (strspn(begin, " \t\r") >= size)
                        continue;
                *ret = begin;
                *ret_size = size;
                return 0;
        }
}

/* What stands at an offset, as an id: the same line has the same, whenever it is sent. */
static void make_id(const struct followed *f, uint64_t offset, char ret[STREAM_ID_MAX])
{
        char text[IDENTITY_MAX + 48], hex[2 * HASH_BYTES + 1];
        struct hash hash;

        snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64, f->given.identity, f->given.turns,
                 offset);
        hash_of(text, strlen(text), &hash);
        hash_hex(&hash, hex);
        snprintf(ret, STREAM_ID_MAX, "follow-%.48s", hex);
}

/* A line of text as the data of a CloudEvent. It has no time: when it was written is not known, and
 * the same line must give the same bytes. */
static int wrap(struct followed *f, const char *line, size_t size)
{
        cleanup_(buffer_done) struct buffer data = BUFFER_NULL;
        cleanup_(free_p) char *text = NULL;
        struct event event = *f->wrap;
        char id[STREAM_ID_MAX];
        int r;

        text = malloc(size + 1);
        if (!text)
                return -ENOMEM;
        for (size_t i = 0; i < size; i++)
                text[i] = line[i] ? line[i] : '\xFF'; /* as all that is no text: U+FFFD */
        buffer_add_str(&data, "{\"line\":");
        buffer_add_json_string(&data, text, size);
        buffer_add_char(&data, '}');
        r = buffer_status(&data);
        if (r < 0)
                return r;
        make_id(f, f->start, id);
        event.id = id;
        event.data = data.data;
        event.no_time = true;
        buffer_clear(&f->event);
        event_write(&event, &f->event);
        return buffer_status(&f->event);
}

/* ---- the source ---- */

static int next(void *of, const char **event, size_t *size)
{
        struct followed *f = of;
        int r;

        for (;;) {
                r = next_line(f, event, size);
                if (r == 0 && f->wrap) {
                        r = wrap(f, *event, *size);
                        *event = f->event.data;
                        *size = f->event.size;
                }
                if (r != STREAM_E_WAIT)
                        break;
                if (!f->told) {
                        f->told = true;
                        f->known = f->given;
                        if (f->fd < 0 || rotation_mark(f->fd, f->given.offset, &f->known.mark) == 0)
                                return STREAM_E_WAIT;
                        f->known = f->taken; /* cut at this moment: the next look sees it */
                        return STREAM_E_WAIT;
                }
                r = look_around(f);
                if (r != 0)
                        break;
        }
        if (r < 0)
                return session_complain(EXIT_INTERNAL, "%s can't be read: %s", f->path,
                                        strerror(-r));
        return r;
}

static void take(void *of, bool first)
{
        struct followed *f = of;

        f->taken = f->given;
        if (first)
                f->first = f->start;
}

static void request_id(void *of, char ret[STREAM_ID_MAX])
{
        const struct followed *f = of;

        make_id(f, f->first, ret);
}

static void place(void *of, char *ret, size_t size)
{
        const struct followed *f = of;

        snprintf(ret, size, "%.480s:%" PRIu64, f->path, f->given.line);
}

static void position(void *of, struct buffer *b)
{
        struct followed *f = of;
        char hex[2 * HASH_BYTES + 1];
        struct hash mark = {0}; /* fits nothing: cut at this moment */

        if (f->fd >= 0 && rotation_mark(f->fd, f->taken.offset, &mark) == 0) {
                f->known = f->taken;
                f->known.mark = mark;
        }
        hash_hex(&mark, hex);
        buffer_add_str(b, "{\"file\":");
        buffer_add_json_cstr(b, f->path);
        buffer_add_str(b, ",\"identity\":");
        buffer_add_json_cstr(b, f->taken.identity);
        buffer_printf(b,
                      ",\"turns\":%" PRIu64 ",\"offset\":%" PRIu64 ",\"line\":%" PRIu64
                      ",\"mark\":\"%s\"}\n",
                      f->taken.turns, f->taken.offset, f->taken.line, hex);
}

static int wait_for_more(void *of, const sigset_t *signals)
{
        const struct timespec look = {.tv_sec = LOOK_MS / 1000};
        struct followed *f = of;
        struct pollfd p = {.fd = f->notify, .events = POLLIN};
        char events[4096];

        if (f->turning)
                return 0;
        if (ppoll(&p, 1, &look, signals) > 0)
                while (read(f->notify, events, sizeof(events)) > 0)
                        ; /* only that there is something counts: the file itself says what */
        return 0;
}

struct stream_source followed_source(struct followed *f)
{
        return (struct stream_source){.adapter = f->adapter,
                                      .next = next,
                                      .take = take,
                                      .request_id = request_id,
                                      .place = place,
                                      .position = position,
                                      .wait = wait_for_more,
                                      .of = f};
}

/* ---- the beginning ---- */

static int read_position(const char *text, size_t size, struct reading_place *ret)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const char *mark;
        int r;

        r = document_parse(text, size, &d, NULL);
        if (r < 0)
                return r;
        mark = document_string(d, "mark", "");
        if (r > 0 || hash_from_hex(mark, strlen(mark), &ret->mark) != 0)
                return 1;
        snprintf(ret->identity, sizeof(ret->identity), "%s", document_string(d, "identity", ""));
        ret->turns = (uint64_t) document_int(d, "turns", 0);
        ret->offset = (uint64_t) document_int(d, "offset", 0);
        ret->line = (uint64_t) document_int(d, "line", 0);
        return 0;
}

/* Behind a kept place: in the file itself, under its rotated name, or in the copy made before it
 * was cut. */
static int resume(struct followed *f, const struct reading_place *kept)
{
        char identity[IDENTITY_MAX] = "";
        enum rotated kind;
        int fd, r;

        f->given = f->taken = f->known = *kept;
        if (!*kept->identity)
                return begin_path(f);
        fd = open_regular(f->path);
        r = fd >= 0 ? rotation_identity(fd, identity) : 0;
        if (r == 0 && strcmp(identity, kept->identity) == 0) {
                if (rotation_has(fd, kept)) {
                        turn_to(f, fd, kept, false);
                        return 0;
                }
                close(fd);
                return begin_again(f);
        }
        if (fd >= 0)
                close(fd);
        fd = rotation_find(f->path, kept, &kind);
        if (fd >= 0) {
                turn_to(f, fd, kept, true);
                return 0;
        }
        session_complain(0,
                         "the file that %s was when it was read up to line %" PRIu64
                         " is gone: what was written to it after that is not sent",
                         f->path, kept->line);
        return begin_path(f);
}

/* Behind the last whole line. */
static int go_to_end(struct followed *f)
{
        cleanup_(free_p) char *chunk = malloc(READ_BYTES);
        uint64_t at = 0;
        ssize_t n = 1;

        if (!chunk)
                return -ENOMEM;
        while (f->fd >= 0 && n > 0) {
                n = pread(f->fd, chunk, READ_BYTES, (off_t) at);
                if (n < 0)
                        return -errno;
                for (ssize_t i = 0; i < n; i++)
                        if (chunk[i] == '\n') {
                                f->given.offset = at + (uint64_t) i + 1;
                                f->given.line++;
                        }
                at += (uint64_t) n;
        }
        f->taken = f->given;
        return f->fd >= 0 ? rotation_mark(f->fd, f->given.offset, &f->given.mark) : 0;
}

int followed_open(struct followed *f, const char *kept, size_t size, bool from_end)
{
        struct reading_place place = {0};
        int r = 1;

        f->fd = -1;
        watch_folder(f);
        if (size > 0)
                r = read_position(kept, size, &place);
        if (r == 0)
                r = resume(f, &place);
        else if (r > 0) {
                r = begin_path(f);
                if (r == 0 && from_end)
                        r = go_to_end(f);
                f->known = f->given;
        }
        if (r == -EINVAL)
                return session_complain(EXIT_USAGE, "%s is no file with lines", f->path);
        if (r < 0)
                return session_complain(EXIT_USAGE, "%s can't be read: %s", f->path, strerror(-r));
        if (f->fd < 0)
                return session_complain(0, "%s is not there yet, it is waited for", f->path);
        return 0;
}

void followed_done(struct followed *f)
{
        if (f->fd >= 0)
                close(f->fd);
        if (f->notify >= 0)
                close(f->notify);
        buffer_done(&f->buffer);
        buffer_done(&f->event);
}
