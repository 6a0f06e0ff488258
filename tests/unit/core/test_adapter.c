/* Adapters: views, mapping, fan-out, identities, redaction. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto/base/limits.h"

#define ALL                                                                                        \
        "\"match\":{\"path\":\"/type\",\"exists\":true},\"effect\":\"fail\",\"fingerprint\":[\"/"  \
        "source\"]"

static void use(struct fixture *f, const char *adapter)
{
        f->from.adapter = (struct frame){adapter, strlen(adapter)};
}

static void views(void **state)
{
        static const char *const EVENT = "{\"group\":{\"name\":\"g\",\"list\":[{\"kind\":\"a\","
                                         "\"n\":1},{\"kind\":\"b\",\"n\":2}]},"
                                         "\"when\":1795311960}";
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f,
                     "{\"id\":\"r\",\"title\":\"{/data/n} {/document/when} {/parent/name} {/level} "
                     "{/whole/n}"
                     " {/first_seen} {/time} {/none} {/id}\"," ALL "}",
                     "{\"id\":\"x\",\"each\":\"/group/list/*\",\"source\":{\"document\":\"/group/"
                     "name\"},"
                     "\"type\":{\"template\":\"x.{/kind}\"},\"subject\":[{\"path\":\"/"
                     "none\"},{\"path\":\"/n\"}],"
                     "\"time\":{\"document\":\"/when\"},\"first_seen\":\"2026-11-22T01:46:00Z\","
                     "\"fields\":{\"level\":{\"path\":\"/"
                     "kind\",\"map\":[{\"eq\":\"A\",\"nocase\":true,\"to\":"
                     "\"high\"}],\"else\":\"low\"},\"whole\":{\"path\":\"/list\"}}}");
        use(&f, "x");
        f.from.request_id = (struct frame){"0123456789abcdef", 16};
        f.from.frame_index = 3;
        j = judge_text(&f, EVENT);
        assert_int_equal(j->verdict, VERDICT_MAX);
        assert_int_equal(j->n_parts, 2);
        assert_string_equal(j->adapter, "x");
        assert_text(j->parts[0].source, "g");
        assert_text(j->parts[0].type, "x.a");
        assert_text(j->parts[1].type, "x.b");
        assert_text(j->parts[1].subject, "2");
        assert_text(j->parts[1].id, "tester/0123456789abcdef/3/1");
        assert_int_equal(j->parts[0].observed_us, 1795311960000000);
        assert_int_equal(j->parts[0].first_seen_us, 1795311960000000);
        assert_memory_equal(EVENT + j->parts[1].offset, "{\"kind\":\"b\",\"n\":2}",
                            j->parts[1].size);
        assert_int_equal(j->parts[1].size, strlen("{\"kind\":\"b\",\"n\":2}"));
        assert_text(j->matches[0].title, "1 1795311960 g high ? 2026-11-22T01:46:00Z 1795311960 ? "
                                         "tester/0123456789abcdef/3/0");
        assert_text(j->matches[1].title, "2 1795311960 g low ? 2026-11-22T01:46:00Z 1795311960 ? "
                                         "tester/0123456789abcdef/3/1");
        fixture_done(&f);
}

static void mapping(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, "{\"id\":\"r\",\"title\":\"{/number} {/list/1}\"," ALL "}",
                     "{\"id\":\"x\",\"source\":[{\"path\":\"/"
                     "s\",\"capture\":\"host=([a-z]+)\"},{\"template\":"
                     "\"t/{/s}/{/none}\"},{\"template\":\"t/{/"
                     "n}\"},\"last\"],\"type\":[{\"path\":\"/list\"},"
                     "{\"path\":\"/empty\"},{\"path\":\"/null\"},{\"path\":\"/"
                     "bool\"}],\"fields\":{\"number\":"
                     "[{\"path\":\"/s\",\"as\":\"number\"},{\"path\":\"/"
                     "digits\",\"as\":\"number\"}],\"list\":"
                     "{\"path\":\"/list\"}}}");
        use(&f, "x");
        j = judge_text(
                &f,
                "{\"s\":\"a host=db b\",\"list\":[1,2],\"empty\":\"\",\"null\":null,\"bool\":true,"
                "\"digits\":\"12\"}");
        assert_text(only_part(j)->source, "db");
        assert_text(only_part(j)->type, "true");
        assert_text(j->matches[0].title, "12 2");
        j = judge_text(&f, "{\"s\":\"x\",\"n\":5,\"bool\":false,\"digits\":\"012\"}");
        assert_text(only_part(j)->source, "t/5");
        assert_text(only_part(j)->type, "false");
        assert_text(j->matches[0].title, "? ?");
        j = judge_text(&f, "{\"bool\":1}");
        assert_text(only_part(j)->source, "last");
        j = judge_text(&f, "{}");
        assert_int_equal(only_part(j)->verdict, VERDICT_INVALID);
        assert_contains(only_part(j)->problem.text, "adapter \"x\"");
        assert_contains(only_part(j)->problem.text, "\"type\" finds nothing");
        fixture_done(&f);
}

/* One bad part does not harm its neighbours. */
static void neighbours(void **state)
{
        static const char *const PREFIXES[] = {"good", NULL};
        static char event[8192], longest[LIMIT_ENVELOPE_BYTES + 2];
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, "{\"id\":\"r\",\"title\":\"t\"," ALL "}",
                     "{\"id\":\"x\",\"each\":\"/*\",\"source\":{\"path\":\"/"
                     "s\"},\"type\":{\"path\":\"/t\"}}");
        use(&f, "x");
        f.from.sources = PREFIXES;
        memset(longest, 'x', sizeof(longest) - 1);
        (void) snprintf(event, sizeof(event),
                        "[{\"s\":\"good\",\"t\":\"t\"},{\"s\":\"bad\",\"t\":\"t\"},{\"s\":\"good\"}"
                        ",7,{\"s\":"
                        "\"good\",\"t\":\"%s\"},{\"s\":\"good\",\"t\":\"%s\"},{\"s\":\"good2\","
                        "\"t\":\"t\"}]",
                        longest, longest + 1);
        j = judge_text(&f, event);
        assert_int_equal(j->n_parts, 7);
        assert_int_equal(j->parts[0].verdict, VERDICT_STORED);
        assert_int_equal(j->parts[1].verdict, VERDICT_FORBIDDEN);
        assert_int_equal(j->parts[2].verdict, VERDICT_INVALID);
        assert_int_equal(j->parts[3].verdict, VERDICT_INVALID);
        assert_int_equal(j->parts[4].verdict, VERDICT_INVALID);
        assert_contains(j->parts[4].problem.text, "longer than 1,024 bytes");
        assert_int_equal(j->parts[5].verdict, VERDICT_STORED);
        assert_int_equal(j->parts[6].verdict, VERDICT_STORED);
        assert_int_equal(j->n_matches, 3);
        fixture_done(&f);
}

