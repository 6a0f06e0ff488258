/* The command line. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"

static int parse(const char *line, struct arguments *ret, struct problem *problem)
{
        static struct test_words words;
        char text[512];

        *ret = (struct arguments){0};
        *problem = (struct problem){0};
        snprintf(text, sizeof(text), "capactl %s", line);
        test_split(&words, text);
        return arguments_parse(words.n, words.words, ret, problem);
}

static void expect_usage(const char *line, const char *told)
{
        struct arguments a;
        struct problem problem;

        assert_int_equal(parse(line, &a, &problem), ARGUMENTS_E_USAGE);
        if (!strstr(problem.text, told))
                fail_msg("%s: \"%s\" lacks \"%s\"", line, problem.text, told);
}

static void test_commands(void **state)
{
        struct arguments a;
        struct problem problem;

        (void) state;
        assert_int_equal(parse("", &a, &problem), 0);
        assert_string_equal(a.command->words, "");
        arguments_done(&a);
        assert_int_equal(
                parse("--json -q list --overdue --grade major --grade=minor", &a, &problem), 0);
        assert_string_equal(a.command->words, "list");
        assert_true(a.json && a.quiet);
        assert_true(arguments_has(&a, "overdue"));
        assert_string_equal(arguments_get(&a, "grade"), "minor");
        assert_int_equal(a.n_given, 3);
        arguments_done(&a);
        assert_int_equal(
                parse("action add 17 Fix~it --due 30d --actor anna --owner ben", &a, &problem), 0);
        assert_string_equal(a.command->words, "action add");
        assert_string_equal(a.actor, "anna");
        assert_string_equal(a.references[0], "NC-17");
        assert_string_equal(arguments_get(&a, "TITLE"), "Fix it");
        arguments_done(&a);
}

static void test_references(void **state)
{
        struct arguments a;
        struct problem problem;

        (void) state;
        assert_int_equal(parse("show 17 nc-18 CA-2", &a, &problem), 0);
        assert_int_equal(a.n_references, 3);
        assert_string_equal(a.references[1], "NC-18");
        assert_string_equal(a.references[2], "CA-2");
        arguments_done(&a);
        assert_int_equal(parse("note 17 18 42", &a, &problem), 0); /* the last one is the text */
        assert_int_equal(a.n_references, 2);
        assert_string_equal(arguments_get(&a, "TEXT"), "42");
        arguments_done(&a);
        assert_int_equal(parse("need 17 18 yes because", &a, &problem), 0);
        assert_int_equal(a.n_references, 2);
        assert_string_equal(arguments_get(&a, "yes|no"), "yes");
        assert_string_equal(arguments_get(&a, "REASON"), "because");
        arguments_done(&a);
        assert_int_equal(parse("contain 17 --not-applicable none", &a, &problem), 0);
        assert_int_equal(a.n_references, 1);
        assert_null(arguments_get(&a, "TEXT"));
        arguments_done(&a);
        assert_int_equal(parse("contain 17 18", &a, &problem), 0); /* TEXT need not be there */
        assert_int_equal(a.n_references, 2);
        arguments_done(&a);
        assert_int_equal(parse("contain 17 18 20~doors~locked", &a, &problem), 0);
        assert_int_equal(a.n_references, 2);
        assert_string_equal(arguments_get(&a, "TEXT"), "20 doors locked");
        arguments_done(&a);
        assert_int_equal(parse("note 17 -- 18", &a, &problem), 0);
        assert_int_equal(a.n_references, 1);
        arguments_done(&a);
        assert_int_equal(parse("action done 42", &a, &problem), 0);
        assert_string_equal(a.references[0], "CA-42");
        arguments_done(&a);
}

