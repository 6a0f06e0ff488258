/* Tests of wire/frame: requests, replies, pushes; each limit from both sides. */
#include "test.h"

#include "proto/base/limits.h"
#include "proto/wire/frame.h"

enum { FRAMES_MOST = LIMIT_PUT_EVENTS + 8 };

/* Frames from a list of words; a NULL word ends it. */
static size_t frames_make(struct frame *ret, const char *const *words)
{
        size_t n = 0;

        for (; words[n]; n++)
                ret[n] = (struct frame){words[n], strlen(words[n])};
        return n;
}

static void test_requests(void **state unused_)
{
        static const struct {
                const char *words[8];
                int r;
                const char *id, *problem;
        } CASES[] = {
                {{"capa1", "PUT", "r1", "", "{}"}, 0, "r1", ""},
                {{"capa1", "PUT", "r1", "alertmanager", "{}", "{}"}, 0, "r1", ""},
                {{"capa1", "CALL", "r2", "list", "{}"}, 0, "r2", ""},
                {{"capa1", "CALL", "r2", "list", ""}, 0, "r2", ""},
                {{"capa1", "CALL", "", "evidence.add", "{}", "bytes"}, 0, "", ""},
                {{"capa1", "PING", "r3"}, 0, "r3", ""},
                {{NULL}, WIRE_E_MALFORMED, "", "an empty message"},
                {{""}, WIRE_E_MALFORMED, "", "the first frame is \"\""},
                {{"capa1"}, WIRE_E_MALFORMED, "", "1 frame,"},
                {{"capa1", "PING"}, WIRE_E_MALFORMED, "", "2 frames"},
                {{"capa2", "PING", "r4"}, WIRE_E_MALFORMED, "r4", "the first frame is \"capa2\""},
                {{"GET / HTTP/1.1\r\nHost: x", "a", "b"},
                 WIRE_E_MALFORMED,
                 "b",
                 "\"GET / HTTP/1.1??Host: x\""},
                {{"capa1", "put", "r5", "", "{}"},
                 WIRE_E_UNKNOWN_VERB,
                 "r5",
                 "unknown verb \"put\""},
                {{"capa1", "", "r6"}, WIRE_E_UNKNOWN_VERB, "r6", "unknown verb \"\""},
                {{"capa1", "PUT", "r7"}, WIRE_E_MALFORMED, "r7", "has 0 frames"},
                {{"capa1", "PUT", "r8", ""}, WIRE_E_MALFORMED, "r8", "has 1 frame "},
                {{"capa1", "CALL", "r9"}, WIRE_E_MALFORMED, "r9", "needs a method"},
                {{"capa1", "CALL", "ra", "list"}, WIRE_E_MALFORMED, "ra", "needs a method"},
                {{"capa1", "CALL", "rb", "", "{}"}, WIRE_E_MALFORMED, "rb", "needs a method"},
                {{"capa1", "PING", "rc", ""}, WIRE_E_MALFORMED, "rc", "PING has no body"},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct frame frames[8];
                size_t n = frames_make(frames, CASES[i].words);
                struct problem p = {0};
                struct wire_request q;

                assert_int_equal(wire_request_parse(frames, n, &q, &p), CASES[i].r);
                assert_int_equal(q.id.size, strlen(CASES[i].id));
                assert_memory_equal(q.id.data, CASES[i].id, q.id.size);
                assert_contains(p.text, CASES[i].problem);
        }
}

static void test_request_parts(void **state unused_)
{
        static const char *const PUT[] = {"capa1", "PUT", "r", "adapter", "one", "two", NULL};
        static const char *const CALL[] = {"capa1", "CALL", "r", "method", "", "attached", NULL};
        struct frame frames[8];
        struct wire_request q;

        assert_int_equal(wire_request_parse(frames, frames_make(frames, PUT), &q, NULL), 0);
        assert_int_equal(q.verb, WIRE_PUT);
        assert_memory_equal(q.name.data, "adapter", q.name.size);
        assert_int_equal(q.n_parts, 2);
        assert_ptr_equal(q.parts, &frames[4]);
        assert_int_equal(wire_request_parse(frames, frames_make(frames, CALL), &q, NULL), 0);
        assert_int_equal(q.verb, WIRE_CALL);
        assert_memory_equal(q.name.data, "method", q.name.size);
        assert_int_equal(q.params.size, 2);
        assert_memory_equal(q.params.data, "{}", 2);
        assert_int_equal(q.n_parts, 1);
        assert_memory_equal(q.parts[0].data, "attached", 8);
}

