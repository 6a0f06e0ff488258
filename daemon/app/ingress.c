/* A PUT becomes a request for the batcher; PING is answered at once, whatever the database does. */
#include <errno.h>
#include <inttypes.h>
#include <syslog.h>

#include "daemon/app/call.h"
#include "daemon/app/clock.h"
#include "daemon/app/ingress.h"
#include "daemon/app/log.h"
#include "proto/wire/code.h"

/* What a frame costs beside its bytes, so that many small ones count. */
#define FRAME_COST 128U

struct put {
        struct request request; /* first: the batcher's view */
        struct arrival *arrival;
        struct generation *generation; /* the principal lives in it */
};

static void put_reply(struct request *r, enum outcome outcome, const char *body, size_t size)
{
        static const enum wire_status statuses[] = {
                [OUTCOME_ACK] = WIRE_ACK, [OUTCOME_BUSY] = WIRE_BUSY, [OUTCOME_FAILED] = WIRE_ERR};
        struct put *p = (struct put *) r;

        arrival_reply(p->arrival, statuses[outcome], body, size);
        generation_unref(p->generation);
        free(p);
}

static const struct principal *principal_of(struct manager *m, const struct arrival *a)
{
        static struct log_limit limit;
        const struct principal *p = principals_find(m->generation->principals, &a->identity);

        if (!p && a->identity.local)
                log_limited(&limit, LOG_WARNING,
                            "peer uid %u gid %u pid %d is none of the principals: refused",
                            a->identity.uid, a->identity.gid, a->identity.pid);
        else if (!p)
                log_limited(&limit, LOG_WARNING, "a TCP peer is none of the principals: refused");
        return p;
}

static void refuse_stranger(struct arrival *a)
{
        arrival_refuse(
                a, code_name(CODE_FORBIDDEN),
                "you are none of the principals of this daemon: add your user, group or key to "
                "\"principals\" in capad.json");
}

/* ok: a PUT would be taken now. */
static void pong(struct manager *m, struct arrival *a)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_printf(&b,
                      "{\"version\":\"" CAPA_VERSION "\",\"epoch\":\"%s\""
                      ",\"journal_seq\":%" PRId64 ",\"database\":{\"ok\":%s}}",
                      m->publish.epoch, MAX(m->publish.journal_seq, (int64_t) 0),
                      m->database_up && batcher_ready(m->batcher) ? "true" : "false");
        arrival_reply(a, WIRE_PONG, b.data ? b.data : "{}", b.data ? b.size : 2);
}

static int put(struct manager *m, struct arrival *a, const struct principal *principal)
{
        struct put *p = calloc(1, sizeof(*p));

        if (!p) {
                arrival_busy(a, 1000, "out of memory");
                return 0;
        }
        p->arrival = a;
        p->generation = generation_ref(m->generation);
        p->request = (struct request){
                .peer = principal->name,
                .sources = principal->sources,
                .adapter = a->request.name,
                .id = a->request.id,
                .events = a->request.parts,
                .n_events = a->request.n_parts,
                .bytes = a->bytes + a->request.n_parts * FRAME_COST,
                .lane = a->peer,
                .received_us = clock_us(),
                .reply = put_reply,
        };
        return batcher_submit(m->batcher, &p->request);
}

/* What both sockets answer alike: a stranger is refused, a PING gets its PONG. Gives the principal
 * of any other request, NULL once it is answered. */
static const struct principal *admit(struct manager *m, struct arrival *a)
{
        const struct principal *principal = principal_of(m, a);

        if (!principal) {
                refuse_stranger(a);
                return NULL;
        }
        if (a->request.verb == WIRE_PING) {
                pong(m, a);
                return NULL;
        }
        return principal;
}

int ingress_on_ingest(struct arrival *a, void *userdata)
{
        struct manager *m = userdata;
        const struct principal *principal = admit(m, a);

        if (!principal)
                return 0;
        if (m->stopping) {
                arrival_busy(a, 1000, "capad is stopping");
                return 0;
        }
        return put(m, a, principal);
}

int ingress_on_control(struct arrival *a, void *userdata)
{
        struct manager *m = userdata;
        const struct principal *principal = admit(m, a);

        if (!principal)
                return 0;
        if (m->stopping) {
                arrival_refuse(a, code_name(CODE_UNAVAILABLE),
                               "capad is stopping: call again later");
                return 0;
        }
        return call_begin(m, principal, a);
}