static void test_references_from_input(void **state)
{
        int pair[2], saved = dup(STDIN_FILENO);
        static const char text[] = "# to do\nNC-4 first\n\n  #7\n  5\tsecond\nca-6";
        struct arguments a;
        struct problem problem;

        (void) state;
        assert_int_equal(pipe(pair), 0);
        assert_int_equal(write(pair[1], text, sizeof(text) - 1), (int) sizeof(text) - 1);
        close(pair[1]);
        dup2(pair[0], STDIN_FILENO);
        close(pair[0]);
        assert_int_equal(parse("assign 3 - --owner bob", &a, &problem), 0);
        dup2(saved, STDIN_FILENO);
        close(saved);
        assert_int_equal(a.n_references, 4);
        assert_string_equal(a.references[0], "NC-3");
        assert_string_equal(a.references[1], "NC-4");
        assert_string_equal(a.references[2], "NC-5");
        assert_string_equal(a.references[3], "CA-6");
        arguments_done(&a);
}

static void test_passthrough(void **state)
{
        struct arguments a;
        struct problem problem;

        (void) state;
        assert_int_equal(parse("run --type t --subject s -- ls -l --json", &a, &problem), 0);
        assert_int_equal(a.n_rest, 3);
        assert_string_equal(a.rest[0], "ls");
        assert_string_equal(a.rest[2], "--json");
        assert_null(a.rest[3]);
        assert_false(a.json);
        arguments_done(&a);
        assert_int_equal(parse("run --type t --subject s true --type x", &a, &problem), 0);
        assert_string_equal(arguments_get(&a, "type"), "t");
        assert_int_equal(a.n_rest, 3);
        arguments_done(&a);
        assert_int_equal(parse("emit --adapter x a.json -", &a, &problem), 0);
        assert_int_equal(a.n_rest, 2);
        arguments_done(&a);
        assert_int_equal(parse("note 17 -- --text", &a, &problem), 0);
        assert_string_equal(arguments_get(&a, "TEXT"), "--text");
        arguments_done(&a);
}

static void test_usage(void **state)
{
        (void) state;
        expect_usage("lits", "did you mean list?");
        expect_usage("shwo 17", "did you mean show?");
        expect_usage("frobnicate", "capactl --help");
        expect_usage("action", "needs one of: add, change, start, wait, done, cancel");
        expect_usage("action finish 42", "takes add, change, start, wait, done, cancel");
        expect_usage("list --ownr anna", "did you mean --owner?");
        expect_usage("list -z", "-z is no option");
        expect_usage("list --owner", "--owner needs a value");
        expect_usage("list --overdue=yes", "--overdue takes no value");
        expect_usage("list --grade huge", "one of: critical");
        expect_usage("list extra", "one argument too many");
        expect_usage("show", "needs REF");
        expect_usage("show x17", "is not a reference");
        expect_usage("note 17", "needs TEXT");
        expect_usage("note 17 two words", "into quotes");
        expect_usage("need 17 perhaps because", "yes no");
        expect_usage("assign 17", "needs --owner");
        expect_usage("cause 17 text", "needs --category");
        expect_usage("note 17 text --if-version x", "whole number");
        expect_usage("list --if-version 3", "no option");
        expect_usage("note 17 text --as-of 1d", "no option");
        expect_usage("--as-of 1d watch", "takes no --as-of");
        expect_usage("raise t --label room", "NAME=VALUE");
        expect_usage("run --type t --subject s", "needs COMMAND");
}

static void test_help(void **state)
{
        struct arguments a;
        struct problem problem;

        (void) state;
        assert_int_equal(parse("--help", &a, &problem), ARGUMENTS_E_HELP);
        assert_null(a.command);
        arguments_done(&a);
        assert_int_equal(parse("action add --help", &a, &problem), ARGUMENTS_E_HELP);
        assert_string_equal(a.command->words, "action add");
        arguments_done(&a);
        assert_int_equal(parse("--version", &a, &problem), ARGUMENTS_E_VERSION);
        arguments_done(&a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_commands),
                                           cmocka_unit_test(test_references),
                                           cmocka_unit_test(test_references_from_input),
                                           cmocka_unit_test(test_passthrough),
                                           cmocka_unit_test(test_usage),
                                           cmocka_unit_test(test_help)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
