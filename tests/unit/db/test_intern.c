/* Numbers for strings: first come, first numbered; strings come back; memory is reused. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/db/test.h"

#include "daemon/db/intern.h"

static unsigned number(struct intern *i, const char *text, bool expect_new)
{
        unsigned n;
        bool fresh;

        assert_int_equal(intern_number(i, text, strlen(text), &n, &fresh), 0);
        assert_int_equal(fresh, expect_new);
        return n;
}

static void test_many(void **state)
{
        struct intern i = {0};
        char text[32];

        (void) state;
        for (int round = 0; round < 3; round++) {
                for (unsigned k = 0; k < 5000; k++) {
                        (void) snprintf(text, sizeof(text), "text %u", k);
                        assert_int_equal(number(&i, text, true), k);
                }
                for (unsigned k = 5000; k-- > 0;) {
                        size_t size;
                        const char *found;

                        (void) snprintf(text, sizeof(text), "text %u", k);
                        assert_int_equal(number(&i, text, false), k);
                        found = intern_string(&i, k, &size);
                        assert_int_equal(size, strlen(text));
                        assert_memory_equal(found, text, size);
                }
                assert_int_equal(i.n, 5000);
                intern_clear(&i);
                assert_int_equal(i.n, 0);
        }
        intern_done(&i);
}

static void test_empty_and_binary(void **state)
{
        struct intern i = {0};
        unsigned a, b, c;
        size_t size;
        bool fresh;

        (void) state;
        assert_int_equal(intern_number(&i, "", 0, &a, &fresh), 0);
        assert_int_equal(intern_number(&i, "a\0b", 3, &b, &fresh), 0);
        assert_int_equal(intern_number(&i, "a\0c", 3, &c, &fresh), 0);
        assert_int_equal(a, 0);
        assert_int_equal(b, 1);
        assert_int_equal(c, 2);
        (void) intern_string(&i, a, &size);
        assert_int_equal(size, 0);
        assert_memory_equal(intern_string(&i, b, &size), "a\0b", 3);
        intern_done(&i);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_many),
                                           cmocka_unit_test(test_empty_and_binary)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
