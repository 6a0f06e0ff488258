/* What the adapter language can say about messages as tools send them: values of the parents,
 * several lists, wrappers, JSON in texts, wrong types, redaction in texts. JSON is written with '
 * for ". */
#include "language.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto/base/limits.h"

/* Three levels: a value of the nearest object around the element that has it. */
static void above(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','each':['/Controls/*/tests/*/results/*','/*/tests/*/results/*'],"
                 "'source':'s','type':'t','subject':{'above':'/node'},'fields':{"
                 "'a':{'path':'/n'},'b':{'above':'/section'},'c':{'above':'/node'},"
                 "'d':[{'above':'/name'},'none']}}");
        j = hear(&f, "[{'node':'m','tests':[{'section':1,'results':[{'n':'1.1'},{'n':'1.2'}]},"
                     "{'section':2,'name':'i','results':[{'n':'2.1'}]}]},"
                     "{'node':'w','name':null,'tests':[{'section':3,'results':[{'n':'3.1'}]}]}]");
        assert_int_equal(j->n_parts, 4);
        expect(j, 0, "1.1 1 m none");
        expect(j, 1, "1.2 1 m none");
        expect(j, 2, "2.1 2 m i");
        expect(j, 3, "3.1 3 w none");
        /* the same tool's other layout; what stands in the message itself is the farthest */
        j = hear(&f, "{'name':'run','Controls':[{'node':'m','tests':[{'results':[{'n':'1'}]}]}]}");
        assert_int_equal(j->n_parts, 1);
        expect(j, 0, "1 ? m run");
        /* the element's own member is not above it, nor is a neighbour's */
        j = hear(&f, "[{'tests':[{'node':'n','results':[{'n':1}]},{'results':[{'node':'x'}]}]}]");
        expect(j, 0, "1 ? n none");
        expect(j, 1, "? ? ? none");
        fixture_done(&f);
}

static void lists(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','each':['/r/*/v/*','/r/*/m/*','/r/*/v/*'],'optional':true,'source':'s',"
                 "'type':'t','fields':{'a':{'path':'/n'}}}");
        j = hear(&f, "{'r':[{'m':[{'n':1},{'n':2}],'v':[{'n':3}]},{'v':null},{'v':[{'n':4}]}]}");
        assert_int_equal(j->n_parts, 4); /* each once, in the order of the message */
        for (size_t i = 0; i < 4; i++) {
                char title[32];

                (void) snprintf(title, sizeof(title), "%zu ? ? ?", i + 1);
                expect(j, i, title);
        }
        assert_int_equal(hear(&f, "{'r':[]}")->n_parts, 0);
        assert_int_equal(hear(&f, "{'r':null}")->verdict, VERDICT_MAX);
        assert_int_equal(hear(&f, "{}")->verdict, VERDICT_MAX);
        assert_int_equal(hear(&f, "{}")->n_parts, 0);
        fixture_done(&f);
        load(&f, "{'id':'x','each':['/detail/findings/*','/Findings/*','/*'],'source':'s','type':"
                 "'t','fields':{'a':{'path':'/n'}}}");
        expect(hear(&f, "{'detail':{'findings':[{'n':1}]}}"), 0, "1 ? ? ?");
        expect(hear(&f, "{'Findings':[{'n':2}],'more':1}"), 0, "2 ? ? ?");
        assert_int_equal(hear(&f, "{'Findings':[{'n':2}],'more':1}")->n_parts, 1);
        expect(hear(&f, "[{'n':3}]"), 0, "3 ? ? ?");
        expect(hear(&f, "{'n':4}"), 0, "4 ? ? ?"); /* one, alone */
        assert_int_equal(hear(&f, "7")->verdict, VERDICT_INVALID);
        assert_contains(hear(&f, "7")->problem.text, "/detail/findings/* or /Findings/* or /*");
        fixture_done(&f);
}

