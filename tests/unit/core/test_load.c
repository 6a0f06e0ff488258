/* Every mistake that a file can have: where it is reported, and that the sentence names it. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

struct mistake {
        const char *place;    /* line:column in rules.json or adapters.json */
        const char *sentence; /* a part of it */
        const char *rules, *adapters;
};

#define FINE                                                                                       \
        "{\"id\":\"fine\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"             \
        "type\",\"eq\":"                                                                           \
        "\"t\"},\"fingerprint\":[\"/source\"]}"
/* An adapter that is fine. */
static const char FIELD_ADAPTER[] = "{\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\"fields\":{"
                                    "\"severity\":{\"path\":\"/x\"}}}";
/* A rule that is fine but for what is put behind it. */
/* An effect "missing"; the value of "expect" begins at 2:10. */
#define MISSING(expect, more)                                                                      \
        "{\"id\":\"r\",\"effect\":\"missing\",\"title\":\"t\",\"match\":{\"path\":\"/"             \
        "x\",\"eq\":1},\n"                                                                         \
        "\"expect\":{" expect "}" more "}"
#define SEQUENCE                                                                                   \
        "{\"events\":[{\"path\":\"/x\",\"eq\":1},{\"path\":\"/x\",\"eq\":2}],\"within\":\"1h\","   \
        "\"by\":\"/x\"}"
#define RULE(more)                                                                                 \
        "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/"                \
        "type\",\"eq\":\"t\"},"                                                                    \
        "\"fingerprint\":[\"/source\"],\n" more "}"
/* The same with another match. */
#define MATCH(match)                                                                               \
        "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"fingerprint\":[\"/"                   \
        "source\"],\"match\":\n" match "}"
#define ADAPTER(more) "{\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\n" more "}"

