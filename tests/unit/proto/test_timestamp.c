/* Tests of wire/timestamp, against moments computed by hand and against the C library's calendar.
 */
#include "test.h"

#include <time.h>

#include "proto/wire/timestamp.h"

#define BASE INT64_C(1790000000) /* 2026-09-21T14:13:20Z */

static void test_readable(void **state unused_)
{
        static const struct {
                const char *text;
                int64_t us;
        } CASES[] = {
                {"1970-01-01T00:00:00Z", 0},
                {"1969-12-31T23:59:59.5Z", -500000},
                {"2026-09-21T14:13:20Z", BASE * 1000000},
                {"2026-09-21t14:13:20z", BASE * 1000000},
                {"2026-09-21 14:13:20", BASE * 1000000},
                {"2026-09-21T14:13:20", BASE * 1000000},
                {"2026-09-21T14:13:20.1Z", BASE * 1000000 + 100000},
                {"2026-09-21T14:13:20,123Z", BASE * 1000000 + 123000},
                {"2026-09-21T14:13:20.123456Z", BASE * 1000000 + 123456},
                {"2026-09-21T14:13:20.123456789Z", BASE * 1000000 + 123456},
                {"2026-09-21T16:13:20+02:00", BASE * 1000000},
                {"2026-09-21T16:13:20.5+0200", BASE * 1000000 + 500000},
                {"2026-09-21T16:13:20+02", BASE * 1000000},
                {"2026-09-21T08:43:20-05:30", BASE * 1000000},
                {"2026-09-21 14:13:20 -0000", BASE * 1000000},
                {"2026-09-21 14:13:20 UTC", BASE * 1000000},
                {"2026-9-21T14:13:20Z", BASE * 1000000},
                {"2026-09-21T14:13Z", (BASE - 20) * 1000000},
                {"2016-12-31T23:59:60Z", INT64_C(1483228800) * 1000000},
                {"2024-02-29T00:00:00Z", INT64_C(1709164800) * 1000000},
                {"0001-01-01T00:00:00Z", INT64_C(-62135596800) * 1000000},
                {"9999-12-31T23:59:59Z", INT64_C(253402300799) * 1000000},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                int64_t us = 1;

                if (timestamp_parse(CASES[i].text, strlen(CASES[i].text), &us) != 0 ||
                    us != CASES[i].us)
                        fail_msg("%s: %lld", CASES[i].text, (long long) us);
        }
}

static void test_unreadable(void **state unused_)
{
        static const char *const CASES[] = {
                "",
                "now",
                "2026",
                "2026-09-21",
                "2026-09-21T",
                "2026-09-21T14",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-01-01T24:00:00Z",
                "2026-01-01T00:60:00Z",
                "2026-01-01T00:00:61Z",
                "2026-01-01T00:00:00.Z",
                "2026-01-01T00:00:00+24:00",
                "2026-01-01T00:00:00+2:00",
                "2026-01-01T00:00:00X",
                "2026-01-01T00:00:00Zx",
                "2026-01-01T00:00:00+02:",
                "0000-01-01T00:00:00Z",
                "20260101T000000Z",
                "Mon, 21 Sep 2026 14:13:20 GMT",
                "-2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00 +",
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                int64_t us;

                if (timestamp_parse(CASES[i], strlen(CASES[i]), &us) != TIMESTAMP_E_UNREADABLE)
                        fail_msg("%s was read", CASES[i]);
        }
}

static void test_epoch(void **state unused_)
{
        static const struct {
                const char *text;
                int64_t us; /* -1: unreadable */
        } CASES[] = {
                {"0", 0},
                {"0.0", 0},
                {"1790000000", BASE * 1000000},
                {"1790000000.25", BASE * 1000000 + 250000},
                {"1790000000.123456789", BASE * 1000000 + 123456},
                {"1790000000123", BASE * 1000000 + 123000},
                {"1790000000123456", BASE * 1000000 + 123456},
                {"1790000000123456789", BASE * 1000000 + 123456},
                {"1.79e9", BASE * 1000000},
                {"1.790000000123e+12", BASE * 1000000 + 123000},
                {"17900000000e-1", BASE * 1000000},
                {"0.5", 500000},
                {"5e-1", 500000},
                {"0.000001", 1},
                {"0.0000001", 0},
                {"-5", -1},
                {"1e21", -1},
                {"1e999999", -1},
                {"", -1},
                {".", -1},
                {"12x", -1},
                {"0x10", -1},
                {"1.2.3", -1},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                int64_t us = -1;
                int r = timestamp_parse_epoch(CASES[i].text, strlen(CASES[i].text), &us);

                if (r != (CASES[i].us < 0 ? TIMESTAMP_E_UNREADABLE : 0) || us != CASES[i].us)
                        fail_msg("%s: %d %lld", CASES[i].text, r, (long long) us);
        }
}

static void test_format(void **state unused_)
{
        char text[TIMESTAMP_MAX];

        timestamp_format(BASE * 1000000 + 7, text, sizeof(text));
        assert_string_equal(text, "2026-09-21T14:13:20.000007Z");
        timestamp_format(-1, text, sizeof(text));
        assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
        timestamp_format(0, text, sizeof(text));
        assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
        timestamp_format(INT64_MAX, text, sizeof(text));
        timestamp_format(INT64_MIN, text, sizeof(text));
        assert_true(strlen(text) < TIMESTAMP_MAX);
}

/* Every day of four centuries and its last microsecond, as gmtime_r sees them. */
static void test_calendar(void **state unused_)
{
        for (int64_t day = -36525; day < 3 * 36525; day++) {
                int64_t us = day * INT64_C(86400000000) + INT64_C(86399999999), back;
                char text[TIMESTAMP_MAX], expected[64];
                time_t seconds = (time_t) (day * 86400 + 86399);
                struct tm tm;

                timestamp_format(us, text, sizeof(text));
                assert_non_null(gmtime_r(&seconds, &tm));
                (void) snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.999999Z",
                                tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                                tm.tm_sec);
                assert_string_equal(text, expected);
                assert_int_equal(timestamp_parse(text, strlen(text), &back), 0);
                assert_true(back == us);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_readable), cmocka_unit_test(test_unreadable),
                cmocka_unit_test(test_epoch),    cmocka_unit_test(test_format),
                cmocka_unit_test(test_calendar),
        };

        return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
