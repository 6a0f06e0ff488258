/* The ZeroMQ side of the daemon: one context, its limits, and who may connect. Owns the context and
 * the handler that decides over CURVE keys; endpoints borrow it and must be gone before it. Blocks
 * SIGTERM and the like must already be when it is made: its I/O thread inherits the mask. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "proto/base/problem.h"
#include "proto/base/util.h"

#define CURVE_KEY_TEXT 41 /* Z85 text of a key, with its terminator */

enum bus_error {
        BUS_E_REFUSED = 1, /* an endpoint cannot be had: the problem says which and why */
};

/* Who sent a message, as far as the transport knows. */
struct identity {
        bool local; /* over a Unix socket: uid, gid and pid are the kernel's word */
        uid_t uid;
        gid_t gid;
        pid_t pid;
        bool loopback;            /* plain TCP from this machine */
        char key[CURVE_KEY_TEXT]; /* public key of a CURVE peer, else "" */
};

/* What became of a bound socket's connections. A peer that was cut, as for a frame over the hard
 * limit, is one of `disconnected`, like one that left by itself. */
struct bus_peers {
        const char *name; /* "ingest", "control", "pull" */
        uint64_t disconnected, failed_handshakes, failed_logins;
};

struct bus_config {
        const char *secret_key; /* Z85 text of the server's secret key, or NULL: no CURVE */
        mode_t socket_mode;     /* of ipc sockets */
        gid_t socket_group;     /* (gid_t) -1: leave */
        uint64_t heartbeat_ms;
        /* A peer failed in the handshake with a socket, at one of its own addresses; why is a
         * clause. A peer can cause as many as it likes. May be NULL. */
        void (*on_failed)(const char *name, const char *address, const char *why, void *userdata);
        void *userdata;
};

struct bus;

int bus_new(sd_event *event, const struct bus_config *config, struct bus **ret,
            struct problem *reterr) must_check_;
struct bus *bus_free(struct bus *b);
void bus_free_p(struct bus **b);

/* Which CURVE keys are let in; replaces the list. keys: Z85 texts, copied. */
int bus_allow_keys(struct bus *b, const char *const *keys, size_t n_keys) must_check_;
/* Is this tcp:// address of this machine only? Any other needs CURVE. */
bool bus_is_loopback(const char *address);
/* One for each of the sockets on which peers send, in the order they were opened. */
const struct bus_peers *bus_peers(const struct bus *b, size_t *ret_n);
unsigned bus_refused_keys(const struct bus *b); /* handshakes that were turned away */
