/* policy.json: the form that the register takes, and the place of every mistake. */
#include <stdio.h>

#include "tests/unit/app/test.h"

#include "daemon/app/config.h"
#include "daemon/app/policy.h"
#include "proto/json/tape.h"

/* A policy with one thing replaced; %s in order: the default policy's members, a ladder, a
 * calendar, more. */
#define GRADES_                                                                                    \
        "\"critical\":{\"triage\":\"4h\"},\"major\":{},\"minor\":{\"triage\":\"5bd\","             \
        "\"approval\":false},"                                                                     \
        "\"observation\":{},\"ofi\":{}"
#define LADDER_   "[{\"at\":\"80%\",\"level\":\"L0\",\"to\":[\"owner\"],\"hours\":\"office\"}]"
#define CALENDAR_ "{\"zone\":\"UTC\",\"hours\":{\"mon\":[\"09:00\",\"17:00\"]}}"

static void text_of(char *text, size_t size, const char *policy, const char *ladder,
                    const char *calendar)
{
        (void) snprintf(text, size,
                        "{\"policies\":{\"default\":{%s}},\"ladders\":{\"l\":%s},\"calendars\":{"
                        "\"office\":%s}}",
                        policy, ladder, calendar);
}

static void expect(const char *policy, const char *ladder, const char *calendar,
                   const char *expected)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *p = NULL;
        char text[2048];

        text_of(text, sizeof(text), policy, ladder, calendar);
        assert_int_equal(policy_parse("p.json", text, strlen(text), &p, &c), POLICY_E_INVALID);
        assert_null(p);
        assert_contains(c.text.data, "p.json:1:");
        assert_contains(c.text.data, expected);
}

static void test_form(void **state)
{
        static const char ladder[] = "[{\"at\":[\"due+7d\",\"due+25%\"],\"level\":\"L1\",\"to\":["
                                     "\"owner\",\"manager\"],\"ack\":\"1bd\",\"repeat\":\"1mo\"},"
                                     "{\"at\":\"due\",\"level\":\"L2\",\"to\":[\"isms_manager\"]},{"
                                     "\"at\":\"80%\",\"level\":\"L0\",\"to\":[\"owner\"]}]";
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *p = NULL;
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        char text[2048];

        (void) state;
        text_of(text, sizeof(text), GRADES_ ",\"ladder\":\"l\"", ladder, CALENDAR_);
        assert_int_equal(policy_parse("p.json", text, strlen(text), &p, &c), 0);
        assert_int_equal(json_tape_parse(&t, p->body.data, p->body.size, NULL), 0);
        assert_contains(p->body.data,
                        "\"critical\":{\"triage\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":14400}}");
        assert_contains(
                p->body.data,
                "\"minor\":{\"triage\":{\"mo\":0,\"d\":0,\"bd\":5,\"s\":0},\"approval\":false}");
        assert_contains(
                p->body.data,
                "\"at\":[{\"after\":{\"mo\":0,\"d\":7,\"bd\":0,\"s\":0}},{\"after_percent\":25}]");
        assert_contains(p->body.data, "\"at\":[{\"due\":true}]");
        assert_contains(p->body.data, "\"at\":[{\"percent\":80}]");
        assert_contains(p->body.data, "\"repeat\":{\"mo\":1,\"d\":0,\"bd\":0,\"s\":0}");
        assert_string_equal(p->names[0], "default");
        assert_null(p->names[1]);
}

static void test_mistakes(void **state)
{
        static const char *const good = GRADES_ ",\"ladder\":\"l\"";

        (void) state;
        expect(GRADES_, LADDER_, CALENDAR_, "\"ladder\" is missing");
        expect(GRADES_ ",\"ladder\":\"x\"", LADDER_, CALENDAR_,
               "there is no \"x\" among the ladders");
        expect(GRADES_ ",\"ladder\":\"l\",\"calendar\":\"x\"", LADDER_, CALENDAR_,
               "no \"x\" among the calendars");
        expect(GRADES_ ",\"ladder\":{\"critical\":\"l\",\"mayor\":\"l\"}", LADDER_, CALENDAR_,
               "did you mean \"major\"?");
        expect("\"critical\":{\"approval\":false},\"major\":{},\"minor\":{},\"observation\":{},"
               "\"ofi\":{},\"ladder\":\"l\"",
               LADDER_, CALENDAR_, "always approved");
        expect("\"critical\":{\"triag\":\"4h\"},\"major\":{},\"minor\":{},\"observation\":{},"
               "\"ofi\":{},\"ladder\":\"l\"",
               LADDER_, CALENDAR_, "did you mean \"triage\"?");
        expect("\"critical\":{\"triage\":\"4x\"},\"major\":{},\"minor\":{},\"observation\":{},"
               "\"ofi\":{},\"ladder\":\"l\"",
               LADDER_, CALENDAR_, "4x");
        expect(good, "[{\"at\":\"100%\",\"level\":\"L0\",\"to\":[\"owner\"]}]", CALENDAR_,
               "\"at\" is");
        expect(good, "[{\"at\":\"due-1d\",\"level\":\"L0\",\"to\":[\"owner\"]}]", CALENDAR_,
               "\"at\" is");
        expect(good, "[{\"at\":[],\"level\":\"L0\",\"to\":[\"owner\"]}]", CALENDAR_,
               "at least one moment");
        expect(good, "[{\"at\":\"due\",\"level\":\"L5\",\"to\":[\"owner\"]}]", CALENDAR_,
               "unknown value");
        expect(good, "[{\"at\":\"due\",\"level\":\"L0\",\"to\":[\"ownr\"]}]", CALENDAR_,
               "did you mean \"owner\"?");
        expect(good, "[{\"at\":\"due\",\"level\":\"L0\",\"to\":[\"owner\"],\"hours\":\"x\"}]",
               CALENDAR_, "among the calendars");
        expect(good, LADDER_, "{\"zone\":\"UTC\",\"hours\":{}}", "at least one working day");
        expect(good, LADDER_, "{\"zone\":\"UTC\",\"hours\":{\"mon\":[\"17:00\",\"09:00\"]}}",
               "end after they begin");
        expect(good, LADDER_, "{\"zone\":\"UTC\",\"hours\":{\"mon\":[\"25:00\",\"26:00\"]}}",
               "time of day");
        expect(good, LADDER_, "{\"zone\":\"UTC\",\"hours\":{\"mon\":[\"09:00\"]}}", "two times");
        expect(good, LADDER_,
               "{\"zone\":\"UTC\",\"hours\":{\"mon\":[\"09:00\",\"10:00\"]},\"holidays\":[\"2026-"
               "13-01\"]}",
               "a holiday is a date");
        expect(good, LADDER_, "5", "object");
}

static void test_shipped(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *p = NULL, *again = NULL;
        cleanup_(free_p) char *text = NULL;
        size_t size;

        (void) state;
        assert_int_equal(file_read(SHIPPED_POLICY, &text, &size, &c), 0);
        assert_int_equal(policy_parse(SHIPPED_POLICY, text, size, &p, &c), 0);
        /* The hash is of the normal form: what it says, not how it is written. */
        assert_int_equal(policy_parse("x", text, size, &again, &c), 0);
        assert_memory_equal(&p->hash, &again->hash, sizeof(p->hash));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_form),
                                           cmocka_unit_test(test_mistakes),
                                           cmocka_unit_test(test_shipped)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
