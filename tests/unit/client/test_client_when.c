/* Moments for people, in a zone with daylight saving. */
#include "tests/unit/client/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/capactl/when.h"

#define SECOND 1000000LL
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define NOW    (1795312800 * SECOND) /* 2026-11-22T02:00:00Z, 03:00 in Berlin */

static int set_zone(void **state)
{
        (void) state;
        setenv("TZ", "Europe/Berlin", 1);
        tzset();
        return 0;
}

static void expect_relative(int64_t at, const char *text)
{
        char got[WHEN_TEXT_MAX];

        when_relative(at, NOW, got);
        assert_string_equal(got, text);
}

static void test_relative(void **state)
{
        (void) state;
        expect_relative(NOW, "now");
        expect_relative(NOW + SECOND / 2, "now");
        expect_relative(NOW - SECOND, "1 second ago");
        expect_relative(NOW + 90 * SECOND, "in 90 seconds");
        expect_relative(NOW + 120 * SECOND, "in 2 minutes");
        expect_relative(NOW - 119 * 60 * SECOND, "119 minutes ago");
        expect_relative(NOW - 2 * HOUR, "2 hours ago");
        expect_relative(NOW + 47 * HOUR, "in 47 hours");
        expect_relative(NOW + 3 * DAY, "in 3 days");
        expect_relative(NOW + 14 * DAY, "in 2 weeks");
        expect_relative(NOW - 59 * DAY, "8 weeks ago");
        expect_relative(NOW + 60 * DAY, "in 2 months");
        expect_relative(NOW - 800 * DAY, "2 years ago");
}

static void test_absolute(void **state)
{
        char got[2 * WHEN_TEXT_MAX];

        (void) state;
        when_absolute(NOW, got);
        assert_string_equal(got, "Sun 2026-11-22 03:00 CET");
        when_absolute(NOW + 200 * DAY, got); /* summer: the offset is that of the day meant */
        assert_string_equal(got, "Thu 2027-06-10 04:00 CEST");
        when_both("2026-11-25T16:00:00Z", NOW, got);
        assert_string_equal(got, "in 3 days (Wed 2026-11-25 17:00 CET)");
        when_both("next week", NOW, got);
        assert_string_equal(got, "next week");
        when_both(NULL, NOW, got);
        assert_string_equal(got, "");
}

static void test_localised(void **state)
{
        static const char *const cases[][2] = {
                {"open until 2026-11-25T16:00:00.000000Z.", "open until Wed 2026-11-25 17:00 CET."},
                {"due 2026-07-01 16:00 UTC, then 2026-11-25 16:00 UTC",
                 "due Wed 2026-07-01 18:00 CEST, then Wed 2026-11-25 17:00 CET"},
                {"2026-11-25T16:00:00+09:00 stays", "2026-11-25T16:00:00+09:00 stays"},
                {"version 2026-11-25", "version 2026-11-25"},
                {"", ""},
                {"2026-11-25T16:0", "2026-11-25T16:0"},
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                char *got = when_localised(cases[i][0]);

                assert_string_equal(got, cases[i][1]);
                free(got);
        }
}

static void expect_typed(const char *text, const char *sent)
{
        struct buffer b = BUFFER_NULL;
        struct problem problem = {0};
        int r = when_typed(text, NOW, &b, &problem);

        if (sent) {
                assert_int_equal(r, 0);
                assert_string_equal(b.data, sent);
        } else {
                assert_int_equal(r, WHEN_E_INVALID);
                assert_non_null(strstr(problem.text, "is no moment"));
                assert_int_equal(b.size, 0);
        }
        buffer_done(&b);
}

static void test_typed(void **state)
{
        static const char *const wrong[] = {"",
                                            "soon",
                                            "2026-02-31",
                                            "2026-13-01",
                                            "2026-11-25x",
                                            "2026-11-25 25:00",
                                            "3 days",
                                            "-3d",
                                            "tomorrowish",
                                            "2026-11-25 17:00 maybe"};

        (void) state;
        expect_typed("3d", "3d");
        expect_typed("5bd", "5bd");
        expect_typed("2026-11-25", "2026-11-25");
        expect_typed("today", "2026-11-22");
        expect_typed("tomorrow", "2026-11-23");
        expect_typed("yesterday", "2026-11-21");
        expect_typed("tomorrow 9:30", "2026-11-23T08:30:00.000000Z");
        expect_typed("2026-11-25 17:00", "2026-11-25T16:00:00.000000Z");
        expect_typed("2026-07-01T17:00:30", "2026-07-01T15:00:30.000000Z");
        expect_typed("2026-11-25T17:00:00Z", "2026-11-25T17:00:00.000000Z");
        expect_typed("2026-11-25T17:00:00-05:00", "2026-11-25T22:00:00.000000Z");
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
                expect_typed(wrong[i], NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_relative), cmocka_unit_test(test_absolute),
                cmocka_unit_test(test_localised), cmocka_unit_test(test_typed)};

        return cmocka_run_group_tests(tests, set_zone, NULL);
}
