/* A file of adapters: refused with places, or loaded; then its adapters take messages, bare and in
 * a CloudEvent. What is redacted is JSON still, and what is shown of it too. */
#include "fuzz.h"

#include "proto/json/tape.h"

static const char RULE[] =
        "{\"id\":\"r\",\"title\":\"{/subject} {/data/a} {/document/a/0} {/parent/b} {/x} "
        "{/envelope/id}\","
        "\"effect\":\"fail\",\"match\":{\"path\":\"/type\",\"exists\":true},"
        "\"fingerprint\":[\"/source\",\"/x\"],\"missing\":\"null\"}";
static const char *const EVENTS[] = {
        "{\"a\":[{\"s\":\"x\",\"n\":1,\"t\":\"2026-11-22T01:46:00Z\",\"list\":[1,2]},{\"s\":"
        "\"\\u00e9\"},[],7],"
        "\"b\":{\"token\":\"secret\"},\"s\":\"doc\",\"n\":\"12\",\"t\":1795311960}",
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"w\",\"subject\":\"h\",\"time\":\"Sun, "
        "22 "
        "Nov 2026 01:46:00 GMT\",\"data\":{\"name\":\"p\",\"a\":[{\"name\":\"q\",\"b\":[{\"s\":"
        "\"token=abc pin=12\",\"n\":\"3\",\"m\":[109,195,188,255],\"j\":\"{\\\"x\\\":[{\\\"y\\\":"
        "\\\"deep\\\"}]}\"},{\"s\":null}]},{\"b\":[{\"token\":{\"n\":1}}]}],\"t\":\"0001-01-01T00:"
        "00:"
        "00Z\"}}",
        "[{\"a\":{\"b\":[{\"s\":\"AKIA1234\",\"status\":\"failed\"},{\"status\":\"passed\"}]}},[],"
        "7,"
        "null,\"text\"]",
        "{\"name\":\"o\",\"m\":\"{\\\"name\\\":\\\"i\\\",\\\"a\\\":[{\\\"s\\\":\\\"\\\\u00e9 "
        "token=abc\\\","
        "\\\"token\\\":1},{\\\"b\\\":[{\\\"n\\\":1}]},7]}\",\"l\":[{\"m\":\"[1,{\\\"s\\\":"
        "\\\"x\\\"}]\"},"
        "{\"m\":\"plain\"},{\"m\":\"{}\"}]}",
};

static void show(struct judge *judge, const struct ruleset *rules, const char *adapter,
                 const char *event)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct delivery from = {.peer = "fuzz", .adapter = {adapter, strlen(adapter)}};
        struct frame frame = {event, strlen(event)};
        const struct judgement *j = NULL;
        struct problem problem;

        CHECK(judge_frame(judge, rules, &from, &frame, &j) == 0);
        CHECK(json_tape_parse(&tape, j->body.data, j->body.size, &problem) == 0);
        for (size_t i = 0; i < j->n_parts; i++)
                CHECK((size_t) j->parts[i].offset + j->parts[i].size <= j->body.size);
        CHECK(judge_show(judge, rules, &from, &frame, &b) == 0);
        CHECK(json_tape_parse(&tape, b.data, b.size, &problem) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct source_file files[] = {
                {.kind = SOURCE_ADAPTERS,
                 .path = "adapters.json",
                 .text = (const char *) data,
                 .size = size},
                {.kind = SOURCE_RULES, .path = "rules.json", .text = RULE, .size = strlen(RULE)},
        };
        static const char *const NAMES[] = {"a", "x", "alertmanager"};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(complaints_done) struct complaints complaints = {0}, failed = {0};
        cleanup_(judge_free_p) struct judge *judge = NULL;
        cleanup_(buffer_done) struct buffer described = BUFFER_NULL;
        unsigned n_tests;
        int r;

        r = ruleset_load(files, 2, NULL, &rules, &complaints);
        CHECK(r >= 0 && (r == 0) == (complaints.n == 0));
        if (r != 0)
                return 0;
        CHECK(ruleset_test(rules, &n_tests, &failed) >= 0);
        CHECK(ruleset_describe_adapters(rules, &described) == 0);
        CHECK(judge_new(&judge) == 0);
        for (unsigned i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
                for (unsigned e = 0; e < sizeof(EVENTS) / sizeof(EVENTS[0]); e++) {
                        judge_twice(judge, rules, &(struct frame){NAMES[i], strlen(NAMES[i])},
                                    (const uint8_t *) EVENTS[e], strlen(EVENTS[e]));
                        if (ruleset_has_adapter(rules, NAMES[i]))
                                show(judge, rules, NAMES[i], EVENTS[e]);
                }
        return 0;
}
