/* What a command said: how much of it is kept, and what of it is a message. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/capactl/transcript.h"

/* The messages of a text, one behind the other with a bar between. */
static void expect(const char *text, const char *expected)
{
        struct transcript t = TRANSCRIPT_NULL;
        struct buffer said = BUFFER_NULL;
        struct transcript_messages m;

        transcript_add(&t, text, strlen(text));
        assert_int_equal(transcript_read(&t, &m), 0);
        for (size_t i = 0; i < m.n; i++) {
                buffer_add(&said, m.list[i].data, m.list[i].size);
                buffer_add_char(&said, '|');
        }
        assert_string_equal(said.data ? said.data : "", expected);
        assert_int_equal(m.left_out, 0);
        buffer_done(&said);
        transcript_done(&t);
}

static void test_messages(void **state)
{
        (void) state;
        expect("", "");
        expect("{\"a\":1}\n", "{\"a\":1}\n|");
        expect("{\n\"a\":1}", "{\n\"a\":1}|");
        expect("{\"a\":1}\nWarning: x\n[2]", "{\"a\":1}|[2]|");
        expect("no\n17\n\"text\"\nnull\n", "");
        expect("{\"a\":1\n{\"b\":2}\r\n\n", "{\"b\":2}\r|");
}

static void test_newest_messages_are_kept(void **state)
{
        struct transcript t = TRANSCRIPT_NULL;
        struct transcript_messages m;
        char line[32], first[32], last[32];
        const unsigned n = TRANSCRIPT_MESSAGES + 7;

        (void) state;
        for (unsigned i = 0; i < n; i++) {
                snprintf(line, sizeof(line), "[%u]\n", i);
                transcript_add(&t, line, strlen(line));
        }
        assert_int_equal(transcript_read(&t, &m), 0);
        assert_int_equal(m.n, TRANSCRIPT_MESSAGES);
        assert_int_equal(m.left_out, 7);
        snprintf(first, sizeof(first), "[%u]", n - TRANSCRIPT_MESSAGES);
        snprintf(last, sizeof(last), "[%u]", n - 1);
        assert_memory_equal(m.list[0].data, first, strlen(first));
        assert_memory_equal(m.list[m.n - 1].data, last, strlen(last));
        transcript_done(&t);
}

/* However much is said, the end is kept, from the beginning of a line. */
static void test_the_end_is_kept(void **state)
{
        struct transcript t = TRANSCRIPT_NULL;
        struct transcript_messages m;
        char *line = malloc(100001);

        (void) state;
        assert_non_null(line);
        memset(line, 'x', 100000);
        line[99999] = '\n';
        transcript_add(&t, "[\"first\"]\n", 10);
        for (unsigned i = 0; i < 200; i++) {
                transcript_add(&t, line, 100000);
                assert_true(t.text.size <= 2 * TRANSCRIPT_BYTES);
        }
        transcript_add(&t, "[\"last\"]\n", 9);
        assert_int_equal(transcript_read(&t, &m), 0);
        assert_true(t.cut && t.text.size <= TRANSCRIPT_BYTES);
        assert_int_equal(m.n, 1);
        assert_memory_equal(m.list[0].data, "[\"last\"]", 8);
        free(line);
        transcript_done(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages),
                                           cmocka_unit_test(test_newest_messages_are_kept),
                                           cmocka_unit_test(test_the_end_is_kept)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
