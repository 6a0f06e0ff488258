/* Attachments as the server's binary arrays, byte for byte. */
#include <string.h>

#include "tests/unit/db/test.h"

#include "daemon/db/files.h"

static void test_empty(void **state)
{
        static const unsigned char expected[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        (void) state;
        files_encode(&b, NULL, 0);
        assert_int_equal(b.size, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
}

static void test_two(void **state)
{
        static const unsigned char expected[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0,   0, 0,  2,
                                                 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3,  'a', 0, 'b'};
        const struct frame files[] = {{.data = NULL, .size = 0}, {.data = "a\0b", .size = 3}};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        (void) state;
        files_encode(&b, files, 2);
        assert_int_equal(b.size, sizeof(expected));
        assert_memory_equal(b.data, expected, sizeof(expected));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty),
                                           cmocka_unit_test(test_two)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
