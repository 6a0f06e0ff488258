/* A file of rules: refused with places, or loaded; then it is described, tested, and judges an
 * event. */
#include "fuzz.h"

static const char EVENT[] =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"x\","
        "\"data\":{"
        "\"a\":[1,\"\\u00e9\",null,{\"b\":true}],\"exit_code\":1,\"message\":\"m\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct source_file file = {.kind = SOURCE_RULES,
                                         .path = "rules.json",
                                         .text = (const char *) data,
                                         .size = size};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(complaints_done) struct complaints complaints = {0}, failed = {0};
        cleanup_(judge_free_p) struct judge *judge = NULL;
        cleanup_(buffer_done) struct buffer description = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        unsigned n_tests;
        int r;

        r = ruleset_load(&file, 1, NULL, &rules, &complaints);
        CHECK(r >= 0 && (r == 0) == (complaints.n == 0));
        if (r != 0) {
                CHECK(strncmp(complaints.text.data, "rules.json:", strlen("rules.json:")) == 0);
                return 0;
        }
        CHECK(ruleset_describe(rules, &description) == 0);
        CHECK(json_tape_parse(&tape, description.data, description.size, NULL) == 0);
        CHECK(ruleset_test(rules, &n_tests, &failed) >= 0);
        CHECK(judge_new(&judge) == 0);
        judge_twice(judge, rules, &(struct frame){"", 0}, (const uint8_t *) EVENT, strlen(EVENT));
        return 0;
}
