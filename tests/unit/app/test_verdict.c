/* From judged requests and the register's results to the verdicts of each request. The results are
 * written here by hand, in the form of sql/README.md. */
#include <stdio.h>

#include "tests/unit/app/test.h"

#include "daemon/app/batch.h"

#define EVENT(id, type, code)                                                                      \
        "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"/s\",\"type\":\"" type            \
        "\",\"subject\":\"x\",\"data\":{\"c\":" code "}}"
#define FAIL(id) EVENT(id, "job.over", "1")

struct asked { /* a request and what became of it */
        struct request request;
        enum outcome outcome;
        char body[4096];
        int n_replies;
};

static struct ruleset *rules;

static int set_up(void **state)
{
        static const char text[] =
                "[{\"id\":\"job\",\"title\":\"t\",\"match\":{\"path\":\"/"
                "type\",\"eq\":\"job.over\"},\"effect\":\"fail\","
                "\"fingerprint\":[\"/"
                "subject\"],\"grade\":\"minor\",\"owner\":\"o\",\"controls\":[\"A.8.13\"]},"
                "{\"id\":\"noise\",\"title\":\"n\",\"match\":{\"path\":\"/"
                "type\",\"eq\":\"noise\"},\"effect\":\"ignore\"}]";
        const struct source_file file = {
                .kind = SOURCE_RULES, .path = "r.json", .text = text, .size = sizeof(text) - 1};
        static const char *const policies[] = {"default", NULL};
        struct complaints c = {0};
        int r = ruleset_load(&file, 1, policies, &rules, &c);

        (void) state;
        if (r != 0)
                (void) fprintf(stderr, "%s", c.text.data ? c.text.data : "");
        complaints_done(&c);
        return r;
}

static int tear_down(void **state)
{
        (void) state;
        rules = ruleset_unref(rules);
        return 0;
}

static void reply(struct request *r, enum outcome outcome, const char *body, size_t size)
{
        struct asked *a = (struct asked *) r;

        a->n_replies++;
        a->outcome = outcome;
        assert_true(size < sizeof(a->body));
        memcpy(a->body, body, size);
        a->body[size] = '\0';
}

static void add(struct batch *b, struct judge *j, struct asked *a, const struct frame *events,
                size_t n)
{
        static uint64_t unique;
        static struct batch_counters counters;

        a->request = (struct request){.peer = "p",
                                      .id = {"0123456789abcdef", 16},
                                      .events = events,
                                      .n_events = n,
                                      .reply = reply};
        assert_int_equal(batch_add(b, j, &a->request, &unique, &counters), 0);
}

static struct frame frame(const char *text)
{
        return (struct frame){.data = text, .size = strlen(text)};
}

