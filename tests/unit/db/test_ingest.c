/* A batch in the form of sql/README.md: columns by number, heads, bytes, fan-out, what is aside. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/db/test.h"

#include "daemon/db/ingest.h"
#include "proto/json/tape.h"

#define HEAD 112

static struct frame frame(const char *text)
{
        return (struct frame){.data = text, .size = text ? strlen(text) : 0};
}

/* The member's text, as it stands in the meta data; NULL where there is none. */
static char *member(struct ingest_batch *b, const char *name)
{
        static char text[4096];
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p = {0};
        const char *slice;
        uint32_t node;
        size_t size;

        assert_int_equal(json_tape_parse(&t, b->meta.data, b->meta.size, &p), 0);
        if (json_member(&t, 0, name, &node) != 0)
                return NULL;
        json_slice(&t, node, &slice, &size);
        assert_true(size < sizeof(text));
        memcpy(text, slice, size);
        text[size] = '\0';
        return text;
}

static void add(struct ingest_batch *b, const struct ingest_event *given, const char *source,
                const char *id)
{
        static uint8_t key[KEY_BYTES] = {1, 2, 3};
        static struct hash hash = {{9}};
        struct ingest_event e = *given;

        e.key = key;
        e.body_hash = &hash;
        e.source = frame(source);
        e.id = frame(id);
        e.type = frame("a.type");
        assert_int_equal(ingest_add(b, &e), 0);
}

static void test_plain(void **state)
{
        struct ingest_batch b = {0};
        struct hash fingerprint = {{7}}, digest;
        struct ingest_case c = {.rule = 3,
                                .effect = "fail",
                                .fingerprint = &fingerprint,
                                .grade = "minor",
                                .title = {"a \"title\"", 9}};
        const struct frame one = frame("{\"a\":1}"), two = frame("{\"b\":22}");

        (void) state;
        for (int round = 0; round < 2; round++) {
                ingest_frame(&b, &one, false);
                add(&b, &(struct ingest_event){.size = one.size, .observed_us = 5}, "/s", "1");
                assert_int_equal(ingest_add_case(&b, &c), 0);
                ingest_frame(&b, &two, false);
                add(&b, &(struct ingest_event){.size = two.size, .adapter = "tool"}, "/s", "2");
                assert_int_equal(ingest_add_case(&b, &c), 0);
                c.rule = 4;
                c.controls = frame("[\"A.8.17\"]");
                assert_int_equal(ingest_add_case(&b, &c), 0);
                c.rule = 3;
                c.controls = (struct frame){0};
                assert_int_equal(ingest_finish(&b, "d", "hash"), 0);

                assert_string_equal(member(&b, "count"), "2");
                assert_string_equal(member(&b, "at"), "\"{224,231}\"");
                assert_string_equal(member(&b, "size"), "\"{7,8}\"");
                assert_string_equal(member(&b, "case"), "\"{0,0}\"");
                assert_string_equal(member(&b, "more"), "[[1,1]]");
                assert_string_equal(member(&b, "source"), "\"{0,0}\"");
                assert_string_equal(member(&b, "type"), "\"{1,1}\"");
                assert_string_equal(member(&b, "adapter"), "\"{-1,2}\"");
                assert_string_equal(member(&b, "texts"), "[\"/s\",\"a.type\",\"tool\"]");
                assert_string_equal(member(&b, "time"), "\"{5,0}\"");
                assert_null(member(&b, "subject"));
                assert_null(member(&b, "since"));
                assert_null(member(&b, "frame"));
                assert_null(member(&b, "aside"));
                assert_non_null(strstr(member(&b, "cases"), "\"title\":\"a \\\"title\\\"\""));
                /* of the second case alone, whose event named some */
                assert_non_null(strstr(strstr(member(&b, "cases"), "{\"rule\":4"),
                                       ",\"controls\":[\"A.8.17\"]"));
                assert_ptr_equal(strstr(member(&b, "cases"), "controls"),
                                 strstr(strstr(member(&b, "cases"), "{\"rule\":4"), "controls"));
                assert_int_equal(b.bodies.size, 2 * HEAD + 15);
                assert_memory_equal(b.bodies.data + 224, "{\"a\":1}{\"b\":22}", 15);
                /* The head's digest is over its salt and the event's own bytes. */
                digest_make((const uint8_t *) b.bodies.data + HEAD + 48, "{\"b\":22}", 8, &digest);
                assert_memory_equal(b.bodies.data + HEAD + 80, digest.bytes, HASH_BYTES);
                ingest_batch_clear(&b);
        }
        ingest_batch_done(&b);
}

