#include "daemon/app/standing.h"

void standing_init(struct standing *s, uint64_t now_us)
{
        *s = (struct standing){.broken = true, .broken_us = now_us};
}

void standing_change(struct standing *s, bool connected, uint64_t now_us)
{
        if (s->connected == connected)
                return;
        s->connected = connected;
        if (connected) {
                s->connected_us = now_us;
        } else if (!s->broken) {
                s->broken = true;
                s->broken_us = now_us;
        }
}

static bool enter(struct standing *s, enum standing_state state, uint64_t since_us)
{
        s->state = state;
        s->since_us = since_us;
        return true;
}

bool standing_settle(struct standing *s, uint64_t now_us, uint64_t steady_us)
{
        uint64_t end_us = s->connected ? s->connected_us : now_us;

        if (s->broken && s->state != STANDING_DOWN && end_us - s->broken_us >= steady_us)
                return enter(s, STANDING_DOWN, s->broken_us);
        if (!s->connected || now_us - s->connected_us < steady_us)
                return false;
        s->broken = false;
        return s->state != STANDING_UP && enter(s, STANDING_UP, s->connected_us);
}

bool standing_is_settled(const struct standing *s)
{
        return s->state == (s->connected ? STANDING_UP : STANDING_DOWN) &&
               s->broken == !s->connected;
}