static void test_mixture(void **state)
{
        static const char results[] =
                "{\"results\":[{\"status\":\"stored\",\"results\":[{\"effect\":\"raised\",\"nc\":"
                "\"NC-1\"}]},"
                "{\"status\":\"ignored\",\"results\":[]},{\"status\":\"invalid\",\"results\":[]},"
                "{\"status\":\"duplicate\",\"results\":[{\"effect\":\"raised\",\"nc\":\"NC-1\"}]},"
                "{\"status\":\"conflict\",\"results\":[],\"error\":\"other \\\"bytes\\\"\"}]}";
        const struct frame first[] = {frame(FAIL("1")), frame(EVENT("2", "noise", "0")),
                                      frame(EVENT("3", "unknown", "0")), frame("{broken")};
        const struct frame second[] = {frame(FAIL("1")), frame(FAIL("4"))};
        cleanup_(batch_free_p) struct batch *b = NULL;
        cleanup_(judge_free_p) struct judge *j = NULL;
        struct batch_counters counters = {0};
        static struct asked one, two;

        (void) state;
        assert_int_equal(batch_new(&b), 0);
        assert_int_equal(judge_new(&j), 0);
        b->rules = ruleset_ref(rules);
        add(b, j, &one, first, 4);
        add(b, j, &two, second, 2);
        assert_int_equal(batch_events(b), 5); /* the noise is not sent */
        assert_int_equal(batch_answer(b, results, sizeof(results) - 1, &counters), 0);
        assert_int_equal(one.n_replies, 1);
        assert_int_equal(two.n_replies, 1);
        assert_int_equal(one.outcome, OUTCOME_ACK);
        assert_contains(one.body, "{\"verdicts\":[{\"status\":\"stored\",\"events\":1,\"results\":["
                                  "{\"status\":\"stored\","
                                  "\"effect\":\"raised\",\"nc\":\"NC-1\"}]},{\"status\":"
                                  "\"ignored\",\"events\":1,\"results\":[]},"
                                  "{\"status\":\"ignored\",\"events\":1,\"results\":[]},{"
                                  "\"status\":\"invalid\",\"events\":0,"
                                  "\"error\":\"line 1");
        assert_string_equal(two.body, "{\"verdicts\":[{\"status\":\"duplicate\",\"events\":1,"
                                      "\"results\":[{\"status\":\"duplicate\","
                                      "\"effect\":\"raised\",\"nc\":\"NC-1\"}]},{\"status\":"
                                      "\"conflict\",\"events\":1,\"error\":"
                                      "\"other "
                                      "\\\"bytes\\\"\",\"results\":[{\"status\":\"conflict\","
                                      "\"effect\":\"none\",\"error\":"
                                      "\"other \\\"bytes\\\"\"}]}]}");
        assert_int_equal(counters.verdicts[VERDICT_STORED], 1);
        assert_int_equal(counters.verdicts[VERDICT_IGNORED], 2);
        assert_int_equal(counters.verdicts[VERDICT_INVALID], 1);
        batch_clear(b);
}

/* Only noise: nothing is sent, and it is answered all the same. */
static void test_noise(void **state)
{
        const struct frame events[] = {frame(EVENT("1", "noise", "0")),
                                       frame(EVENT("2", "noise", "0"))};
        cleanup_(batch_free_p) struct batch *b = NULL;
        cleanup_(judge_free_p) struct judge *j = NULL;
        struct batch_counters counters = {0};
        static struct asked one;

        (void) state;
        assert_int_equal(batch_new(&b), 0);
        assert_int_equal(judge_new(&j), 0);
        b->rules = ruleset_ref(rules);
        add(b, j, &one, events, 2);
        assert_int_equal(batch_events(b), 0);
        assert_int_equal(batch_answer(b, NULL, 0, &counters), 0);
        assert_string_equal(one.body,
                            "{\"verdicts\":[{\"status\":\"ignored\",\"events\":1,\"results\":[]},"
                            "{\"status\":\"ignored\",\"events\":1,\"results\":[]}]}");
        batch_clear(b);
}

/* A result that does not fit is nobody's verdict: then all are told the same, once. */
static void test_wrong_results(void **state)
{
        static const char *const wrong[] = {
                "",
                "[]",
                "{}",
                "{\"results\":[]}",
                "{\"results\":{}}",
                "{\"results\":[{\"status\":\"odd\"}]}",
                "{\"results\":[{}]}",
                "{\"results\":[{\"status\":\"stored\"},{\"status\":\"stored\"}]}"};
        const struct frame events[] = {frame(FAIL("1"))};

        (void) state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                cleanup_(batch_free_p) struct batch *b = NULL;
                cleanup_(judge_free_p) struct judge *j = NULL;
                struct batch_counters counters = {0};
                static struct asked one;

                memset(&one, 0, sizeof(one));
                assert_int_equal(batch_new(&b), 0);
                assert_int_equal(judge_new(&j), 0);
                b->rules = ruleset_ref(rules);
                add(b, j, &one, events, 1);
                assert_int_equal(batch_answer(b, wrong[i], strlen(wrong[i]), &counters), 1);
                assert_int_equal(one.n_replies, 0);
                batch_answer_all(b, OUTCOME_FAILED, "{}", 2);
                assert_int_equal(one.n_replies, 1);
                assert_int_equal(one.outcome, OUTCOME_FAILED);
                batch_clear(b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_mixture),
                                           cmocka_unit_test(test_noise),
                                           cmocka_unit_test(test_wrong_results)};

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
