/* Which file is which when logs are rotated. */
#include "client/capactl/rotation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MARK_BYTES 256

int rotation_identity(int fd, char ret[IDENTITY_MAX])
{
        struct statx x;

        if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &x) < 0)
                return -errno;
        if (!(x.stx_mask & STATX_BTIME))
                x.stx_btime.tv_sec = x.stx_btime.tv_nsec = 0;
        snprintf(ret, IDENTITY_MAX, "%x:%" PRIu64 ":%" PRIx64 ".%x",
                 (unsigned) makedev(x.stx_dev_major, x.stx_dev_minor), (uint64_t) x.stx_ino,
                 (uint64_t) x.stx_btime.tv_sec, x.stx_btime.tv_nsec);
        return 0;
}

static int add_bytes(int fd, struct hasher *hasher, uint64_t from, size_t n)
{
        char bytes[MARK_BYTES];
        ssize_t r;

        r = pread(fd, bytes, n, (off_t) from);
        if (r < 0)
                return -errno;
        hash_update(hasher, bytes, (size_t) r);
        return (size_t) r < n;
}

int rotation_mark(int fd, uint64_t offset, struct hash *ret)
{
        size_t n = (size_t) MIN(offset, (uint64_t) MARK_BYTES);
        struct hasher hasher;
        int r;

        hash_init(&hasher);
        r = add_bytes(fd, &hasher, 0, n);
        if (r == 0)
                r = add_bytes(fd, &hasher, offset - n, n);
        if (r == 0)
                hash_final(&hasher, ret);
        return r;
}

bool rotation_has(int fd, const struct reading_place *place)
{
        struct hash mark;

        return rotation_mark(fd, place->offset, &mark) == 0 &&
               memcmp(&mark, &place->mark, sizeof(mark)) == 0;
}

/* "app.log.1", "app.log-20261122", "app.log.2026-11-22T03", "app.log.old": what the name has behind
 * path's own. Packed ones are not looked into. */
static bool is_rotated_name(const char *name, const char *base)
{
        size_t n = strlen(base);
        const char *suffix = name + n;

        if (strncmp(name, base, n) != 0 || !*suffix)
                return false;
        return strcmp(suffix, ".old") == 0 || (strchr(".-_", *suffix) && suffix[1] &&
                                               suffix[strspn(suffix, ".-_:TZ0123456789")] == '\0');
}

/* Calls fn with each rotated file, open, until it returns true; then the file is fn's. */
static void each_rotated(const char *path, bool (*fn)(void *of, int fd, const struct stat *status),
                         void *of)
{
        const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        char folder[4096];
        const struct dirent *entry;
        DIR *dir;

        snprintf(folder, sizeof(folder), "%.*s", slash ? (int) (slash - path + 1) : 2,
                 slash ? path : "./");
        dir = opendir(folder);
        if (!dir)
                return;
        while ((entry = readdir(dir))) {
                struct stat status;
                int fd;

                if (!is_rotated_name(entry->d_name, base))
                        continue;
                fd = openat(dirfd(dir), entry->d_name,
                            O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
                if (fd < 0)
                        continue;
                if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !fn(of, fd, &status))
                        close(fd);
        }
        closedir(dir);
}

struct search {
        const struct reading_place *place;
        const char *but;
        struct timespec after;
        int fd; /* the best so far; -1: none */
        struct timespec at;
        bool same; /* it is the file itself, not a copy */
};

static bool is_before(const struct timespec *a, const struct timespec *b)
{
        return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static bool take(struct search *s, int fd, const struct stat *status)
{
        if (s->fd >= 0)
                close(s->fd);
        s->fd = fd;
        s->at = status->st_mtim;
        return true;
}

static bool look_for_place(void *of, int fd, const struct stat *status)
{
        char identity[IDENTITY_MAX];
        struct search *s = of;

        if (s->same || rotation_identity(fd, identity) < 0 || !rotation_has(fd, s->place))
                return false;
        if (strcmp(identity, s->place->identity) == 0) {
                s->same = true;
                return take(s, fd, status);
        }
        if (s->place->offset == 0 || (uint64_t) status->st_size < s->place->offset ||
            (s->fd >= 0 && is_before(&status->st_mtim, &s->at)))
                return false;
        return take(s, fd, status);
}

int rotation_find(const char *path, const struct reading_place *place, enum rotated *ret)
{
        struct search s = {.place = place, .fd = -1};

        each_rotated(path, look_for_place, &s);
        *ret = s.same ? ROTATED_RENAMED : ROTATED_COPY;
        return s.fd;
}

static bool look_between(void *of, int fd, const struct stat *status)
{
        char identity[IDENTITY_MAX];
        struct search *s = of;

        if (!is_before(&s->after, &status->st_mtim) || rotation_identity(fd, identity) < 0 ||
            strcmp(identity, s->but) == 0 || (s->fd >= 0 && !is_before(&status->st_mtim, &s->at)))
                return false;
        return take(s, fd, status);
}

int rotation_between(const char *path, const struct timespec *after, const char *but)
{
        struct search s = {.after = *after, .but = but, .fd = -1};

        each_rotated(path, look_between, &s);
        return s.fd;
}
