/* Lists of events in texts that are JSON themselves, and on lines of their own. JSON is written
 * with ' for ". */
#include "language.h"

#include <stdio.h>

#include "proto/base/limits.h"

static void assert_bytes(const struct judgement *j, size_t part, const char *expected)
{
        const struct part *p = &j->parts[part];

        assert_true(p->offset + p->size <= j->body.size);
        if (p->size != strlen(expected) || memcmp(j->body.data + p->offset, expected, p->size) != 0)
                fail_msg("part %zu is %.*s", part, (int) p->size, j->body.data + p->offset);
}

#define IN_TEXTS                                                                                   \
        "'each':[{'path':'/Message','json':'/alerts/*'},{'path':'/Records/*/Message','json':"      \
        "'/alerts/*'},{'path':'/Message','json':'/detail/*/findings/*'},'/alerts/*'],"             \
        "'source':'s','type':'t'"

/* Lists of events in a text: an event there is like one of the message, and its bytes are its piece
 * of the text as it came. */
static void lists_in_texts(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x'," IN_TEXTS ",'fields':{'a':{'path':'/n'},'b':{'above':'/host'},"
                 "'c':{'document':'/Topic'},'d':[{'above':'/Topic'},'none']}}");
        j = hear(&f,
                 "{'Topic':'arn','Message':'{\\'host\\':\\'h\\',\\'alerts\\': "
                 "[{\\'n\\':9007199254740993}, {\\'n\\':\\'\\u00e9\\\\u00e9\\\\\\\\\\'},\\u007b}, "
                 "\\'x\\']}'}");
        assert_int_equal(j->n_parts, 4);
        expect(j, 0, "9007199254740993 h arn arn");
        expect(j, 1, "éé\\ h arn arn");
        expect(j, 2, "? h arn arn");
        assert_bytes(j, 0, "{\\\"n\\\":9007199254740993}");
        assert_bytes(j, 1, "{\\\"n\\\":\\\"\\u00e9\\\\u00e9\\\\\\\\\\\"}");
        assert_bytes(j, 2, "\\u007b}");
        assert_bytes(j, 3, "\\\"x\\\"");
        assert_null(j->redacted.data);
        /* two levels deep; and the same adapter without the wrapping */
        j = hear(&f, "{'Message':'{\\'detail\\':[{\\'host\\':1,\\'findings\\':[{\\'n\\':1}]},"
                     "{\\'host\\':2,\\'findings\\':[{\\'n\\':2},{\\'n\\':3}]}]}'}");
        assert_int_equal(j->n_parts, 3);
        expect(j, 0, "1 1 ? none");
        expect(j, 1, "2 2 ? none");
        expect(j, 2, "3 2 ? none");
        j = hear(&f, "{'host':'w','alerts':[{'n':1}]}");
        assert_int_equal(j->n_parts, 1);
        expect(j, 0, "1 w ? none");
        assert_bytes(j, 0, "{\"n\":1}");
        /* several texts, each with what stands around it; values above are not those of the text
         * before */
        j = hear(&f,
                 "{'Topic':'t','Records':[{'host':'r1','Message':'{\\'alerts\\':[{\\'n\\':1}]}'},"
                 "{'host':'r2','Message':'{\\'alerts\\':{\\'n\\':2}}'},"
                 "{'host':'r3','Message':'{\\'alerts\\':{\\'n\\':3}}'}]}");
        assert_int_equal(j->n_parts, 3);
        expect(j, 0, "1 r1 t t");
        expect(j, 1, "2 r2 t t");
        expect(j, 2, "3 r3 t t");
        /* a null list holds none, in a text as well; within a wrapper */
        assert_int_equal(hear(&f, "{'Message':'{\\'alerts\\':[]}'}")->n_parts, 0);
        j = hear(&f, "{'specversion':'1.0','data':{'Topic':'w','Message':'{\\'alerts\\':[{\\'n\\':"
                     "1}]}'}}");
        expect(j, 0, "1 ? w w");
        assert_bytes(j, 0, "{\\\"n\\\":1}");
        fixture_done(&f);
}

