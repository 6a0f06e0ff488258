/* libcapa: events out, with an ack that means committed, and the spool behind it. One request
 * keeps its request-id and bytes from the first try until its verdict, through the spool too, so
 * that what had been committed unseen comes back as duplicate. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "client/handle.h"
#include "proto/base/limits.h"
#include "proto/json/tape.h"
#include "proto/wire/cloudevent.h"
#include "proto/wire/code.h"

#define AWAY_US          (10 * 1000000LL) /* with a spool: how long a mute daemon is left alone */
#define RETRY_DEFAULT_MS 100
#define RETRY_MIN_MS     10

int capa_check_event(struct capa *c, const char *adapter, const void *event, size_t size)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        struct cloudevent envelope;
        int r;

        if (size > LIMIT_EVENT_BYTES) {
                problem_set(&c->problem, 0, "the event has %zu bytes, at most %lu are taken", size,
                            LIMIT_EVENT_BYTES);
                return CAPA_E_LIMIT;
        }
        r = (*adapter ? json_tape_parse_lines : json_tape_parse)(&tape, event, size, &c->problem);
        if (r == 0 && *adapter == '\0')
                r = cloudevent_read(&tape, &envelope, &c->problem);
        return r <= 0 ? r : CAPA_E_INVALID;
}

static int check_request(struct capa *c, const char *adapter, const struct capa_bytes *events,
                         size_t n_events)
{
        size_t total = 0;
        int r;

        if (n_events == 0 || n_events > LIMIT_PUT_EVENTS) {
                problem_set(&c->problem, 0, "one request takes 1 to %u events, not %zu",
                            LIMIT_PUT_EVENTS, n_events);
                return CAPA_E_LIMIT;
        }
        for (size_t i = 0; i < n_events; i++) {
                r = capa_check_event(c, adapter, events[i].data, events[i].size);
                if (r != 0)
                        return r;
                total += events[i].size;
        }
        if (total > LIMIT_PUT_BYTES) {
                problem_set(&c->problem, 0,
                            "the events have %zu bytes together, one request "
                            "takes %lu",
                            total, LIMIT_PUT_BYTES);
                return CAPA_E_LIMIT;
        }
        return 0;
}

/* Milliseconds that a BUSY asks us to wait. */
static int64_t retry_after(const struct answer *a)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        int64_t ms;
        uint32_t node;

        if (json_tape_parse(&tape, a->body, a->size, NULL) != 0 ||
            json_member(&tape, 0, "retry_after_ms", &node) != 0 ||
            json_int64(&tape, node, &ms) != 0)
                return RETRY_DEFAULT_MS;
        return MAX(ms, RETRY_MIN_MS);
}

static bool is_unavailable(const struct answer *a)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        const char *word = code_name(CODE_UNAVAILABLE);
        uint32_t node;

        return json_tape_parse(&tape, a->body, a->size, NULL) == 0 &&
               json_member(&tape, 0, "code", &node) == 0 &&
               json_string_equals(&tape, node, word, strlen(word));
}

static void sleep_us(int64_t us)
{
        struct timespec span = {us / 1000000, us % 1000000 * 1000};

        nanosleep(&span, NULL);
}

static int64_t deadline_of(const struct capa *c)
{
        return monotonic_us() + (int64_t) c->timeout_ms * 1000;
}

/* One PUT until its ack, its refusal, or the deadline. frames: request-id, adapter, events. */
static int put(struct capa *c, const struct frame *frames, size_t n_frames, int64_t deadline,
               struct answer *ret)
{
        int r;

        for (;;) {
                cleanup_(answer_done) struct answer answer = {0};
                int64_t pause;

                r = handle_exchange(c, CHANNEL_INGEST, WIRE_PUT, frames, n_frames, deadline,
                                    &answer);
                if (r != 0)
                        return r;
                if (answer.status == WIRE_ACK ||
                    (answer.status == WIRE_ERR && !is_unavailable(&answer))) {
                        *ret = answer;
                        answer.body = NULL;
                        return ret->status == WIRE_ACK ? 0 : CAPA_E_REFUSED;
                }
                if (answer.status != WIRE_BUSY && answer.status != WIRE_ERR) {
                        problem_set(&c->problem, 0, "unexpected answer %s to a PUT",
                                    wire_status_name(answer.status));
                        return CAPA_E_PROTOCOL;
                }
                pause = 1000 *
                        (answer.status == WIRE_BUSY ? retry_after(&answer) : RETRY_DEFAULT_MS);
                if (monotonic_us() + pause >= deadline) {
                        problem_set(&c->problem, 0, "%s is busy: it asks to send again later",
                                    c->ingest_endpoint);
                        return CAPA_E_NO_ANSWER;
                }
                sleep_us(pause);
        }
}

