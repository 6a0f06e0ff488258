/* Tests of seal/journal: a chain made by another program, and each way in which a row can be wrong.
 */
#include "test.h"

#include "proto/seal/journal.h"

/* Three rows, computed with Python's hashlib and json from the forms in SEMANTICS section 3:
 *   digest = sha256(salt + body), row = sha256(open), hash = sha256(previous hex + " " + row hex +
 * "\n") */
static const char *const ROWS[] = {
        "{\"seq\":1,\"row\":\"3d859e48022df86386c3999312d49cc041e8baa672de610b58cc12a155c039a3\","
        "\"hash\":\"586dd33e4427c26c4533625589c439aee7fe6a618a7c15b446977400b452167e\",\"open\":\"{"
        "\\\"seq\\\":1,\\\"at\\\":\\\"2026-11-22T01:46:00.000001Z\\\",\\\"actor\\\":1,\\\"kind\\\":"
        "\\\"nc.raised\\\",\\\"ref\\\":\\\"NC-1\\\",\\\"digest\\\":"
        "\\\"341c10bc6f97b0814743fceabbae82e24d07ad06391bce1bb878b082c5c2aac0\\\"}\",\"salt\":"
        "\"2bc990059473448e6ebd442aa16bfaa0567ac03dd094876bdb1fd834abe42c1e\",\"body\":\"{"
        "\\\"data\\\": {\\\"what\\\": \\\"raised \\u00e4 \\\\\\\"q\\\\\\\"\\\"}}\"}",
        "{\"seq\":2,\"row\":\"a891014a98d2ddc414945e1e7257c0c22c7682a5f66a40ef7d39df1e6540a6ee\","
        "\"hash\":\"d77436a7515e6be4fc0586e3828449acfd5b20d446ae1f01219c8e325dd875a3\",\"open\":\"{"
        "\\\"seq\\\":2,\\\"at\\\":\\\"2026-11-22T01:46:01.000001Z\\\",\\\"actor\\\":1,\\\"kind\\\":"
        "\\\"nc.changed\\\",\\\"ref\\\":\\\"NC-1\\\",\\\"digest\\\":"
        "\\\"b171aa685dd267dfc5dd145ff61f5126a9aed01eb590752a8ab30145ac5b068f\\\"}\",\"salt\":"
        "\"dc90cf07de907ccc64636ceddb38e552a1a0d984743b1f36a447b73877012c39\",\"body\":\"{"
        "\\\"data\\\": 2}\"}",
        "{\"seq\":3,\"row\":\"2a3b68393e04ddb4dfe27509fdb1d22f0cf97a1d44625383996d81ba5be5c035\","
        "\"hash\":\"535aa300723f398579603f2fad0581cc6c6f7ab183c6939eed1c52101aed5351\",\"open\":\"{"
        "\\\"seq\\\":3,\\\"at\\\":\\\"2026-11-22T01:46:02.000001Z\\\",\\\"actor\\\":1,\\\"kind\\\":"
        "\\\"evidence.sealed\\\",\\\"ref\\\":\\\"NC-1\\\",\\\"digest\\\":"
        "\\\"15dd1b4b634465a20ec102260143fda02db5abbaad418a6b64589523c0b57851\\\"}\",\"salt\":"
        "\"dbc4579ae2b3ab293213f42bb852706ea995c3b5c3987f8aa9faae5004acb3cf\",\"body\":\"{"
        "\\\"data\\\": {\\\"n\\\": 1}}\"}",
};
static const char HEAD[] = "535aa300723f398579603f2fad0581cc6c6f7ab183c6939eed1c52101aed5351";

static void rows_check(struct journal_check *c, int n)
{
        journal_check_init(c);
        for (int i = 0; i < n; i++) {
                struct problem p = {0};

                if (journal_check_line(c, ROWS[i], strlen(ROWS[i]), &p) != 0)
                        fail_msg("row %d: %s", i + 1, p.text);
        }
}

