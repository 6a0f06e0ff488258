/* The embedded statements are found by their names, each once, and each has a text. */
#include <string.h>

#include "tests/unit/db/test.h"

#include "daemon/db/query.h"
#include "daemon/db/schema.h"

static void test_table(void **state)
{
        static const char *const needed[] = {"ingest",         "ingest_careful", "load_set",
                                             "tick",           "publish",        "published",
                                             "epoch",          "heads",          "session_settings",
                                             "session_schema", "status",         "links"};

        (void) state;
        assert_true(query_count() > 20);
        for (unsigned i = 0; i < query_count(); i++) {
                assert_int_equal(query_find(query_name(i)), i);
                assert_true(strlen(query_text(i)) > 0);
        }
        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
                assert_int_not_equal(query_find(needed[i]), QUERY_NONE);
        assert_int_equal(query_find("nothing of this name"), QUERY_NONE);
        assert_false(query_is_prepared(query_find("session_settings")));
        assert_true(query_is_prepared(query_find("ingest")));
}

static void test_fingerprint(void **state)
{
        (void) state;
        assert_int_equal(strlen(schema_fingerprint()), 64);
        assert_int_equal(strspn(schema_fingerprint(), "0123456789abcdef"), 64);
        assert_string_equal(schema_fingerprint(), schema_fingerprint());
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                           cmocka_unit_test(test_fingerprint)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
