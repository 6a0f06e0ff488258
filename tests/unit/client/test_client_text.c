/* Nothing that came from elsewhere steers a terminal. */
#include "tests/unit/client/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/capactl/text.h"

static void expect(const char *given, int indent, const char *shown)
{
        char *got = text_cleaned(given, indent);

        assert_non_null(got);
        assert_string_equal(got, shown);
        free(got);
}

static void test_escapes(void **state)
{
        (void) state;
        expect("plain", -1, "plain");
        expect(NULL, -1, "");
        expect("\033[31mred\033[0m", -1, "\\x1b[31mred\\x1b[0m");
        expect("a\bb\x7f", -1, "a\\x08b\\x7f");
        expect("\xc2\x9b"
               "31m",
               -1, "\\x9b31m"); /* C1: CSI in one character */
        expect("gnp.\xe2\x80\xae"
               "exe",
               -1, "gnp.\\u202eexe"); /* reads backwards */
        expect("\xe2\x81\xa6x\xe2\x81\xa9", -1, "\\u2066x\\u2069");
        expect("bad \xff\xc3 utf", -1, "bad \\xff\\xc3 utf");
        expect("Zo\xc3\xab \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\xa5", -1,
               "Zo\xc3\xab \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\xa5");
}

static void test_lines(void **state)
{
        (void) state;
        expect("one\ntwo\tthree\r\n", -1, "one two three ");
        expect("one\ntwo", 4, "one\n    two");
        expect("one\r\ntwo\rthree", 2, "one\n  two\\x0dthree");
}

static void test_width(void **state)
{
        (void) state;
        assert_int_equal(text_width("abc"), 3);
        assert_int_equal(text_width("Zo\xc3\xab"), 3);
        assert_int_equal(text_width("\xe6\x97\xa5\xe6\x9c\xac"), 4);
        assert_int_equal(text_width("e\xcc\x81"), 1);
        assert_int_equal(text_width("\xff"), 1);
}

/* Cleaned text: no control character but the line feed, no CSI in UTF-8, no direction mark. */
static void assert_harmless(const char *text)
{
        for (const char *p = text; *p; p++) {
                unsigned char c = (unsigned char) *p, next = (unsigned char) p[1];

                assert_false((c < 0x20 && c != '\n') || c == 0x7f);
                assert_false(c == 0xc2 && next >= 0x80 && next < 0xa0);
                assert_false(c == 0xe2 && next == 0x80 && (unsigned char) p[2] >= 0xa8 &&
                             (unsigned char) p[2] <= 0xae);
        }
}

static void test_naughty_strings(void **state)
{
        FILE *f = fopen(CORPUS "/naughty-strings/blns.txt", "r");
        char line[65536];
        unsigned n = 0;

        (void) state;
        if (!f) {
                print_message("no " CORPUS "/naughty-strings/blns.txt: skipped\n");
                skip();
        }
        while (fgets(line, sizeof(line), f)) {
                char *clean = text_cleaned(line, 2);

                assert_harmless(clean);
                free(clean);
                n++;
        }
        fclose(f);
        assert_true(n > 100);
}

static void test_random_bytes(void **state)
{
        unsigned seed = 20261122;

        (void) state;
        for (unsigned round = 0; round < 20000; round++) {
                char text[33];
                char *clean;

                for (size_t i = 0; i < sizeof(text) - 1; i++) {
                        seed = seed * 1103515245 + 12345;
                        text[i] = (char) (1 + (seed >> 16) % 255);
                }
                text[sizeof(text) - 1] = '\0';
                clean = text_cleaned(text, -1);
                assert_harmless(clean);
                free(clean);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_escapes), cmocka_unit_test(test_lines),
                cmocka_unit_test(test_width), cmocka_unit_test(test_naughty_strings),
                cmocka_unit_test(test_random_bytes)};

        setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
