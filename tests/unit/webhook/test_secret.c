/* Who may post: tokens, and signatures with the test vectors of those who sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/webhook/secret.h"
#include "proto/base/util.h"

static int read_text(struct secrets *s, const char *text)
{
        return secrets_read(s, text, strlen(text), NULL);
}

static void test_files(void **state)
{
        cleanup_(secrets_done) struct secrets s = {0};
        struct problem problem = {0};
        (void) state;

        assert_int_equal(read_text(&s, "# new\n\n0123456789abcdef \r\n  \nfedcba9876543210"), 0);
        assert_int_equal(s.n, 2);
        assert_string_equal(s.list[0].bytes, "0123456789abcdef");
        assert_string_equal(s.list[1].bytes, "fedcba9876543210");
        assert_int_equal(read_text(&s, ""), 1);
        assert_int_equal(read_text(&s, "# nothing\n"), 1);
        assert_int_equal(secrets_read(&s, "a secret, short", 15, &problem), 1);
        assert_null(strstr(problem.text, "a secret"));
        assert_int_equal(secrets_read(&s, "0123456789abcdef\0x", 18, &problem), 1);
        assert_int_equal(s.n, 2); /* as it was */
}

static void test_tokens(void **state)
{
        cleanup_(secrets_done) struct secrets s = {0};
        struct secrets none = {0};
        (void) state;

        assert_int_equal(read_text(&s, "0123456789abcdef\nfedcba9876543210\n"), 0);
        assert_true(secret_matches(&s, "0123456789abcdef"));
        assert_true(secret_matches(&s, "fedcba9876543210"));
        assert_false(secret_matches(&s, "0123456789abcde"));
        assert_false(secret_matches(&s, "0123456789abcdef\n"));
        assert_false(secret_matches(&s, ""));
        assert_false(secret_matches(&s, NULL));
        assert_false(secret_matches(&none, ""));
        assert_true(secret_matches_bearer(&s, "Bearer 0123456789abcdef"));
        assert_true(secret_matches_bearer(&s, "bEARER \t fedcba9876543210"));
        assert_false(secret_matches_bearer(&s, "Bearer0123456789abcdef"));
        assert_false(secret_matches_bearer(&s, "Bearer"));
        assert_false(secret_matches_bearer(&s, "Basic 0123456789abcdef"));
        assert_false(secret_matches_bearer(&s, NULL));
}

static void test_passwords(void **state)
{
        cleanup_(secrets_done) struct secrets s = {0};
        (void) state;

        assert_int_equal(read_text(&s, "0123456789abcdef\n"), 0);
        /* capad:0123456789abcdef */
        assert_true(secret_matches_basic(&s, "Basic Y2FwYWQ6MDEyMzQ1Njc4OWFiY2RlZg=="));
        assert_true(secret_matches_basic(&s, "basic \tY2FwYWQ6MDEyMzQ1Njc4OWFiY2RlZg=="));
        /* capad:0123:456789abcdef, 0123456789abcdef, nothing, something else */
        assert_false(secret_matches_basic(&s, "Basic Y2FwYWQ6MDEyMzo0NTY3ODlhYmNkZWY="));
        assert_false(secret_matches_basic(&s, "Basic MDEyMzQ1Njc4OWFiY2RlZg=="));
        assert_false(secret_matches_basic(&s, "Basic "));
        assert_false(secret_matches_basic(&s, "Basic !!!!"));
        assert_false(secret_matches_basic(&s, "Bearer Y2FwYWQ6MDEyMzQ1Njc4OWFiY2RlZg=="));
        assert_false(secret_matches_basic(&s, NULL));
}

/* GitHub's own example: "Hello, World!" under "It's a Secret to Everybody". */
static void test_signatures(void **state)
{
        static const char hex[] =
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        static const char body[] = "Hello, World!";
        cleanup_(secrets_done) struct secrets s = {0};
        char header[512];
        (void) state;

        assert_int_equal(read_text(&s, "It's a Secret to Everybody\n"), 0);
        snprintf(header, sizeof(header), "sha256=%s", hex);
        assert_true(secret_signed(&s, header, body, strlen(body)));
        assert_false(secret_signed(&s, header, body, strlen(body) - 1));
        snprintf(header, sizeof(header), "v1=%064d, v1=%s", 0, hex);
        assert_true(secret_signed(&s, header, body, strlen(body)));
        snprintf(header, sizeof(header), "sha1=%s", hex);
        assert_false(secret_signed(&s, header, body, strlen(body)));
        snprintf(header, sizeof(header), "%s", hex);
        assert_false(secret_signed(&s, header, body, strlen(body)));
        snprintf(header, sizeof(header), "sha256=%.63sg", hex);
        assert_false(secret_signed(&s, header, body, strlen(body)));
        assert_false(secret_signed(&s, "", body, strlen(body)));
        assert_false(secret_signed(&s, NULL, NULL, 0));
        assert_false(secret_signed(&s, ",,,= ,sha256=,v1=", body, strlen(body)));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_files), cmocka_unit_test(test_tokens),
                cmocka_unit_test(test_passwords), cmocka_unit_test(test_signatures)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
