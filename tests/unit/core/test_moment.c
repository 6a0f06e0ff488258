/* Times as tools write them; moments computed by date(1). */
#include "fixture.h"

#include "daemon/core/moment.h"
#include "proto/base/util.h"

#define BASE INT64_C(1790000000) /* 2026-09-21T14:13:20Z, a Monday */
#define US   INT64_C(1000000)

struct reading {
        const char *text;
        enum json_kind kind;
        int64_t us;
};

static int64_t read_one(const char *text, enum json_kind kind, bool dates)
{
        const struct value v = {.kind = kind, .text = {text, strlen(text)}, .node = NODE_NONE};

        return moment_of(&v, dates);
}

static void readable(void **state)
{
        static const struct reading CASES[] = {
                {"2026-09-21T14:13:20Z", JSON_STRING, BASE * US},
                {"2026-09-21T16:13:20.123456789+0200", JSON_STRING, BASE * US + 123456},
                {"2026-09-21 14:13:20 +0000", JSON_STRING, BASE * US},
                {"2026-9-21T14:13:20Z", JSON_STRING, BASE * US},
                {"1790000000", JSON_NUMBER, BASE * US},
                {"1790000000.5", JSON_NUMBER, BASE * US + 500000},
                {"1790000000123", JSON_STRING, BASE * US + 123000},
                {"1790000000123456", JSON_STRING, BASE * US + 123456},
                {"1790000000123456789", JSON_NUMBER, BASE * US + 123456},
                {"1.790000000e9", JSON_NUMBER, BASE * US},
                {"Mon, 21 Sep 2026 14:13:20 GMT", JSON_STRING, BASE * US},
                {"Mon, 21 Sep 2026 09:13:20 -0500", JSON_STRING, BASE * US},
                {"21 Sep 2026 10:13:20 EDT", JSON_STRING, BASE * US},
                {"Mon, 21 Sep 2026 14:13:20 +0000 (UTC)", JSON_STRING, BASE * US},
                {"Mon Sep 21 14:13:20 2026", JSON_STRING, BASE * US},
                {"Mon Sep 21 14:13:20 UTC 2026", JSON_STRING, BASE * US},
                {"Mon Sep 21 16:13:20 CEST 2026", JSON_STRING, BASE * US},
                {"21/Sep/2026:16:13:20 +0200", JSON_STRING, BASE * US},
                {"20260921T141320Z", JSON_STRING, BASE * US},
                {"20260921T161320.25+0200", JSON_STRING, BASE * US + 250000},
                {"2026/09/21 14:13:20", JSON_STRING, BASE * US},
                {"2026.09.21 14:13:20", JSON_STRING, BASE * US},
                {"2026-09-21 16:13:20 CEST", JSON_STRING, BASE * US},
                {"2026-09-21T16:13:20+02:00[Europe/Berlin]", JSON_STRING, BASE * US},
        };

        (void) state;
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                int64_t us = read_one(CASES[i].text, CASES[i].kind, false);

                if (us != CASES[i].us)
                        fail_msg("%s: %lld", CASES[i].text, (long long) us);
        }
}

/* None of these is a moment; the receipt counts. */
static void unreadable(void **state)
{
        static const char *const CASES[] = {
                "",
                "never",
                "2026-09-21",
                "0001-01-01T00:00:00Z",
                "1969-12-31T23:59:59Z",
                "Sep 21 14:13:20",
                "09/21/2026 14:13:20",
                "Mon, 21 Spe 2026 14:13:20 GMT",
                "Mon, 21 Sep 2026 25:13:20 GMT",
                "Mon, 31 Sep 2026 14:13:20 GMT",
                "Mon, 21 Sep 2026 14:13:20 GMT and more",
                "Mon Sep 21 14:13:20 IST 2026",
                "2026-09-21 16:13:20 IST",
                "2026-09-21T16:13:20[Europe/Berlin]",
                "20260921T1413Z",
                "2026/09-21 14:13:20",
                "12345678901234567890123",
        };

        char longest[120];

        (void) state;
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
                if (read_one(CASES[i], JSON_STRING, false) != 0)
                        fail_msg("%s was read", CASES[i]);
        assert_int_equal(read_one("-5", JSON_NUMBER, false), 0);
        memset(longest, '0', sizeof(longest));
        memcpy(longest, "2026-09-21T14:13:20.", 20);
        longest[60] = 'Z';
        longest[61] = '\0';
        assert_int_equal(read_one(longest, JSON_STRING, false), BASE * US);
        longest[60] = longest[61] = '0';
        longest[sizeof(longest) - 2] = 'Z';
        longest[sizeof(longest) - 1] = '\0';
        assert_int_equal(read_one(longest, JSON_STRING, false), 0);
        assert_int_equal(read_one("true", JSON_TRUE, true), 0);
}

static void dates(void **state)
{
        (void) state;
        assert_int_equal(read_one("2026-09-21", JSON_STRING, true),
                         (BASE - 14 * 3600 - 13 * 60 - 20) * US);
        assert_int_equal(read_one("2026-09-31", JSON_STRING, true), 0);
        assert_int_equal(read_one("21.09.2026", JSON_STRING, true), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(readable),
                cmocka_unit_test(unreadable),
                cmocka_unit_test(dates),
        };

        return cmocka_run_group_tests_name("core/moment", tests, NULL, NULL);
}