static void test_good(void **state unused_)
{
        char hex[2 * HASH_BYTES + 1];
        struct journal_check c;

        rows_check(&c, 3);
        hash_hex(&c.hash, hex);
        assert_string_equal(hex, HEAD);
        assert_int_equal(c.seq, 3);
        assert_int_equal(c.n_rows, 3);
        assert_int_equal(c.n_bodies, 3);
        assert_int_equal(c.n_redacted, 0);
        assert_int_equal(c.n_bare, 0);
}

struct change {
        const char *old, *new;
        int r;
        const char *problem;
};

/* The second row with one text replaced by another, checked behind the first. */
static void change_check(const struct change *change)
{
        cleanup_(buffer_done) struct buffer line = BUFFER_NULL;
        const char *at = strstr(ROWS[1], change->old);
        struct journal_check c, before;
        struct problem p = {0};
        int r;

        assert_non_null(at);
        buffer_add(&line, ROWS[1], (size_t) (at - ROWS[1]));
        buffer_add_str(&line, change->new);
        buffer_add_str(&line, at + strlen(change->old));
        rows_check(&c, 1);
        before = c;
        r = journal_check_line(&c, line.data, line.size, &p);
        if (r != change->r)
                fail_msg("%s: %d %s", line.data, r, p.text);
        if (r == 0)
                return;
        assert_contains(p.text, change->problem);
        assert_memory_equal(&c, &before, sizeof(c));
}

