/* How far a followed file or journal has been sent. */
#include "client/capactl/position.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/seal/hash.h"

#define FOLDER         "positions"
#define NAME_DIGITS    32
#define DOCUMENT_BYTES 65536

void position_done(struct position *p)
{
        free(p->path);
        if (p->lock >= 0)
                close(p->lock);
        *p = POSITION_NULL;
}

int position_open(const char *spool, const char *of, struct position *ret)
{
        cleanup_(position_done) struct position p = POSITION_NULL;
        cleanup_(free_p) char *folder = NULL, *lock = NULL;
        const char *slash = strrchr(spool, '/');
        char hex[2 * HASH_BYTES + 1];
        struct hash hash;

        hash_of(of, strlen(of), &hash);
        hash_hex(&hash, hex);
        if (asprintf(&folder, "%.*s%s", slash ? (int) (slash - spool + 1) : 0, spool, FOLDER) < 0 ||
            asprintf(&p.path, "%s/%.*s.json", folder, NAME_DIGITS, hex) < 0 ||
            asprintf(&lock, "%s/%.*s.lock", folder, NAME_DIGITS, hex) < 0)
                return -ENOMEM;
        if (mkdir(folder, 0700) < 0 && errno != EEXIST)
                return -errno;
        p.lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (p.lock < 0)
                return -errno;
        if (flock(p.lock, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? POSITION_E_HELD : -errno;
        *ret = p;
        p.path = NULL; /* both are the caller's now */
        p.lock = -1;
        return 0;
}

int position_read(const struct position *p, char **ret, size_t *ret_size)
{
        cleanup_(free_p) char *text = malloc(DOCUMENT_BYTES + 1);
        ssize_t n;
        int fd;

        if (!text)
                return -ENOMEM;
        fd = open(p->path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? POSITION_E_NONE : -errno;
        n = read(fd, text, DOCUMENT_BYTES);
        close(fd);
        if (n < 0)
                return -EIO;
        text[n] = '\0';
        *ret = TAKE_PTR(text);
        *ret_size = (size_t) n;
        return 0;
}

int position_write(const struct position *p, const char *text, size_t size)
{
        cleanup_(free_p) char *new = NULL;
        bool good;
        int fd;

        if (asprintf(&new, "%s.new", p->path) < 0)
                return -ENOMEM;
        fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        good = write(fd, text, size) == (ssize_t) size && fdatasync(fd) == 0;
        if (close(fd) < 0 || !good)
                return -EIO;
        return rename(new, p->path) < 0 ? -errno : 0;
}
