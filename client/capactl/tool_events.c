/* What a tool said, to capad. */
#include "client/capactl/tool_events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/session.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"

void tool_events_done(struct tool_events *t)
{
        transcript_done(&t->out);
        transcript_done(&t->err);
}

static bool text_is_any(const struct json_tape *t, uint32_t node, const char *const *words,
                        size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (json_string_equals(t, node, words[i], strlen(words[i])))
                        return true;
        return false;
}

/* Does a verdict say that a failure was taken note of? */
static bool tells_failure(const struct json_tape *t, uint32_t verdict)
{
        static const char *const effects[] = {"raised",   "occurrence", "recurred",
                                              "reopened", "suppressed", "counted"};
        uint32_t results, child, effect;

        if (json_member(t, verdict, "results", &results) != 0 ||
            t->nodes[results].kind != JSON_ARRAY)
                return false;
        child = json_first(t, results);
        for (uint32_t i = 0; i < t->nodes[results].count; i++, child = t->nodes[child].next)
                if (json_member(t, child, "effect", &effect) == 0 &&
                    text_is_any(t, effect, effects, ARRAY_LEN(effects)))
                        return true;
        return false;
}

static void complain_refused(const struct json_tape *t, uint32_t verdict)
{
        const char *text;
        size_t size;

        json_slice(t, verdict, &text, &size);
        session_complain(0, "run: the event was refused: %.*s", (int) MIN(size, 300U), text);
}

/* Tells what was refused. Did any event tell of a failure? */
static bool read_verdicts(const char *answer)
{
        static const char *const good[] = {"stored", "duplicate", "ignored"};
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        uint32_t list, child, status;
        bool told = false;

        if (json_tape_parse(&tape, answer, strlen(answer), NULL) != 0 ||
            json_member(&tape, 0, "verdicts", &list) != 0 || tape.nodes[list].kind != JSON_ARRAY)
                return false;
        child = json_first(&tape, list);
        for (uint32_t i = 0; i < tape.nodes[list].count; i++, child = tape.nodes[child].next) {
                if (json_member(&tape, child, "status", &status) != 0 ||
                    !text_is_any(&tape, status, good, ARRAY_LEN(good)))
                        complain_refused(&tape, child);
                told = told || tells_failure(&tape, child);
        }
        return told;
}

bool tool_events_push(struct capa *c, const char *adapter, const struct capa_bytes *events,
                      size_t n)
{
        cleanup_(free_p) char *answer = NULL;
        int r = capa_emit(c, adapter, events, n, &answer);

        if (r == 0)
                return read_verdicts(answer);
        if (r == CAPA_E_REFUSED)
                session_complain(0, "run: the event was refused: %.300s", answer);
        else if (r != CAPA_E_SPOOLED)
                session_complain(0, "run: the event is lost: %s",
                                 r < 0 ? strerror(-r) : capa_problem(c));
        return false;
}

/* The events of one request, one behind the other. */
struct request {
        struct buffer bytes;
        size_t offsets[LIMIT_PUT_EVENTS + 1];
        size_t n;
};

static void wrap(struct request *q, struct tool_events *t, const struct event *about,
                 const struct capa_bytes *message)
{
        struct event event = *about;
        char id[128];

        q->offsets[q->n] = q->bytes.size;
        snprintf(id, sizeof(id), "%s.%zu", about->id, q->n + 1);
        event.id = id;
        event.data = message->data;
        event.data_size = message->size;
        event_write(&event, &q->bytes);
        if (q->bytes.size - q->offsets[q->n] <= LIMIT_EVENT_BYTES)
                q->n++;
        else { /* so large that its wrapper is too much */
                q->bytes.size = q->offsets[q->n];
                t->left_out++;
        }
}

static int wrap_all(struct request *q, struct tool_events *t, const struct event *about,
                    struct transcript *said)
{
        struct transcript_messages messages;
        int r;

        r = transcript_read(said, &messages);
        if (r < 0)
                return r;
        for (size_t i = 0; i < messages.n; i++)
                wrap(q, t, about, &messages.list[i]);
        t->left_out += messages.left_out;
        return buffer_status(&q->bytes);
}

static int make_request(struct request *q, struct tool_events *t, const struct event *about)
{
        int r;

        r = wrap_all(q, t, about, &t->err); /* complaints before the sum */
        if (r == 0)
                r = wrap_all(q, t, about, &t->out);
        q->offsets[q->n] = q->bytes.size;
        t->n = q->n;
        return r;
}

void tool_events_send(struct tool_events *t, struct capa *c, const struct event *about)
{
        struct capa_bytes events[LIMIT_PUT_EVENTS];
        struct request q = {.bytes = BUFFER_NULL};
        int r;

        r = make_request(&q, t, about);
        for (size_t i = 0; i < q.n; i++)
                events[i] = (struct capa_bytes){q.bytes.data + q.offsets[i],
                                                q.offsets[i + 1] - q.offsets[i]};
        if (r < 0)
                session_complain(0, "run: what the command said is lost: %s", strerror(-r));
        else if (q.n > 0)
                t->told = tool_events_push(c, t->adapter, events, q.n);
        t->cut = t->out.cut || t->err.cut;
        if (t->left_out > 0 || t->cut)
                session_complain(0,
                                 "run: the command said more than is sent to an adapter: %zu "
                                 "messages of the last 4 MiB of each output were taken",
                                 t->n);
        buffer_done(&q.bytes);
}