static void test_changed(void **state unused_)
{
        static const struct change CASES[] = {
                {"{\"seq\":2", "{\"seq\":3", JOURNAL_E_BROKEN, "another \"seq\""},
                {"NC-1", "NC-2", JOURNAL_E_BROKEN, "row 2 is broken: its open line"},
                {"data\\\": 2", "data\\\": 3", JOURNAL_E_BROKEN, "row 2 is broken: its body"},
                {"\"salt\":\"dc", "\"salt\":\"dd", JOURNAL_E_BROKEN, "its body"},
                {"\"hash\":\"d7", "\"hash\":\"d8", JOURNAL_E_BROKEN, "its hash does not follow"},
                {"\"row\":\"a8", "\"row\":\"a9", JOURNAL_E_BROKEN, "its open line is not the one"},
                {"\"row\":\"a8", "\"row\":\"A8", 0, ""},
                {"{\"seq\"", "{\"extra\":[1],\"seq\"", 0, ""},
                {"{\"seq\":2", "{\"seq\":\"2\"", JOURNAL_E_SHAPE, "\"seq\" must be"},
                {"{\"seq\":2", "{\"seq\":0", JOURNAL_E_SHAPE, "\"seq\" must be"},
                {"{\"seq\":2,", "{", JOURNAL_E_SHAPE, "\"seq\" must be"},
                {"\"row\":\"a8", "\"row\":\"a", JOURNAL_E_SHAPE, "\"row\" must be 64"},
                {"\"hash\":", "\"Hash\":", JOURNAL_E_SHAPE, "\"hash\" must be 64"},
                {"\"salt\":", "\"salz\":", JOURNAL_E_SHAPE, "\"salt\" must be 64"},
                {"\"open\":\"{", "\"open\":7,\"x\":\"{", JOURNAL_E_SHAPE,
                 "\"open\" must be a string"},
                {"\"open\"", "\"opened\"", JOURNAL_E_SHAPE, "needs its open line"},
                {"\"body\":", "\"redacted\":true,\"body\":", JOURNAL_E_SHAPE, "not redacted"},
                {"{\"seq\"", "\"seq\"", JOURNAL_E_SHAPE, ""},
                {"{\"seq\"", "{\"row\":1,\"seq\"", JOURNAL_E_SHAPE, "stands twice"},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
                change_check(&CASES[i]);
}

static void test_gaps(void **state unused_)
{
        struct journal_check c;
        struct problem p = {0};

        journal_check_init(&c);
        assert_int_equal(journal_check_line(&c, ROWS[1], strlen(ROWS[1]), &p), JOURNAL_E_BROKEN);
        assert_contains(p.text, "row 2 follows row 0: rows are missing");
        rows_check(&c, 2);
        assert_int_equal(journal_check_line(&c, ROWS[1], strlen(ROWS[1]), &p), JOURNAL_E_BROKEN);
        assert_contains(p.text, "row 2 follows row 2: rows are repeated");
        assert_int_equal(journal_check_line(&c, "[]", 2, &p), JOURNAL_E_SHAPE);
        assert_int_equal(journal_check_line(&c, "", 0, &p), JOURNAL_E_SHAPE);
        assert_int_equal(journal_check_line(&c, ROWS[2], strlen(ROWS[2]), &p), 0);
}

/* A row made here, with hashes that fit, so that only what it says can be wrong. tail stands behind
 * the open line; NULL makes a bare row. */
static int made_check(struct journal_check *c, int64_t seq, const char *open, const char *tail)
{
        char row_hex[2 * HASH_BYTES + 1], hash_text[2 * HASH_BYTES + 1], link[4 * HASH_BYTES + 4];
        cleanup_(buffer_done) struct buffer line = BUFFER_NULL;
        struct problem p = {0};
        struct hash row, hash;

        hash_of(open, strlen(open), &row);
        hash_hex(&row, row_hex);
        hash_hex(&c->hash, hash_text);
        (void) snprintf(link, sizeof(link), "%s %s\n", hash_text, row_hex);
        hash_of(link, strlen(link), &hash);
        hash_hex(&hash, hash_text);
        buffer_printf(&line, "{\"seq\":%lld,\"row\":\"%s\",\"hash\":\"%s\"", (long long) seq,
                      row_hex, hash_text);
        if (tail) {
                buffer_add_str(&line, ",\"open\":");
                buffer_add_json_cstr(&line, open);
                buffer_add_str(&line, tail);
        }
        buffer_add_char(&line, '}');
        return journal_check_line(c, line.data, line.size, &p);
}

#define OPEN(seq, at)                                                                              \
        "{\"seq\":" seq ",\"at\":\"" at "\",\"digest\":"                                           \
        "\"341c10bc6f97b0814743fceabbae82e24d07ad06391bce1bb878b082c5c2aac0\"}"

static void test_made(void **state unused_)
{
        struct journal_check c;

        journal_check_init(&c);
        assert_int_equal(made_check(&c, 1, OPEN("1", "2026-01-01T00:00:00Z"), ",\"redacted\":true"),
                         0);
        assert_int_equal(made_check(&c, 2, "unseen", NULL), 0);
        assert_int_equal(made_check(&c, 3, OPEN("3", "2026-01-01T00:00:00Z"), ""),
                         JOURNAL_E_BROKEN);
        assert_int_equal(made_check(&c, 3, OPEN("4", "2026-01-01T00:00:01Z"), ""),
                         JOURNAL_E_BROKEN);
        assert_int_equal(made_check(&c, 3, OPEN("3", "soon"), ""), JOURNAL_E_BROKEN);
        assert_int_equal(made_check(&c, 3, "{\"seq\":3,\"at\":\"2026-01-01T00:00:01Z\"}", ""),
                         JOURNAL_E_BROKEN);
        assert_int_equal(made_check(&c, 3, "not JSON", ""), JOURNAL_E_BROKEN);
        assert_int_equal(made_check(&c, 3, OPEN("3", "2026-01-01T00:00:01Z"), ""), 0);
        assert_int_equal(c.n_rows, 3);
        assert_int_equal(c.n_redacted, 1);
        assert_int_equal(c.n_bare, 1);
        assert_int_equal(c.n_bodies, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_changed),
                cmocka_unit_test(test_gaps),
                cmocka_unit_test(test_made),
        };

        return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
