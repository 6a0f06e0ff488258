/* Requests, replies and pushes as frames: shape and whole-request limits, nothing of JSON. Pure;
 * borrows all bytes. The bus has taken routing id and empty delimiter away before. Used by bus and
 * libcapa. */
#include "proto/wire/frame.h"

#include <string.h>

#include "proto/base/limits.h"

static const char *const VERBS[WIRE_VERB_MAX] = {
        [WIRE_PUT] = "PUT",
        [WIRE_CALL] = "CALL",
        [WIRE_PING] = "PING",
};

static const char *const STATUSES[WIRE_STATUS_MAX] = {
        [WIRE_ACK] = "ACK", [WIRE_BUSY] = "BUSY", [WIRE_OK] = "OK",
        [WIRE_ERR] = "ERR", [WIRE_PONG] = "PONG",
};

enum { HEAD_FRAMES = 3 }; /* protocol, verb or status, request-id */

static bool frame_is(const struct frame *f, const char *word)
{
        return f->size == strlen(word) && memcmp(f->data, word, f->size) == 0;
}

static int word_find(const struct frame *f, const char *const *words, int n)
{
        for (int i = 0; i < n; i++)
                if (frame_is(f, words[i]))
                        return i;
        return -1;
}

/* For messages: what a peer sent, at most so many bytes of it. */
static int frame_cut(const struct frame *f)
{
        return (int) MIN(f->size, (size_t) 32);
}

static int put_parse(const struct frame *body, size_t n, struct wire_request *ret,
                     struct problem *reterr)
{
        size_t sum = 0;

        if (n < 2) {
                problem_set(reterr, 0,
                            "PUT needs an adapter frame (empty for CloudEvents) and at least one "
                            "event frame, but has %zu frame%s behind the request-id",
                            n, n == 1 ? "" : "s");
                return WIRE_E_MALFORMED;
        }
        if (n - 1 > LIMIT_PUT_EVENTS) {
                problem_set(reterr, 0,
                            "PUT has %zu event frames, the limit is %u: send them in parts", n - 1,
                            LIMIT_PUT_EVENTS);
                return WIRE_E_TOO_BIG;
        }
        for (size_t i = 1; i < n; i++)
                sum += body[i].size;
        if (sum > LIMIT_PUT_BYTES) {
                problem_set(reterr, 0,
                            "PUT has %zu bytes of events, the limit is %lu: send them in parts",
                            sum, LIMIT_PUT_BYTES);
                return WIRE_E_TOO_BIG;
        }
        ret->name = body[0];
        ret->parts = body + 1;
        ret->n_parts = n - 1;
        return 0;
}

static int call_parse(const struct frame *body, size_t n, struct wire_request *ret,
                      struct problem *reterr)
{
        if (n < 2 || body[0].size == 0) {
                problem_set(
                        reterr, 0,
                        "CALL needs a method frame and a frame of JSON parameters (may be empty)");
                return WIRE_E_MALFORMED;
        }
        if (body[1].size > LIMIT_CALL_PARAMS) {
                problem_set(reterr, 0, "the parameters have %zu bytes, the limit is %lu",
                            body[1].size, LIMIT_CALL_PARAMS);
                return WIRE_E_TOO_BIG;
        }
        if (n - 2 > LIMIT_ATTACHMENTS) {
                problem_set(reterr, 0, "CALL has %zu attachments, the limit is %u", n - 2,
                            LIMIT_ATTACHMENTS);
                return WIRE_E_TOO_BIG;
        }
        for (size_t i = 2; i < n; i++)
                if (body[i].size > LIMIT_ATTACHMENT_BYTES) {
                        problem_set(reterr, 0, "attachment %zu has %zu bytes, the limit is %lu",
                                    i - 2, body[i].size, LIMIT_ATTACHMENT_BYTES);
                        return WIRE_E_TOO_BIG;
                }
        ret->name = body[0];
        ret->params = body[1].size > 0 ? body[1] : (struct frame){"{}", 2};
        ret->parts = body + 2;
        ret->n_parts = n - 2;
        return 0;
}

/* The three frames that each request begins with; sets ret->id as far as one came. */
static int head_parse(const struct frame *frames, size_t n, struct frame *ret_id,
                      struct problem *reterr)
{
        if (n >= HEAD_FRAMES && frames[2].size <= LIMIT_REQUEST_ID)
                *ret_id = frames[2];
        if (n == 0) {
                problem_set(reterr, 0,
                            "an empty message: expected \"" WIRE_PROTOCOL "\", a word, and a "
                            "request-id");
                return WIRE_E_MALFORMED;
        }
        if (!frame_is(&frames[0], WIRE_PROTOCOL)) {
                problem_set(reterr, 0,
                            "the first frame is \"%.*s\", expected \"" WIRE_PROTOCOL
                            "\": not this protocol or not this version",
                            frame_cut(&frames[0]), frames[0].data ? frames[0].data : "");
                return WIRE_E_MALFORMED;
        }
        if (n < HEAD_FRAMES) {
                problem_set(reterr, 0,
                            "%zu frame%s, expected at least \"" WIRE_PROTOCOL
                            "\", a word, and a request-id",
                            n, n == 1 ? "" : "s");
                return WIRE_E_MALFORMED;
        }
        if (frames[2].size > LIMIT_REQUEST_ID) {
                problem_set(reterr, 0, "the request-id has %zu bytes, the limit is %u",
                            frames[2].size, LIMIT_REQUEST_ID);
                return WIRE_E_MALFORMED;
        }
        return 0;
}

