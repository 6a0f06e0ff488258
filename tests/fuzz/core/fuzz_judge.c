/* Any bytes as an event, under rules that use every operator: as a CloudEvent and through an
 * adapter with fan-out and redaction, the second one of lists in texts. */
#include "fuzz.h"

/* A rule a line, which the formatter would not leave. */
/* clang-format off */
#define FAIL \
        ",\"title\":\"{/type} {/data}\",\"statement\":\"{/data/a}\",\"effect\":\"fail\"," \
        "\"fingerprint\":[\"/source\",\"/data/a\"],\"missing\":\"null\"}"
#define ON(id, match) "{\"id\":\"" id "\",\"match\":" match FAIL

static const char RULES[] =
        "["
        ON("eq",
           "{\"path\":\"/type\",\"eq\":\"t\"}") ","
        ON("in",
           "{\"path\":\"/data/a\",\"in\":[1,\"x\",null,true]}") ","
        ON("order",
           "{\"path\":\"/data/a\",\"gte\":-1.5e3,\"lt\":9007199254740993}") ","
        ON("text",
           "{\"any\":[{\"path\":\"/data/a\",\"contains\":\"a\",\"nocase\":true},"
           "{\"path\":\"/data/a\",\"startswith\":\"b\"},{\"path\":\"/data/a\",\"endswith\":\"c\"}]}") ","
        ON("glob",
           "{\"path\":\"/data/*\",\"glob\":\"*a?[b-d]*\"}") ","
        "{\"id\":\"controls\",\"match\":{\"path\":\"/type\",\"exists\":true},\"controls\":[\"A.8.9\","
           "{\"path\":\"/data/a\"},{\"path\":\"/data/*\",\"edition\":2013,\"capture\":\"(.*)\"},"
           "{\"path\":\"/data/a/*\",\"map\":[{\"glob\":\"AC-*\",\"to\":[\"A.5.15\",\"A.8.2\"]}]}]" FAIL ","
        ON("re",
           "{\"path\":\"/data/*/*\",\"re\":\"^(a|b+)*c{2,3}$\"}") ","
        ON("cidr",
           "{\"path\":\"/data/a\",\"cidr\":[\"10.0.0.0/8\",\"2001:db8::/33\"]}") ","
        ON("not",
           "{\"not\":{\"all\":[{\"path\":\"/subject\",\"exists\":true},"
           "{\"path\":\"/data/b/0\",\"ne\":0}]}}")
        "]";
/* clang-format on */

static const char ADAPTERS[] =
        "[{\"id\":\"y\",\"each\":[{\"path\":\"/m\",\"json\":\"/list/*\"},{\"path\":\"/records/*/"
        "m\",\"json\":\"/*\"}],"
        "\"source\":[{\"above\":\"/s\"},\"none\"],\"type\":\"t\",\"subject\":{\"path\":\"/"
        "m\"},\"redact\":[\"/secret\","
        "{\"anywhere\":\"token\"},{\"path\":\"/a\",\"re\":\"x.|q*\"}]},"
        "{\"id\":\"x\",\"each\":\"/list/*\",\"source\":[{\"path\":\"/s\"},{\"document\":\"/"
        "s\"},\"none\"],\"type\":"
        "[{\"template\":\"t.{/t}\"},\"t\"],\"subject\":{\"path\":\"/m\",\"capture\":\"h=([^ "
        "]*)\"},\"time\":{\"path\":"
        "\"/time\"},\"first_seen\":{\"document\":\"/time\"},\"delivery\":[\"/"
        "n\"],\"fields\":{\"level\":{\"path\":\"/l\","
        "\"map\":[{\"gt\":3,\"to\":\"high\"}],\"else\":\"low\"},\"number\":{\"path\":\"/"
        "m\",\"as\":\"number\"}},"
        "\"redact\":[\"/secret\",\"/secret/*\",{\"document\":\"/token\"}]}]";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct ruleset *rules;
        static struct judge *judge;

        if (!rules) {
                const struct source_file files[] = {
                        {.kind = SOURCE_RULES,
                         .path = "rules.json",
                         .text = RULES,
                         .size = strlen(RULES)},
                        {.kind = SOURCE_ADAPTERS,
                         .path = "adapters.json",
                         .text = ADAPTERS,
                         .size = strlen(ADAPTERS)},
                };
                cleanup_(complaints_done) struct complaints complaints = {0};

                CHECK(ruleset_load(files, 2, NULL, &rules, &complaints) == 0);
                CHECK(judge_new(&judge) == 0);
        }
        judge_twice(judge, rules, &(struct frame){"", 0}, data, size);
        judge_twice(judge, rules, &(struct frame){"x", 1}, data, size);
        judge_twice(judge, rules, &(struct frame){"y", 1}, data, size);
        return 0;
}
