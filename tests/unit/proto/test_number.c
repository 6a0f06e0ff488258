/* Tests of json/number: exact comparison of decimal texts. */
#include "test.h"

#include "proto/json/tape.h"

static int compare(const char *a, const char *b)
{
        return json_number_compare(a, strlen(a), b, strlen(b));
}

/* Strictly rising; the strings of one row are equal in value. */
static void test_order(void **state unused_)
{
        static const char *const ROWS[][4] = {
                {"-1e308", "-10e307"},
                {"-9007199254740993", "-9007199254740993.0"},
                {"-9007199254740992"},
                {"-2"},
                {"-1.5", "-15e-1", "-0.15e1", "-150e-2"},
                {"-1", "-1.0", "-1e0", "-10e-1"},
                {"-0.1"},
                {"-1e-308"},
                {"0", "-0", "0.000", "0e308"},
                {"1e-308", "0.1e-307"},
                {"0.09999999999999999999999999999999999999999999999999999999999"},
                {"0.1", "1e-1", "0.10", "0.01e1"},
                {"0.1000000000000000055511151231257827", "1000000000000000055511151231257827e-34"},
                {"1", "1.000", "100e-2", "0.001e3"},
                {"1.0000000000000000000000000000000000000000000000000001"},
                {"9"},
                {"9.99"},
                {"10", "1e1", "0.1e2", "1E+1"},
                {"9007199254740992"},
                {"9007199254740993", "9.007199254740993e15"},
                {"18446744073709551616"},
                {"18446744073709551617"},
                {"1e300"},
                {"1e308", "0.1e309", "100e306"},
        };

        for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
                for (size_t j = 0; j < ARRAY_LEN(ROWS); j++)
                        for (unsigned x = 0; x < 4 && ROWS[i][x]; x++)
                                for (unsigned y = 0; y < 4 && ROWS[j][y]; y++) {
                                        int expected = i < j ? -1 : i > j;

                                        if (compare(ROWS[i][x], ROWS[j][y]) != expected)
                                                fail_msg("%s against %s is not %d", ROWS[i][x],
                                                         ROWS[j][y], expected);
                                }
}

/* All decimals of three digits at any place of the point against plain integers. */
static void test_scaled(void **state unused_)
{
        for (int a = -120; a <= 120; a++)
                for (int b = -120; b <= 120; b++) {
                        char x[32], y[32];

                        (void) snprintf(x, sizeof(x), "%s%d.%02de%d", a < 0 ? "-" : "",
                                        abs(a) / 100, abs(a) % 100, 2);
                        (void) snprintf(y, sizeof(y), "%de-1", b * 10);
                        assert_int_equal(compare(x, y), (a > b) - (a < b));
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_scaled),
        };

        return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
