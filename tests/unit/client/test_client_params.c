/* From the command line to the parameters of a call. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/params.h"

static void expect(const char *line, const char *json)
{
        struct test_words w;
        struct arguments a = {0};
        struct problem problem = {0};
        struct params p = {0};

        test_split(&w, line);
        if (arguments_parse(w.n, w.words, &a, &problem) != 0)
                fail_msg("%s", problem.text);
        if (params_begin(&p, &a, &problem) != 0)
                fail_msg("%s", problem.text);
        assert_string_equal(params_end(&p), json);
        params_done(&p);
        arguments_done(&a);
}

static void test_values(void **state)
{
        (void) state;
        expect("capactl list", "{}");
        expect("capactl list --overdue --actor anna", "{\"actor\":\"anna\",\"overdue\":true}");
        expect("capactl list --grade major --since 3d --grade minor",
               "{\"grade\":[\"major\",\"minor\"],\"since\":\"3d\"}");
        expect("capactl raise --label a=1 --label b=x=y A~\"title\"",
               "{\"labels\":{\"a\":\"1\",\"b\":\"x=y\"},\"title\":\"A \\\"title\\\"\"}");
        expect("capactl list --as-of 2d", "{\"as_of\":\"2d\"}");
        expect("capactl --as-of 2026-01-02", "{\"as_of\":\"2026-01-02\"}");
        expect("capactl note 17 hi --if-version 7 --dry-run",
               "{\"if_version\":7,\"dry_run\":true,\"text\":\"hi\"}");
        expect("capactl action add 17 t --cause 2 --replaces 9",
               "{\"cause\":2,\"replaces\":\"CA-9\",\"title\":\"t\"}");
        expect("capactl assign 17 --owner anna --owner ben", "{\"owner\":\"ben\"}");
        expect("capactl due --within 5bd", "{\"within\":\"5bd\"}");
}

static void test_evidence(void **state)
{
        char name[] = "/tmp/capa-params-XXXXXX", line[200], json[200];
        int fd = mkstemp(name);

        (void) state;
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "a\0b", 3), 3);
        close(fd);
        snprintf(json, sizeof(json),
                 "{\"evidence\":[{\"name\":\"%s\",\"frame\":0},{\"url\":\"https://x/y\"},"
                 "{\"event\":12345}]}",
                 name + strlen("/tmp/"));
        snprintf(line, sizeof(line),
                 "capactl action done 42 --evidence %s --evidence https://x/y --evidence 12345",
                 name);
        expect(line, json);
        unlink(name);
}

static void expect_refused(const char *line, const char *told)
{
        struct test_words w;
        struct arguments a = {0};
        struct problem problem = {0};
        struct params p = {0};

        test_split(&w, line);
        assert_int_equal(arguments_parse(w.n, w.words, &a, &problem), 0);
        assert_int_equal(params_begin(&p, &a, &problem), PARAMS_E_USAGE);
        assert_non_null(strstr(problem.text, told));
        params_done(&p);
        arguments_done(&a);
}

static void test_refused(void **state)
{
        (void) state;
        expect_refused("capactl due --within soon", "is no duration");
        expect_refused("capactl list --since 2026-02-30", "is no moment");
        expect_refused("capactl evidence add 17 /nonexistent/file", "No such file");
}

static void test_again_for_the_next_reference(void **state)
{
        struct test_words w;
        struct arguments a = {0};
        struct problem problem = {0};
        struct params p = {0};
        size_t mark;

        (void) state;
        test_split(&w, "capactl note 1 hi");
        assert_int_equal(arguments_parse(w.n, w.words, &a, &problem), 0);
        assert_int_equal(params_begin(&p, &a, &problem), 0);
        mark = params_mark(&p);
        params_add_string(&p, "ref", "NC-1");
        assert_string_equal(params_end(&p), "{\"text\":\"hi\",\"ref\":\"NC-1\"}");
        params_reset(&p, mark);
        params_add_string(&p, "ref", "NC-2");
        assert_string_equal(params_end(&p), "{\"text\":\"hi\",\"ref\":\"NC-2\"}");
        assert_int_equal(params_mark(&p), strlen("{\"text\":\"hi\",\"ref\":\"NC-2\""));
        params_done(&p);
        arguments_done(&a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                           cmocka_unit_test(test_evidence),
                                           cmocka_unit_test(test_refused),
                                           cmocka_unit_test(test_again_for_the_next_reference)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
