/* Tests of json/unique: duplicate keys at any depth, compared decoded, and that no number or choice
 * of keys makes the check slow. */
#include "test.h"

#include <time.h>

#include "proto/json/tape.h"

static void test_pairs(void **state unused_)
{
        static const struct {
                const char *text;
                bool duplicate;
        } CASES[] = {
                {"{\"a\":1,\"a\":1}", true},
                {"{\"a\":1,\"\\u0061\":1}", true},
                {"{\"\\u0061\":1,\"a\":1}", true},
                {"{\"\\u0061\":1,\"\\u0061\":1}", true},
                {"{\"/\":1,\"\\/\":1}", true},
                {"{\"\":1,\"\":1}", true},
                {"{\"\xc3\xa4\":1,\"\\u00E4\":1}", true},
                {"{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\uDE00\":1}", true},
                {"{\"long key of many bytes\":1,\"long key of many byte\\u0073\":1}", true},
                {"[0,{\"x\":{\"y\":[{\"k\":1,\"l\":2,\"k\":3}]}}]", true},
                {"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", false},
                {"{\"a\":1,\"A\":1}", false},
                {"{\"a\":1,\"aa\":1,\"aaa\":1}", false},
                {"{\"prefix1_middle1_suffix01\":1,\"prefix1_middle2_suffix01\":1}", false},
                {"{\"\\\\u0061\":1,\"a\":1}", false},
                {"{\"\xc3\xa4\":1,\"a\xcc\x88\":1}", false}, /* one letter to the eye, two keys */
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct problem p = {0};
                int r = json_tape_parse(&t, CASES[i].text, strlen(CASES[i].text), &p);

                if (r != (CASES[i].duplicate ? JSON_E_INVALID : 0))
                        fail_msg("%s: %d %s", CASES[i].text, r, p.text);
                if (r != 0)
                        assert_contains(p.text, "stands twice");
        }
}

/* n keys made by format (of one int); the one at repeat is written as the one at 0. */
static void object_make(struct buffer *b, const char *prefix, const char *suffix, unsigned n,
                        unsigned repeat)
{
        buffer_add_char(b, '{');
        for (unsigned i = 0; i < n; i++)
                buffer_printf(b, "%s\"%s%06u%s\":%u", i > 0 ? "," : "", prefix, i == repeat ? 0 : i,
                              suffix, i);
        buffer_add_char(b, '}');
}

static void test_every_size(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (unsigned n = 2; n < 200; n++) {
                cleanup_(buffer_done) struct buffer good = BUFFER_NULL, bad = BUFFER_NULL;

                object_make(&good, "k", "", n, n);
                object_make(&bad, "k", "", n, n - 1);
                assert_int_equal(json_tape_parse(&t, good.data, good.size, NULL), 0);
                assert_int_equal(t.nodes[0].count, n);
                assert_int_equal(json_tape_parse(&t, bad.data, bad.size, NULL), JSON_E_INVALID);
        }
}

static double seconds_of_parse(const struct buffer *b, int expected)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        clock_t begin = clock();

        assert_int_equal(json_tape_parse(&t, b->data, b->size, NULL), expected);
        return (double) (clock() - begin) / CLOCKS_PER_SEC;
}

/* 100,000 keys, also such that agree in length and in their first and last bytes. A quadratic check
 * would need 5,000,000,000 comparisons; the mark is far above what the linear one takes. */
static void test_many_keys(void **state unused_)
{
        static const char *const AFFIXES[][2] = {
                {"key_", ""}, {"aaaaaaaa", "zzzzzzzz"}, {"\\u0061aaaaaaa", "zzzzzzzz"}};

        for (size_t i = 0; i < ARRAY_LEN(AFFIXES); i++) {
                cleanup_(buffer_done) struct buffer good = BUFFER_NULL, bad = BUFFER_NULL;

                object_make(&good, AFFIXES[i][0], AFFIXES[i][1], 100000, 100000);
                object_make(&bad, AFFIXES[i][0], AFFIXES[i][1], 100000, 77777);
                assert_true(seconds_of_parse(&good, 0) < 3);
                assert_true(seconds_of_parse(&bad, JSON_E_INVALID) < 3);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pairs),
                cmocka_unit_test(test_every_size),
                cmocka_unit_test(test_many_keys),
        };

        return cmocka_run_group_tests_name("unique", tests, NULL, NULL);
}