/* A text that is a bare list, or a single object; what rules see of it. */
static void bare_lists_in_texts(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','each':{'path':'/m','json':'/*'},'source':'s','type':'t','fields':{'a':"
                 "{'path':'/n'},'b':{'path':'/deep','json':'/k'}}}");
        j = hear(&f, "{'m':'[{\\'n\\':1,\\'deep\\':\\'{\\\\\\'k\\\\\\':7}\\'},{\\'n\\':2}]'}");
        assert_int_equal(j->n_parts, 2);
        expect(j, 0, "1 7 ? ?");
        expect(j, 1, "2 ? ? ?");
        j = hear(&f, "{'m':' {\\'n\\':3} '}");
        assert_int_equal(j->n_parts, 1);
        expect(j, 0, "3 ? ? ?");
        assert_bytes(j, 0, "{\\\"n\\\":3}");
        fixture_done(&f);
        fixture_load(&f,
                     "{\"id\":\"r\",\"title\":\"{/data/n} {/parent/n} "
                     "{/document/n}\",\"effect\":\"fail\","
                     "\"match\":{\"path\":\"/data/n\",\"gte\":1},\"fingerprint\":[\"/data/n\"]}",
                     "{\"id\":\"x\",\"each\":[{\"path\":\"/w/m\",\"json\":\"/*\"},{\"path\":\"/w/"
                     "l\",\"json\":"
                     "\"/*/l/*\"}],\"source\":\"s\",\"type\":\"t\"}");
        f.from.adapter = (struct frame){"x", 1};
        j = hear(&f, "{'n':'D','w':{'n':'W','m':'[{\\'n\\':1}]'}}");
        expect(j, 0, "1 W D");
        j = hear(&f, "{'n':'D','w':{'n':'W','l':'[{\\'n\\':\\'P\\',\\'l\\':[{\\'n\\':1}]}]'}}");
        expect(j, 0, "1 P D");
        fixture_done(&f);
}

static void assert_refused(struct fixture *f, const char *event, enum verdict verdict,
                           const char *why)
{
        const struct judgement *j = hear(f, event);

        assert_int_equal(j->verdict, verdict);
        assert_contains(j->problem.text, why);
}

/* What should hold events and doesn't is never passed over. */
static void texts_that_hold_none(void **state)
{
        static char event[2 * LIMIT_JSON_IN_TEXT];
        const struct judgement *j;
        struct fixture f;
        size_t n;

        (void) state;
        load(&f, "{'id':'x'," IN_TEXTS "}");
        assert_refused(&f, "{'Message':'Hello'}", VERDICT_INVALID,
                       "adapter \"x\" takes its events from /alerts/* of the JSON in the text at "
                       "/Message or");
        assert_refused(&f, "{'Message':'{\\'other\\':1}'}", VERDICT_INVALID, "or /alerts/*, and");
        assert_refused(&f, "{'Message':'{\\'a\\':1,\\'a\\':2}'}", VERDICT_INVALID, "nothing there");
        assert_refused(&f, "{'Message':''}", VERDICT_INVALID, "nothing there");
        assert_refused(&f, "{'Message':7}", VERDICT_INVALID, "nothing there");
        assert_refused(&f, "{'Records':[{'Message':'{\\'alerts\\':[1]}'},{'Message':'Hello'}]}",
                       VERDICT_INVALID, "nothing there");
        assert_refused(&f, "{'Records':[{'Message':'{\\'alerts\\':[1]}'},{'Message':'{}'}]}",
                       VERDICT_INVALID, "nothing there");
        /* 8 texts, and one more */
        n = (size_t) sprintf(event, "{'Records':[");
        for (unsigned i = 0; i < 8; i++)
                n += (size_t) sprintf(event + n, "%s{'Message':'{\\'alerts\\':[1,2]}'}",
                                      i > 0 ? "," : "");
        (void) sprintf(event + n, "]}");
        assert_int_equal(hear(&f, event)->n_parts, 16);
        (void) sprintf(event + n, ",{'Message':'{\\'alerts\\':[1]}'}]}");
        assert_refused(&f, event, VERDICT_TOO_BIG, "more than 8 texts with lists of events");
        /* 5,000 events over all texts */
        n = (size_t) sprintf(event, "{'alerts':[0],'Message':'{\\'alerts\\':[0");
        for (unsigned i = 2; i < LIMIT_FAN_OUT; i++)
                n += (size_t) sprintf(event + n, ",%u", i);
        (void) sprintf(event + n, "]}'}");
        assert_int_equal(hear(&f, event)->n_parts, LIMIT_FAN_OUT);
        (void) sprintf(event + n, ",0]}'}");
        assert_refused(&f, event, VERDICT_TOO_BIG, "more than 5000 events");
        /* a text of 256 KiB is read, a longer one is not */
        n = (size_t) sprintf(event, "{'Message':'{\\'alerts\\':[0]");
        memset(event + n, ' ', LIMIT_JSON_IN_TEXT - 14);
        (void) sprintf(event + n + LIMIT_JSON_IN_TEXT - 14, "}'}");
        assert_int_equal(hear(&f, event)->n_parts, 1);
        (void) sprintf(event + n + LIMIT_JSON_IN_TEXT - 14, " }'}");
        assert_refused(&f, event, VERDICT_INVALID, "nothing there");
        fixture_done(&f);
        /* unless the lists are optional */
        load(&f, "{'id':'x','optional':true," IN_TEXTS "}");
        j = hear(&f, "{'Records':[{'Message':'{\\'alerts\\':[1]}'},{'Message':'Hello'}]}");
        assert_int_equal(j->verdict, VERDICT_MAX);
        assert_int_equal(j->n_parts, 1);
        assert_int_equal(hear(&f, "{'Message':'Hello'}")->n_parts, 0);
        fixture_done(&f);
}

/* Redaction reaches into texts that are opened, and each event knows its own. */
static void redaction_in_texts(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f,
             "{'id':'x','each':{'path':'/Records/*/Message','json':'/alerts/"
             "*'},'source':'s','type':"
             "'t','delivery':[{'document':'/id'}],'fields':{'a':{'path':'/pin'},'b':{'path':'/"
             "cmd'},"
             "'c':{'above':'/key'}},'redact':[{'path':'/pin'},{'anywhere':'key'},{'path':'/cmd',"
             "'re':'token=[^ ]+'},{'document':'/Records/*/Message','re':'AKIA[0-9]+'}]}");
        j = hear(&f, "{'id':1,'Records':[{'Message':'{\\'key\\':\\'k\\',\\'alerts\\':[{\\'pin\\':"
                     "\\'1\\',"
                     "\\'cmd\\':\\'a\\'},{\\'cmd\\':\\'\\\\u00e9 token=x AKIA1\\'}]}','z':1},"
                     "{'Message':'{\\'alerts\\':[{\\'n\\':1}]}'}]}");
        assert_text(j->body, "{\"id\":1,\"Records\":[{\"Message\":\"{\\\"key\\\":\\\"[redacted]"
                             "\\\",\\\"alerts\\\":"
                             "[{\\\"pin\\\":\\\"[redacted]\\\",\\\"cmd\\\":\\\"a\\\"},{\\\"cmd\\\":"
                             "\\\"é [redacted] "
                             "[redacted]\\\"}]}\",\"z\":1},{\"Message\":\"{\\\"alerts\\\":[{"
                             "\\\"n\\\":1}]}\"}]}");
        assert_int_equal(j->n_parts, 3);
        expect(j, 0, "[redacted] a [redacted] ?");
        expect(j, 1, "? é [redacted] [redacted] [redacted] ?");
        assert_bytes(j, 0, "{\\\"pin\\\":\\\"[redacted]\\\",\\\"cmd\\\":\\\"a\\\"}");
        assert_bytes(j, 2, "{\\\"n\\\":1}");
        /* what was taken out of a text beside its events is of all that share the message */
        assert_redacted(j, 0, "[\"/pin\",\"anywhere/key\",\"/Records/*/Message#AKIA[0-9]+\"]");
        assert_redacted(
                j, 1, "[\"anywhere/key\",\"/cmd#token=[^ ]+\",\"/Records/*/Message#AKIA[0-9]+\"]");
        assert_redacted(j, 2, "[\"anywhere/key\",\"/Records/*/Message#AKIA[0-9]+\"]");
        /* a text that is taken out holds no events any more */
        fixture_done(&f);
        load(&f, "{'id':'x','each':{'path':'/m','json':'/"
                 "*'},'source':'s','type':'t','redact':{'document':"
                 "'/m'}}");
        j = hear(&f, "{'m':'[1]'}");
        assert_int_equal(j->verdict, VERDICT_INVALID);
        assert_contains(j->problem.text, "nothing there");
        assert_text(j->body, "{\"m\":\"[redacted]\"}");
        fixture_done(&f);
        /* nothing in it: the bytes stay */
        load(&f, "{'id':'x','each':{'path':'/Records/*/Message','json':'/alerts/"
                 "*'},'source':'s','type':"
                 "'t','redact':'/pin'}");
        j = hear(&f, "{'Records':[{'Message':'{\\'alerts\\':[{\\'n\\':\\'\\u0041\\'}]}'}]}");
        assert_null(j->redacted.data);
        assert_text(
                j->body,
                "{\"Records\":[{\"Message\":\"{\\\"alerts\\\":[{\\\"n\\\":\\\"\\u0041\\\"}]}\"}]}");
        fixture_done(&f);
}

