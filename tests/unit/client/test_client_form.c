/* The form of capactl fill: text out, text in, and the parameters it becomes. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/form.h"
#include "proto/json/document.h"

static const char ANSWER[] =
        "{\"ref\":\"NC-7\",\"title\":\"A "
        "door\\u001b[2J\",\"grade\":\"minor\",\"state\":\"triaged\","
        "\"version\":3,\"fields\":["
        "{\"section\":\"triage\",\"name\":\"owner\",\"kind\":\"text\",\"label\":\"who owns it\","
        "\"help\":\"it has no owner\",\"step\":\"triaged\",\"value\":\"anna\"},"
        "{\"section\":\"triage\",\"name\":\"controls\",\"kind\":\"words\",\"label\":\"which "
        "controls\",\"help\":\"none named\",\"step\":\"triaged\",\"value\":[\"A.1\",\"A.2\"]},"
        "{\"section\":\"cause\",\"name\":\"text\",\"kind\":\"text\",\"label\":\"the cause\","
        "\"help\":\"no cause\",\"step\":\"analysed\"},"
        "{\"section\":\"cause\",\"name\":\"category\",\"kind\":\"choice\",\"label\":\"its kind\","
        "\"choices\":[\"people\",\"process\"],\"help\":\"no cause\",\"step\":\"analysed\"},"
        "{\"section\":\"need\",\"name\":\"need\",\"kind\":\"choice\",\"label\":\"needed?\","
        "\"choices\":[\"yes\",\"no\"],\"help\":\"undecided\",\"step\":\"analysed\"},"
        "{\"section\":\"action\",\"name\":\"due\",\"kind\":\"moment\",\"label\":\"until when\","
        "\"help\":\"no action\",\"step\":\"planned\"},"
        "{\"section\":\"criterion\",\"name\":\"passes\",\"kind\":\"number\",\"label\":\"how many\","
        "\"help\":\"no criterion\",\"step\":\"planned\"},"
        "{\"section\":\"isms\",\"name\":\"isms\",\"kind\":\"text\",\"label\":\"the ISMS\","
        "\"help\":\"undecided\",\"step\":\"closed\"}]}";

struct opened {
        struct cJSON *answer;
        struct form form;
};

static int setup(void **state)
{
        struct opened *o = calloc(1, sizeof(*o));

        assert_non_null(o);
        assert_int_equal(document_parse(ANSWER, strlen(ANSWER), &o->answer, NULL), 0);
        assert_int_equal(form_open(o->answer, &o->form), 0);
        *state = o;
        return 0;
}

static int teardown(void **state)
{
        struct opened *o = *state;

        form_done(&o->form);
        document_free(o->answer);
        free(o);
        return 0;
}

static void expect_params(struct form *f, const char *text, const char *json)
{
        struct problem problem = {0};
        struct params p = {0};

        if (form_parse(f, text, &problem) != 0)
                fail_msg("%s", problem.text);
        buffer_add_char(&p.json, '{');
        if (form_params(f, &p, &problem) != 0)
                fail_msg("%s", problem.text);
        assert_string_equal(params_end(&p), json);
        params_done(&p);
}

static void expect_mistake(struct form *f, const char *text, const char *told)
{
        struct problem problem = {0};
        struct params p = {0};
        int r;

        buffer_add_char(&p.json, '{');
        r = form_parse(f, text, &problem);
        if (r == 0)
                r = form_params(f, &p, &problem);
        assert_int_equal(r, FORM_E_INVALID);
        if (!strstr(problem.text, told))
                fail_msg("\"%s\" lacks \"%s\"", problem.text, told);
        params_done(&p);
}

static void test_text(void **state)
{
        struct opened *o = *state;
        struct problem problem = {0};
        struct buffer b = BUFFER_NULL;

        assert_int_equal(form_write(&o->form, &b), 0);
        assert_non_null(strstr(b.data, "\ntriage.controls: A.1\n    A.2\n"));
        assert_non_null(strstr(b.data, "# one of: people, process\ncause.category:\n"));
        assert_non_null(strstr(b.data, "# missing: no cause\n"));
        assert_non_null(strstr(b.data, "\nisms:\n"));
        assert_null(strchr(b.data, '\033'));
        assert_int_equal(form_parse(&o->form, b.data, &problem), 0);
        assert_false(form_is_changed(&o->form)); /* as it was written: nothing was given */
        assert_int_equal(form_parse(&o->form, "", &problem), 0);
        assert_false(form_is_changed(&o->form));
        buffer_done(&b);
}

static void test_values(void **state)
{
        struct opened *o = *state;
        struct form *f = &o->form;

        expect_params(f,
                      "cause.text:  one: two \n\n  and three\n# not this\ncause.category:process\n",
                      "{\"facts\":{\"cause\":{\"text\":\"one: two\\nand three\",\"category\":"
                      "\"process\"}}}");
        expect_params(
                f, "triage.owner: anna\ntriage.controls: A.1\n\tA.3\nisms: none\n",
                "{\"facts\":{\"triage\":{\"controls\":[\"A.1\",\"A.3\"]},\"isms\":\"none\"}}");
        expect_params(f, "need: no\ncriterion.passes: 5\naction.due: 30d\n",
                      "{\"facts\":{\"need\":{\"need\":\"no\"},\"action\":{\"due\":\"30d\"},"
                      "\"criterion\":{\"passes\":5}}}");
        expect_params(
                f, "criterion.passes: five\n",
                "{\"facts\":{\"criterion\":{\"passes\":\"five\"}}}"); /* the register says so */
        expect_params(f, "need:\n", "{\"facts\":{}}");
}

static void test_mistakes(void **state)
{
        struct opened *o = *state;

        expect_mistake(&o->form, "\ncause.txt: x\n",
                       "line 2: \"cause.txt\" is no field of this form");
        expect_mistake(&o->form, "cause.txt: x\n", "did you mean cause.text?");
        expect_mistake(&o->form, "cause.text: x\nneed: yes\ncause.text: y\n",
                       "line 3: cause.text is there twice");
        expect_mistake(&o->form, "  lost\n", "line 1 begins with a blank");
        expect_mistake(&o->form, "need yes\n", "has no colon");
        expect_mistake(&o->form, "action.due: some day\n", "action.due: ");
}

static void test_remark(void **state)
{
        struct buffer b = BUFFER_NULL, again = BUFFER_NULL;

        (void) state;
        assert_int_equal(form_remark("need: yes\n", "refused: no\nnext\n", &b), 0);
        assert_string_equal(b.data, "#! refused: no\n#! next\nneed: yes\n");
        assert_int_equal(form_remark(b.data, "other\n", &again), 0);
        assert_string_equal(again.data, "#! other\nneed: yes\n");
        buffer_done(&b);
        buffer_done(&again);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_text, setup, teardown),
                cmocka_unit_test_setup_teardown(test_values, setup, teardown),
                cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
                cmocka_unit_test(test_remark)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
