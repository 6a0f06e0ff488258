/* Tests of duration/: what is a duration, its parts, its span. */
#include "test.h"

#include "proto/duration/duration.h"

static void test_accepted(void **state unused_)
{
        static const struct {
                const char *text, *json;
                bool exact;
                int64_t seconds; /* of duration_us */
        } CASES[] = {
                {"0s", "{\"mo\":0,\"d\":0,\"bd\":0,\"s\":0}", true, 0},
                {"90s", "{\"mo\":0,\"d\":0,\"bd\":0,\"s\":90}", true, 90},
                {"15m", "{\"mo\":0,\"d\":0,\"bd\":0,\"s\":900}", true, 900},
                {"2h", "{\"mo\":0,\"d\":0,\"bd\":0,\"s\":7200}", true, 7200},
                {"3d", "{\"mo\":0,\"d\":3,\"bd\":0,\"s\":0}", false, INT64_C(3) * 86400},
                {"5bd", "{\"mo\":0,\"d\":0,\"bd\":5,\"s\":0}", false, INT64_C(7) * 86400},
                {"6bd", "{\"mo\":0,\"d\":0,\"bd\":6,\"s\":0}", false, INT64_C(10) * 86400},
                {"2w", "{\"mo\":0,\"d\":14,\"bd\":0,\"s\":0}", false, INT64_C(14) * 86400},
                {"6mo", "{\"mo\":6,\"d\":0,\"bd\":0,\"s\":0}", false, INT64_C(186) * 86400},
                {"36525d", "{\"mo\":0,\"d\":36525,\"bd\":0,\"s\":0}", false,
                 INT64_C(36525) * 86400},
                {"1200mo", "{\"mo\":1200,\"d\":0,\"bd\":0,\"s\":0}", false, INT64_C(37200) * 86400},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
                struct problem p = {0};
                struct duration d;

                if (duration_parse(CASES[i].text, strlen(CASES[i].text), &d, &p) != 0)
                        fail_msg("%s: %s", CASES[i].text, p.text);
                duration_to_json(&d, &b);
                assert_string_equal(b.data, CASES[i].json);
                assert_int_equal(duration_is_exact(&d), CASES[i].exact);
                assert_true(duration_us(&d) == CASES[i].seconds * 1000000);
                buffer_clear(&b);
                duration_to_text(&d, &b);
                assert_int_equal(duration_parse(b.data, b.size, &d, &p), 0);
                buffer_clear(&b);
                duration_to_json(&d, &b);
                assert_string_equal(b.data, CASES[i].json);
        }
}

static void test_refused(void **state unused_)
{
        static const struct {
                const char *text, *problem;
        } CASES[] = {
                {"", "does not begin with a digit"},
                {"h", "does not begin"},
                {"-1h", "does not begin"},
                {" 1h", "does not begin"},
                {"5", "unit is missing"},
                {"5 h", "unit is unknown"},
                {"5H", "unit is unknown"},
                {"5hh", "unit is unknown"},
                {"1.5h", "unit is unknown"},
                {"1h30m", "unit is unknown"},
                {"5min", "unit is unknown"},
                {"5y", "unit is unknown"},
                {"05h", "begins with 0"},
                {"0d", "zero is written 0s"},
                {"1201mo", "longer than 100 years"},
                {"36526d", "longer than 100 years"},
                {"3155760001s", "longer than"},
                {"99999999999999999999999s", "longer than"},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct problem p = {0};
                struct duration d;

                assert_int_equal(duration_parse(CASES[i].text, strlen(CASES[i].text), &d, &p),
                                 DURATION_E_INVALID);
                assert_contains(p.text, CASES[i].problem);
                assert_contains(p.text, "such as 90s");
        }
}

static void test_size_counts(void **state unused_)
{
        struct duration d;

        assert_int_equal(duration_parse("2hours", 2, &d, NULL), 0);
        assert_int_equal(d.seconds, 7200);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_accepted),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_size_counts),
        };

        return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
