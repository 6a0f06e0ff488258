/* Which SQLSTATE means what to a caller. */
#include "tests/unit/db/test.h"

#include "daemon/db/answer.h"

static void test_kinds(void **state)
{
        (void) state;
        assert_int_equal(answer_kind_of("CA000"), ANSWER_REFUSED);
        assert_int_equal(answer_kind_of("CA006"), ANSWER_REFUSED);
        assert_int_equal(answer_kind_of("22021"), ANSWER_DATA);
        assert_int_equal(answer_kind_of("23505"), ANSWER_DATA);
        assert_int_equal(answer_kind_of("54000"), ANSWER_DATA);
        assert_int_equal(answer_kind_of("40P01"), ANSWER_AGAIN);
        assert_int_equal(answer_kind_of("40001"), ANSWER_AGAIN);
        assert_int_equal(answer_kind_of("40002"), ANSWER_BROKEN);
        assert_int_equal(answer_kind_of("08006"), ANSWER_AWAY);
        assert_int_equal(answer_kind_of("53300"), ANSWER_AWAY);
        assert_int_equal(answer_kind_of("57P01"), ANSWER_AWAY);
        assert_int_equal(answer_kind_of("58030"), ANSWER_AWAY);
        assert_int_equal(answer_kind_of("25006"), ANSWER_AWAY);
        assert_int_equal(answer_kind_of("42883"), ANSWER_BROKEN);
        assert_int_equal(answer_kind_of("P0001"), ANSWER_BROKEN);
        assert_int_equal(answer_kind_of(""), ANSWER_BROKEN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