static const struct mistake RULES[] = {
        {"1:1", "", "", NULL},
        {"1:8", "", "{\"id\": }", NULL},
        {"2:1", "has no key \"titel\"; did you mean \"title\"?", RULE("\"titel\":\"x\""), NULL},
        {"2:1", "has no key \"zzzzzz\"", RULE("\"zzzzzz\":\"x\""), NULL},
        {"1:1", "needs the key \"match\"", "{\"id\":\"r\",\"effect\":\"ignore\"}", NULL},
        {"1:1", "must be an object", "7", NULL},
        {"1:2", "must be an object", "[7]", NULL},
        {"1:7", "a text in quotes",
         "{\"id\":7,\"effect\":\"ignore\",\"match\":{\"path\":\"/x\",\"eq\":1}}", NULL},
        {"1:7", "the text is empty",
         "{\"id\":\"\",\"effect\":\"ignore\",\"match\":{\"path\":\"/x\",\"eq\":1}}", NULL},
        {"1:7", "letters, digits",
         "{\"id\":\"a b\",\"effect\":\"ignore\",\"match\":{\"path\":\"/x\",\"eq\":1}}", NULL},
        {"2:1", "the id \"fine\" is already that of the rule at rules.json:1:2",
         "[" FINE ",\n" FINE "]", NULL},
        {"1:1", "a rule that raises needs a \"title\"",
         "{\"id\":\"r\",\"effect\":\"fail\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},\"fingerprint\":\"/x\"}",
         NULL},
        {"1:1", "needs a \"fingerprint\"",
         "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/x\",\"eq\":1}}",
         NULL},
        {"1:1", "names in \"clears\"",
         "{\"id\":\"r\",\"effect\":\"pass\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},\"fingerprint\":\"/x\"}",
         NULL},
        {"1:1", "only a rule with effect \"pass\" clears", RULE("\"clears\":\"r\""), NULL},
        {"1:1", "needs an owner, a grade", RULE("\"triaged\":true"), NULL},
        {"2:11", "true or false", RULE("\"triaged\":1"), NULL},
        {"2:14", "\"self_close\" needs", RULE("\"self_close\":{\"cause\":\"c\"}"), NULL},
        {"2:38", "did you mean \"process\"?",
         RULE("\"self_close\":{\"cause\":\"c\",\"category\":\"proces\",\"reason\":\"r\","
              "\"by\":\"b\"}"),
         NULL},
        {"2:38", "needs a why behind it",
         RULE("\"self_close\":{\"cause\":\"c\",\"category\":\"people\",\"reason\":\"r\","
              "\"by\":\"b\"}"),
         NULL},
        {"2:15", "has no key", RULE("\"self_close\":{\"cuase\":\"c\"}"), NULL},
        {"1:1", "belongs to the rule that raises",
         "{\"id\":\"r\",\"effect\":\"pass\",\"clears\":\"r\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},\"fingerprint\":\"/x\",\"self_close\":{\"cause\":\"c\","
         "\"category\":\"process\",\"reason\":\"r\",\"by\":\"b\"}}",
         NULL},
        {"2:7", "there is still a rule \"r\"", RULE("\"was\":\"r\""), NULL},
        {"2:23", "\"keep\" (what is open stays", RULE("\"fingerprint_changed\":\"close\""), NULL},
        {"2:14", "a whole number from 0", RULE("\"storm\":{\"n\":-1,\"within\":\"1h\"}"), NULL},
        {"2:25", "a time of nothing", RULE("\"storm\":{\"n\":1,\"within\":\"0s\"}"), NULL},
        {"2:9", "needs the key \"within\"", RULE("\"storm\":{\"n\":1}"), NULL},
        {"1:1", "\"was\" belongs to the rule that raises",
         "{\"id\":\"r\",\"effect\":\"ignore\",\"match\":{\"path\":\"/x\",\"eq\":1},\"was\":\"s\"}",
         NULL},
        {"1:20", "did you mean \"ignore\"?",
         "{\"id\":\"r\",\"effect\":\"ignroe\",\"match\":{\"path\":\"/x\",\"eq\":1}}", NULL},
        {"1:20", "an effect is", "{\"id\":\"r\",\"effect\":3,\"match\":{\"path\":\"/x\",\"eq\":1}}",
         NULL},
        {"1:1", "\"expect\" and the effect \"missing\" belong together",
         "{\"id\":\"r\",\"effect\":\"missing\",\"title\":\"t\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1}}",
         NULL},
        {"1:1", "belong together", RULE("\"expect\":{\"every\":\"1h\"}"), NULL},
        {"1:1", "leave \"fingerprint\" out", MISSING("\"every\":\"1h\"", ",\"fingerprint\":\"/x\""),
         NULL},
        {"1:1", "needs a \"title\"",
         "{\"id\":\"r\",\"effect\":\"missing\",\"match\":{\"path\":\"/x\",\"eq\":1},\"expect\":{"
         "\"every\":\"1h\"}}",
         NULL},
        {"1:1", "has no pass anyway",
         MISSING("\"every\":\"1h\"",
                 ",\"grade\":{\"base\":\"minor\",\"raise\":[{\"no_pass_for\":\"48h\",\"to\":"
                 "\"major\"}]}"),
         NULL},
        {"2:10", "exactly one of", MISSING("", ""), NULL},
        {"2:10", "exactly one of", MISSING("\"every\":\"1h\",\"cron\":\"0 3 * * *\"", ""), NULL},
        {"2:10", "belong together", MISSING("\"every\":\"1h\",\"within\":\"1h\"", ""), NULL},
        {"2:10", "belong together", MISSING("\"after\":{\"path\":\"/x\",\"eq\":2}", ""), NULL},
        {"2:10", "for \"cron\" only", MISSING("\"every\":\"1h\",\"zone\":\"UTC\"", ""), NULL},
        {"2:10", "needs a \"grace\"", MISSING("\"cron\":\"0 3 * * *\"", ""), NULL},
        {"2:21", "the hour is \"*\" or values from 0 to 23", MISSING("\"cron\":\"0 24 * * *\"", ""),
         NULL},
        {"2:27", "the weekday is", MISSING("\"cron\":\"0 3 * * 8\"", ""), NULL},
        {"2:27", "names such as mon or jan", MISSING("\"cron\":\"0 3 * * fry\"", ""), NULL},
        {"2:24", "five fields", MISSING("\"cron\":\"0 3 *\"", ""), NULL},
        {"2:29", "this is a sixth", MISSING("\"cron\":\"0 3 * * * *\"", ""), NULL},
        {"2:19", "the minute is", MISSING("\"cron\":\"*/0 3 * * *\"", ""), NULL},
        {"2:23", "the day of the month is", MISSING("\"cron\":\"0 3 9-2 * *\"", ""), NULL},
        {"2:19", "a time of nothing", MISSING("\"every\":\"0s\"", ""), NULL},
        {"2:37", "a zone is a name", MISSING("\"cron\":\"0 3 * * *\",\"zone\":\"a b\"", ""), NULL},
        {"2:35", "a list of 1 to", MISSING("\"every\":\"1h\",\"subjects\":\"all\"", ""), NULL},
        {"2:40", "already", MISSING("\"every\":\"1h\",\"subjects\":[\"a\",\"a\"]", ""), NULL},
        {"2:29", "takes a single value", MISSING("\"every\":\"1h\",\"by\":\"/x/*\"", ""), NULL},
        {"2:10", "before the first event",
         MISSING("\"after\":{\"path\":\"/x\",\"eq\":2},\"within\":\"1h\",\"subjects\":[\"a\"]", ""),
         NULL},
        {"2:11", "has no key \"evry\"", MISSING("\"evry\":\"1h\"", ""), NULL},
        {"2:9", "needs the key \"within\"", RULE("\"count\":{\"n\":5}"), NULL},
        {"2:14", "whole number from 2 to 1000", RULE("\"count\":{\"n\":1,\"within\":\"1h\"}"),
         NULL},
        {"2:14", "whole number from 2 to 1000", RULE("\"count\":{\"n\":1e1,\"within\":\"1h\"}"),
         NULL},
        {"2:38", "a clock is", RULE("\"count\":{\"n\":5,\"within\":\"1h\",\"clock\":\"wall\"}"),
         NULL},
        {"2:36", "\"*\" names many",
         RULE("\"count\":{\"n\":5,\"within\":\"1h\",\"by\":[\"/a/*\"]}"), NULL},
        {"1:1", "belong to a rule with effect \"fail\"",
         "{\"id\":\"r\",\"effect\":\"ignore\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},\"count\":{\"n\":2,"
         "\"within\":\"1h\"}}",
         NULL},
        {"1:1", "needs the key \"match\"",
         "{\"id\":\"r\",\"effect\":\"fail\",\"title\":\"t\",\"fingerprint\":\"/x\"}", NULL},
        {"1:1", "either \"match\", or \"sequence\"", RULE("\"sequence\":" SEQUENCE), NULL},
        {"1:60", "a list of 2 to 16",
         "{\"id\":\"r\",\"effect\":\"fail\",\"title\":\"t\",\"sequence\":{\"events\":[{\"path\":\"/"
         "x\",\"eq\":1}],\"within\":\"1h\",\"by\":\"/x\"}}",
         NULL},
        {"1:1", "leave \"fingerprint\" out",
         "{\"id\":\"r\",\"effect\":\"fail\",\"title\":\"t\",\"fingerprint\":\"/"
         "x\",\"sequence\":" SEQUENCE "}",
         NULL},
        {"2:49", "a time of nothing",
         RULE("\"grade\":{\"base\":\"minor\",\"raise\":[{\"no_pass_for\":\"0s\",\"to\":\"major\"}]"
              "}"),
         NULL},
        {"2:9", "cannot be raised to minor",
         RULE("\"grade\":{\"base\":\"minor\",\"raise\":[{\"no_pass_for\":\"48h\",\"to\":\"minor\"}]"
              "}"),
         NULL},
        {"2:9", "did you mean \"major\"?", RULE("\"grade\":\"mayor\""), NULL},
        {"2:9", "there are critical, major", RULE("\"grade\":\"whatever\""), NULL},
        {"2:9", "a grade is expected", RULE("\"grade\":5"), NULL},
        {"2:9", "needs the key \"else\"",
         RULE("\"grade\":{\"path\":\"/x\",\"map\":[{\"eq\":1,\"to\":\"minor\"}]}"), NULL},
        {"2:29", "an operator is missing",
         RULE("\"grade\":{\"path\":\"/x\",\"map\":[{\"to\":\"minor\"}],\"else\":\"ofi\"}"), NULL},
        {"2:9", "cannot be raised to ofi",
         RULE("\"grade\":{\"base\":\"minor\",\"raise\":[{\"occurrences\":3,\"within\":\"7d\","
              "\"to\":"
              "\"ofi\"}]}"),
         NULL},
        {"2:49", "whole number from 2",
         RULE("\"grade\":{\"base\":\"minor\",\"raise\":[{\"occurrences\":1,\"within\":\"7d\","
              "\"to\":"
              "\"major\"}]}"),
         NULL},
        {"2:62", "",
         RULE("\"grade\":{\"base\":\"minor\",\"raise\":[{\"occurrences\":3,\"within\":\"7y\","
              "\"to\":\"major\"}]}"),
         NULL},
        {"2:10", "no policy \"strickt\"; did you mean \"strict\"?", RULE("\"policy\":\"strickt\""),
         NULL},
        {"2:11", "\"missing\" can be \"null\"", RULE("\"missing\":\"zero\""), NULL},
        {"2:15", "there is no rule \"fien\"; did you mean \"fine\"?",
         "[" FINE ",\n{\"instead_of\":\"fien\",\"id\":\"r\",\"effect\":\"ignore\",\"match\":{"
         "\"path\":\"/x\","
         "\"eq\":1}}]",
         NULL},
        {"3:16", "goes in a circle",
         "[{\"instead_of\":\"b\",\"id\":\"a\",\"effect\":\"ignore\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1}},\n"
         "{\"instead_of\":[\"c\"],\"id\":\"b\",\"effect\":\"ignore\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1}},\n"
         "{\"instead_of\":[\"a\"],\"id\":\"c\",\"effect\":\"ignore\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1}}]",
         NULL},
        {"2:11", "has 1 parts and this one 2",
         "[" FINE ",\n{\"clears\":\"fine\",\"id\":\"r\",\"effect\":\"pass\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},"
         "\"fingerprint\":[\"/a\",\"/b\"]}]",
         NULL},
        {"2:11", "\"missing\" must be the same",
         "[" FINE ",\n{\"clears\":\"fine\",\"id\":\"r\",\"effect\":\"pass\",\"match\":{\"path\":\"/"
         "x\",\"eq\":1},"
         "\"fingerprint\":[\"/a\"],\"missing\":\"null\"}]",
         NULL},
        {"1:11", "raises nothing",
         "{\"clears\":\"r\",\"id\":\"r\",\"effect\":\"pass\",\"match\":{\"path\":\"/x\",\"eq\":1},"
         "\"fingerprint\":[\"/a\"]}",
         NULL},
        {"2:11", "there is no adapter \"nobody\"", RULE("\"adapter\":\"nobody\""), NULL},
};

