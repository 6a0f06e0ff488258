/* Tests of json/pointer: RFC 6901 with its own examples, the star, and refusals. */
#include "test.h"

#include "proto/base/limits.h"
#include "proto/json/tape.h"

/* The document of RFC 6901 section 5. */
static const char RFC[] =
        "{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, \"e^f\": 3, "
        "\"g|h\": 4, \"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7, \"m~n\": 8}";

static void tape_make(struct json_tape *t, const char *text)
{
        assert_int_equal(json_tape_parse(t, text, strlen(text), NULL), 0);
}

static void test_rfc(void **state unused_)
{
        static const struct {
                const char *pointer, *value; /* NULL: absent */
        } CASES[] = {
                {"/foo", "[\"bar\", \"baz\"]"},
                {"/foo/0", "\"bar\""},
                {"/foo/1", "\"baz\""},
                {"/foo/2", NULL},
                {"/foo/-", NULL},
                {"/foo/00", NULL},
                {"/foo/-1", NULL},
                {"/foo/4294967296", NULL},
                {"/foo/99999999999999999999", NULL},
                {"/foo/bar", NULL},
                {"/foo/0/0", NULL},
                {"/", "0"},
                {"//x", NULL},
                {"/a~1b", "1"},
                {"/c%d", "2"},
                {"/e^f", "3"},
                {"/g|h", "4"},
                {"/i\\j", "5"},
                {"/k\"l", "6"},
                {"/ ", "7"},
                {"/m~0n", "8"},
                {"/absent", NULL},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        tape_make(&t, RFC);
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(json_pointer_done) struct json_pointer p = {0};
                const char *text;
                uint32_t node;
                size_t size;
                int r;

                assert_int_equal(
                        json_pointer_compile(CASES[i].pointer, strlen(CASES[i].pointer), &p, NULL),
                        0);
                assert_string_equal(p.text, CASES[i].pointer);
                assert_false(p.wild);
                r = json_find(&t, 0, &p, &node);
                assert_int_equal(r, CASES[i].value ? 0 : JSON_E_ABSENT);
                if (r != 0)
                        continue;
                json_slice(&t, node, &text, &size);
                assert_int_equal(size, strlen(CASES[i].value));
                assert_memory_equal(text, CASES[i].value, size);
        }
}

static void test_whole_document(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(json_pointer_done) struct json_pointer p = {0};
        uint32_t node = 99;

        tape_make(&t, "7");
        assert_int_equal(json_pointer_compile("", 0, &p, NULL), 0);
        assert_int_equal(json_find(&t, 0, &p, &node), 0);
        assert_int_equal(node, 0);
}

struct collected {
        struct buffer text;
        unsigned stop_after;
};

static int collect(const struct json_tape *t, uint32_t node, void *userdata)
{
        struct collected *c = userdata;
        const char *text;
        size_t size;

        json_slice(t, node, &text, &size);
        buffer_add(&c->text, text, size);
        buffer_add_char(&c->text, ' ');
        return c->stop_after > 0 && --c->stop_after == 0 ? 42 : 0;
}

static void test_star(void **state unused_)
{
        static const char TEXT[] = "{\"alerts\":[{\"labels\":{\"a\":1,\"b\":2}},{\"labels\":{}},5,["
                                   "6],{\"labels\":{\"c\":3}}],"
                                   "\"*\":9,\"e\":[],\"m\":[[1,2],[],[3]]}";
        static const struct {
                const char *pointer, *values;
        } CASES[] = {
                {"/alerts/*/labels/*", "1 2 3 "},
                {"/alerts/*/labels/b", "2 "},
                {"/alerts/*/0", "6 "},
                {"/m/*/*", "1 2 3 "},
                {"/m/*", "[1,2] [] [3] "},
                {"/e/*", ""},
                {"/e/*/x", ""},
                {"/absent/*", ""},
                {"/alerts/2/*", ""},
                {"/*/0", "{\"labels\":{\"a\":1,\"b\":2}} [1,2] "},
                {"/m/0/1", "2 "},
        };
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;

        tape_make(&t, TEXT);
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(json_pointer_done) struct json_pointer p = {0};
                struct collected c = {BUFFER_NULL, 0};
                uint32_t node;

                assert_int_equal(
                        json_pointer_compile(CASES[i].pointer, strlen(CASES[i].pointer), &p, NULL),
                        0);
                assert_int_equal(json_find_each(&t, 0, &p, collect, &c), 0);
                assert_string_equal(c.text.data ? c.text.data : "", CASES[i].values);
                assert_int_equal(json_find(&t, 0, &p, &node), c.text.size > 0 ? 0 : JSON_E_ABSENT);
                buffer_done(&c.text);
        }
}

static void test_stop_and_base(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(json_pointer_done) struct json_pointer p = {0};
        struct collected c = {BUFFER_NULL, 2};
        uint32_t node, inner;

        tape_make(&t, "{\"x\":{\"v\":[1,2,3,4]}}");
        assert_int_equal(json_pointer_compile("/v/*", 4, &p, NULL), 0);
        assert_true(p.wild);
        assert_int_equal(json_find(&t, 0, &p, &node), JSON_E_ABSENT);
        assert_int_equal(json_member(&t, 0, "x", &inner), 0);
        assert_int_equal(json_find_each(&t, inner, &p, collect, &c), 42);
        assert_string_equal(c.text.data, "1 2 ");
        buffer_done(&c.text);
        assert_int_equal(json_member(&t, inner, "w", &node), JSON_E_ABSENT);
        assert_int_equal(json_member(&t, inner, "v", &node), 0);
        assert_int_equal(json_member(&t, node, "v", &node), JSON_E_ABSENT);
}

static void test_member_escaped(void **state unused_)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        uint32_t node;

        tape_make(&t, "{\"n\\u0061me\":1}");
        assert_int_equal(json_member(&t, 0, "name", &node), 0);
        assert_int_equal(json_member(&t, 0, "nam", &node), JSON_E_ABSENT);
        assert_int_equal(json_member(&t, 2, "name", &node), JSON_E_ABSENT);
}

static void test_refused(void **state unused_)
{
        static const struct {
                const char *pointer;
                size_t offset;
        } CASES[] = {{"a", 0}, {"#/a", 0}, {"/a~", 2}, {"/a~2", 2}, {"/~/", 1}, {"/x/~", 3}};
        cleanup_(json_pointer_done) struct json_pointer p = {0};
        char many[2 * (LIMIT_POINTER_SEGMENTS + 1) + 1] = "";
        struct problem problem;

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                assert_int_equal(json_pointer_compile(CASES[i].pointer, strlen(CASES[i].pointer),
                                                      &p, &problem),
                                 JSON_E_RANGE);
                assert_int_equal(problem.offset, CASES[i].offset);
        }
        for (unsigned i = 0; i <= LIMIT_POINTER_SEGMENTS; i++)
                strcat(many, "/a");
        assert_int_equal(json_pointer_compile(many, strlen(many), &p, &problem), JSON_E_RANGE);
        assert_contains(problem.text, "32 segments");
        assert_int_equal(json_pointer_compile(many, strlen(many) - 2, &p, &problem), 0);
        assert_int_equal(p.n_segments, LIMIT_POINTER_SEGMENTS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rfc),
                cmocka_unit_test(test_whole_document),
                cmocka_unit_test(test_star),
                cmocka_unit_test(test_stop_and_base),
                cmocka_unit_test(test_member_escaped),
                cmocka_unit_test(test_refused),
        };

        return cmocka_run_group_tests_name("pointer", tests, NULL, NULL);
}
