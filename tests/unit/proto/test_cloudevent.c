/* Tests of wire/cloudevent: which events are taken, and where their attributes stand. */
#include "test.h"

#include "proto/base/limits.h"
#include "proto/wire/cloudevent.h"

#define HEAD "\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\""

static int read_text(struct json_tape *t, const char *text, struct cloudevent *ret,
                     struct problem *p)
{
        assert_int_equal(json_tape_parse(t, text, strlen(text), p), 0);
        return cloudevent_read(t, ret, p);
}

static void test_taken(void **state unused_)
{
        static const char *const CASES[] = {
                "{" HEAD "}",
                "{" HEAD ",\"data\":null}",
                "{" HEAD
                ",\"data\":[1,{\"x\":2}],\"datacontenttype\":\"application/json\",\"time\":\"x\"}",
                "{" HEAD ",\"data_base64\":\"AAEC\"}",
                "{" HEAD ",\"data_base64\":null,\"data\":1}",
                "{" HEAD ",\"score\":42,\"data\":42.42}",
                "{" HEAD ",\"subject\":null,\"time\":null,\"traceparent\":\"x\",\"count\":5}",
                "{" HEAD ",\"subject\":\"\",\"time\":17}",
                "{\"\\u0069d\":\"i\",\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\"}",
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct problem p = {0};
                struct cloudevent e;

                if (read_text(&t, CASES[i], &e, &p) != 0)
                        fail_msg("%s: %s", CASES[i], p.text);
                assert_true(json_string_equals(&t, e.id, "i", 1));
                assert_true(json_string_equals(&t, e.source, "s", 1));
                assert_true(json_string_equals(&t, e.type, "t", 1));
        }
}

static void test_optional(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct cloudevent e;

        assert_int_equal(read_text(&t,
                                   "{" HEAD ",\"subject\":\"db\",\"time\":\"now\",\"data\":null}",
                                   &e, NULL),
                         0);
        assert_true(json_string_equals(&t, e.subject, "db", 2));
        assert_true(json_string_equals(&t, e.time, "now", 3));
        assert_int_equal(t.nodes[e.data].kind, JSON_NULL);
        assert_int_equal(read_text(&t, "{" HEAD ",\"subject\":null}", &e, NULL), 0);
        assert_true(e.subject == CLOUDEVENT_ABSENT && e.time == CLOUDEVENT_ABSENT &&
                    e.data == CLOUDEVENT_ABSENT);
}

static void test_refused(void **state unused_)
{
        static const struct {
                const char *text, *problem;
        } CASES[] = {
                {"[]", "must be a JSON object"},
                {"17", "must be a JSON object"},
                {"{}", "\"specversion\" is missing"},
                {"{\"specversion\":\"1.0\"}", "\"source\" is missing"},
                {"{\"specversion\":\"1.0\",\"source\":\"s\"}", "\"id\" is missing"},
                {"{\"specversion\":\"1.0\",\"source\":\"s\",\"id\":\"i\"}", "\"type\" is missing"},
                {"{\"specversion\":\"0.3\",\"source\":\"s\",\"id\":\"i\",\"type\":\"t\"}",
                 "not \"1.0\""},
                {"{\"specversion\":1.0,\"source\":\"s\",\"id\":\"i\",\"type\":\"t\"}",
                 "\"specversion\" must be a string"},
                {"{\"specversion\":\"1.0\",\"source\":\"\",\"id\":\"i\",\"type\":\"t\"}",
                 "\"source\" is empty"},
                {"{\"specversion\":\"1.0\",\"source\":\"s\",\"id\":7,\"type\":\"t\"}",
                 "\"id\" must be a string"},
                {"{\"specversion\":\"1.0\",\"source\":\"s\",\"id\":null,\"type\":\"t\"}",
                 "\"id\" is missing"},
                {"{\"specversion\":\"1.0\",\"source\":\"s\",\"id\":\"i\",\"type\":[]}",
                 "\"type\" must be a string"},
                {"{\"Specversion\":\"1.0\",\"source\":\"s\",\"id\":\"i\",\"type\":\"t\"}",
                 "\"specversion\" is missing"},
                {"{" HEAD ",\"subject\":5}", "\"subject\" must be a string"},
                {"{" HEAD ",\"data\":1,\"data_base64\":\"AA\"}", "both"},
                {"{" HEAD ",\"data_base64\":1}", "\"data_base64\" must be a string"},
                {"{" HEAD ",\"score\":42.42}", "fraction"},
                {"{" HEAD ",\"score\":1e3,\"data\":1}", "fraction"},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct problem p = {0};
                struct cloudevent e;

                assert_int_equal(read_text(&t, CASES[i].text, &e, &p), CLOUDEVENT_E_INVALID);
                assert_contains(p.text, CASES[i].problem);
        }
}

static void test_lengths(void **state unused_)
{
        static const char *const NAMES[] = {"source", "id", "type", "subject"};
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
                for (unsigned size = LIMIT_ENVELOPE_BYTES; size <= LIMIT_ENVELOPE_BYTES + 1; size++)
                        for (int escaped = 0; escaped < 2; escaped++) {
                                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
                                struct problem p = {0};
                                struct cloudevent e;

                                buffer_add_str(&b, "{\"specversion\":\"1.0\"");
                                for (size_t j = 0; j < ARRAY_LEN(NAMES); j++) {
                                        buffer_printf(&b, ",\"%s\":\"", NAMES[j]);
                                        for (unsigned n = j == i ? size : 1; n > 0; n--)
                                                buffer_add_str(&b, escaped ? "\\u0078" : "x");
                                        buffer_add_char(&b, '"');
                                }
                                buffer_add_char(&b, '}');
                                assert_int_equal(read_text(&t, b.data, &e, &p),
                                                 size > LIMIT_ENVELOPE_BYTES ? CLOUDEVENT_E_INVALID
                                                                             : 0);
                        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_taken),
                cmocka_unit_test(test_optional),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_lengths),
        };

        return cmocka_run_group_tests_name("cloudevent", tests, NULL, NULL);
}