static void test_fan_out_and_aside(void **state)
{
        struct ingest_batch b = {0};
        const struct frame list = frame("[{\"a\":1},{\"a\":2}]"), bad = frame("{nothing");

        (void) state;
        ingest_frame(&b, &bad, false);
        add(&b, &(struct ingest_event){.size = bad.size, .aside = "invalid", .why = "a \"reason\""},
            NULL, NULL);
        ingest_frame(&b, &list, true);
        add(&b, &(struct ingest_event){.offset = 1, .size = 7}, "/s", "1");
        add(&b, &(struct ingest_event){.offset = 9, .size = 7, .aside = "ignored"}, "/s", "2");
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_string_equal(member(&b, "at"), "\"{336,345,353}\"");
        assert_string_equal(member(&b, "size"), "\"{8,7,7}\"");
        assert_string_equal(member(&b, "case"), "\"{-1,-1,-1}\"");
        assert_string_equal(member(&b, "source"), "\"{-1,1,1}\"");
        assert_string_equal(member(&b, "frame"), "\"{-1,0,0}\"");
        assert_string_equal(member(&b, "frames"), "[[344,17]]");
        assert_string_equal(member(&b, "aside"),
                            "[{\"event\":0,\"status\":\"invalid\",\"why\":\"a \\\"reason\\\"\"},"
                            "{\"event\":2,\"status\":\"ignored\",\"id\":\"2\"}]");
        assert_memory_equal(b.bodies.data + 353, "{\"a\":2}", 7);
        ingest_batch_done(&b);
}

/* Sources by the subscription that they came by: each once, of what is stored, where it is asked.
 */
static void test_heard(void **state)
{
        struct ingest_batch b = {0};
        const struct frame one = frame("{}");
        struct ingest_event e = {.size = one.size};

        (void) state;
        ingest_frame(&b, &one, false);
        add(&b, &e, "/none", "1");
        b.subscription = "a \"b\"";
        add(&b, &e, "/s", "2");
        add(&b, &e, "/s", "3");
        add(&b, &e, "/t", "4");
        b.subscription = "c";
        add(&b, &e, "/s", "5");
        e.aside = "forbidden";
        add(&b, &e, "/u", "6");
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_string_equal(member(&b, "heard"),
                            "[[\"a \\\"b\\\"\",\"/s\"],[\"a \\\"b\\\"\",\"/t\"],[\"c\",\"/s\"]]");
        ingest_batch_clear(&b);
        ingest_frame(&b, &one, false);
        add(&b, &(struct ingest_event){.size = one.size}, "/s", "7");
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_null(member(&b, "heard"));
        ingest_batch_done(&b);
}

/* What an adapter took out: a number of a text each, and no column where nothing was. */
static void test_redacted(void **state)
{
        struct ingest_batch b = {0};
        const struct frame one = frame("{}");
        struct ingest_event e = {.size = one.size, .adapter = "tool"};

        (void) state;
        ingest_frame(&b, &one, false);
        add(&b, &e, "/s", "1");
        e.redacted = frame("[\"/a\"]");
        for (int i = 0; i < 2; i++) {
                ingest_frame(&b, &one, false);
                add(&b, &e, "/s", "2");
        }
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_string_equal(member(&b, "redacted"), "\"{-1,3,3}\"");
        assert_string_equal(member(&b, "texts"), "[\"/s\",\"a.type\",\"tool\",\"[\\\"/a\\\"]\"]");
        ingest_batch_clear(&b);

        ingest_frame(&b, &one, false);
        e.redacted = frame(NULL);
        add(&b, &e, "/s", "3");
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_null(member(&b, "redacted"));
        ingest_batch_done(&b);
}

static void test_empty_frame(void **state)
{
        struct ingest_batch b = {0};
        const struct frame nothing = {.data = NULL, .size = 0};

        (void) state;
        ingest_frame(&b, &nothing, false);
        add(&b, &(struct ingest_event){.aside = "invalid", .why = "empty"}, NULL, NULL);
        assert_int_equal(ingest_finish(&b, "d", "hash"), 0);
        assert_string_equal(member(&b, "size"), "\"{0}\"");
        assert_int_equal(b.bodies.size, HEAD);
        ingest_batch_done(&b);
}

/* Cases differ by rule, fingerprint, effect and grade, and by nothing else. */
static void test_cases(void **state)
{
        static const char *const grades[] = {"critical",    "major", "minor",
                                             "observation", "ofi",   NULL};
        struct ingest_batch b = {0};
        const struct frame one = frame("{}");
        unsigned expected = 0;

        (void) state;
        for (int round = 0; round < 2; round++)
                for (unsigned k = 0; k < 300; k++)
                        for (size_t g = 0; g < sizeof(grades) / sizeof(grades[0]); g++) {
                                struct hash fingerprint = {{(uint8_t) k, (uint8_t) (k >> 8)}};
                                struct ingest_case c = {.rule = k % 7,
                                                        .effect = grades[g] ? "fail" : "pass",
                                                        .fingerprint = &fingerprint,
                                                        .grade = grades[g],
                                                        .title = frame(round ? "other" : "title")};

                                ingest_frame(&b, &one, false);
                                add(&b, &(struct ingest_event){.size = 2}, "/s", "1");
                                assert_int_equal(ingest_add_case(&b, &c), 0);
                                expected += round == 0;
                        }
        assert_int_equal(b.case_keys.n, expected);
        ingest_batch_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),       cmocka_unit_test(test_fan_out_and_aside),
                cmocka_unit_test(test_heard),       cmocka_unit_test(test_redacted),
                cmocka_unit_test(test_empty_frame), cmocka_unit_test(test_cases)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