static void fan_out(void **state)
{
        const struct judgement *j;
        struct fixture f;
        char *event = malloc(5 * LIMIT_FAN_OUT);
        size_t n = 0;

        (void) state;
        assert_non_null(event);
        fixture_load(&f, "{\"id\":\"r\",\"title\":\"t\"," ALL "}",
                     "[{\"id\":\"list\",\"each\":\"/*\",\"source\":\"s\",\"type\":\"t\"},"
                     "{\"id\":\"deep\",\"each\":\"/a/*/b/"
                     "*\",\"source\":\"s\",\"type\":\"t\",\"subject\":{\"path\":"
                     "\"/n\"},\"fields\":{\"x\":\"y\"}}]");
        use(&f, "list");
        assert_int_equal(judge_text(&f, "[]")->verdict, VERDICT_MAX);
        assert_int_equal(judge_text(&f, "[]")->n_parts, 0);
        assert_int_equal(judge_text(&f, "7")->verdict, VERDICT_INVALID);
        assert_int_equal(judge_text(&f, "{\"an\":\"object\",\"is\":\"one\"}")->n_parts, 1);
        for (unsigned i = 0; i <= LIMIT_FAN_OUT; i++)
                n += (size_t) snprintf(event + n, 5 * LIMIT_FAN_OUT - n, "%s1", i == 0 ? "[" : ",");
        event[n] = ']';
        j = judge_bytes(&f, event, n + 1);
        assert_int_equal(j->verdict, VERDICT_TOO_BIG);
        assert_int_equal(j->n_parts, 0);
        event[n - 2] = ' '; /* the last element and its comma */
        event[n - 1] = ' ';
        j = judge_bytes(&f, event, n + 1);
        assert_int_equal(j->verdict, VERDICT_MAX);
        assert_int_equal(j->n_parts, LIMIT_FAN_OUT);
        use(&f, "deep");
        j = judge_text(&f,
                       "{\"a\":[{\"b\":[{\"n\":1},{\"n\":2}]},{},{\"b\":[]},{\"b\":[{\"n\":3}]}]}");
        assert_int_equal(j->n_parts, 3);
        assert_text(j->parts[2].subject, "3");
        assert_int_equal(judge_text(&f, "{\"b\":[]}")->verdict, VERDICT_INVALID);
        assert_contains(judge_text(&f, "{\"b\":[]}")->problem.text, "/a/*/b/*");
        free(event);
        fixture_done(&f);
}

