/* Events from files and pipes. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/event_lines.h"
#include "proto/base/limits.h"

struct expected {
        const char *event; /* NULL: one that is too long */
        unsigned line;
};

/* The text as a file's content: what comes out, one after the other, ended by line 0. */
static void expect(const char *text, size_t size, const struct expected *expected)
{
        struct event_lines e;
        const char *event;
        size_t n, i = 0;
        FILE *f = tmpfile();
        int r;

        assert_non_null(f);
        assert_int_equal(fwrite(text, 1, size, f), size);
        rewind(f);
        event_lines_begin(&e, fileno(f));
        while ((r = event_lines_next(&e, &event, &n)) != EVENT_LINES_E_END) {
                if (r == EVENT_LINES_E_WAIT)
                        continue;
                assert_true(expected[i].line > 0);
                assert_int_equal(e.line, expected[i].line);
                if (expected[i].event) {
                        assert_int_equal(r, 0);
                        assert_int_equal(n, strlen(expected[i].event));
                        assert_memory_equal(event, expected[i].event, n);
                } else
                        assert_int_equal(r, EVENT_LINES_E_TOO_LONG);
                i++;
        }
        assert_int_equal(expected[i].line, 0);
        event_lines_done(&e);
        fclose(f);
}

#define EXPECT(text, ...)                                                                          \
        expect(text, strlen(text), (const struct expected[]){__VA_ARGS__{NULL, 0}})

static void test_one_text(void **state)
{
        (void) state;
        EXPECT("{\"a\":\n 1}\n", {"{\"a\":\n 1}\n", 1}, );
        EXPECT("{\"a\":1}", {"{\"a\":1}", 1}, );
        EXPECT("", );
}

static void test_lines(void **state)
{
        (void) state;
        EXPECT("{\"a\":1}\n{\"b\":2}\r\n\n  \n{\"c\":3}", {"{\"a\":1}", 1}, {"{\"b\":2}", 2},
               {"{\"c\":3}", 5}, );
        EXPECT("{\"a\":1}\nnonsense\n{\"b\":2}\n", {"{\"a\":1}", 1}, {"nonsense", 2},
               {"{\"b\":2}", 3}, );
        EXPECT("nonsense\n{\"b\":2}\n", {"nonsense", 1}, {"{\"b\":2}", 2}, );
}

static void test_too_long(void **state)
{
        size_t size = LIMIT_EVENT_BYTES + 200000;
        char *text = malloc(size);
        static const char first[] = "{\"a\":1}\n", last[] = "\n{\"b\":2}\n";

        (void) state;
        memset(text, 'x', size);
        memcpy(text, first, sizeof(first) - 1);
        memcpy(text + size - (sizeof(last) - 1), last, sizeof(last) - 1);
        expect(text, size,
               (const struct expected[]){{"{\"a\":1}", 1}, {NULL, 2}, {"{\"b\":2}", 3}, {NULL, 0}});
        free(text);
}

/* A list of many lines is one text, and refused once; lines of which the first is broken are lines.
 */
static void test_too_long_text(void **state)
{
        size_t size = LIMIT_EVENT_BYTES + 200000;
        char *text = malloc(size);
        static const char broken[] = "{oops\n{\"b\":2}\n";

        (void) state;
        memset(text, ' ', size);
        memcpy(text, "[\n {\n", 5);
        memcpy(text + size - 4, "}\n]\n", 4);
        expect(text, size, (const struct expected[]){{NULL, 1}, {NULL, 0}});
        memset(text, 'x', size);
        memcpy(text, broken, sizeof(broken) - 1);
        expect(text, size,
               (const struct expected[]){{"{oops", 1}, {"{\"b\":2}", 2}, {NULL, 3}, {NULL, 0}});
        free(text);
}

/* Asked for any text, what is no JSON is one. */
static void test_any_text(void **state)
{
        struct event_lines e;
        const char *event;
        size_t n;
        int pair[2];

        (void) state;
        assert_int_equal(pipe(pair), 0);
        event_lines_begin(&e, pair[0]);
        e.any = true;
        assert_int_equal(write(pair[1], "no\n{}\n", 6), 6);
        close(pair[1]);
        assert_int_equal(event_lines_next(&e, &event, &n), 0);
        assert_true(e.one_text);
        assert_int_equal(n, 6);
        assert_memory_equal(event, "no\n{}\n", 6);
        assert_int_equal(event_lines_next(&e, &event, &n), EVENT_LINES_E_END);
        event_lines_done(&e);
        close(pair[0]);
}

/* A pipe that lives on: what has come is given out, and then it is told to wait. */
static void test_live_pipe(void **state)
{
        struct event_lines e;
        const char *event;
        size_t n;
        int pair[2], r;

        (void) state;
        assert_int_equal(pipe(pair), 0);
        event_lines_begin(&e, pair[0]);
        assert_int_equal(event_lines_next(&e, &event, &n), EVENT_LINES_E_WAIT);
        assert_int_equal(write(pair[1], "{\"a\":1}\n{\"b\"", 12), 12);
        assert_int_equal(event_lines_next(&e, &event, &n), 0);
        assert_memory_equal(event, "{\"a\":1}", n);
        assert_int_equal(event_lines_next(&e, &event, &n), EVENT_LINES_E_WAIT);
        assert_int_equal(write(pair[1], ":2}\n", 4), 4);
        assert_int_equal(event_lines_next(&e, &event, &n), 0);
        assert_memory_equal(event, "{\"b\":2}", n);
        close(pair[1]);
        while ((r = event_lines_next(&e, &event, &n)) == EVENT_LINES_E_WAIT)
                ;
        assert_int_equal(r, EVENT_LINES_E_END);
        event_lines_done(&e);
        close(pair[0]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_text), cmocka_unit_test(test_lines),
                cmocka_unit_test(test_too_long), cmocka_unit_test(test_too_long_text),
                cmocka_unit_test(test_any_text), cmocka_unit_test(test_live_pipe)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
