/* Options, binding and identities. The options and their reasons: worst case of memory is HWM x
 * frame limit x peers, so the hard frame limit is kept low; silent peers are cut by handshake and
 * heartbeat. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <zmq.h>

#include "daemon/bus/socket.h"
#include "proto/base/limits.h"

#define IPC_PREFIX "ipc://"
#define TCP_PREFIX "tcp://"
/* libzmq's header hides this one, its library honours it: no answer from a ZAP handler is a
 * refusal. */
#define ZMQ_ZAP_ENFORCE_DOMAIN_OPTION 93

int socket_new(struct bus *b, int type, void **ret)
{
        const struct {
                int option, value;
        } options[] = {
                {ZMQ_RCVHWM, 1000},
                {ZMQ_SNDHWM, 10000},
                {ZMQ_HANDSHAKE_IVL, 2000},
                {ZMQ_HEARTBEAT_IVL, (int) b->config.heartbeat_ms},
                {ZMQ_HEARTBEAT_TIMEOUT, (int) b->config.heartbeat_ms * 3},
                {ZMQ_HEARTBEAT_TTL, (int) b->config.heartbeat_ms * 3},
                {ZMQ_TCP_MAXRT, 15000},
                {ZMQ_BACKLOG, 1024},
                {ZMQ_LINGER, type == ZMQ_ROUTER || type == ZMQ_XPUB ? 500 : 0},
        };
        int64_t frame_limit = (int64_t) LIMIT_FRAME_HARD;
        cleanup_(socket_free_p) void *socket = NULL;
        int mandatory = 1;

        socket = zmq_socket(b->context, type);
        if (!socket)
                return -errno;
        for (size_t i = 0; i < ARRAY_LEN(options); i++)
                if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)) < 0)
                        return -errno;
        if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_limit, sizeof(frame_limit)) < 0)
                return -errno;
        if (type == ZMQ_ROUTER &&
            zmq_setsockopt(socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof(mandatory)) < 0)
                return -errno;
        *ret = TAKE_PTR(socket);
        return 0;
}

void *socket_free(void *socket)
{
        if (socket)
                zmq_close(socket);
        return NULL;
}

void socket_free_p(void *socket)
{
        socket_free(take_ptr_(socket));
}

/* Does a process listen on this path? A file that nobody listens on is left over and may go. */
static int ipc_is_live(const char *path)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd, r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        r = connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
        close(fd);
        if (r == -ECONNREFUSED || r == -ENOENT)
                return 0;
        return r == 0 || r == -EAGAIN ? 1 : r;
}

static int bind_ipc(struct bus *b, void *socket, const char *address, struct problem *reterr)
{
        const char *path = address + strlen(IPC_PREFIX);
        mode_t mask;
        int r;

        r = ipc_is_live(path);
        if (r < 0) {
                problem_set(reterr, 0, "endpoint %s: %s", address, strerror(-r));
                return BUS_E_REFUSED;
        }
        if (r > 0) {
                problem_set(reterr, 0,
                            "endpoint %s: another process listens there; stop it or choose another "
                            "path",
                            address);
                return BUS_E_REFUSED;
        }
        mask = umask((mode_t) ~b->config.socket_mode & 0777);
        r = zmq_bind(socket, address) < 0 ? errno : 0;
        umask(mask);
        if (r != 0) {
                problem_set(reterr, 0, "endpoint %s: %s", address, zmq_strerror(r));
                return BUS_E_REFUSED;
        }
        if (b->config.socket_group != (gid_t) -1 &&
            chown(path, (uid_t) -1, b->config.socket_group) < 0) {
                problem_set(reterr, 0, "endpoint %s: its group cannot be set: %s", address,
                            strerror(errno));
                return BUS_E_REFUSED;
        }
        return 0;
}

bool bus_is_loopback(const char *address)
{
        const char *host = address + strlen(TCP_PREFIX);

        return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]:", 6) == 0 ||
               strncmp(host, "localhost:", 10) == 0 || strncmp(host, "lo:", 3) == 0;
}