/* Several texts, one a line: a bare list that nobody wrote the brackets of. */
static void lists_of_lines(void **state)
{
        static const char *const ADAPTERS[] = {
                "{'id':'x','source':'s','type':'t','fields':{'a':{'path':'/n'}},'redact':'/pin'}",
                "{'id':'x','each':'/*','source':'s','type':'t','fields':{'a':{'path':'/n'}},"
                "'redact':'/pin'}",
        };
        const struct judgement *j;
        struct fixture f;

        (void) state;
        for (size_t i = 0; i < ARRAY_LEN(ADAPTERS); i++) {
                load(&f, ADAPTERS[i]);
                j = hear(&f, "{'n':1}\n{'n': 2,'pin':'3'}\r\n\n{'n':4}\n");
                assert_int_equal(j->n_parts, 3);
                expect(j, 0, "1 ? ? ?");
                expect(j, 1, "2 ? ? ?");
                expect(j, 2, "4 ? ? ?");
                assert_bytes(j, 0, "{\"n\":1}");
                assert_bytes(j, 1, "{\"n\": 2,\"pin\":\"[redacted]\"}");
                assert_bytes(j, 2, "{\"n\":4}");
                assert_redacted(j, 0, "");
                assert_redacted(j, 1, "[\"/pin\"]");
                j = hear(&f, "{'n':1}\n");
                assert_int_equal(j->n_parts, 1);
                assert_refused(&f, "{'n':1}\n{'n':", VERDICT_INVALID, "line 2");
                assert_refused(&f, "{'n':1} {'n':2}", VERDICT_INVALID, "more text");
                fixture_done(&f);
        }
        load(&f, "{'id':'x','each':['/l/*',{'path':'/m','json':'/l/*'}],'source':'s','type':'t',"
                 "'fields':{'a':{'path':'/n'},'b':{'above':'/h'},'c':{'document':'/h'}},'redact':"
                 "{'document':'/pin'}}");
        j = hear(&f, "{'h':'A','l':[{'n':1},{'n':2}]}\n"
                     "{'h':'B','pin':'1','m':'{\\'l\\':[{\\'n\\':3}]}'}\n"
                     "{'h':'C','l':[]}\n{'h':'D','l':{'n':4}}");
        assert_int_equal(j->n_parts, 4);
        expect(j, 0, "1 A A ?");
        expect(j, 1, "2 A A ?");
        expect(j, 2, "4 D D ?");
        expect(j, 3, "3 B B ?");
        assert_redacted(j, 0, "[\"/pin\"]");
        assert_text(j->redacted, "[\"/pin\"]");
        assert_non_null(strstr(j->body.data, "{\"h\":\"B\",\"pin\":\"[redacted]\""));
        assert_refused(&f, "{'l':[{'n':1}]}\n{'k':[]}", VERDICT_INVALID, "has nothing there");
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lists_in_texts),       cmocka_unit_test(bare_lists_in_texts),
                cmocka_unit_test(texts_that_hold_none), cmocka_unit_test(redaction_in_texts),
                cmocka_unit_test(lists_of_lines),
        };

        return cmocka_run_group_tests_name("core/opening", tests, NULL, NULL);
}
