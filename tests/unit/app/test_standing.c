/* When a link stands, as the register is told: blips don't count, flapping does. Times in ms. */
#include "tests/unit/app/test.h"

#include "daemon/app/standing.h"

#define STEADY 5000U

/* Follow the clock to a moment, and what it says then. */
static bool at(struct standing *s, uint64_t now)
{
        return standing_settle(s, now, STEADY);
}

static void test_start(void **state)
{
        struct standing s;

        (void) state;
        standing_init(&s, 1000);
        assert_int_equal(s.state, STANDING_UNKNOWN);
        assert_false(at(&s, 5999));
        assert_true(at(&s, 6000)); /* an address where nobody is */
        assert_int_equal(s.state, STANDING_DOWN);
        assert_int_equal(s.since_us, 1000);
        assert_true(standing_is_settled(&s));

        standing_init(&s, 1000);
        standing_change(&s, true, 1100);
        assert_false(standing_is_settled(&s));
        assert_false(at(&s, 6099));
        assert_true(at(&s, 6100)); /* it was never down */
        assert_int_equal(s.state, STANDING_UP);
        assert_int_equal(s.since_us, 1100);
        assert_true(standing_is_settled(&s));
        assert_false(at(&s, 100000));
}

static struct standing up_since(uint64_t now)
{
        struct standing s;

        standing_init(&s, now);
        standing_change(&s, true, now);
        assert_true(at(&s, now + STEADY));
        return s;
}

static void test_outage(void **state)
{
        struct standing s = up_since(0);

        (void) state;
        standing_change(&s, false, 20000);
        assert_false(standing_is_settled(&s));
        assert_false(at(&s, 24999));
        assert_true(at(&s, 25000));
        assert_int_equal(s.state, STANDING_DOWN);
        assert_int_equal(s.since_us, 20000);
        standing_change(&s, true, 60000);
        assert_false(at(&s, 64999));
        assert_true(at(&s, 65000));
        assert_int_equal(s.state, STANDING_UP);
        assert_int_equal(s.since_us, 60000);
}

static void test_blip(void **state)
{
        struct standing s = up_since(0);

        (void) state;
        standing_change(&s, false, 20000);
        standing_change(&s, true, 24000);
        assert_false(at(&s, 28999));
        assert_false(at(&s, 29000)); /* back in time and steady: it never was away */
        assert_int_equal(s.since_us, 0);
        assert_true(standing_is_settled(&s));
        /* nor do two blips with a steady time between make an outage */
        standing_change(&s, false, 40000);
        standing_change(&s, true, 41000);
        assert_false(at(&s, 46000));
        assert_int_equal(s.state, STANDING_UP);
}

static void test_flapping(void **state)
{
        struct standing s = up_since(0);

        (void) state;
        for (uint64_t t = 20000; t < 30000; t += 1000) {
                standing_change(&s, (t / 1000) % 2, t);
                (void) at(&s, t + 500);
        }
        assert_int_equal(s.state, STANDING_DOWN); /* a second now and then is no link */
        assert_int_equal(s.since_us, 20000);
        assert_true(s.connected);
        assert_true(at(&s, 34000)); /* connected at 29 s, and since */
        assert_int_equal(s.state, STANDING_UP);
        assert_int_equal(s.since_us, 29000);
}

static void test_late_look(void **state)
{
        struct standing s = up_since(0);

        (void) state;
        standing_change(&s, false, 20000);
        standing_change(&s, true, 40000);
        assert_true(at(&s, 90000)); /* the outage is not lost */
        assert_int_equal(s.state, STANDING_DOWN);
        assert_int_equal(s.since_us, 20000);
        assert_true(at(&s, 90000));
        assert_int_equal(s.state, STANDING_UP);
        assert_int_equal(s.since_us, 40000);
        assert_false(at(&s, 90000));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_start),     cmocka_unit_test(test_outage),
                cmocka_unit_test(test_blip),      cmocka_unit_test(test_flapping),
                cmocka_unit_test(test_late_look),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