/* A message that names neither host nor time comes in a CloudEvent that does. */
static void wrapped(void **state)
{
        static const char *const ADAPTER =
                "{'id':'x','each':'/l/*','source':[{'envelope':'/source'},'alone'],'type':'t',"
                "'subject':{'envelope':'/subject'},'time':{'envelope':'/time'},"
                "'delivery':[{'envelope':'/id'},'/n'],'redact':[{'envelope':'/token'},{'document':"
                "'/pin'}],'fields':{'a':{'path':'/n'},'b':{'document':'/top'},'c':{'above':'/top'},"
                "'d':{'above':'/specversion'}}}";
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, ADAPTER);
        j = hear(&f,
                 "{'specversion':'1.0','id':'i7','source':'/hosts/db01','subject':'/srv','type':"
                 "'x','time':'2026-11-22T01:46:00Z','token':'abc','data':{'top':5,'pin':1,'l':"
                 "[{'n':1}]}}");
        expect(j, 0, "1 5 5 ?");
        assert_text(j->parts[0].source, "/hosts/db01");
        assert_text(j->parts[0].subject, "/srv");
        assert_text(j->parts[0].id, "i7/1");
        assert_int_equal(j->parts[0].observed_us, INT64_C(1795311960000000));
        assert_text(j->redacted, "[\"/token\",\"/pin\"]");
        j = hear(&f, "{'top':5,'l':[{'n':1}],'source':'no'}");
        expect(j, 0, "1 5 5 ?");
        assert_text(j->parts[0].source, "alone");
        assert_int_equal(j->parts[0].observed_us, 0);
        /* no CloudEvent, though it has data */
        assert_int_equal(hear(&f, "{'data':{'l':[]}}")->verdict, VERDICT_INVALID);
        fixture_done(&f);
}

static void wrapped_in_rules(void **state)
{
        static const char *const RULES =
                "{'id':'r','title':'{/data/n} {/document/top} {/envelope/host} {/parent/top}',"
                "'effect':'fail','match':{'path':'/envelope/host','exists':true},'fingerprint':"
                "['/envelope/host']}";
        char *rules = quoted(RULES),
             *adapters = quoted("{'id':'x','each':'/l/*','source':'s','type':'t'}");
        struct fixture f;

        (void) state;
        fixture_load(&f, rules, adapters);
        f.from.adapter = (struct frame){"x", 1};
        expect(hear(&f, "{'specversion':'1.0','host':'h','data':{'top':5,'l':[{'n':1}]}}"), 0,
               "1 5 h 5");
        assert_int_equal(hear(&f, "{'top':5,'host':'h','l':[{'n':1}]}")->parts[0].verdict,
                         VERDICT_IGNORED);
        fixture_done(&f);
        free(rules);
        free(adapters);
}

static void json_in_texts(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','each':'/Records/*','source':'s','type':'t','fields':{"
                 "'a':{'path':'/Sns/Message','json':'/NewStateValue'},"
                 "'b':[{'path':'/Sns/Message','json':'/deep/0/n','as':'text'},'none'],"
                 "'c':[{'path':'/Sns/Message','json':'/name','capture':'-([0-9]+)$'},'none'],"
                 "'d':[{'document':'/invokingEvent','json':'/deep'},{'document':'/invokingEvent',"
                 "'json':'/type','map':[{'eq':'x','to':'mapped'}],'else':'other'},'none']}}");
        j = hear(&f, "{'Records':[{'Sns':{'Message':'{\\'NewStateValue\\':\\'ALARM\\',\\'deep\\':"
                     "[{\\'n\\':9007199254740993}],\\'name\\':\\'cpu-17\\'}'}},"
                     "{'Sns':{'Message':'plain text'}},{'Sns':{'Message':7}}],"
                     "'invokingEvent':'{\\'type\\':\\'x\\',\\'deep\\':[]}'}");
        expect(j, 0, "ALARM 9007199254740993 17 mapped");
        expect(j, 1, "? none none mapped");
        expect(j, 2, "? none none mapped");
        fixture_done(&f);
}

static void wild(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','source':'s','type':{'path':'/results/*/status','map':[{'eq':'failed',"
                 "'to':'failed'},{'eq':'passed','to':'passed'}],'else':'other'},'fields':{"
                 "'a':{'path':'/r/*/id'},'b':{'path':'/r/*/sev','nocase':true,'map':[{'in':"
                 "['critical','fatal'],'to':'3'},{'eq':'high','to':'2'},{'gte':5,'to':'5'}]},"
                 "'c':{'path':'/r/*/id','capture':'(b.*)'},'d':{'path':'/keys/*'}}}");
        j = hear(&f, "{'results':[{'status':'passed'},{'status':'failed'},{}],'r':[{'id':null},"
                     "{'id':'','sev':'HIGH'},{'id':'one','sev':9},{'id':'b\\u00e9'}],"
                     "'keys':{'z':'first','y':'second'}}");
        assert_text(j->parts[0].type, "failed");
        expect(j, 0, "one 2 b\xC3\xA9 first");
        j = hear(&f, "{'results':[{'status':'passed'},{'status':'skipped'}]}");
        assert_text(j->parts[0].type, "passed");
        j = hear(&f, "{'results':[{'status':'skipped'}],'r':[{'sev':'9'},{'sev':6}]}");
        assert_text(j->parts[0].type, "other");
        expect(j, 0, "? 5 ? ?");
        /* nothing there: no value, whatever "else" says */
        assert_int_equal(hear(&f, "{'results':[]}")->parts[0].verdict, VERDICT_INVALID);
        fixture_done(&f);
}