/* Did any event of an acked request get a final refusal? */
static int any_refused(const struct answer *a, bool *ret)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        bool refused = false;
        uint32_t list, child, node;
        int r;

        r = json_tape_parse(&tape, a->body, a->size, NULL);
        if (r < 0)
                return r;
        if (r > 0 || json_member(&tape, 0, "verdicts", &list) != 0 ||
            tape.nodes[list].kind != JSON_ARRAY)
                return CAPA_E_PROTOCOL;
        child = json_first(&tape, list);
        for (uint32_t i = 0; i < tape.nodes[list].count; i++, child = tape.nodes[child].next)
                if (json_member(&tape, child, "status", &node) != 0 ||
                    !(json_string_equals(&tape, node, "stored", 6) ||
                      json_string_equals(&tape, node, "duplicate", 9) ||
                      json_string_equals(&tape, node, "ignored", 7)))
                        refused = true;
        *ret = refused;
        return 0;
}

static int open_spool(struct capa *c)
{
        if (c->spool)
                return 0;
        return spool_open(c->spool_path, &c->spool, &c->problem);
}

/* One spooled request to its end: dropped, or kept apart as refused. */
static int flush_entry(struct capa *c, struct spool_entry *e, int64_t deadline, bool *ret_refused)
{
        cleanup_(free_p) struct frame *frames = NULL;
        cleanup_(answer_done) struct answer answer = {0};
        bool refused = true;
        int r;

        frames = calloc(e->n_frames + 2, sizeof(*frames));
        if (!frames)
                return -ENOMEM;
        frames[0] = (struct frame){e->request_id, strlen(e->request_id)};
        frames[1] = (struct frame){e->adapter, strlen(e->adapter)};
        memcpy(frames + 2, e->frames, e->n_frames * sizeof(*frames));
        r = put(c, frames, e->n_frames + 2, deadline, &answer);
        if (r != 0 && r != CAPA_E_REFUSED)
                return r;
        if (r == 0)
                r = any_refused(&answer, &refused);
        if (r < 0 || r == CAPA_E_PROTOCOL)
                return r;
        if (refused)
                r = spool_refuse(c->spool, e->number, answer.body, &c->problem);
        else
                r = spool_drop(c->spool, e->number, &c->problem);
        *ret_refused = refused;
        return r <= 0 ? r : CAPA_E_SPOOL;
}

struct flushed {
        uint64_t sent, refused;
};

/* until_us: when to stop although there is more (CAPA_E_NO_ANSWER); INT64_MAX: each request has the
 * handle's timeout, and there is no other end. */
static int flush_until(struct capa *c, int64_t until_us, struct flushed *ret)
{
        int64_t after = 0;
        int r = 0;

        if (c->spool_path)
                r = open_spool(c);
        if (r > 0)
                r = CAPA_E_SPOOL;
        while (r == 0 && c->spool) {
                cleanup_(spool_entry_done) struct spool_entry entry = {0};
                bool refused = false;

                r = spool_next(c->spool, after, &entry, &c->problem);
                if (r == SPOOL_E_EMPTY)
                        return 0;
                if (r != 0)
                        return r < 0 ? r : CAPA_E_SPOOL;
                after = entry.number;
                r = flush_entry(c, &entry, MIN(until_us, deadline_of(c)), &refused);
                if (r == 0) {
                        ret->sent += !refused;
                        ret->refused += refused;
                }
        }
        return r;
}

