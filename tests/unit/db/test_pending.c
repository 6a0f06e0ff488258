/* The queue of open statements keeps its order while it grows and wraps around. */
#include "tests/unit/db/test.h"

#include "daemon/db/pending.h"

static void test_order(void **state)
{
        struct pending_queue q = {0};
        uint64_t in = 0, out = 0;

        (void) state;
        for (unsigned round = 1; round < 60; round++) {
                for (unsigned i = 0; i < round; i++)
                        assert_non_null(pending_push(&q, in++));
                assert_int_equal(pending_first(&q)->sent_us, out);
                for (unsigned i = 0; i < round / 2; i++)
                        assert_int_equal(pending_pop(&q).sent_us, out++);
                assert_int_equal(q.n, in - out);
        }
        while (q.n > 0)
                assert_int_equal(pending_pop(&q).sent_us, out++);
        assert_int_equal(in, out);
        pending_done(&q);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_order)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
