/* capad.json: defaults, values, relative paths, and the place of every mistake. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/app/test.h"

#include "daemon/app/config.h"

static char folder[] = "/tmp/capad-config-XXXXXX";
static char path[64];

static int set_up(void **state)
{
        (void) state;
        if (!mkdtemp(folder))
                return -1;
        (void) snprintf(path, sizeof(path), "%s/capad.json", folder);
        return 0;
}

static int tear_down(void **state)
{
        (void) state;
        (void) unlink(path);
        return rmdir(folder);
}

static int load(const char *text, struct config **ret, struct complaints *c)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fputs(text, f) >= 0, 1);
        assert_int_equal(fclose(f), 0);
        return config_load(path, ret, c);
}

static void expect_complaint(const char *text, const char *expected)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(config_free_p) struct config *config = NULL;

        assert_int_equal(load(text, &config, &c), CONFIG_E_INVALID);
        assert_null(config);
        assert_contains(c.text.data, expected);
}

static void test_defaults(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(config_free_p) struct config *config = NULL;
        char expected[96];

        (void) state;
        assert_int_equal(load("{}", &config, &c), 0);
        assert_string_equal(config->ingest[0], "ipc:///run/capad/ingest.sock");
        assert_null(config->ingest[1]);
        assert_string_equal(config->rules[0], "/usr/share/capad/rules");
        (void) snprintf(expected, sizeof(expected), "%s/rules.d", folder);
        assert_string_equal(config->rules[1], expected);
        assert_int_equal(config->batch_events, 500);
        assert_int_equal(config->timeout_ms, 10000);
        assert_string_equal(config->spool, "/var/lib/capad/spool.sqlite");
        assert_null(config->secret_key_file);
}

static void test_values(void **state)
{
        static const char text[] =
                "{ // a comment\n"
                " \"$schema\": \"x\", \"endpoints\": {\"ingest\": [\"ipc://a\", "
                "\"tcp://127.0.0.1:1\"], \"pull\": []},\n"
                " \"database\": {\"conninfo\": \"host=/x\", \"writers\": 2}, \"state_dir\": "
                "\"state\",\n"
                " \"principals\": [{\"name\": \"anna\", \"uid\": 0, \"roles\": \"owner\", "
                "\"act_for_others\": true},\n"
                "   {\"name\": \"tool\", \"group\": \"g\", \"sources\": [\"/a\", \"/b\"]}],\n"
                " \"subscriptions\": [{\"name\": \"s\", \"endpoint\": \"tcp://h:1\", \"topics\": "
                "[\"a\"], \"sources\": \"/mon/\"}] /* end */ }";
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(config_free_p) struct config *config = NULL;
        char expected[96];

        (void) state;
        assert_int_equal(load(text, &config, &c), 0);
        assert_string_equal(config->ingest[1], "tcp://127.0.0.1:1");
        assert_null(config->pull[0]);
        assert_int_equal(config->writers, 2);
        (void) snprintf(expected, sizeof(expected), "%s/state/spool.sqlite", folder);
        assert_string_equal(config->spool, expected);
        assert_int_equal(config->n_principals, 2);
        assert_int_equal(config->principals[0].uid, 0);
        assert_true(config->principals[0].act_for_others);
        assert_string_equal(config->principals[0].roles[0], "owner");
        assert_int_equal(config->principals[1].uid, -1);
        assert_string_equal(config->principals[1].sources[1], "/b");
        assert_int_equal(config->n_subscriptions, 1);
        assert_string_equal(config->subscriptions[0].adapter, "");
        assert_string_equal(config->subscriptions[0].sources[0], "/mon/");
        assert_null(config->subscriptions[0].sources[1]);
}

static void test_complaints(void **state)
{
        (void) state;
        expect_complaint("{\"endpoint\": 1}",
                         "capad.json:1:3: unknown key \"endpoint\", did you mean \"endpoints\"?");
        expect_complaint("{\n\"ingest\": {\"batch_event\": 1}}",
                         ":2:13: unknown key \"ingest.batch_event\", did you mean");
        expect_complaint("{\"ingest\": {\"batch_events\": 0}}", "from 1 to 5000");
        expect_complaint("{\"ingest\": {\"batch_events\": 1.5}}", "whole number");
        expect_complaint("{\"ingest\": 5}", "object");
        expect_complaint("{\"policy\": 5}", "must be a string");
        expect_complaint("{\"rules\": [1]}", "must be a string");
        expect_complaint("{\"rules\": {}}", "list of strings");
        expect_complaint("{\"principals\": {}}", "must be a list");
        expect_complaint("{\"principals\": [1]}", "object");
        expect_complaint("{\"principals\": [{}]}", "needs a \"name\"");
        expect_complaint("{\"principals\": [{\"name\": \"a\", \"uid\": 1, \"user\": \"b\"}]}",
                         "not several");
        expect_complaint("{\"principals\": [{\"name\": \"a\", \"key\": \"short\"}]}",
                         "40 characters");
        expect_complaint("{\"principals\": [{\"name\": \"a\", \"roles\": [\"auditer\"]}]}",
                         "did you mean \"auditor\"?");
        expect_complaint("{\"principals\": [{\"name\": \"a\", \"act_for_others\": 1}]}",
                         "true or false");
        expect_complaint("{\"subscriptions\": [{\"name\": \"a\"}]}", "\"endpoint\"");
        expect_complaint("{\"subscriptions\": [{\"name\": \"a\", \"endpoint\": \"ipc://a\", "
                         "\"sources\": []}]}",
                         "capad.json:1:20: subscription \"a\": \"sources\" is empty");
        expect_complaint("{\"subscriptions\": [{\"name\": \"a\", \"endpoint\": \"ipc://a\"},\n"
                         "{\"name\": \"a\", \"endpoint\": \"ipc://b\"}]}",
                         "capad.json:2:1: another subscription is called \"a\", too");
        expect_complaint("{\"subscriptions\": [{\"name\": \"a\", \"endpoint\": \"ipc://a\", "
                         "\"source\": \"/a\"}]}",
                         "unknown key \"source\", did you mean \"sources\"?");
        expect_complaint("{\"name\": \"a\", \"name\": \"b\"}", "name");
        expect_complaint("{", "closed");
        expect_complaint("[]", "object");
}

/* All mistakes are said at once. */
static void test_all_at_once(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(config_free_p) struct config *config = NULL;

        (void) state;
        assert_int_equal(load("{\"a\": 1, \"b\": 2, \"policy\": 3}", &config, &c),
                         CONFIG_E_INVALID);
        assert_int_equal(c.n, 3);
}

static void test_shipped(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(config_free_p) struct config *config = NULL;

        (void) state;
        assert_int_equal(config_load(SHIPPED_CONFIG, &config, &c), 0);
        assert_true(config->n_principals > 0);
        assert_int_equal(config_load("/nowhere/capad.json", &config, &c), CONFIG_E_INVALID);
        assert_contains(c.text.data, "cannot be read");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
                cmocka_unit_test(test_complaints), cmocka_unit_test(test_all_at_once),
                cmocka_unit_test(test_shipped)};

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
