/* References as people type them. */
#include "tests/unit/client/test.h"

#include "client/capactl/reference.h"

static void expect(const char *text, const char *prefix, const char *normal)
{
        char got[REFERENCE_MAX] = "untouched";
        int r = reference_normalise(text, prefix, got);

        if (normal) {
                assert_int_equal(r, 0);
                assert_string_equal(got, normal);
        } else {
                assert_int_equal(r, REFERENCE_E_INVALID);
                assert_string_equal(got, "untouched");
        }
}

static void test_normal_forms(void **state)
{
        (void) state;
        expect("17", NULL, "NC-17");
        expect("42", "CA", "CA-42");
        expect("NC-17", "CA", "NC-17");
        expect("nc-17", NULL, "NC-17");
        expect("esc-9", NULL, "ESC-9");
        expect("EV-3", "EV", "EV-3");
        expect("event-12", NULL, "EVENT-12");
        expect("12", "", "12");
        expect("nc-12", "", "NC-12");
}

static void test_no_references(void **state)
{
        static const char *const wrong[] = {"",
                                            "-",
                                            "NC",
                                            "NC-",
                                            "-17",
                                            "NC-1x",
                                            "x17",
                                            "XY-17",
                                            "NC--1",
                                            "NC-17 ",
                                            " 17",
                                            "1.5",
                                            "99999999999999999999",
                                            "NC-17\n",
                                            "N-17",
                                            "NCC-17"};

        (void) state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
                expect(wrong[i], NULL, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_normal_forms),
                                           cmocka_unit_test(test_no_references)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
