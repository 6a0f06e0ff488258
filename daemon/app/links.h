/* The links of the subscriptions: keeps whether each stands, and tells the register: what was
 * expected by a link that was down was not missed. The whole state is told each time (the register
 * writes what differs), at each change, when the database is there again, and now and then, by
 * which the register knows that this daemon still holds them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "daemon/app/standing.h"
#include "daemon/db/connection.h"
#include "proto/base/buffer.h"

struct links;
struct subscription_link; /* one; links own it */

/* connection is borrowed; so is name, the daemon's. heartbeat_us: of the sockets, 0: they have
 * none. A link that is away, or there, for a shorter time is not told; and one that is down may
 * have been so for as long as it takes to notice that (three heartbeats), which is told with it. */
int links_new(sd_event *event, struct connection *connection, const char *name,
              uint64_t heartbeat_us, struct links **ret) must_check_;
struct links *links_free(struct links *l);
void links_free_p(struct links **l);
/* One more subscription, not connected yet. name and sources (prefixes; NULL: whatever is heard by
 * it) are borrowed. NULL: no memory. */
struct subscription_link *links_add(struct links *l, const char *name, const char *const *sources);
/* The bus says that it stands, or does no longer. */
void links_change(struct subscription_link *link, bool stands);
/* The database is there (again). */
void links_tell(struct links *l);
/* "connected":…,"since":… of one, as members of a JSON object. */
void links_write(const struct subscription_link *link, struct buffer *b);
