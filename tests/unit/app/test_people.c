/* people.json: the form that the register takes, who is who, and the place of every mistake. */
#include <stdio.h>

#include "tests/unit/app/test.h"

#include "daemon/app/config.h"
#include "daemon/app/people.h"

static void expect(const char *text, const char *expected)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(people_free_p) struct people *p = NULL;

        assert_int_equal(people_parse("p.json", text, strlen(text), &p, &c), PEOPLE_E_INVALID);
        assert_null(p);
        assert_contains(c.text.data, "p.json:1:");
        assert_contains(c.text.data, expected);
}

static struct people *good(const char *text)
{
        cleanup_(complaints_done) struct complaints c = {0};
        struct people *p = NULL;

        assert_int_equal(people_parse("p.json", text, strlen(text), &p, &c), 0);
        assert_non_null(p);
        return p;
}

static void expect_roles(const struct people *p, const char *name, size_t n_default,
                         const char *expected)
{
        const struct person *person = people_find(p, name);
        cleanup_(buffer_done) struct buffer roles = BUFFER_NULL;

        assert_non_null(person);
        buffer_add_str(&roles, "");
        for (size_t i = 0; person->roles && person->roles[i]; i++)
                buffer_printf(&roles, "%s%s", i > 0 ? " " : "", person->roles[i]);
        assert_string_equal(roles.data ? roles.data : "", expected);
        assert_int_equal(person->n_default, n_default);
}

static void test_form(void **state)
{
        cleanup_(people_free_p) struct people
                *p = good("/* who */ {\"$schema\":\"x\",\"people\":{\"anna\":{\"name\":\"Anna "
                          "Smith\",\"mail\":\"anna@example.org\",\"phone\":\"+1\","
                          "\"absent\":[{\"from\":\"2028-02-29\",\"to\":\"2028-02-29\"}],"
                          "\"manager\":\"b\"},\"b\":{}},\"roles\":{\"approver\":\"b\"}}"),
                *q = good("{\"people\":{\"anna\":{\"name\":\"Anna "
                          "Smith\",\"absent\":[{\"from\":\"2028-02-29\",\"to\":\"2028-02-29\"}],"
                          "\"manager\":\"b\"},\"b\":{}},\"roles\":{\"approver\":[\"b\"]}}");

        (void) state;
        assert_string_equal(p->body.data,
                            "{\"people\":{\"anna\":{\"name\":\"Anna "
                            "Smith\",\"absent\":[{\"from\":\"2028-02-29\",\"to\":\"2028-02-29\"}],"
                            "\"manager\":\"b\"},\"b\":{}},\"roles\":{\"approver\":[\"b\"]}}");
        /* What the register gets is the same, so it has the same hash. */
        assert_memory_equal(&p->hash, &q->hash, sizeof(p->hash));
}

static void test_who(void **state)
{
        cleanup_(people_free_p) struct people
                *p = good("{\"people\":{\"Anna  Smith\":{\"also\":[\"a.smith\",\"AS\"]},"
                          "\"ben\":{\"roles\":[\"auditor\"]},\"carla\":{\"roles\":[]},\"dora\":{}},"
                          "\"teams\":{\"t\":{\"lead\":\"ben\",\"members\":[\"dora\"]}},"
                          "\"roles\":{\"verifier\":[\"ben\",\"dora\"],\"owner\":[\"dora\"]}}"),
                *none = NULL;

        (void) state;
        assert_string_equal(people_find(p, " anna smith\t")->name, "Anna  Smith");
        assert_ptr_equal(people_find(p, "A.Smith"), people_find(p, "as"));
        assert_null(people_find(p, "annasmith"));
        assert_null(people_find(p, "t"));
        assert_null(people_find(p, ""));
        assert_null(people_find(NULL, "ben"));
        expect_roles(p, "as", 2, "reporter owner");
        expect_roles(p, "ben", 0, "auditor verifier");
        expect_roles(p, "carla", 0, "");
        expect_roles(p, "dora", 1, "reporter owner verifier");
        assert_int_equal(people_none(&none), 0);
        assert_string_equal(none->body.data, "{\"people\":{}}");
        assert_null(people_find(none, "ben"));
}