static const struct mistake MATCHES[] = {
        {"2:1", "a condition must be an object", MATCH("7"), NULL},
        {"2:1", "has either \"path\"", MATCH("{}"), NULL},
        {"2:1", "has either \"path\"", MATCH("{\"all\":[],\"any\":[]}"), NULL},
        {"2:8", "\"all\" needs a list of at least one", MATCH("{\"all\":[]}"), NULL},
        {"2:8", "\"any\" needs a list of at least one", MATCH("{\"any\":{}}"), NULL},
        {"2:2", "did you mean \"any\"?", MATCH("{\"ayn\":[]}"), NULL},
        {"2:1", "an operator is missing", MATCH("{\"path\":\"/x\"}"), NULL},
        {"2:14", "has no key \"equals\"", MATCH("{\"path\":\"/x\",\"equals\":1}"), NULL},
        {"2:9", "a path in quotes", MATCH("{\"path\":7,\"eq\":1}"), NULL},
        {"2:10", "a pointer begins with", MATCH("{\"path\":\"type\",\"eq\":1}"), NULL},
        {"2:10", "an empty path", MATCH("{\"path\":\"\",\"eq\":1}"), NULL},
        {"2:12", "must be followed by 0", MATCH("{\"path\":\"/a~2b\",\"eq\":1}"), NULL},
        {"2:19", "compares with a text, a number", MATCH("{\"path\":\"/x\",\"eq\":[1]}"), NULL},
        {"2:19", "\"in\" needs a list", MATCH("{\"path\":\"/x\",\"in\":\"a\"}"), NULL},
        {"2:19", "\"in\" needs a list", MATCH("{\"path\":\"/x\",\"in\":[]}"), NULL},
        {"2:19", "needs a number", MATCH("{\"path\":\"/x\",\"lt\":true}"), NULL},
        {"2:27", "needs a text", MATCH("{\"path\":\"/x\",\"startswith\":1}"), NULL},
        {"2:19", "regular expression", MATCH("{\"path\":\"/x\",\"re\":\"(\"}"), NULL},
        {"2:21", "or not a glob", MATCH("{\"path\":\"/x\",\"glob\":\"[z-a]\"}"), NULL},
        {"2:19", "of ASCII characters, others are named one by one",
         MATCH("{\"path\":\"/x\",\"re\":\"[\xc3\xa0-\xc3\xbf]\"}"), NULL},
        {"2:19", "back-references", MATCH("{\"path\":\"/x\",\"re\":\"(a)\\\\1\"}"), NULL},
        {"2:19", "repetitions multiply", MATCH("{\"path\":\"/x\",\"re\":\"x++++++++++++++\"}"),
         NULL},
        {"2:19", "repetitions multiply",
         MATCH("{\"path\":\"/x\",\"re\":\"((((a[]+]+b){9})*)?){200}\"}"), NULL},
        {"2:19", "repetitions multiply", MATCH("{\"path\":\"/x\",\"re\":\"((a{100}){100}){100}\"}"),
         NULL},
        {"2:19", "repetitions multiply",
         MATCH("{\"path\":\"/x\",\"re\":\"a{9,99999999999999999999}\"}"), NULL},
        {"2:21", "not an IPv4 or IPv6 network", MATCH("{\"path\":\"/x\",\"cidr\":\"10.0.0\"}"),
         NULL},
        {"2:21", "must be 0 to 32", MATCH("{\"path\":\"/x\",\"cidr\":\"10.0.0.0/33\"}"), NULL},
        {"2:21", "must be 0 to 128", MATCH("{\"path\":\"/x\",\"cidr\":\"::1/129\"}"), NULL},
        {"2:21", "must be 0 to 32", MATCH("{\"path\":\"/x\",\"cidr\":\"10.0.0.0/\"}"), NULL},
        {"2:23", "true or false", MATCH("{\"path\":\"/x\",\"exists\":1}"), NULL},
        {"2:19", "\"nocase\" has no meaning", MATCH("{\"path\":\"/x\",\"lt\":1,\"nocase\":true}"),
         NULL},
        {"2:30", "true or false", MATCH("{\"path\":\"/x\",\"eq\":1,\"nocase\":1}"), NULL},
        {"2:16", "\"*\" names many",
         "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":\"/x\",\"eq\":1},\n"
         "\"fingerprint\":[\"/a/*\"]}",
         NULL},
};