/* The same value in other types, from version to version. */
static void types(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','source':'s','type':'t','fields':{"
                 "'a':{'path':'/p','as':'number','map':[{'lte':2,'to':'bad'},{'lte':4,'to':"
                 "'middling'}],'else':'fine'},"
                 "'b':[{'path':'/m','as':'text'},{'path':'/m/0'},'none'],"
                 "'c':{'path':'/a.b@ c/x~1y'},"
                 "'d':[{'path':'/p','capture':'^P([1-5])$','as':'number'},{'path':'/p','as':"
                 "'number'}]}}");
        j = hear(&f, "{'p':'3','m':[109,195,188,255,0],'a.b@ c':{'x/y':18446744073709551617}}");
        expect(j, 0, "middling m\xC3\xBC?? 18446744073709551617 3");
        expect(hear(&f, "{'p':2,'m':['one','two']}"), 0, "bad one ? 2");
        expect(hear(&f, "{'p':'P4','m':null}"), 0, "? none ? 4");
        expect(hear(&f, "{'p':'7','m':12.50}"), 0, "fine 12.50 ? 7");
        expect(hear(&f, "{'p':{},'m':{}}"), 0, "? none ? ?");
        expect(hear(&f, "{'p':[1],'m':[1,256]}"), 0, "? 1 ? ?");
        fixture_done(&f);
}

/* A time that is none is passed over, for one that is. */
static void times(void **state)
{
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','source':'s','type':'t','time':[{'path':'/a'},{'path':'/b'}],"
                 "'first_seen':{'path':'/a'}}");
        assert_int_equal(
                hear(&f, "{'a':'0001-01-01T00:00:00Z','b':1795311960.25}")->parts[0].observed_us,
                INT64_C(1795311960250000));
        assert_int_equal(
                hear(&f, "{'a':'soon','b':'Sun, 22 Nov 2026 01:46:00 GMT'}")->parts[0].observed_us,
                INT64_C(1795311960000000));
        assert_int_equal(hear(&f, "{'a':'2026-11-22'}")->parts[0].observed_us, 0);
        assert_int_equal(hear(&f, "{'a':'2026-11-22'}")->parts[0].first_seen_us,
                         INT64_C(1795305600000000));
        assert_int_equal(hear(&f, "{}")->parts[0].observed_us, 0);
        fixture_done(&f);
}

