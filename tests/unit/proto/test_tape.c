/* Tests of json/tape: the grammar and what is refused beyond it, the shape of the tape, comments,
 * and the public JSON test suite where it lies beside the repository. */
#include "test.h"

#include <dirent.h>

#include "proto/base/limits.h"
#include "proto/json/tape.h"

static int parse(struct json_tape *t, const char *text, size_t size, struct problem *p)
{
        *p = (struct problem){0};
        return json_tape_parse(t, text, size, p);
}

static void test_accepted(void **state unused_)
{
        static const char *const CASES[] = {
                "null",
                " true ",
                "\tfalse\r\n",
                "0",
                "-0",
                "10",
                "-1.5",
                "1e5",
                "1E+5",
                "1.25e-308",
                "0e308",
                "1e0000000000000000000000000000308",
                "\"\"",
                "\"a\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
                "\"\\ud83d\\ude00\"",
                "\"\x7f\"",
                "\"\xc3\xa4\xf4\x8f\xbf\xbf\"",
                "\"\\uFFFF\\uDBFF\\uDFFF\"",
                "[]",
                "{}",
                "[ ]",
                "{ }",
                "[1,2]",
                "[[],{}]",
                "{\"\":0}",
                "{\"a\":{\"a\":{\"a\":1}}}",
                "[{\"a\":1},{\"a\":1}]",
                "{\"a\":1,\"A\":2}",
                "9223372036854775808",
                "1234567890123456789012345678901234567890123456789012345678901234",
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
                if (parse(&t, CASES[i], strlen(CASES[i]), &p) != 0)
                        fail_msg("%s: %s at %zu", CASES[i], p.text, p.offset);
}

static void test_refused(void **state unused_)
{
        static const struct {
                const char *text;
                size_t offset;
                const char *problem;
        } CASES[] = {
                {"", 0, "empty"},
                {"   ", 3, "empty"},
                {"nul", 0, "unknown word"},
                {"nullx", 4, "more text"},
                {"True", 0, "\"T\" where a value"},
                {"01", 0, "begin with 0"},
                {"-", 0, "needs a digit"},
                {"-01", 0, "begin with 0"},
                {"1.", 0, "behind the point"},
                {".5", 0, "\".\" where a value"},
                {"+1", 0, "\"+\" where a value"},
                {"1e", 1, "no digits"},
                {"1e+", 1, "no digits"},
                {"1e309", 1, "beyond 308"},
                {"1e-309", 1, "beyond 308"},
                {"1e99999999999999999999", 1, "beyond 308"},
                {"12345678901234567890123456789012345678901234567890123456789012345", 0,
                 "65 characters"},
                {"NaN", 0, "where a value"},
                {"\"", 0, "never closed"},
                {"[\"a", 1, "never closed"},
                {"\"\\", 1, "within an escape"},
                {"\"\\x41\"", 1, "unknown escape"},
                {"\"\\u12\"", 1, "four hex digits"},
                {"\"\\u12g4\"", 1, "four hex digits"},
                {"\"a\\u0000\"", 2, "U+0000"},
                {"{\"\\u0000\":1}", 2, "U+0000"},
                {"\"\\ud800\"", 1, "lone surrogate"},
                {"\"\\udc00\"", 1, "lone surrogate"},
                {"\"\\ud800\\u0041\"", 1, "lone surrogate"},
                {"\"\\ud800\\ud800\"", 1, "lone surrogate"},
                {"\"\\ud800x\"", 1, "lone surrogate"},
                {"\"a\tb\"", 2, "control character 0x09"},
                {"\"\n\"", 1, "control character 0x0a"},
                {"\"abcdefghijklm\x1f\"", 14, "control character 0x1f"},
                {"\"\xff\"", 1, "byte 0xff is not valid UTF-8"},
                {"\"abcdefgh\xc3\"", 9, "byte 0xc3"},
                {"\"\xed\xa0\x80\"", 1, "byte 0xed"},
                {"\"\xc0\xaf\"", 1, "byte 0xc0"},
                {"\xef\xbb\xbf{}", 0, "byte-order mark"},
                {"[", 1, "ends where a value"},
                {"[1", 0, "list is never closed"},
                {"[1 2]", 3, "expected \",\" or \"]\""},
                {"[1,]", 3, "\"]\" where a value"},
                {"[,1]", 1, "\",\" where a value"},
                {"[1}", 2, "expected \",\" or \"]\""},
                {"]", 0, "\"]\" where a value"},
                {"{", 0, "object is never closed"},
                {"{\"a\"", 4, "expected \":\""},
                {"{\"a\":", 5, "ends where a value"},
                {"{\"a\":1", 0, "object is never closed"},
                {"{\"a\":1,", 0, "object is never closed"},
                {"{\"a\":1,}", 7, "expected a key"},
                {"{a:1}", 1, "expected a key"},
                {"{'a':1}", 1, "expected a key"},
                {"{\"a\" 1}", 5, "expected \":\""},
                {"{\"a\":1]", 6, "expected \",\" or \"}\""},
                {"{} {}", 3, "more text"},
                {"1 // no", 2, "more text"},
                {"/**/1", 0, "\"/\" where a value"},
                {"[1]\f", 3, "more text"},
                {"\f[1]", 0, "byte 0x0c"},
                {"{\"a\":1,\"b\":2,\"a\":3}", 13, "the key \"a\" stands twice"},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                if (parse(&t, CASES[i].text, strlen(CASES[i].text), &p) != JSON_E_INVALID)
                        fail_msg("%s: accepted", CASES[i].text);
                if (p.offset != CASES[i].offset || !strstr(p.text, CASES[i].problem))
                        fail_msg("%s: \"%s\" at %zu, expected \"%s\" at %zu", CASES[i].text, p.text,
                                 p.offset, CASES[i].problem, CASES[i].offset);
                assert_int_equal(t.n_nodes, 0);
        }
}

static void test_nul_bytes(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p;

        assert_int_equal(parse(&t, "1\0", 2, &p), JSON_E_INVALID);
        assert_int_equal(parse(&t, "\0", 1, &p), JSON_E_INVALID);
        assert_int_equal(parse(&t, "\"a\0b\"", 5, &p), JSON_E_INVALID);
        assert_int_equal(parse(&t, "[1,\0]", 5, &p), JSON_E_INVALID);
        assert_int_equal(json_tape_parse(&t, NULL, 0, NULL), JSON_E_INVALID);
}

static void test_depth(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        char text[2 * (LIMIT_JSON_DEPTH + 1)];
        struct problem p;

        memset(text, '[', LIMIT_JSON_DEPTH + 1);
        memset(text + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
        assert_int_equal(parse(&t, text + 1, 2UL * LIMIT_JSON_DEPTH, &p), 0);
        assert_int_equal(t.n_nodes, LIMIT_JSON_DEPTH);
        assert_int_equal(parse(&t, text, sizeof(text), &p), JSON_E_INVALID);
        assert_contains(p.text, "deeper than 64");
        assert_int_equal(p.offset, LIMIT_JSON_DEPTH);
}

static void test_shape(void **state unused_)
{
        static const char TEXT[] = " {\"a\" : [1, \"x\\ny\", {}], \"b\":null} ";
        static const struct json_node EXPECTED[] = {
                {1, 33, 9, 2, JSON_OBJECT, false}, {3, 1, 2, 0, JSON_STRING, false},
                {8, 16, 6, 3, JSON_ARRAY, false},  {9, 1, 4, 0, JSON_NUMBER, false},
                {13, 4, 5, 0, JSON_STRING, true},  {20, 2, 6, 0, JSON_OBJECT, false},
                {26, 1, 7, 0, JSON_STRING, false}, {29, 4, 8, 0, JSON_NULL, false},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p;

        assert_int_equal(parse(&t, TEXT, sizeof(TEXT) - 1, &p), 0);
        assert_int_equal(t.n_nodes, ARRAY_LEN(EXPECTED));
        for (uint32_t i = 0; i < t.n_nodes; i++) {
                const char *text;
                size_t size;

                json_slice(&t, i, &text, &size);
                assert_int_equal(t.nodes[i].kind, EXPECTED[i].kind);
                assert_int_equal(t.nodes[i].escaped, EXPECTED[i].escaped);
                if (t.nodes[i].kind >= JSON_ARRAY)
                        assert_int_equal(t.nodes[i].count, EXPECTED[i].count);
        }
        assert_int_equal(t.nodes[0].next, 8);
        assert_int_equal(t.nodes[2].next, 6);
        assert_memory_equal(TEXT + t.nodes[2].offset, "[1, \"x\\ny\", {}]", t.nodes[2].length);
        assert_memory_equal(TEXT + t.nodes[4].offset, "x\\ny", t.nodes[4].length);
        assert_int_equal(t.nodes[4].length, 4);
}

static void test_values(void **state unused_)
{
        static const char TEXT[] =
                "[\"plain\", \"\\u00e4\\ud83d\\ude00\\n\\/\", 12, -9223372036854775808, "
                "9223372036854775808, 1.0, 1e2, -0, true]";
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(free_p) char *s = NULL;
        const char *slice;
        struct problem p;
        size_t size;
        int64_t v;

        assert_int_equal(parse(&t, TEXT, sizeof(TEXT) - 1, &p), 0);
        assert_true(json_string_equals(&t, 1, "plain", 5));
        assert_false(json_string_equals(&t, 1, "plai", 4));
        assert_false(json_string_equals(&t, 1, "plainx", 6));
        assert_true(json_string_equals(&t, 2, "\xc3\xa4\xf0\x9f\x98\x80\n/", 8));
        assert_false(json_string_equals(&t, 2, "\xc3\xa4\xf0\x9f\x98\x80\n", 7));
        assert_false(json_string_equals(&t, 3, "12", 2));
        assert_int_equal(json_string_dup(&t, 2, &s), 0);
        assert_string_equal(s, "\xc3\xa4\xf0\x9f\x98\x80\n/");
        assert_int_equal(json_string_dup(&t, 3, &s), JSON_E_TYPE);
        json_slice(&t, 1, &slice, &size);
        assert_int_equal(size, 7);
        assert_memory_equal(slice, "\"plain\"", 7);
        assert_int_equal(json_int64(&t, 3, &v), 0);
        assert_int_equal(v, 12);
        assert_int_equal(json_int64(&t, 4, &v), 0);
        assert_true(v == INT64_MIN);
        assert_int_equal(json_int64(&t, 5, &v), JSON_E_RANGE);
        assert_int_equal(json_int64(&t, 6, &v), JSON_E_TYPE);
        assert_int_equal(json_int64(&t, 7, &v), JSON_E_TYPE);
        assert_int_equal(json_int64(&t, 8, &v), 0);
        assert_int_equal(v, 0);
        assert_int_equal(json_int64(&t, 9, &v), JSON_E_TYPE);
}

static void test_comments(void **state unused_)
{
        static const struct {
                const char *text;
                int64_t refused_at; /* -1: accepted */
        } CASES[] = {
                {"// first\n{ /* a */ \"a\" /**/ : // b\n 1 /* \"*/ , \"/*\": \"//\" } // end", -1},
                {"/***/[/* [ */]/*]*/", -1},
                {"[1] // no newline at the end", -1},
                {"{} /* open", 3},
                {"[1, /* open ", 4},
                {"[1 / 2]", 3},
                {"/", 0},
                {"[1] /*/", 4},
                {"{\"a\":1, // \"b\":\n}", 16},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                struct problem p = {0};
                int r = json_tape_parse_config(&t, CASES[i].text, strlen(CASES[i].text), &p);

                assert_int_equal(r, CASES[i].refused_at < 0 ? 0 : JSON_E_INVALID);
                if (CASES[i].refused_at >= 0)
                        assert_int_equal(p.offset, CASES[i].refused_at);
        }
}

/* Every prefix of a text is refused, and no byte may be read behind the end: each is parsed in
 * memory of just its size, for the address sanitizer to watch. */
static void test_prefixes(void **state unused_)
{
        static const char TEXT[] = "{\"a\":[1.5e-3,true,false,null,\"\\ud83d\\ude00 "
                                   "\xc3\xa4\"],\"abcdefghij\":{\"b\":-0}}";
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p;

        for (size_t n = 0; n <= sizeof(TEXT) - 1; n++) {
                cleanup_(free_p) char *copy = malloc(n + (n == 0));

                assert_non_null(copy);
                memcpy(copy, TEXT, n);
                assert_int_equal(parse(&t, copy, n, &p),
                                 n == sizeof(TEXT) - 1 ? 0 : JSON_E_INVALID);
                assert_true(p.offset <= n);
        }
}

/* A huge text leaves no huge memory behind. */
/* A document in a text of another one, on one tape; and where its pieces are in the text as it
 * came. */
static void test_append(void **state unused_)
{
        static const char TEXT[] = "[\"[1,\\\"\\u00e9\\\\n\\\",{}]\"]";
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL, inner = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer both = BUFFER_NULL;
        struct json_place place;
        struct problem problem;
        const char *slice;
        uint32_t root;
        size_t size;

        assert_int_equal(json_tape_parse(&t, TEXT, strlen(TEXT), &problem), 0);
        buffer_add(&both, TEXT, strlen(TEXT));
        json_string_decode(&t, 1, &both);
        size = both.size - strlen(TEXT);
        assert_int_equal(json_tape_parse(&inner, both.data + strlen(TEXT), size, &problem), 0);
        assert_int_equal(json_tape_append(&t, &inner, both.data, strlen(TEXT), &root), 0);
        assert_int_equal(root, 2);
        assert_int_equal(t.n_nodes, 6);
        assert_int_equal(t.size, strlen(TEXT));
        assert_int_equal(t.nodes[root].next, 6);
        assert_int_equal(t.nodes[root].count, 3);
        assert_true(json_string_equals(&t, root + 2, "\xc3\xa9\n", 3));
        json_slice(&t, root + 3, &slice, &size);
        assert_memory_equal(slice, "{}", 2);
        /* the outer document is as it was */
        json_slice(&t, 0, &slice, &size);
        assert_int_equal(size, strlen(TEXT));
        assert_int_equal(t.nodes[0].next, 2);
        /* decoded: [1,"é\n",{}] */
        place = (struct json_place){t.nodes[1].offset, 0};
        json_string_advance(&t, 1, &place, 3);
        assert_memory_equal(TEXT + place.raw, "\\\"\\u00e9", 8);
        json_string_advance(&t, 1, &place, 6);
        assert_memory_equal(TEXT + place.raw, "\\\\n", 3);
        json_string_advance(&t, 1, &place, 10);
        assert_memory_equal(TEXT + place.raw, "{}]\"]", 5);
        json_string_advance(&t, 1, &place, 1000);
        assert_memory_equal(TEXT + place.raw, "\"]", 2);
}

static void test_memory(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        size_t usual;
        struct problem p;

        assert_int_equal(parse(&t, "[1,2]", 5, &p), 0);
        usual = t.n_allocated;
        buffer_add_char(&b, '[');
        for (int i = 0; i < 1000000; i++)
                buffer_add_str(&b, "0,");
        buffer_add_str(&b, "0]");
        assert_int_equal(parse(&t, b.data, b.size, &p), 0);
        assert_int_equal(t.n_nodes, 1000002);
        assert_int_equal(parse(&t, "[1,2]", 5, &p), 0);
        assert_int_equal(t.n_allocated, usual);
}

/* Files of the suite that must be accepted but are refused on purpose, with the reason. The suite
 * that this was written against keeps none of them; a full one has these. */
static const char *const STRICTER[] = {
        "y_object_duplicated_key.json",           /* duplicate keys */
        "y_object_duplicated_key_and_value.json", /* duplicate keys */
        "y_object_escaped_null_in_key.json",      /* U+0000 */
        "y_string_null_escape.json",              /* U+0000 */
};

static bool is_stricter(const char *name)
{
        for (size_t i = 0; i < ARRAY_LEN(STRICTER); i++)
                if (strcmp(STRICTER[i], name) == 0)
                        return true;
        return false;
}

static void suite_file_check(const char *name)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem p = {0};
        char path[1024];
        int r;

        (void) snprintf(path, sizeof(path), CORPUS "/jsontestsuite/test_parsing/%s", name);
        assert_int_equal(test_file_read(path, &b), 0);
        r = json_tape_parse(&t, b.data, b.size, &p);
        assert_true(r >= 0);
        if (name[0] == 'y' && (r != 0) != is_stricter(name))
                fail_msg("%s: %s", name, r != 0 ? p.text : "accepted, but listed as refused");
        if (name[0] == 'n' && r == 0)
                fail_msg("%s is accepted", name);
}

static void test_suite(void **state unused_)
{
        DIR *d = opendir(CORPUS "/jsontestsuite/test_parsing");
        unsigned n = 0;

        if (!d) {
                print_message("skipped: no JSON test suite at %s\n", CORPUS "/jsontestsuite");
                skip();
        }
        for (struct dirent *e = readdir(d); e; e = readdir(d))
                if (strchr("yni", e->d_name[0]) && e->d_name[1] == '_') {
                        suite_file_check(e->d_name);
                        n++;
                }
        (void) closedir(d);
        assert_true(n > 150);
        print_message("%u files of the JSON test suite\n", n);
}

static void test_naughty_strings(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem p = {0};

        if (test_file_read(CORPUS "/naughty-strings/blns.json", &b) < 0) {
                print_message("skipped: no naughty strings at %s\n", CORPUS "/naughty-strings");
                skip();
        }
        if (json_tape_parse(&t, b.data, b.size, &p) != 0)
                fail_msg("blns.json: %s at %zu", p.text, p.offset);
        for (uint32_t i = 0, n = 1; i < t.nodes[0].count; i++, n = t.nodes[n].next) {
                cleanup_(buffer_done) struct buffer text = BUFFER_NULL, json = BUFFER_NULL;
                cleanup_(json_tape_done) struct json_tape again = JSON_TAPE_NULL;

                json_string_decode(&t, n, &text);
                buffer_add_json_string(&json, text.data ? text.data : "", text.size);
                assert_int_equal(json_tape_parse(&again, json.data, json.size, &p), 0);
                assert_true(json_string_equals(&again, 0, text.data, text.size));
        }
}

/* A text of several lines is the list of what stands on them; one text is what it is. */
static void test_lines(void **state unused_)
{
        static const struct {
                const char *text;
                size_t offset;
                const char *problem;
        } REFUSED[] = {
                {"", 0, "empty"},
                {"{} {}", 3, "more text"},
                {"{}\n{}\t{}", 6, "more text"},
                {"{}\n{", 3, "object is never closed"},
                {"1\n2 x", 4, "more text"},
                {"1\nx", 2, "where a value"},
                {"{}\n{\"a\":1,\"a\":2}", 10, "stands twice"},
        };
        static const char TEXT[] = "{\"a\":[1,\n2]} \r\n\n \"b\"\n{\"a\":3}\n";
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p = {0};
        const char *slice;
        uint32_t node;
        size_t size;

        assert_int_equal(json_tape_parse_lines(&t, TEXT, strlen(TEXT), &p), 0);
        assert_string_equal(p.text, "");
        assert_true(t.lines);
        assert_int_equal(t.nodes[0].kind, JSON_ARRAY);
        assert_int_equal(t.nodes[0].count, 3);
        assert_int_equal(t.nodes[0].next, t.n_nodes);
        node = json_first(&t, 0);
        json_slice(&t, node, &slice, &size);
        assert_memory_equal(slice, "{\"a\":[1,\n2]}", size);
        node = t.nodes[node].next;
        assert_true(json_string_equals(&t, node, "b", 1));
        assert_int_equal(t.nodes[t.nodes[node].next].next, t.n_nodes);
        for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
                if (json_tape_parse_lines(&t, REFUSED[i].text, strlen(REFUSED[i].text), &p) !=
                    JSON_E_INVALID)
                        fail_msg("%s: accepted", REFUSED[i].text);
                if (p.offset != REFUSED[i].offset || !strstr(p.text, REFUSED[i].problem))
                        fail_msg("%s: \"%s\" at %zu", REFUSED[i].text, p.text, p.offset);
                assert_int_equal(t.n_nodes, 0);
        }
        assert_int_equal(json_tape_parse_lines(&t, " [1,\n2]\n", 8, &p), 0);
        assert_false(t.lines);
        assert_int_equal(t.nodes[0].count, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_accepted),        cmocka_unit_test(test_refused),
                cmocka_unit_test(test_nul_bytes),       cmocka_unit_test(test_depth),
                cmocka_unit_test(test_shape),           cmocka_unit_test(test_values),
                cmocka_unit_test(test_comments),        cmocka_unit_test(test_prefixes),
                cmocka_unit_test(test_memory),          cmocka_unit_test(test_suite),
                cmocka_unit_test(test_naughty_strings), cmocka_unit_test(test_append),
                cmocka_unit_test(test_lines),
        };

        return cmocka_run_group_tests_name("tape", tests, NULL, NULL);
}
