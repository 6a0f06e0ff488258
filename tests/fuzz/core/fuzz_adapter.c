/* A file of adapters: refused with places, or loaded; the first one then takes a message. */
#include "fuzz.h"

static const char RULE[] =
        "{\"id\":\"r\",\"title\":\"{/subject} {/data/a} {/document/a/0} {/parent/b} {/x}\","
        "\"effect\":\"fail\",\"match\":{\"path\":\"/type\",\"exists\":true},"
        "\"fingerprint\":[\"/source\",\"/x\"],\"missing\":\"null\"}";
static const char EVENT[] =
        "{\"a\":[{\"s\":\"x\",\"n\":1,\"t\":\"2026-11-22T01:46:00Z\",\"list\":[1,2]},{\"s\":"
        "\"\\u00e9\"},[],7],"
        "\"b\":{\"token\":\"secret\"},\"s\":\"doc\",\"n\":\"12\",\"t\":1795311960}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct source_file files[] = {
                {SOURCE_ADAPTERS, "adapters.json", (const char *) data, size},
                {SOURCE_RULES, "rules.json", RULE, strlen(RULE)},
        };
        static const char *const NAMES[] = {"a", "x", "alertmanager"};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(complaints_done) struct complaints complaints = {0}, failed = {0};
        cleanup_(judge_free_p) struct judge *judge = NULL;
        unsigned n_tests;
        int r;

        r = ruleset_load(files, 2, NULL, &rules, &complaints);
        CHECK(r >= 0 && (r == 0) == (complaints.n == 0));
        if (r != 0)
                return 0;
        CHECK(ruleset_test(rules, &n_tests, &failed) >= 0);
        CHECK(judge_new(&judge) == 0);
        for (unsigned i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
                judge_twice(judge, rules, &(struct frame){NAMES[i], strlen(NAMES[i])},
                            (const uint8_t *) EVENT, strlen(EVENT));
        return 0;
}
