/* Tests of json/document: small trees, with the strict reader before cJSON. */
#include "test.h"

#include "proto/json/document.h"
#include "proto/json/tape.h"

static void test_getters(void **state unused_)
{
        static const char TEXT[] =
                "{\"Name\":\"x\",\"name\":\"y\",\"n\":9007199254740991,\"f\":1.5,\"t\":true,"
                "\"l\":[1,\"two\",null],\"o\":{\"k\":false}}";
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const struct cJSON *l, *o;

        assert_int_equal(document_parse(TEXT, sizeof(TEXT) - 1, &d, NULL), 0);
        assert_true(document_is_object(d));
        assert_string_equal(document_string(d, "name", "-"), "y");
        assert_string_equal(document_string(d, "Name", "-"), "x");
        assert_string_equal(document_string(d, "NAME", "-"), "-");
        assert_string_equal(document_string(d, "n", "-"), "-");
        assert_true(document_int(d, "n", 0) == 9007199254740991);
        assert_int_equal(document_int(d, "f", -7), -7);
        assert_int_equal(document_int(d, "name", -7), -7);
        assert_true(document_bool(d, "t", false));
        assert_true(document_bool(d, "n", true));
        l = document_get(d, "l");
        assert_true(document_is_array(l));
        assert_int_equal(document_length(l), 3);
        assert_string_equal(document_text(document_at(l, 1)), "two");
        assert_ptr_equal(document_next(document_at(l, 0)), document_at(l, 1));
        assert_null(document_next(document_at(l, 2)));
        assert_null(document_at(l, 3));
        assert_null(document_text(document_at(l, 0)));
        assert_null(document_get(l, "x"));
        o = document_get(d, "o");
        assert_string_equal(document_name(document_at(o, 0)), "k");
        assert_false(document_bool(o, "k", true));
}

static void test_nothing(void **state unused_)
{
        assert_null(document_get(NULL, "x"));
        assert_string_equal(document_string(NULL, "x", "otherwise"), "otherwise");
        assert_int_equal(document_int(NULL, "x", 3), 3);
        assert_true(document_bool(NULL, "x", true));
        assert_int_equal(document_length(NULL), 0);
        assert_null(document_at(NULL, 0));
        assert_null(document_next(NULL));
        assert_null(document_name(NULL));
        assert_null(document_text(NULL));
        assert_false(document_is_array(NULL));
        assert_false(document_is_object(NULL));
        document_free(NULL);
}

/* What cJSON alone would take. */
static void test_strict_first(void **state unused_)
{
        static const char *const CASES[] = {
                "nullx",       "{\"a\":1}}",     "[01]", "{\"a\":1,\"a\":2}", "\"\\u0000\"",
                "\"\\uZZZZ\"", "\xef\xbb\xbf{}", "[1.]", "\"a\nb\"",          "// c\n1"};

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(document_free_p) struct cJSON *d = NULL;
                struct problem p;

                assert_int_equal(document_parse(CASES[i], strlen(CASES[i]), &d, &p),
                                 JSON_E_INVALID);
                assert_null(d);
        }
}

static void test_integers_beyond_double(void **state unused_)
{
        static const char TEXT[] =
                "{\"big\":9007199254740993000,\"huge\":1e300,\"low\":-9007199254740992}";
        cleanup_(document_free_p) struct cJSON *d = NULL;

        assert_int_equal(document_parse(TEXT, sizeof(TEXT) - 1, &d, NULL), 0);
        assert_int_equal(document_int(d, "big", -1), -1);
        assert_int_equal(document_int(d, "huge", -1), -1);
        assert_true(document_int(d, "low", -1) == -9007199254740992);
}

static void test_comments(void **state unused_)
{
        static const char TEXT[] =
                "// top\n{ /* \"x\": */ \"a/*b*/\": \"c//d\\\"//\", // \"\n \"n\" /**/: 1 } // end";
        static const char OPEN[] = "{} /* open";
        cleanup_(document_free_p) struct cJSON *d = NULL;
        struct problem p;

        assert_int_equal(document_parse_config(TEXT, sizeof(TEXT) - 1, &d, &p), 0);
        assert_string_equal(document_string(d, "a/*b*/", "-"), "c//d\"//");
        assert_int_equal(document_int(d, "n", 0), 1);
        assert_int_equal(document_length(d), 2);
        assert_int_equal(document_parse_config(OPEN, sizeof(OPEN) - 1, &d, &p), JSON_E_INVALID);
        assert_int_equal(p.offset, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_getters),      cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_strict_first), cmocka_unit_test(test_integers_beyond_double),
                cmocka_unit_test(test_comments),
        };

        return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
