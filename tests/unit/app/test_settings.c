/* The register's settings in policy.json: what is sent, and what is complained of. */
#include <stdio.h>

#include "tests/unit/app/test.h"

#include "daemon/app/policy.h"

#define POLICY_                                                                                    \
        "{\"policies\":{\"default\":{\"critical\":{},\"major\":{},\"minor\":{},\"observation\":{}" \
        ","                                                                                        \
        "\"ofi\":{},\"ladder\":\"l\"}},\"ladders\":{\"l\":[]},\"calendars\":{}%s%s}"

static int parse(const char *settings, struct policy **ret, struct complaints *reterr)
{
        char text[2048];

        (void) snprintf(text, sizeof(text), POLICY_, settings ? ",\n\"settings\":" : "",
                        settings ? settings : "");
        return policy_parse("p.json", text, strlen(text), ret, reterr);
}

static void expect(const char *settings, const char *expected)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *p = NULL;

        assert_int_equal(parse(settings, &p, &c), POLICY_E_INVALID);
        assert_contains(c.text.data, "p.json:2:");
        assert_contains(c.text.data, expected);
}

static void test_defaults(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *none = NULL, *empty = NULL, *same = NULL;

        (void) state;
        assert_int_equal(parse(NULL, &none, &c), 0);
        assert_int_equal(parse("{}", &empty, &c), 0);
        assert_int_equal(
                parse("{\"retention\":{\"keys\":\"400d\"},\"storm\":{\"n\":500}}", &same, &c), 0);
        assert_contains(none->settings.body.data,
                        "{\"late_after\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":300}");
        assert_contains(none->settings.body.data,
                        "\"retention\":{\"events\":{\"mo\":0,\"d\":90,\"bd\":0,\"s\":0}");
        assert_contains(none->settings.body.data,
                        "\"storm\":{\"n\":500,\"within\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":600}}");
        assert_contains(
                none->settings.body.data,
                "\"consumer\":{\"rows\":100000,\"lag\":{\"mo\":0,\"d\":7,\"bd\":0,\"s\":0}}}");
        assert_int_equal(none->settings.notes.size, 0);
        assert_memory_equal(&none->settings.hash, &empty->settings.hash, sizeof(struct hash));
        assert_memory_equal(&none->settings.hash, &same->settings.hash, sizeof(struct hash));
}

/* They change what the register is told of settings, and nothing of the policy. */
static void test_given(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *none = NULL, *given = NULL;

        (void) state;
        assert_int_equal(parse(NULL, &none, &c), 0);
        assert_int_equal(parse("{\"late_after\":\"10m\",\"storm\":{\"n\":0,\"within\":\"1h\"},"
                               "\"retention\":{\"closed\":\"120mo\"}}",
                               &given, &c),
                         0);
        assert_contains(given->settings.body.data,
                        "{\"late_after\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":600}");
        assert_contains(given->settings.body.data,
                        "\"storm\":{\"n\":0,\"within\":{\"mo\":0,\"d\":0,\"bd\":0,\"s\":3600}}");
        assert_contains(given->settings.body.data,
                        "\"closed\":{\"mo\":120,\"d\":0,\"bd\":0,\"s\":0}}");
        assert_memory_not_equal(&none->settings.hash, &given->settings.hash, sizeof(struct hash));
        assert_string_equal(none->body.data, given->body.data);
        assert_memory_equal(&none->hash, &given->hash, sizeof(struct hash));
}

static void test_mistakes(void **state)
{
        (void) state;
        expect("5", "here an object");
        expect("{\"late_aftr\":\"5m\"}", "did you mean \"late_after\"?");
        expect("{\"retention\":{\"evnts\":\"5d\"}}",
               "there is no setting \"retention.evnts\", did you mean \"retention.events\"?");
        expect("{\"retention\":\"5d\"}", "here an object");
        expect("{\"seal_every\":\"5m\"}", "there is no setting \"seal_every\"");
        expect("{\"retention\":{\"events\":{\"d\":5}}}",
               "\"retention.events\" is a duration such as");
        expect("{\"retention\":{\"events\":\"5x\"}}", "\"retention.events\":");
        expect("{\"retention\":{\"events\":\"12h\"}}",
               "\"retention.events\" is from 1d to 3650d (events are kept this long");
        expect("{\"retention\":{\"events\":\"4000d\"}}",
               "\"retention.events\" is from 1d to 3650d");
        expect("{\"late_after\":\"0s\"}", "\"late_after\" is from 1s to 7d");
        expect("{\"storm\":{\"n\":\"5\"}}", "\"storm.n\" is a whole number");
        expect("{\"storm\":{\"n\":0.5}}", "\"storm.n\" is a whole number");
        expect("{\"storm\":{\"n\":-1}}", "\"storm.n\" is from 0 to 1000000");
        expect("{\"consumer\":{\"rows\":0}}", "\"consumer.rows\" is from 1 to");
        expect("{\"storm\":{\"n\":1,\"n\":2}}", "the key \"n\" stands twice");
}

static void test_doubts(void **state)
{
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(policy_free_p) struct policy *p = NULL, *all = NULL;

        (void) state;
        assert_int_equal(parse("{\"retention\":{\"keys\":\"30d\"}}", &p, &c), 0);
        assert_string_equal(
                p->settings.notes.data,
                "p.json: retention.keys (30d) is shorter than retention.events (90d): an "
                "event that comes again once its key is gone is stored a second time "
                "beside the first\n");
        assert_int_equal(
                parse("{\"retention\":{\"keys\":\"1d\",\"events\":\"1d\",\"closed\":\"12mo\"}}",
                      &all, &c),
                0);
        assert_contains(all->settings.notes.data,
                        "retention.keys (1d) is shorter than observed_back (7d): ");
        assert_contains(all->settings.notes.data, "retention.closed (12mo) is shorter than 72mo: ");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_given),
                cmocka_unit_test(test_mistakes),
                cmocka_unit_test(test_doubts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
