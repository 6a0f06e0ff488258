/* Context and its end. ZMQ_BLOCKY off: without it a forgotten socket hangs the end for ever. */
#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/auth.h"
#include "daemon/bus/socket.h"

#define SOCKETS_MAX 1023 /* a subscription costs three: itself, and both ends of its watch */

int bus_new(sd_event *event, const struct bus_config *config, struct bus **ret,
            struct problem *reterr)
{
        cleanup_(bus_free_p) struct bus *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->event = sd_event_ref(event);
        b->config = *config;
        b->config.secret_key = NULL;
        b->context = zmq_ctx_new();
        if (!b->context)
                return -errno;
        if (zmq_ctx_set(b->context, ZMQ_BLOCKY, 0) < 0 ||
            zmq_ctx_set(b->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) < 0)
                return -errno;
        if (config->secret_key) {
                if (!zmq_has("curve")) {
                        problem_set(
                                reterr, 0,
                                "this libzmq was built without CURVE, so there is no TCP beyond "
                                "loopback");
                        return BUS_E_REFUSED;
                }
                b->secret_key = strdup(config->secret_key);
                if (!b->secret_key)
                        return -ENOMEM;
                /* Before any CURVE endpoint: without a handler libzmq lets every key in. */
                r = auth_new(event, b->context, &b->auth);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(b);
        return 0;
}

struct bus *bus_free(struct bus *b)
{
        if (!b)
                return NULL;
        auth_free(b->auth);
        if (b->context)
                zmq_ctx_term(b->context);
        if (b->secret_key)
                explicit_bzero(b->secret_key, strlen(b->secret_key));
        free(b->secret_key);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}

void bus_free_p(struct bus **b)
{
        *b = bus_free(*b);
}

int bus_allow_keys(struct bus *b, const char *const *keys, size_t n_keys)
{
        return b->auth ? auth_allow(b->auth, keys, n_keys) : 0;
}

const struct bus_peers *bus_peers(const struct bus *b, size_t *ret_n)
{
        *ret_n = b->n_peers;
        return b->peers;
}

unsigned bus_refused_keys(const struct bus *b)
{
        return b->auth ? auth_refused(b->auth) : 0;
}