static const struct mistake TEMPLATES[] = {
        {"2:16", "is not closed", RULE("\"statement\":\"a {/b\""), NULL},
        {"2:17", "", RULE("\"statement\":\"a {b}\""), NULL},
        {"2:17", "an empty path", RULE("\"statement\":\"a {}\""), NULL},
};

static const struct mistake ADAPTERS[] = {
        {"1:1", "needs the key \"source\"", FINE, "{\"id\":\"a\",\"type\":\"t\"}"},
        {"2:8", "ends with \"/*\"", FINE, ADAPTER("\"each\":\"/alerts\"")},
        {"2:8", "names at least one list", FINE, ADAPTER("\"each\":[]")},
        {"2:8", "at most 8", FINE,
         ADAPTER("\"each\":[\"/a/*\",\"/b/*\",\"/c/*\",\"/d/*\",\"/e/*\",\"/f/*\",\"/g/*\",\"/h/"
                 "*\",\"/i/*\"]")},
        {"2:16", "ends with \"/*\"", FINE, ADAPTER("\"each\":[\"/a/*\",\"/b\"]")},
        {"2:9", "a pointer begins with", FINE, ADAPTER("\"each\":\"alerts/*\"")},
        {"1:1", "\"optional\" belongs to \"each\"", FINE, ADAPTER("\"optional\":true")},
        {"2:30", "true or false", FINE, ADAPTER("\"each\":\"/a/*\",\"optional\":    1")},
        {"2:16", "a text in quotes", FINE, ADAPTER("\"description\": 7")},
        {"2:11", "exactly one of \"path\"", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"document\":\"/b\"}")},
        {"2:11", "the first that gives something wins", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"above\":\"/b\"}")},
        {"2:11", "exactly one of \"path\"", FINE, ADAPTER("\"subject\":{}")},
        {"2:11", "a value comes from", FINE, ADAPTER("\"subject\":7")},
        {"2:11", "the list is empty", FINE, ADAPTER("\"subject\":[]")},
        {"2:11", "\"*\" names many", FINE, ADAPTER("\"subject\":{\"document\":\"/a/*\"}")},
        {"2:11", "\"*\" names many", FINE, ADAPTER("\"subject\":{\"above\":\"/a/*\"}")},
        {"2:11", "\"else\" belongs to a \"map\"", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"else\":\"b\"}")},
        {"2:11", "\"nocase\" belongs to a \"map\"", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"nocase\":true}")},
        {"2:33", "true or false", FINE,
         ADAPTER("\"subject\":{\"path\":\"/"
                 "a\",\"nocase\":\"yes\",\"map\":[{\"eq\":\"x\",\"to\":\"y\"}]}")},
        {"2:11", "a template is no such text", FINE,
         ADAPTER("\"subject\":{\"template\":\"{/a}\",\"json\":\"/b\"}")},
        {"2:31", "\"json\" names a single value", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"json\":\"/b/*\"}")},
        {"2:32", "a pointer begins with", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"json\":\"b\"}")},
        {"2:34", "needs a group", FINE, ADAPTER("\"subject\":{\"path\":\"/a\",\"capture\":\"b\"}")},
        {"2:34", "regular expression", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"capture\":\"(\"}")},
        {"2:29", "\"as\" can be \"number\" or \"text\"", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"as\":\"int\"}")},
        {"2:31", "needs the key \"to\"", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"map\":[{\"eq\":\"b\"}]}")},
        {"2:31", "an operator is missing", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"map\":[{\"to\":\"b\"}]}")},
        {"2:43", "the text is empty", FINE,
         ADAPTER("\"subject\":{\"path\":\"/a\",\"map\":{\"eq\":1,\"to\":\"\"}}")},
        {"2:11", "a mapped value has no key \"pth\"", FINE,
         ADAPTER("\"subject\":{\"pth\":\"/a\"}")},
        {"2:11", "already names a part", FINE, ADAPTER("\"fields\":{\"data\":\"x\"}")},
        {"2:11", "already names a part", FINE, ADAPTER("\"fields\":{\"envelope\":\"x\"}")},
        {"2:10", "\"fields\" is an object", FINE, ADAPTER("\"fields\":[]")},
        {"2:12", "exactly one of \"document\"", FINE, ADAPTER("\"delivery\":{}")},
        {"2:13", "\"*\" names many", FINE, ADAPTER("\"delivery\":[\"/a/*\"]")},
        {"2:13", "a place has no key \"docment\"; did you mean \"document\"", FINE,
         ADAPTER("\"delivery\":{\"docment\":\"/a\"}")},
        {"2:8", "\"json\"", FINE, ADAPTER("\"each\":{\"path\":\"/m\"}")},
        {"2:8", "\"path\"", FINE, ADAPTER("\"each\":{\"json\":\"/a/*\"}")},
        {"2:28", "it ends with \"/*\"", FINE,
         ADAPTER("\"each\":{\"path\":\"/m\",\"json\":\"/a\"}")},
        {"2:21", "did you mean \"json\"?", FINE,
         ADAPTER("\"each\":{\"path\":\"/m\",\"jsn\":\"/a/*\"}")},
        {"2:10", "exactly one of \"path\"", FINE, ADAPTER("\"redact\":{\"re\":\"x\"}")},
        {"2:10", "exactly one of \"path\"", FINE,
         ADAPTER("\"redact\":{\"path\":\"/a\",\"anywhere\":\"b\"}")},
        {"2:22", "not a path", FINE, ADAPTER("\"redact\":{\"anywhere\":\"/password\"}")},
        {"2:28", "regular expression", FINE, ADAPTER("\"redact\":{\"path\":\"/a\",\"re\":\"(\"}")},
        {"2:11", "a path in quotes", FINE, ADAPTER("\"redact\":[7]")},
        {"2:2", "has no key", FINE, ADAPTER(" \"sevrity\":\"x\"")},
        {"3:2", "another adapter \"a\"", FINE,
         "[" ADAPTER("\"subject\":\"x\"") ",\n " ADAPTER("\"subject\":\"x\"") "]"},
};