static void test_owners(void **state)
{
        static const char rules[] =
                "{\"rules\":[{\"id\":\"r1\",\"owner\":\"Ben\"},{\"id\":\"r2\","
                "\"owner\":\"T\"},{\"id\":\"r3\",\"owner\":\"x\"},{\"id\":\"r4\"},"
                "{\"id\":\"r5\",\"owner\":\"empty\"},{\"id\":\"r6\",\"owner\":"
                "\"approver\"}]}";
        cleanup_(people_free_p) struct people
                *p = good("{\"people\":{\"ben\":{}},\"teams\":{\"t\":{"
                          "\"lead\":\"ben\"},\"empty\":{\"members\":[]}},"
                          "\"roles\":{\"approver\":\"ben\"}}"),
                *nobody = good("{\"people\":{}}");
        cleanup_(buffer_done) struct buffer described = BUFFER_NULL, notes = BUFFER_NULL;

        (void) state;
        buffer_add_str(&described, rules);
        assert_int_equal(people_note_owners(nobody, &described, &notes), 0);
        assert_int_equal(notes.size, 0);
        assert_int_equal(people_note_owners(p, &described, &notes), 0);
        assert_contains(notes.data, "rule r3: its owner \"x\" is nobody in people.json");
        assert_contains(notes.data, "rule r5: ");
        assert_null(strstr(notes.data, "rule r1"));
        assert_null(strstr(notes.data, "rule r2"));
        assert_null(strstr(notes.data, "rule r4"));
        assert_null(strstr(notes.data, "rule r6"));
}

static void test_mistakes(void **state)
{
        (void) state;
        expect("{}", "\"people\" is missing");
        expect("[]", "here an object");
        expect("{\"people\":{}", "p.json:1:");
        expect("{\"people\":{},\"team\":{}}", "unknown key \"team\", did you mean \"teams\"?");
        expect("{\"people\":{\"a\":{\"manger\":\"b\"}}}", "did you mean \"manager\"?");
        expect("{\"people\":{\"a\":[]}}", "here an object");
        expect("{\"people\":{\"a\":{\"mail\":5}}}", "here a string");
        expect("{\"people\":{\"a\":{\"roles\":[\"admin\"]}}}", "unknown value");
        expect("{\"people\":{\"a\":{\"roles\":[\"aprover\"]}}}", "did you mean \"approver\"?");
        expect("{\"people\":{},\"roles\":{\"boss\":[]}}", "unknown key \"boss\"");
        expect("{\"people\":{\"a\":{\"left\":\"2027-02-29\"}}}", "the last day, is a date such as");
        expect("{\"people\":{\"a\":{\"left\":\"0000-01-01\"}}}", "is a date such as");
        expect("{\"people\":{\"a\":{\"absent\":[{\"from\":\"2027-01-02\",\"to\":\"2027-01-01\"}]}}"
               "}",
               "this absence ends before it begins");
        expect("{\"people\":{\"a\":{\"absent\":[{\"from\":\"2027-01-02\"}]}}}",
               "\"to\" is missing");
        expect("{\"people\":{\"a\":{\"manager\":\"a\"}}}", "a cannot be the own manager");
        expect("{\"people\":{\"a\":{\"deputy\":\"a\"}}}", "a cannot be the own deputy");
        expect("{\"people\":{\"anna\":{\"manager\":\"bem\"},\"ben\":{}}}",
               "there is no person \"bem\", did you mean \"ben\"?");
        expect("{\"people\":{\"anna\":{\"manager\":\"Ben\"},\"ben\":{}}}", "did you mean \"ben\"?");
        expect("{\"people\":{\"a\":{}},\"teams\":{\"t\":{\"members\":[\"x\"]}}}",
               "there is no person \"x\"");
        expect("{\"people\":{\"a\":{}},\"teams\":{\"t\":{\"lead\":\"t\"}}}",
               "there is no person \"t\"");
        expect("{\"people\":{},\"roles\":{\"approver\":[\"x\"]}}", "there is no person \"x\"");
        expect("{\"people\":{\"a\":{\"manager\":\"b\"},\"b\":{\"manager\":\"c\"},\"c\":{"
               "\"manager\":\"b\"}}}",
               "p.json:1:48: managers go round: b → c → b");
        expect("{\"people\":{\"Anna\":{},\"ANNA \":{}}}",
               "p.json:1:23: this name is given twice, whatever its spelling: here to a person, at "
               "1:13 to a person");
        expect("{\"people\":{\"a\":{\"also\":[\"b\"]},\"b\":{}}}", "given twice");
        expect("{\"people\":{\"a\":{}},\"teams\":{\"A\":{}}}",
               "here to a team, at 1:13 to a person");
        expect("{\"people\":{\"owner\":{}},\"roles\":{\"owner\":[]}}", "here to a role");
        expect("{\"people\":{\" \":{}}}", "this is no name: it is empty");
}

static void test_shipped(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(people_free_p) struct people *p = NULL;
        cleanup_(free_p) char *text = NULL;
        size_t size;

        (void) state;
        assert_int_equal(file_read(SHIPPED_PEOPLE, &text, &size, &c), 0);
        assert_int_equal(people_parse(SHIPPED_PEOPLE, text, size, &p, &c), 0);
        /* Nobody in it: any name is taken until somebody is. */
        assert_string_equal(p->body.data, "{\"people\":{},\"teams\":{},\"roles\":{}}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_form),    cmocka_unit_test(test_who),
                cmocka_unit_test(test_owners),  cmocka_unit_test(test_mistakes),
                cmocka_unit_test(test_shipped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