static int bind_tcp(struct bus *b, void *socket, const char *address, struct problem *reterr)
{
        int on = 1;

        if (b->secret_key) {
                if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "net", 3) < 0 ||
                    zmq_setsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN_OPTION, &on, sizeof(on)) < 0 ||
                    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof(on)) < 0 ||
                    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, b->secret_key,
                                   strlen(b->secret_key) + 1) < 0)
                        return -errno;
        } else if (!bus_is_loopback(address)) {
                problem_set(reterr, 0,
                            "endpoint %s is beyond loopback and needs keys: set "
                            "curve.secret_key_file and give "
                            "the principals their \"key\"",
                            address);
                return BUS_E_REFUSED;
        }
        if (zmq_bind(socket, address) < 0) {
                problem_set(reterr, 0, "endpoint %s: %s", address, zmq_strerror(errno));
                return BUS_E_REFUSED;
        }
        return 0;
}

int socket_bind(struct bus *b, void *socket, const char *const *addresses, struct problem *reterr)
{
        int r;

        /* Options are taken at each bind: ipc first, as what CURVE needs cannot be switched off
         * again. */
        for (size_t i = 0; addresses[i]; i++) {
                if (strncmp(addresses[i], IPC_PREFIX, strlen(IPC_PREFIX)) != 0)
                        continue;
                r = bind_ipc(b, socket, addresses[i], reterr);
                if (r != 0)
                        return r;
        }
        for (size_t i = 0; addresses[i]; i++) {
                if (strncmp(addresses[i], IPC_PREFIX, strlen(IPC_PREFIX)) == 0)
                        continue;
                if (strncmp(addresses[i], TCP_PREFIX, strlen(TCP_PREFIX)) != 0) {
                        problem_set(reterr, 0, "endpoint %s: only ipc:// and tcp:// are served",
                                    addresses[i]);
                        return BUS_E_REFUSED;
                }
                r = bind_tcp(b, socket, addresses[i], reterr);
                if (r != 0)
                        return r;
        }
        return 0;
}

int socket_connect(struct bus *b unused_, void *socket, const char *address, struct problem *reterr)
{
        if (zmq_connect(socket, address) < 0) {
                problem_set(reterr, 0, "endpoint %s: %s", address, zmq_strerror(errno));
                return BUS_E_REFUSED;
        }
        return 0;
}

void socket_unbind(void *socket, const char *const *addresses)
{
        for (size_t i = 0; addresses && addresses[i]; i++) {
                (void) zmq_unbind(socket, addresses[i]);
                if (strncmp(addresses[i], IPC_PREFIX, strlen(IPC_PREFIX)) == 0)
                        (void) unlink(addresses[i] + strlen(IPC_PREFIX));
        }
}

/* One number of "localhost:UID:GID:PID" and the colon before it. */
static bool take_number(const char **text, unsigned long *ret)
{
        char *end;

        if (**text != ':' || (*text)[1] < '0' || (*text)[1] > '9')
                return false;
        errno = 0;
        *ret = strtoul(*text + 1, &end, 10);
        *text = end;
        return errno == 0 && *ret <= UINT32_MAX;
}

static bool is_this_machine(const char *address)
{
        return strncmp(address, "127.", 4) == 0 || strncmp(address, "::1", 3) == 0 ||
               strncmp(address, "::ffff:127.", 11) == 0;
}

void socket_identity(void *message, struct identity *ret)
{
        const char *address = zmq_msg_gets(message, "Peer-Address");
        const char *key = zmq_msg_gets(message, "User-Id");
        const char *numbers = address ? address + strcspn(address, ":") : "";
        unsigned long uid, gid, pid;

        *ret = (struct identity){.uid = (uid_t) -1, .gid = (gid_t) -1};
        if (!address)
                return;
        if (strncmp(address, "localhost:", strlen("localhost:")) == 0 &&
            take_number(&numbers, &uid) && take_number(&numbers, &gid) &&
            take_number(&numbers, &pid)) {
                ret->local = true;
                ret->uid = (uid_t) uid;
                ret->gid = (gid_t) gid;
                ret->pid = (pid_t) pid;
        } else if (key && strlen(key) == CURVE_KEY_TEXT - 1) {
                memcpy(ret->key, key, CURVE_KEY_TEXT);
        } else {
                ret->loopback = is_this_machine(address);
        }
}

char **addresses_copy(const char *const *addresses)
{
        size_t n = 0;
        char **copy;

        while (addresses[n])
                n++;
        copy = calloc(n + 1, sizeof(*copy));
        for (size_t i = 0; copy && i < n; i++) {
                copy[i] = strdup(addresses[i]);
                if (!copy[i]) {
                        addresses_free(copy);
                        return NULL;
                }
        }
        return copy;
}

void addresses_free(char **addresses)
{
        for (size_t i = 0; addresses && addresses[i]; i++)
                free(addresses[i]);
        free(addresses);
}