static void parents(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, "{\"id\":\"r\",\"title\":\"{/parent/name}\"," ALL "}",
                     "[{\"id\":\"deep\",\"each\":\"/a/*/b/*\",\"source\":\"s\",\"type\":\"t\"},"
                     "{\"id\":\"bare\",\"each\":\"/*\",\"source\":\"s\",\"type\":\"t\"}]");
        use(&f, "deep");
        j = judge_text(
                &f,
                "{\"name\":\"no\",\"a\":[{\"name\":\"p\",\"b\":[1,{\"name\":\"no\"}]},{\"b\":[[2]],"
                "\"name\":\"q\"}]}");
        assert_int_equal(j->n_matches, 3);
        assert_text(j->matches[0].title, "p");
        assert_text(j->matches[1].title, "p");
        assert_text(j->matches[2].title, "q");
        use(&f, "bare");
        j = judge_text(&f, "[{\"name\":\"no\"}]");
        assert_text(j->matches[0].title, "?");
        fixture_done(&f);
}

static void keep_key(const struct part *p, uint8_t ret[KEY_BYTES])
{
        memcpy(ret, p->key, KEY_BYTES);
}

/* The delivery is the identity: the same request again is the same event, another request is not.
 */
static void identities(void **state)
{
        uint8_t first[KEY_BYTES], other[KEY_BYTES];
        struct fixture f;

        (void) state;
        fixture_load(&f, "[]", "{\"id\":\"x\",\"each\":\"/*\",\"source\":\"s\",\"type\":\"t\"}");
        use(&f, "x");
        f.from.request_id = (struct frame){"0123456789abcdef", 16};
        keep_key(&judge_text(&f, "[1,1]")->parts[0], first);
        keep_key(&judge_text(&f, "[1,1]")->parts[0], other);
        assert_memory_equal(first, other, KEY_BYTES);
        keep_key(&judge_text(&f, "[1,1]")->parts[1], other);
        assert_memory_not_equal(first, other, KEY_BYTES);
        keep_key(&judge_text(&f, "[1,1 ]")->parts[0], other); /* other bytes: a new event */
        assert_memory_not_equal(first, other, KEY_BYTES);
        f.from.frame_index = 1;
        keep_key(&judge_text(&f, "[1,1]")->parts[0], other);
        assert_memory_not_equal(first, other, KEY_BYTES);
        f.from.frame_index = 0;
        f.from.peer = "somebody";
        keep_key(&judge_text(&f, "[1,1]")->parts[0], other);
        assert_memory_not_equal(first, other, KEY_BYTES);
        /* a short request-id protects nothing: the daemon's own number counts */
        f.from.peer = "tester";
        f.from.request_id = (struct frame){"0123456789abcde", 15};
        f.from.unique = 1;
        keep_key(&judge_text(&f, "[1,1]")->parts[0], first);
        assert_text(judge_text(&f, "[1,1]")->parts[0].id, "tester/~0000000000000001/0/0");
        f.from.unique = 2;
        keep_key(&judge_text(&f, "[1,1]")->parts[0], other);
        assert_memory_not_equal(first, other, KEY_BYTES);
        /* bytes that are no text are written in hex */
        f.from.request_id = (struct frame){"\x00\xff 3456789abcdef", 16};
        assert_text(judge_text(&f, "[1,1]")->parts[0].id,
                    "tester/00ff2033343536373839616263646566/0/0");
        fixture_done(&f);
}

/* A tool that numbers its deliveries: the number is the id wherever it comes from. */
static void deliveries(void **state)
{
        uint8_t first[KEY_BYTES], other[KEY_BYTES];
        const struct judgement *j;
        struct fixture f;

        (void) state;
        fixture_load(&f, "[]",
                     "{\"id\":\"x\",\"each\":\"/list/"
                     "*\",\"source\":\"s\",\"type\":\"t\",\"delivery\":[{\"document\":"
                     "\"/run\"},\"/n\"]}");
        use(&f, "x");
        j = judge_text(&f, "{\"run\":\"r1\",\"list\":[{\"n\":7}]}");
        assert_text(j->parts[0].id, "r1/7");
        keep_key(&j->parts[0], first);
        f.from.unique = 99;
        j = judge_text(&f, "{\"list\":[{\"n\":8},{\"n\":7}],\"run\":\"r1\"}");
        keep_key(&j->parts[1], other);
        assert_memory_equal(first, other, KEY_BYTES);
        keep_key(&j->parts[0], other);
        assert_memory_not_equal(first, other, KEY_BYTES);
        j = judge_text(&f, "{\"run\":\"r1\",\"list\":[{\"n\":7,\"more\":1}]}");
        assert_text(j->parts[0].id, "r1/7");
        keep_key(&j->parts[0], other); /* other bytes: a new event */
        assert_memory_not_equal(first, other, KEY_BYTES);
        /* without the number it is an ordinary delivery */
        j = judge_text(&f, "{\"list\":[{\"n\":7}]}");
        assert_text(j->parts[0].id, "tester/~0000000000000063/0/0");
        fixture_done(&f);
}