/* Mistakes of rules that show only beside their adapter. */
static const struct mistake FIELDS[] = {
        {"2:25", "adapter \"a\" makes no field \"severty\"; did you mean \"/severity\"?",
         RULE("\"adapter\":\"a\",\"asset\":  \"/severty\""), FIELD_ADAPTER},
        {"2:30", "makes no field \"zzzzzzzz\"; what the tool wrote is below \"/data\"",
         RULE("\"adapter\":\"a\",\"statement\":   \"x {/zzzzzzzz/b}\""), FIELD_ADAPTER},
        {"1:62", "did you mean \"/type\"?",
         "{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"not\":{\"path\":\"/"
         "tpye\",\"eq\":1}},\"adapter\":\"a\",\"fingerprint\":\"/source\"}",
         FIELD_ADAPTER},
};

static void check(const struct mistake *m)
{
        const char *file =
                m->adapters && m->adapters != FIELD_ADAPTER ? "adapters.json" : "rules.json";
        char *said = fixture_complaints(m->rules, m->adapters);
        char place[64];

        (void) snprintf(place, sizeof(place), "%s:%s: ", file, m->place);
        if (!strstr(said, place) || !strstr(said, m->sentence))
                fail_msg("%s\n%s\nsaid \"%s\", not \"%s\" with \"%s\"", m->rules,
                         m->adapters ? m->adapters : "", said, place, m->sentence);
        free(said);
}