int capa_flush(struct capa *c, uint64_t *ret_sent, uint64_t *ret_refused)
{
        struct flushed flushed = {0};
        int r;

        c->problem.text[0] = '\0';
        r = flush_until(c, INT64_MAX, &flushed);
        c->away_until_us = r == CAPA_E_NO_ANSWER ? monotonic_us() + AWAY_US : 0;
        if (ret_sent)
                *ret_sent = flushed.sent;
        if (ret_refused)
                *ret_refused = flushed.refused;
        return r;
}

static int spool_request(struct capa *c, const struct frame *frames, size_t n_frames)
{
        const struct spool_request request = {.request_id = frames[0].data,
                                              .adapter = frames[1].data,
                                              .frames = frames + 2,
                                              .n_frames = n_frames - 2};
        struct problem problem = {0};
        int r;

        r = open_spool(c);
        if (r == 0)
                r = spool_append(c->spool, &request, &problem);
        else
                problem = c->problem;
        if (r < 0)
                return r;
        if (r == 0)
                return CAPA_E_SPOOLED;
        problem_set(&c->problem, 0, "no ack from %s, and the spool %s can't be used: %s",
                    c->ingest_endpoint, c->spool_path, problem.text);
        return CAPA_E_SPOOL;
}

/* The frames of a request behind its verb; what they point to stays the caller's. */
static int make_frames(const char *request_id, const char *adapter, const struct capa_bytes *events,
                       size_t n_events, struct frame **ret)
{
        struct frame *frames;

        frames = calloc(n_events + 2, sizeof(*frames));
        if (!frames)
                return -ENOMEM;
        frames[0] = (struct frame){request_id, strlen(request_id)};
        frames[1] = (struct frame){adapter, strlen(adapter)};
        for (size_t i = 0; i < n_events; i++)
                frames[i + 2] = (struct frame){events[i].data, events[i].size};
        *ret = frames;
        return 0;
}

int capa_put(struct capa *c, const char *request_id, const char *adapter,
             const struct capa_bytes *events, size_t n_events, char **ret_answer)
{
        cleanup_(free_p) struct frame *frames = NULL;
        cleanup_(answer_done) struct answer answer = {0};
        size_t length = strlen(request_id);
        int r;

        c->problem.text[0] = '\0';
        if (length < LIMIT_REQUEST_ID_SAFE || length > LIMIT_REQUEST_ID) {
                problem_set(&c->problem, 0, "a request-id has %u to %u bytes, not %zu",
                            LIMIT_REQUEST_ID_SAFE, LIMIT_REQUEST_ID, length);
                return CAPA_E_LIMIT;
        }
        r = check_request(c, adapter, events, n_events);
        if (r == 0)
                r = make_frames(request_id, adapter, events, n_events, &frames);
        if (r == 0)
                r = put(c, frames, n_events + 2, deadline_of(c), &answer);
        if (r == 0 || r == CAPA_E_REFUSED)
                *ret_answer = TAKE_PTR(answer.body);
        return r;
}

int capa_emit(struct capa *c, const char *adapter, const struct capa_bytes *events, size_t n_events,
              char **ret_answer)
{
        cleanup_(free_p) struct frame *frames = NULL;
        cleanup_(answer_done) struct answer answer = {0};
        struct flushed flushed = {0};
        char id[REQUEST_ID_TEXT];
        int64_t deadline;
        int r;

        c->problem.text[0] = '\0';
        r = check_request(c, adapter, events, n_events);
        if (r != 0)
                return r;
        request_id_make(id);
        r = make_frames(id, adapter, events, n_events, &frames);
        if (r < 0)
                return r;
        if (c->spool_path && c->away_until_us > monotonic_us())
                return spool_request(c, frames, n_events + 2);
        deadline = deadline_of(c); /* over both: what had been spooled goes first */
        if (c->spool_path)
                r = flush_until(c, deadline, &flushed);
        if (r == 0 || r == CAPA_E_SPOOL) /* a broken spool does not stop a daemon that is there */
                r = put(c, frames, n_events + 2, deadline, &answer);
        if (r == CAPA_E_NO_ANSWER && c->spool_path) {
                c->away_until_us = monotonic_us() + AWAY_US;
                return spool_request(c, frames, n_events + 2);
        }
        if (r == 0 || r == CAPA_E_REFUSED)
                *ret_answer = TAKE_PTR(answer.body);
        return r;
}
