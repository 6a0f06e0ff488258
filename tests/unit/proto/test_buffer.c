/* Tests of base/: buffers, problems, UTF-8. */
#include "test.h"

#include "proto/base/problem.h"
#include "proto/base/utf8.h"

static void test_appends(void **state unused_)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char *text;

        buffer_add_str(&b, "one");
        buffer_add_char(&b, ' ');
        buffer_printf(&b, "%d-%s", 2, "three");
        buffer_add(&b, "", 0);
        buffer_add_hex(&b, "\x00\x7f\xff", 3);
        assert_int_equal(buffer_status(&b), 0);
        assert_string_equal(b.data, "one 2-three007fff");
        assert_int_equal(b.size, strlen(b.data));
        for (int i = 0; i < 10000; i++)
                buffer_add_char(&b, 'x');
        assert_int_equal(b.size, 17 + 10000);
        text = buffer_take(&b);
        assert_int_equal(strlen(text), 17 + 10000);
        assert_null(b.data);
        free(text);
}

static void test_empty_take(void **state unused_)
{
        struct buffer b = BUFFER_NULL;
        char *text = buffer_take(&b);

        assert_string_equal(text, "");
        free(text);
}

static void test_broken_is_sticky(void **state unused_)
{
        struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "kept");
        buffer_add(&b, "", SIZE_MAX); /* cannot be had: overflows, reads nothing */
        buffer_add_str(&b, "more");
        assert_int_equal(buffer_status(&b), -ENOMEM);
        assert_int_equal(b.size, 4);
        buffer_clear(&b);
        assert_int_equal(buffer_status(&b), 0);
        assert_int_equal(b.size, 0);
        buffer_add(&b, "", SIZE_MAX - 1);
        assert_null(buffer_take(&b));
        assert_null(b.data);
}

static void test_json_strings(void **state unused_)
{
        static const struct {
                const char *text;
                size_t size;
                const char *json;
        } CASES[] = {
                {"", 0, "\"\""},
                {"plain", 5, "\"plain\""},
                {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
                {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
                {"\x01\x1f\x7f", 3, "\"\\u0001\\u001f\\u007f\""},
                {"a\0b", 3, "\"a\\u0000b\""},
                {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9,
                 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
                {"\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\""},
                {"a\xff"
                 "b",
                 3,
                 "\"a\xef\xbf\xbd"
                 "b\""},
                {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
                {"cut \xe2\x82", 6, "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

                buffer_add_json_string(&b, CASES[i].text, CASES[i].size);
                assert_string_equal(b.data, CASES[i].json);
        }
}

static void test_json_cstr(void **state unused_)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_add_json_cstr(&b, NULL);
        buffer_add_json_cstr(&b, "x");
        assert_string_equal(b.data, "null\"x\"");
}

static void test_problem_harmless(void **state unused_)
{
        struct problem p;

        problem_set(&p, 7, "a %s b", "x\x1b[31m\n\xff\xc2\x85 \xc3\xa4");
        assert_int_equal(p.offset, 7);
        assert_string_equal(p.text, "a x?[31m???? \xc3\xa4 b");
        problem_set(NULL, 0, "%s", "nobody asks");
}

static void test_problem_cut_at_character(void **state unused_)
{
        char text[PROBLEM_TEXT_MAX + 8];
        struct problem p;

        for (unsigned lead = 0; lead < 4; lead++) {
                memset(text, 0, sizeof(text));
                memset(text, 'x', lead);
                for (size_t i = lead; i + 4 < sizeof(text); i += 4)
                        memcpy(text + i, "\xf0\x9f\x98\x80", 4);
                problem_set(&p, 0, "%s", text);
                assert_true(strlen(p.text) < PROBLEM_TEXT_MAX);
                assert_true(strlen(p.text) > PROBLEM_TEXT_MAX - 8);
                assert_int_equal((strlen(p.text) - lead) % 4, 0);
                assert_null(strchr(p.text, '?'));
        }
}

static void test_problem_place(void **state unused_)
{
        static const char TEXT[] = "one\ntwo\n\nfour";
        static const struct {
                size_t offset;
                unsigned line, column;
        } CASES[] = {{0, 1, 1}, {2, 1, 3}, {3, 1, 4}, {4, 2, 1}, {8, 3, 1}, {9, 4, 1}, {999, 4, 5}};

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                unsigned line, column;

                problem_place(TEXT, sizeof(TEXT) - 1, CASES[i].offset, &line, &column);
                assert_int_equal(line, CASES[i].line);
                assert_int_equal(column, CASES[i].column);
        }
}

static void test_problem_locate(void **state unused_)
{
        char text[PROBLEM_TEXT_MAX];
        struct problem p;

        problem_set(&p, 5, "no %s", "good");
        problem_locate(&p, "one\ntwo", 7);
        assert_string_equal(p.text, "line 2, column 2: no good");
        assert_int_equal(p.offset, 5);
        problem_locate(NULL, "", 0);
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = 0;
        problem_set(&p, 0, "%s", text);
        problem_locate(&p, "one", 3);
        assert_int_equal(strlen(p.text), PROBLEM_TEXT_MAX - 1);
        assert_contains(p.text, "line 1, column 1: xxx");
}

/* Every code point is written and read back; surrogates are not characters. */
static void test_utf8_round(void **state unused_)
{
        for (uint32_t v = 0; v <= 0x10FFFF; v++) {
                unsigned char c[4];
                unsigned n = utf8_encode(v, c);

                assert_int_equal(utf8_character(c, n), v >= 0xD800 && v <= 0xDFFF ? 0 : n);
                if (n > 1)
                        assert_int_equal(utf8_character(c, n - 1), 0);
        }
}

static void test_utf8_invalid(void **state unused_)
{
        static const char *const CASES[] = {"\x80",
                                            "\xbf",
                                            "\xc0\x80",
                                            "\xc1\xbf",
                                            "\xc2",
                                            "\xc2\x41",
                                            "\xe0\x80\x80",
                                            "\xe0\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xed\xbf\xbf",
                                            "\xf0\x80\x80\x80",
                                            "\xf0\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80\x80\x80",
                                            "\xfe",
                                            "\xff"};

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
                assert_int_equal(utf8_character((const unsigned char *) CASES[i], strlen(CASES[i])),
                                 0);
        assert_int_equal(utf8_character((const unsigned char *) "", 0), 0);
}

static void test_utf8_cut(void **state unused_)
{
        assert_int_equal(utf8_cut("abc", 3, 5), 3);
        assert_int_equal(utf8_cut("abc", 3, 2), 2);
        assert_int_equal(utf8_cut("a\xe2\x82\xac", 4, 3), 1);
        assert_int_equal(utf8_cut("a\xe2\x82\xac", 4, 4), 4);
        assert_int_equal(utf8_cut("\xe2\x82\xac", 3, 1), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_appends),
                cmocka_unit_test(test_empty_take),
                cmocka_unit_test(test_broken_is_sticky),
                cmocka_unit_test(test_json_strings),
                cmocka_unit_test(test_json_cstr),
                cmocka_unit_test(test_problem_harmless),
                cmocka_unit_test(test_problem_cut_at_character),
                cmocka_unit_test(test_problem_place),
                cmocka_unit_test(test_problem_locate),
                cmocka_unit_test(test_utf8_round),
                cmocka_unit_test(test_utf8_invalid),
                cmocka_unit_test(test_utf8_cut),
        };

        return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
