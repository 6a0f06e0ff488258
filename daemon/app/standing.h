/* Whether a link stands, as the register is to know it: one that comes back in an instant has not
 * been away, and one that comes and goes has not been there. Pure: time is an argument. Used by
 * links. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum standing_state {
        STANDING_UNKNOWN, /* not connected long enough, and not away long enough yet */
        STANDING_UP,
        STANDING_DOWN,
};

struct standing {
        bool connected, broken;
        uint64_t connected_us; /* since when, if it is connected */
        uint64_t broken_us;    /* if broken: since when it did not stand for steady_us */
        enum standing_state state;
        uint64_t since_us; /* of the state */
};

/* All times monotonic. It begins as not connected. */
void standing_init(struct standing *s, uint64_t now_us);
void standing_change(struct standing *s, bool connected, uint64_t now_us);
/* Follow the clock: one change of the state at most; call it until it says no. It is up once it was
 * connected for steady_us, since it connected; and down once it was not for as long, since it
 * broke, which connections shorter than that don't end. Returns whether the state changed. */
bool standing_settle(struct standing *s, uint64_t now_us, uint64_t steady_us);
/* Can the clock alone change the state? */
bool standing_is_settled(const struct standing *s);