static void redaction(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','each':'/l/*','source':'s','type':'t','fields':{'a':{'path':'/cmd'}},"
                 "'redact':[{'anywhere':'PassWord'},{'path':'/cmd','re':'--(token|key)=[^ ]+'},"
                 "{'path':'/cmd','re':'AKIA[0-9A-Z]{4}'},{'anywhere':'url','re':'x*'},"
                 "{'document':'/none','re':'a'}]}");
        j = hear(&f, "{'l':[{'cmd':'run --token=a\\u00e9b --key=c \\'AKIA1234\\' end','deep':"
                     "[{'password':{'a':1}}]},{'cmd':'plain','p\\u0061ssword':7,'url':'nothing'}],"
                     "'cmd':'--token=kept'}");
        assert_text(
                j->body,
                "{\"l\":[{\"cmd\":\"run [redacted] [redacted] \\\"[redacted]\\\" end\",\"deep\":"
                "[{\"password\":{}}]},{\"cmd\":\"plain\",\"p\\u0061ssword\":0,"
                "\"url\":\"nothing\"}],\"cmd\":\"--token=kept\"}");
        assert_text(j->redacted, "[\"anywhere/PassWord\",\"/cmd#--(token|key)=[^ ]+\","
                                 "\"/cmd#AKIA[0-9A-Z]{4}\"]");
        expect(j, 0, "run [redacted] [redacted] \"[redacted]\" end ? ? ?");
        fixture_done(&f);
}

/* Each event is told what was taken out of it, and out of what all share. */
static void redaction_of_parts(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f,
             "{'id':'x','each':['/l/*','/l/*/m/*'],'source':'s','type':'t','redact':[{'anywhere':"
             "'pin'},{'path':'/key','re':'secret'},{'document':'/token'}]}");
        j = hear(&f, "{'token':1,'l':[{'pin':1},{},{'key':'a secret'},{'pin':2,'key':'no'}]}");
        assert_text(j->redacted, "[\"anywhere/pin\",\"/key#secret\",\"/token\"]");
        assert_int_equal(j->n_parts, 4);
        assert_redacted(j, 0, "[\"anywhere/pin\",\"/token\"]");
        assert_redacted(j, 1, "[\"/token\"]");
        assert_redacted(j, 2, "[\"/key#secret\",\"/token\"]");
        assert_redacted(j, 3, "[\"anywhere/pin\",\"/token\"]");
        /* nothing is shared; what stands in an element of another list is of both */
        j = hear(&f, "{'l':[{},{'m':[{'pin':1},{'key':'secret'},7]},{'key':'x'}],'other':{'n':0}}");
        assert_int_equal(j->n_parts, 6);
        assert_redacted(j, 0, "");
        assert_redacted(j, 1, "[\"anywhere/pin\",\"/key#secret\"]");
        assert_redacted(j, 2, "[\"anywhere/pin\"]");
        assert_redacted(j, 3, "[\"/key#secret\"]");
        assert_redacted(j, 4, "");
        assert_redacted(j, 5, "");
        /* behind the last event, and between them */
        j = hear(&f, "{'l':[{}],'z':{'pin':1}}");
        assert_redacted(j, 0, "[\"anywhere/pin\"]");
        fixture_done(&f);
        /* the list itself is taken out: its events are gone, and nothing is left to tell */
        load(&f,
             "{'id':'x','each':['/l/*','/m/*'],'source':'s','type':'t','redact':[{'document':'/l'},"
             "{'anywhere':'pin'}]}");
        j = hear(&f, "{'l':[1,2],'m':[{'pin':1},{}]}");
        assert_int_equal(j->n_parts, 2);
        assert_redacted(j, 0, "[\"/l\",\"anywhere/pin\"]");
        assert_redacted(j, 1, "[\"/l\",\"anywhere/pin\"]");
        /* a message that is one event: all of it is */
        fixture_done(&f);
        load(&f, "{'id':'x','source':'s','type':'t','redact':['/pin',{'envelope':'/auth'}]}");
        j = hear(&f, "{'specversion':'1.0','auth':'b','data':{'pin':1}}");
        assert_redacted(j, 0, "[\"/pin\",\"/auth\"]");
        fixture_done(&f);
}

/* What an expression takes out, or captures, are whole characters; an empty find stops between two.
 */
