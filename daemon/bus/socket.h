/* A ZeroMQ socket with the daemon's options, bound or connected. Inner to daemon/bus. */
#pragma once

#include <stddef.h>

#include "daemon/bus/bus.h"

#define BUS_PEERS 4 /* ingest, control, pull, and one to spare */

struct bus {
        sd_event *event;
        void *context;
        struct bus_config config;
        char *secret_key;
        struct auth *auth;
        struct bus_peers peers[BUS_PEERS];
        size_t n_peers;
        unsigned n_watches;
};

/* A new socket of a ZMQ_* type with limits and heartbeats set. */
int socket_new(struct bus *b, int type, void **ret) must_check_;
void *socket_free(void *socket);
void socket_free_p(void *socket);

/* Bind to each address. Refused: an ipc path on which somebody listens, TCP beyond loopback without
 * CURVE, anything that is neither ipc nor tcp. 0, BUS_E_REFUSED, -errno. */
int socket_bind(struct bus *b, void *socket, const char *const *addresses,
                struct problem *reterr) must_check_;
int socket_connect(struct bus *b, void *socket, const char *address,
                   struct problem *reterr) must_check_;
/* Stop listening and remove the files of ipc sockets. */
void socket_unbind(void *socket, const char *const *addresses);
/* A copy of a NULL-terminated list. NULL: no memory. */
char **addresses_copy(const char *const *addresses);
void addresses_free(char **addresses);
/* Who sent this frame (a body frame: the routing frame loses its properties in libzmq 4.3.4). */
void socket_identity(void *message, struct identity *ret);