static void check_all(const struct mistake *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                check(&list[i]);
}

static void rules(void **state)
{
        (void) state;
        check_all(RULES, sizeof(RULES) / sizeof(RULES[0]));
}

static void matches(void **state)
{
        (void) state;
        check_all(MATCHES, sizeof(MATCHES) / sizeof(MATCHES[0]));
}

static void templates(void **state)
{
        (void) state;
        check_all(TEMPLATES, sizeof(TEMPLATES) / sizeof(TEMPLATES[0]));
}

static void adapters(void **state)
{
        (void) state;
        check_all(ADAPTERS, sizeof(ADAPTERS) / sizeof(ADAPTERS[0]));
        check_all(FIELDS, sizeof(FIELDS) / sizeof(FIELDS[0]));
}

/* All mistakes of all files at once, in the order of the files. */
static void all_at_once(void **state)
{
        char *said = fixture_complaints("[{\"id\":\"a\"},\n{\"id\":\"b\",\"effect\":\"x\"}]",
                                        "{\"id\":\"c\",\"tpye\":\"t\"}");
        const char *first = strstr(said, "adapters.json:1:1: "), *second;

        (void) state;
        assert_non_null(first);
        second = strstr(said, "rules.json:1:2: ");
        assert_non_null(second);
        assert_true(first < second);
        assert_non_null(strstr(said, "rules.json:2:20: "));
        assert_non_null(strstr(said, "did you mean \"type\"?"));
        free(said);
}