static void whole_characters(void **state)
{
        const struct judgement *j;
        struct fixture f;

        (void) state;
        load(&f, "{'id':'x','source':'s','type':'t','fields':{'a':{'path':'/a'},'b':{'path':'/"
                 "b','capture':"
                 "'^.(.)'}},'redact':[{'path':'/a','re':'x.|q*'}]}");
        j = hear(&f, "{'a':'\xc3\xa4x\xc3\xb6\xe6\x97\xa5x\xf0\x9f\x94\x92!','b':'"
                     "\xe6\x97\xa5\xe6\x9c\xac'}");
        expect(j, 0, "\xc3\xa4[redacted]\xe6\x97\xa5[redacted]! \xe6\x9c\xac ? ?");
        fixture_done(&f);
}

/* A text too long for expressions is taken out whole: nothing of it can slip through. */
static void redaction_of_long_texts(void **state)
{
        char event[LIMIT_PATTERN_TEXT + 200], filler[LIMIT_PATTERN_TEXT + 1];
        const struct judgement *j;
        struct fixture f;

        (void) state;
        memset(filler, 'x', sizeof(filler) - 1);
        filler[sizeof(filler) - 1] = '\0';
        load(&f, "{'id':'x','source':'s','type':'t','redact':{'path':'/t','re':'pin=([0-9]+)'}}");
        (void) snprintf(event, sizeof(event), "{'t':'%s pin=1234'}", filler);
        j = hear(&f, event);
        assert_text(j->body, "{\"t\":\"[redacted]\"}");
        (void) snprintf(event, sizeof(event), "{'t':'%s pin=12 pin=3'}", filler + 20);
        j = hear(&f, event);
        assert_null(memmem(j->body.data, j->body.size, "pin=1", 5));
        assert_non_null(memmem(j->body.data, j->body.size, " [redacted] [redacted]\"}", 24));
        fixture_done(&f);
}

/* What all parts share is found, decoded and parsed once: 5,000 parts under one long text. */
static void shared_above(void **state)
{
        const size_t most = LIMIT_EVENT_BYTES;
        char *event = malloc(most + 1);
        struct timespec begin, end;
        struct fixture f;
        size_t n;

        (void) state;
        assert_non_null(event);
        load(&f,
             "{'id':'x','each':'/l/*/m/*','source':'s','type':'t','subject':{'above':'/name'},"
             "'fields':{'a':{'document':'/name','json':'/x'},'b':[{'above':'/name','json':'/y'},"
             "'z'],'c':{'above':'/other'},'d':{'above':'/last'}}}");
        n = (size_t) sprintf(event, "{\"name\":\"{\\\"x\\\":\\\"");
        for (; n < 200000; n += 6)
                (void) sprintf(event + n, "\\u0061");
        n += (size_t) sprintf(event + n, "\\\"}\",\"other\":\"");
        for (; n < 2000000; n += 6)
                (void) sprintf(event + n, "\\u0061");
        n += (size_t) sprintf(event + n, "\"");
        for (unsigned i = 0; n < 3900000; i++)
                n += (size_t) sprintf(event + n, ",\"%u\":0", i);
        n += (size_t) sprintf(event + n, ",\"last\":1,\"l\":[");
        for (unsigned i = 0; i < LIMIT_FAN_OUT; i++)
                n += (size_t) sprintf(event + n, "%s{\"m\":[1]}", i > 0 ? "," : "");
        n += (size_t) sprintf(event + n, "]}");
        assert_true(n < most);
        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        assert_int_equal(judge_bytes(&f, event, n)->n_parts, LIMIT_FAN_OUT);
        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        print_message("%ld ms\n",
                      (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000);
        assert_true(end.tv_sec - begin.tv_sec < 20);
        free(event);
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(above),
                cmocka_unit_test(lists),
                cmocka_unit_test(wrapped),
                cmocka_unit_test(wrapped_in_rules),
                cmocka_unit_test(json_in_texts),
                cmocka_unit_test(wild),
                cmocka_unit_test(types),
                cmocka_unit_test(times),
                cmocka_unit_test(redaction),
                cmocka_unit_test(redaction_of_long_texts),
                cmocka_unit_test(redaction_of_parts),
                cmocka_unit_test(whole_characters),
                cmocka_unit_test(shared_above),
        };

        return cmocka_run_group_tests_name("core/language", tests, NULL, NULL);
}