int wire_request_parse(const struct frame *frames, size_t n_frames, struct wire_request *ret,
                       struct problem *reterr)
{
        int r, verb;

        *ret = (struct wire_request){.id = {"", 0}};
        r = head_parse(frames, n_frames, &ret->id, reterr);
        if (r != 0)
                return r;
        verb = word_find(&frames[1], VERBS, WIRE_VERB_MAX);
        if (verb < 0) {
                problem_set(reterr, 0, "unknown verb \"%.*s\": expected PUT, CALL or PING",
                            frame_cut(&frames[1]), frames[1].data ? frames[1].data : "");
                return WIRE_E_UNKNOWN_VERB;
        }
        ret->verb = (enum wire_verb) verb;
        frames += HEAD_FRAMES;
        n_frames -= HEAD_FRAMES;
        if (ret->verb == WIRE_PUT)
                return put_parse(frames, n_frames, ret, reterr);
        if (ret->verb == WIRE_CALL)
                return call_parse(frames, n_frames, ret, reterr);
        if (n_frames > 0) {
                problem_set(reterr, 0, "PING has no body, but %zu frame%s came", n_frames,
                            n_frames == 1 ? "" : "s");
                return WIRE_E_MALFORMED;
        }
        return 0;
}

int wire_reply_parse(const struct frame *frames, size_t n_frames, struct wire_reply *ret,
                     struct problem *reterr)
{
        struct wire_reply reply = {.id = {"", 0}};
        int r, status;

        r = head_parse(frames, n_frames, &reply.id, reterr);
        if (r != 0)
                return r;
        status = word_find(&frames[1], STATUSES, WIRE_STATUS_MAX);
        if (status < 0) {
                problem_set(reterr, 0, "unknown reply status \"%.*s\"", frame_cut(&frames[1]),
                            frames[1].data ? frames[1].data : "");
                return WIRE_E_UNKNOWN_VERB;
        }
        if (n_frames != HEAD_FRAMES + 1) {
                problem_set(reterr, 0, "a reply has one body frame, but %zu came",
                            n_frames - HEAD_FRAMES);
                return WIRE_E_MALFORMED;
        }
        reply.status = (enum wire_status) status;
        reply.body = frames[HEAD_FRAMES];
        *ret = reply;
        return 0;
}

const char *wire_status_name(enum wire_status s)
{
        return s < WIRE_STATUS_MAX ? STATUSES[s] : NULL;
}

const char *wire_verb_name(enum wire_verb v)
{
        return v < WIRE_VERB_MAX ? VERBS[v] : NULL;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t blanks_skip(const struct frame *f, size_t i)
{
        while (i < f->size && is_blank(f->data[i]))
                i++;
        return i;
}

/* "topic JSON" in one frame. An event is an object or a list, so that a frame which begins with a
 * bracket has no topic; one without any bracket behind its first blank is left whole, for the JSON
 * reader to refuse with the bytes kept. */
static void push_split(const struct frame *f, struct wire_push *ret)
{
        size_t i = blanks_skip(f, 0), topic = i, end;

        ret->event = *f;
        if (i < f->size && (f->data[i] == '{' || f->data[i] == '['))
                return;
        while (i < f->size && !is_blank(f->data[i]))
                i++;
        end = i;
        i = blanks_skip(f, i);
        if (end == topic || i >= f->size || (f->data[i] != '{' && f->data[i] != '['))
                return;
        ret->topic = (struct frame){f->data + topic, end - topic};
        ret->event = (struct frame){f->data + i, f->size - i};
}

int wire_push_parse(const struct frame *frames, size_t n_frames, struct wire_push *ret,
                    struct problem *reterr)
{
        struct wire_push push = {.topic = {"", 0}};
        uint32_t sequence;

        if (n_frames == 0 || n_frames > 3) {
                problem_set(
                        reterr, 0,
                        "%zu frames: expected JSON, or topic and JSON, or topic, JSON and sequence",
                        n_frames);
                return WIRE_E_MALFORMED;
        }
        if (n_frames == 1)
                push_split(&frames[0], &push);
        else {
                push.topic = frames[0];
                push.event = frames[1];
        }
        if (n_frames == 3) {
                if (frames[2].size != sizeof(sequence)) {
                        problem_set(reterr, 0, "the sequence frame has %zu bytes, expected 4",
                                    frames[2].size);
                        return WIRE_E_MALFORMED;
                }
                memcpy(&sequence, frames[2].data, sizeof(sequence));
                push.has_sequence = true;
                push.sequence = sequence;
        }
        *ret = push;
        return 0;
}