/* Nothing at all is a ruleset too: every event is ignored. */
static void nothing(void **state)
{
        struct fixture f;

        (void) state;
        fixture_load(&f, "[]", "[]");
        assert_int_equal(ruleset_count(f.rules), 0);
        assert_int_equal(only_part(judge_data(&f, "t", "{}"))->verdict, VERDICT_IGNORED);
        fixture_done(&f);
}

/* The rules of a tried file stand in the place of those of the same ids in others; two of one id
 * within it are a mistake still. */
static void tried(void **state)
{
        static const char LIVE[] = "[" FINE "," RULE("\"enabled\":true") "]";
        static const char NEW[] = "{\"id\":\"fine\",\"title\":\"new\",\"effect\":\"fail\","
                                  "\"match\":{\"path\":\"/type\",\"eq\":\"t\"},"
                                  "\"fingerprint\":[\"/source\"]}";
        struct source_file files[] = {
                {.path = "a.json", .text = LIVE, .size = sizeof(LIVE) - 1},
                {.path = "b.json", .text = NEW, .size = sizeof(NEW) - 1, .tried = true}};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(buffer_done) struct buffer body = BUFFER_NULL;

        (void) state;
        assert_int_equal(ruleset_load(files, 2, NULL, &rules, &complaints), 0);
        assert_int_equal(ruleset_count(rules), 2);
        assert_int_equal(ruleset_describe(rules, &body), 0);
        assert_non_null(strstr(body.data, "\"title\":\"new\""));
        files[1].tried = false;
        rules = ruleset_unref(rules);
        assert_int_equal(ruleset_load(files, 2, NULL, &rules, &complaints), RULESET_E_INVALID);
        assert_non_null(strstr(complaints.text.data, "b.json:1:1: the id \"fine\" is already"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rules),       cmocka_unit_test(matches),
                cmocka_unit_test(templates),   cmocka_unit_test(adapters),
                cmocka_unit_test(all_at_once), cmocka_unit_test(nothing),
                cmocka_unit_test(tried),
        };

        return cmocka_run_group_tests_name("core/load", tests, NULL, NULL);
}
