/* One request of the library: version, request id, domain, address, identity, mechanism, and for
 * CURVE the client's key as 32 bytes. One answer: version, request id, status, text, user id,
 * metadata. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/auth.h"
#include "daemon/bus/bus.h"
#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"

#define ZAP_ADDRESS "inproc://zeromq.zap.01"
#define ZAP_FRAMES  7
#define KEY_RAW     32
#define FRAME_MAX   256

struct auth {
        void *socket;
        struct pump pump;
        char (*keys)[CURVE_KEY_TEXT];
        size_t n_keys;
        unsigned refused;
};

struct zap_request {
        char frames[ZAP_FRAMES][FRAME_MAX];
        size_t sizes[ZAP_FRAMES];
        unsigned n;
};

static bool is_allowed(const struct auth *a, const char *key)
{
        for (size_t i = 0; i < a->n_keys; i++)
                if (strcmp(a->keys[i], key) == 0)
                        return true;
        return false;
}

/* All frames of one request; those beyond the expected number are dropped. */
static int receive(struct auth *a, struct zap_request *ret)
{
        int more = 1;

        ret->n = 0;
        while (more) {
                char spare[FRAME_MAX];
                char *into = ret->n < ZAP_FRAMES ? ret->frames[ret->n] : spare;
                size_t size = sizeof(more);
                int n = zmq_recv(a->socket, into, FRAME_MAX, ZMQ_DONTWAIT);

                if (n < 0)
                        return -errno;
                if (ret->n < ZAP_FRAMES)
                        ret->sizes[ret->n] = (size_t) n < FRAME_MAX ? (size_t) n : FRAME_MAX;
                ret->n++;
                if (zmq_getsockopt(a->socket, ZMQ_RCVMORE, &more, &size) < 0)
                        return -errno;
        }
        return 0;
}

static int answer(struct auth *a, const struct zap_request *q, const char *status, const char *text,
                  const char *user)
{
        const char *frames[] = {"1.0", q->frames[1], status, text, user, ""};
        size_t sizes[] = {3, q->n > 1 ? q->sizes[1] : 0, 3, strlen(text), strlen(user), 0};

        for (size_t i = 0; i < ARRAY_LEN(frames); i++)
                if (zmq_send(a->socket, frames[i], sizes[i],
                             i + 1 < ARRAY_LEN(frames) ? ZMQ_SNDMORE | ZMQ_DONTWAIT
                                                       : ZMQ_DONTWAIT) < 0)
                        return errno == EAGAIN ? 0 : -errno;
        return 0;
}

static int take(void *userdata)
{
        struct auth *a = userdata;
        struct zap_request q;
        char key[CURVE_KEY_TEXT];
        int r;

        r = receive(a, &q);
        if (r < 0)
                return r == -EINTR ? -EAGAIN : r;
        if (q.n == ZAP_FRAMES && q.sizes[5] == 5 && memcmp(q.frames[5], "CURVE", 5) == 0 &&
            q.sizes[6] == KEY_RAW && zmq_z85_encode(key, (const uint8_t *) q.frames[6], KEY_RAW) &&
            is_allowed(a, key))
                return answer(a, &q, "200", "", key);
        a->refused++;
        return answer(a, &q, "400", "this key is not known here", "");
}

int auth_new(sd_event *event, void *context, struct auth **ret)
{
        cleanup_(auth_free_p) struct auth *a = NULL;
        int r, linger = 0;

        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;
        a->socket = zmq_socket(context, ZMQ_REP);
        if (!a->socket || zmq_setsockopt(a->socket, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
            zmq_bind(a->socket, ZAP_ADDRESS) < 0)
                return -errno;
        a->pump.take = take;
        a->pump.userdata = a;
        r = pump_start(&a->pump, event, a->socket, "zap");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(a);
        return 0;
}

struct auth *auth_free(struct auth *a)
{
        if (!a)
                return NULL;
        pump_done(&a->pump);
        socket_free(a->socket);
        free(a->keys);
        free(a);
        return NULL;
}

void auth_free_p(struct auth **a)
{
        *a = auth_free(*a);
}

int auth_allow(struct auth *a, const char *const *keys, size_t n_keys)
{
        char(*copy)[CURVE_KEY_TEXT] = calloc(n_keys + 1, sizeof(*copy));

        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < n_keys; i++)
                strncpy(copy[i], keys[i], CURVE_KEY_TEXT - 1);
        free(a->keys);
        a->keys = copy;
        a->n_keys = n_keys;
        return 0;
}

unsigned auth_refused(const struct auth *a)
{
        return a->refused;
}