static void test_request_limits(void **state unused_)
{
        static struct frame frames[FRAMES_MOST];
        static char id[LIMIT_REQUEST_ID + 1];
        struct wire_request q;

        frames_make(frames, (const char *const[]){"capa1", "PUT", "r", "", NULL});
        for (size_t i = 4; i < FRAMES_MOST; i++)
                frames[i] = (struct frame){"{}", 2};
        assert_int_equal(wire_request_parse(frames, 4 + LIMIT_PUT_EVENTS, &q, NULL), 0);
        assert_int_equal(q.n_parts, LIMIT_PUT_EVENTS);
        assert_int_equal(wire_request_parse(frames, 5 + LIMIT_PUT_EVENTS, &q, NULL),
                         WIRE_E_TOO_BIG);
        /* Sizes alone count: the bytes are not looked at. */
        frames[4].size = LIMIT_PUT_BYTES;
        assert_int_equal(wire_request_parse(frames, 5, &q, NULL), 0);
        assert_int_equal(wire_request_parse(frames, 6, &q, NULL), WIRE_E_TOO_BIG);
        assert_int_equal(q.id.size, 1);

        memset(id, 'i', sizeof(id));
        frames[4].size = 2;
        frames[2] = (struct frame){id, LIMIT_REQUEST_ID};
        assert_int_equal(wire_request_parse(frames, 5, &q, NULL), 0);
        frames[2].size++;
        assert_int_equal(wire_request_parse(frames, 5, &q, NULL), WIRE_E_MALFORMED);
        assert_int_equal(q.id.size, 0);

        frames_make(frames, (const char *const[]){"capa1", "CALL", "r", "m", "{}", NULL});
        assert_int_equal(wire_request_parse(frames, 5 + LIMIT_ATTACHMENTS, &q, NULL), 0);
        assert_int_equal(wire_request_parse(frames, 6 + LIMIT_ATTACHMENTS, &q, NULL),
                         WIRE_E_TOO_BIG);
        frames[5].size = LIMIT_ATTACHMENT_BYTES;
        assert_int_equal(wire_request_parse(frames, 6, &q, NULL), 0);
        frames[5].size++;
        assert_int_equal(wire_request_parse(frames, 6, &q, NULL), WIRE_E_TOO_BIG);
        frames[4].size = LIMIT_CALL_PARAMS;
        assert_int_equal(wire_request_parse(frames, 5, &q, NULL), 0);
        frames[4].size++;
        assert_int_equal(wire_request_parse(frames, 5, &q, NULL), WIRE_E_TOO_BIG);
}

static void test_replies(void **state unused_)
{
        static const struct {
                const char *words[6];
                int r;
                enum wire_status status;
        } CASES[] = {
                {{"capa1", "ACK", "r", "{}"}, 0, WIRE_ACK},
                {{"capa1", "BUSY", "r", "{}"}, 0, WIRE_BUSY},
                {{"capa1", "OK", "r", "{}"}, 0, WIRE_OK},
                {{"capa1", "ERR", "", "{}"}, 0, WIRE_ERR},
                {{"capa1", "PONG", "r", "{}"}, 0, WIRE_PONG},
                {{"capa1", "ACK", "r"}, WIRE_E_MALFORMED, 0},
                {{"capa1", "ACK", "r", "{}", "x"}, WIRE_E_MALFORMED, 0},
                {{"capa1", "PUT", "r", "{}"}, WIRE_E_UNKNOWN_VERB, 0},
                {{"capa1"}, WIRE_E_MALFORMED, 0},
                {{"", "ACK", "r", "{}"}, WIRE_E_MALFORMED, 0},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct frame frames[6];
                struct wire_reply reply;
                size_t n = frames_make(frames, CASES[i].words);

                assert_int_equal(wire_reply_parse(frames, n, &reply, NULL), CASES[i].r);
                if (CASES[i].r != 0)
                        continue;
                assert_int_equal(reply.status, CASES[i].status);
                assert_string_equal(wire_status_name(reply.status), CASES[i].words[1]);
                assert_ptr_equal(reply.body.data, frames[3].data);
        }
}

static void test_pushes(void **state unused_)
{
        static const struct {
                const char *words[5];
                int r;
                const char *topic, *event;
        } CASES[] = {
                {{"{\"a\":1}"}, 0, "", "{\"a\":1}"},
                {{" [1]"}, 0, "", " [1]"},
                {{"topic {\"a\":1}"}, 0, "topic", "{\"a\":1}"},
                {{"a.b/c \t\n[1] "}, 0, "a.b/c", "[1] "},
                {{"topic without json"}, 0, "", "topic without json"},
                {{"\xff\xfe"}, 0, "", "\xff\xfe"},
                {{""}, 0, "", ""},
                {{"topic "}, 0, "", "topic "},
                {{"topic", "{}"}, 0, "topic", "{}"},
                {{"", "x {}"}, 0, "", "x {}"},
                {{"topic", "{}", "1234"}, 0, "topic", "{}"},
                {{"topic", "{}", "123"}, WIRE_E_MALFORMED, "", ""},
                {{"topic", "{}", ""}, WIRE_E_MALFORMED, "", ""},
                {{"a", "b", "1234", "d"}, WIRE_E_MALFORMED, "", ""},
                {{NULL}, WIRE_E_MALFORMED, "", ""},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct frame frames[5];
                struct wire_push push;
                size_t n = frames_make(frames, CASES[i].words);

                assert_int_equal(wire_push_parse(frames, n, &push, NULL), CASES[i].r);
                if (CASES[i].r != 0)
                        continue;
                assert_int_equal(push.topic.size, strlen(CASES[i].topic));
                assert_memory_equal(push.topic.data, CASES[i].topic, push.topic.size);
                assert_int_equal(push.event.size, strlen(CASES[i].event));
                assert_memory_equal(push.event.data, CASES[i].event, push.event.size);
                assert_int_equal(push.has_sequence, n == 3);
        }
}

static void test_push_sequence(void **state unused_)
{
        uint32_t sequence = 0xDEADBEEF;
        struct frame frames[] = {{"t", 1}, {"{}", 2}, {(const char *) &sequence, 4}};
        struct wire_push push;

        assert_int_equal(wire_push_parse(frames, 3, &push, NULL), 0);
        assert_true(push.sequence == 0xDEADBEEF);
}

static void test_names(void **state unused_)
{
        assert_string_equal(wire_verb_name(WIRE_PUT), "PUT");
        assert_string_equal(wire_verb_name(WIRE_CALL), "CALL");
        assert_string_equal(wire_verb_name(WIRE_PING), "PING");
        assert_null(wire_verb_name(WIRE_VERB_MAX));
        assert_null(wire_status_name(WIRE_STATUS_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_requests),       cmocka_unit_test(test_request_parts),
                cmocka_unit_test(test_request_limits), cmocka_unit_test(test_replies),
                cmocka_unit_test(test_pushes),         cmocka_unit_test(test_push_sequence),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
