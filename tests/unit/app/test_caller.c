/* Who calls, for whom, with which roles; durations spelled out; what is refused. */
#include "tests/unit/app/test.h"

#include "daemon/app/caller.h"

static char *owner_roles[] = {(char[]){"owner"}, NULL};
static char *all_roles[] = {(char[]){"reporter"}, (char[]){"auditor"}, NULL};
static struct principal_config people[] = {
        {.name = (char[]){"gateway"}, .uid = 4, .roles = all_roles, .act_for_others = true},
        {.name = (char[]){"anna"}, .uid = 5, .roles = owner_roles},
};

static bool people_known; /* whether there is a people file */

static int read_call(struct caller *c, unsigned who, const char *method, const char *params,
                     struct refusal *why)
{
        static struct principals *principals;
        static struct people *persons;
        static const char file[] =
                "{\"people\":{\"ben\":{\"also\":[\"b.smith\"]},\"carla\":{\"roles\":["
                "\"auditor\"]},\"anna\":{}},\"roles\":{\"approver\":[\"ben\",\"anna\"]}}";
        struct config config = {.principals = people, .n_principals = 2};
        struct complaints complaints = {0};
        const struct frame f = {.data = params, .size = strlen(params)};

        if (!principals) {
                assert_int_equal(principals_new(&config, &principals, &complaints), 0);
                assert_int_equal(people_parse("p", file, sizeof(file) - 1, &persons, &complaints),
                                 0);
        }
        return caller_read(
                c,
                &(struct acquaintance){.principals = principals,
                                       .people = people_known ? persons : NULL},
                principals_find(principals, &(struct identity){.local = true, .uid = 4 + who}),
                method_find(method, strlen(method)), &f, why);
}

static void expect(unsigned who, const char *method, const char *params, const char *actor,
                   const char *roles, const char *expected)
{
        cleanup_(caller_done) struct caller c = {0};
        struct refusal why = {0};

        assert_int_equal(read_call(&c, who, method, params, &why), 0);
        assert_string_equal(c.actor.data, actor);
        assert_contains(c.principal.data, roles);
        assert_string_equal(c.params.data, expected);
}

static void expect_refusal(unsigned who, const char *params, enum capa_code code, const char *part)
{
        cleanup_(caller_done) struct caller c = {0};
        struct refusal why = {0};

        assert_int_equal(read_call(&c, who, "show", params, &why), CALLER_E_REFUSED);
        assert_int_equal(why.code, code);
        assert_contains(why.problem.text, part);
}

static void test_calls(void **state)
{
        (void) state;
        expect(1, "list", "", "anna", "[\"owner\"]", "{\"spans\":{}}");
        expect(1, "show", " {\"ref\":\"NC-1\"} ", "anna", "\"act_for_others\":false",
               "{\"ref\":\"NC-1\",\"spans\":{}}");
        expect(1, "criterion", "{\"window\":\"60d\"}", "anna", "owner",
               "{\"window\":\"60d\",\"spans\":{\"window\":{\"mo\":0,\"d\":60,\"bd\":0,\"s\":0}}}");
        expect(1, "extend", "{\"to\":\"2026-12-24\"}", "anna", "owner",
               "{\"to\":\"2026-12-24\",\"spans\":{}}");
        expect(1, "show", "{\"window\":\"60d\"}", "anna", "owner",
               "{\"window\":\"60d\",\"spans\":{}}");
        expect(1, "fill", "{\"facts\":{\"action\":{\"due\":\"2h\"},\"criterion\":{\"window\":7}}}",
               "anna", "owner",
               "{\"facts\":{\"action\":{\"due\":\"2h\"},\"criterion\":{\"window\":7}},\"spans\":{"
               "\"facts/action/due\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":7200}}}");
        expect(1, "show", "{\"as_of\":\"1d\"}", "anna", "owner",
               "{\"as_of\":\"1d\",\"spans\":{\"as_of\":{\"mo\":0,\"d\":1,\"bd\":0,\"s\":0}}}");
        expect(1, "note", "{\"as_of\":\"1d\"}", "anna", "owner",
               "{\"as_of\":\"1d\",\"spans\":{}}"); /* changes: the register refuses it */
        expect(0, "show", "{\"actor\":null}", "gateway", "[\"reporter\",\"auditor\"]",
               "{\"actor\":null,\"spans\":{}}");
        /* A declared principal has its own roles, an undeclared one the gateway's. */
        expect(0, "show", "{\"actor\":\"anna\"}", "anna",
               "{\"name\":\"gateway\",\"person\":null,\"roles\":[\"owner\"],\"act_for_others\":"
               "true}",
               "{\"actor\":\"anna\",\"spans\":{}}");
        expect(0, "show", "{\"actor\":\"ben\"}", "ben", "[\"reporter\",\"auditor\"]",
               "{\"actor\":\"ben\",\"spans\":{}}");
        expect(1, "show", "{\"actor\":\"anna\"}", "anna", "owner",
               "{\"actor\":\"anna\",\"spans\":{}}");
}

static void test_people(void **state)
{
        (void) state;
        people_known = true;
        /* In the file by any spelling, under its name there; its roles count, not the gateway's. */
        expect(0, "show", "{\"actor\":\" Ben\"}", "ben",
               "\"person\":\"ben\",\"roles\":[\"reporter\",\"owner\",\"approver\"]",
               "{\"actor\":\" Ben\",\"spans\":{}}");
        expect(0, "show", "{\"actor\":\"b.smith\"}", "ben", "\"person\":\"ben\"",
               "{\"actor\":\"b.smith\",\"spans\":{}}");
        expect(0, "show", "{\"actor\":\"carla\"}", "carla", "\"roles\":[\"auditor\"]",
               "{\"actor\":\"carla\",\"spans\":{}}");
        /* A declared principal has its own and what the file gives by name. */
        expect(0, "show", "{\"actor\":\"ANNA\"}", "anna",
               "\"name\":\"gateway\",\"person\":\"anna\",\"roles\":[\"owner\",\"approver\"]",
               "{\"actor\":\"ANNA\",\"spans\":{}}");
        expect(1, "show", "{}", "anna", "\"person\":\"anna\",\"roles\":[\"owner\",\"approver\"]",
               "{\"spans\":{}}");
        expect(1, "show", "{\"actor\":\"Anna\"}", "anna", "\"name\":\"anna\"",
               "{\"actor\":\"Anna\",\"spans\":{}}");
        expect(0, "show", "{\"actor\":\"dora\"}", "dora",
               "\"person\":null,\"roles\":[\"reporter\",\"auditor\"]",
               "{\"actor\":\"dora\",\"spans\":{}}");
        expect_refusal(1, "{\"actor\":\"ben\"}", CODE_FORBIDDEN, "may not act for others");
        people_known = false;
}

static void test_refusals(void **state)
{
        (void) state;
        expect_refusal(1, "{\"actor\":\"ben\"}", CODE_FORBIDDEN, "may not act for others");
        expect_refusal(0, "{\"actor\":5}", CODE_INVALID, "\"actor\"");
        expect_refusal(0, "{\"actor\":\"\"}", CODE_INVALID, "\"actor\"");
        expect_refusal(0, "{\"spans\":{}}", CODE_INVALID, "spans");
        expect_refusal(0, "[]", CODE_INVALID, "object");
        expect_refusal(0, "{\n\"a\":}", CODE_INVALID, "line 2, column 5");
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls),
                                           cmocka_unit_test(test_people),
                                           cmocka_unit_test(test_refusals)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