static void redaction(void **state)
{
        static const char *const EVENT = "{\"token\":\"abc\",\"list\":[{\"password\":\"geheim\","
                                         "\"deep\":{\"pin\":1234,\"on\":true}},"
                                         "{\"password\":null,\"deep\":{\"pin\":[1]}}]}";
        static const char *const REDACTED = "{\"token\":\"[redacted]\",\"list\":[{\"password\":\"["
                                            "redacted]\",\"deep\":{\"pin\":0,\"on\":"
                                            "false}},{\"password\":null,\"deep\":{\"pin\":[]}}]}";
        const struct judgement *j;
        struct hash hash;
        struct fixture f;

        (void) state;
        fixture_load(&f,
                     "{\"id\":\"r\",\"title\":\"{/data/password} {/document/token} "
                     "{/data/deep/pin}\"," ALL "}",
                     "{\"id\":\"x\",\"each\":\"/list/"
                     "*\",\"source\":\"s\",\"type\":\"t\",\"redact\":[\"/password\","
                     "{\"document\":\"/token\"},\"/deep/*\",\"/deep/pin\",\"/nowhere\"]}");
        use(&f, "x");
        j = judge_text(&f, EVENT);
        assert_text(j->body, REDACTED);
        assert_text(j->redacted, "[\"/password\",\"/token\",\"/deep/*\",\"/deep/pin\"]");
        hash_of(EVENT, strlen(EVENT), &hash);
        assert_memory_equal(&hash, &j->body_hash, sizeof(hash));
        assert_int_equal(j->n_parts, 2);
        assert_text(j->matches[0].title, "[redacted] [redacted] 0");
        assert_memory_equal(j->body.data + j->parts[1].offset,
                            "{\"password\":null,\"deep\":{\"pin\":[]}}", j->parts[1].size);
        j = judge_text(&f, "{\"list\":[{}]}");
        assert_text(j->body, "{\"list\":[{}]}");
        assert_null(j->redacted.data);
        fixture_done(&f);
}

/* A long text that all parts share is looked at once, not 5,000 times: this frame once took half a
 * minute. */
static void shared_texts(void **state)
{
        const size_t most = LIMIT_EVENT_BYTES;
        char *event = malloc(most + 1);
        const struct judgement *j;
        struct timespec begin, end;
        struct fixture f;
        size_t n;

        (void) state;
        assert_non_null(event);
        fixture_load(
                &f,
                "{\"id\":\"r\",\"title\":\"{/document/long} "
                "{/parent/long}\",\"asset\":\"/document/long\","
                "\"effect\":\"fail\",\"fingerprint\":[\"/source\"],\"match\":{\"any\":[{\"path\":"
                "\"/document/long\",\"eq\":\"x\"},{\"path\":\"/parent/long\",\"endswith\":\"e\"},"
                "{\"path\":\"/document/long\",\"re\":\"^\xc3\xa9\"}]}}",
                "{\"id\":\"x\",\"each\":\"/list/*\",\"source\":[{\"document\":\"/"
                "long\"},\"s\"],\"type\":\"t\","
                "\"subject\":{\"document\":\"/long\"},\"delivery\":[{\"document\":\"/none\"}]}");
        use(&f, "x");
        n = (size_t) snprintf(event, most, "{\"list\":[0");
        for (unsigned i = 1; i < LIMIT_FAN_OUT; i++)
                n += (size_t) snprintf(event + n, most - n, ",%u", i);
        n += (size_t) snprintf(event + n, most - n, "],\"long\":\"");
        while (n + 16 < most)
                n += (size_t) snprintf(event + n, most - n, "\\u00e9");
        n += (size_t) snprintf(event + n, most - n, "\"}");
        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        j = judge_bytes(&f, event, n);
        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        assert_int_equal(j->n_parts, LIMIT_FAN_OUT);
        assert_text(j->parts[LIMIT_FAN_OUT - 1].source, "s"); /* too long to be mapped */
        assert_int_equal(j->n_matches, LIMIT_FAN_OUT);
        assert_int_equal(j->matches[LIMIT_FAN_OUT - 1].asset.size, LIMIT_TITLE_BYTES);
        assert_true(end.tv_sec - begin.tv_sec < 15); /* of the processor */
        free(event);
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(views),        cmocka_unit_test(mapping),
                cmocka_unit_test(neighbours),   cmocka_unit_test(fan_out),
                cmocka_unit_test(parents),      cmocka_unit_test(identities),
                cmocka_unit_test(deliveries),   cmocka_unit_test(redaction),
                cmocka_unit_test(shared_texts),
        };

        return cmocka_run_group_tests_name("core/adapter", tests, NULL, NULL);
}
