/* HTTP by libmicrohttpd: connections, their limits and time, TLS; a thread each connection. The
 * only place of <microhttpd.h> and <gnutls/…>. Used by main. */
#pragma once

#include "daemon/webhook/config.h"
#include "daemon/webhook/sender.h"

struct server;

/* Begin to listen. config and sender are borrowed until server_free. 0; 1 after having said why not
 * (address in use, certificate that doesn't fit); -errno. */
int server_new(const struct config *c, struct sender *sender, struct server **ret) must_check_;
/* "https://127.0.0.1:8087" */
const char *server_address(const struct server *s);
/* To be called every now and then, from one thread: cuts those whose request does not arrive in
 * time. */
void server_tick(struct server *s);
/* Take no further connections. Requests that are being answered go on. */
void server_quiesce(struct server *s);
/* How many requests are on their way through. */
unsigned server_busy(struct server *s);
/* Closes what is still open and joins all threads. */
struct server *server_free(struct server *s);
void server_free_p(struct server **s);
