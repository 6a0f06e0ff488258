/* The XPUB socket: what is said goes to who subscribed, and waits for nobody. A subscriber that
 * does not read loses messages at the socket's high-water mark; it sees the gap and asks
 * journal.read. */
#pragma once

#include "daemon/bus/bus.h"

struct publisher;

int publisher_new(struct bus *b, const char *const *addresses, struct publisher **ret,
                  struct problem *reterr) must_check_;
struct publisher *publisher_free(struct publisher *p);
void publisher_free_p(struct publisher **p);

/* Three frames: topic, sequence, body. 0 or -errno. */
int publisher_send(struct publisher *p, const char *topic, const char *sequence, const void *body,
                   size_t size) must_check_;
uint64_t publisher_sent(const struct publisher *p);
