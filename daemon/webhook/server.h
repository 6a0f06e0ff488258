/* HTTP by libmicrohttpd: connections, their limits and time, TLS; a thread each connection. The
 * only place of <microhttpd.h> and <gnutls/…>. Used by main. */
#pragma once

#include "daemon/webhook/config.h"
#include "daemon/webhook/sender.h"

struct server;

/* Begin to listen; at the same address as `before` (NULL: there is none) on its socket, so that no
 * sender is turned away while one follows the other. config and sender are borrowed until
 * server_free. 0; 1 after having said why not (address in use, certificate that doesn't fit);
 * -errno. */
int server_new(const struct config *c, struct sender *sender, const struct server *before,
               struct server **ret) must_check_;
/* Requests that begin from now on follow this configuration (routes, secrets); borrowed as the
 * first one is, which requests that have begun go on with. */
void server_judge_by(struct server *s, const struct config *c);
/* "https://127.0.0.1:8087" */
const char *server_address(const struct server *s);
/* To be called every now and then, from one thread: cuts those whose request does not arrive in
 * time. */
void server_tick(struct server *s);
/* Take no further connections; those that are open end with their next answer. */
void server_quiesce(struct server *s);
/* Is no connection open any more? */
bool server_is_left(struct server *s);
/* How many requests are on their way through. */
unsigned server_busy(struct server *s);
/* Closes what is still open and joins all threads. */
struct server *server_free(struct server *s);
void server_free_p(struct server **s);
