/* Both outputs of a process passed through to ours. */
#include "client/capactl/pump.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/util.h"

void pump_keep(struct pump *p, const char *data, size_t size)
{
        if (size > PUMP_TAIL) {
                data += size - PUMP_TAIL;
                size = PUMP_TAIL;
        }
        if (p->n_tail + size > sizeof(p->tail)) {
                memmove(p->tail, p->tail + p->n_tail - PUMP_TAIL, PUMP_TAIL);
                p->n_tail = PUMP_TAIL;
        }
        memcpy(p->tail + p->n_tail, data, size);
        p->n_tail += size;
}

void pump_tail(const struct pump *p, const char **ret, size_t *ret_size)
{
        size_t from = p->n_tail > PUMP_TAIL ? p->n_tail - PUMP_TAIL : 0;

        while (from > 0 && from < p->n_tail && ((unsigned char) p->tail[from] & 0xC0) == 0x80)
                from++;
        *ret = p->tail + from;
        *ret_size = p->n_tail - from;
}

static bool write_through(int fd, const char *data, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
                        struct pollfd item = {.fd = fd, .events = POLLOUT};

                        poll(&item, 1, -1);
                        continue;
                }
                if (n < 0)
                        return false;
                data += n;
                size -= (size_t) n;
        }
        return true;
}

/* One read of *from to our `to`. Where nobody reads us any more, the process shall know: its pipe
 * closes too. */
static void move(struct pump *p, int *from, int to, struct transcript *transcript)
{
        char chunk[65536];
        ssize_t n = read(*from, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
                return;
        if (n > 0)
                pump_keep(p, chunk, (size_t) n);
        if (n > 0 && transcript)
                transcript_add(transcript, chunk, (size_t) n);
        if (n > 0 && write_through(to, chunk, (size_t) n))
                return;
        close(*from);
        *from = -1;
}

/* One round; *ret_moved: something came, *ret_exited: the process has ended (pidfd readable). */
static int round_once(struct pump *p, int pidfd, int timeout_ms, bool *ret_moved, bool *ret_exited)
{
        struct pollfd items[] = {{.fd = p->process->out, .events = POLLIN},
                                 {.fd = p->process->err, .events = POLLIN},
                                 {.fd = pidfd, .events = POLLIN}};

        *ret_moved = *ret_exited = false;
        if (poll(items, ARRAY_LEN(items), timeout_ms) < 0)
                return errno == EINTR ? 0 : -errno;
        if (items[0].revents)
                move(p, &p->process->out, STDOUT_FILENO, p->out);
        if (items[1].revents)
                move(p, &p->process->err, STDERR_FILENO, p->err);
        *ret_moved = items[0].revents || items[1].revents;
        *ret_exited = items[2].revents != 0;
        return 0;
}

bool pump_is_open(const struct pump *p)
{
        return p->process->out >= 0 || p->process->err >= 0;
}

int pump_until_exit(struct pump *p, int *ret_status)
{
        int pidfd = pidfd_open(p->process->pid, 0), r = 0;
        bool moved = true, exited = false;

        /* without a pidfd (old kernel, filter): the end of both pipes is the end */
        while (r == 0 && !exited && (pidfd >= 0 || pump_is_open(p)))
                r = round_once(p, pidfd, -1, &moved, &exited);
        if (pidfd >= 0)
                close(pidfd);
        for (moved = true; r == 0 && moved && pump_is_open(p);)
                r = round_once(p, -1, 0, &moved, &exited);
        while (waitpid(p->process->pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return r;
}

void pump_until_end(struct pump *p)
{
        bool moved, exited;

        while (pump_is_open(p) && round_once(p, -1, -1, &moved, &exited) == 0)
                ;
}
