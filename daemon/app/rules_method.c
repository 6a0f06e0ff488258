/* Files come as text in the parameters ({"path","text"}); without them the running configuration is
 * meant. A file is checked together with the other files of the configuration, in the place of the
 * one of its name: "replaces" in the answer. Several ("files") are judged together. */
#include <errno.h>
#include <string.h>

#include "daemon/app/explain_lines.h"
#include "daemon/app/generation.h"
#include "daemon/app/rules_method.h"
#include "daemon/app/tried.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"

struct params {
        struct json_tape tape;
        struct buffer text, path, adapter, event;
        bool has_text;
};

static void params_done(struct params *p)
{
        json_tape_done(&p->tape);
        buffer_done(&p->text);
        buffer_done(&p->path);
        buffer_done(&p->adapter);
        buffer_done(&p->event);
}

static bool take_string(struct params *p, const char *name, struct buffer *into)
{
        uint32_t node;

        if (json_member(&p->tape, 0, name, &node) != 0 || p->tape.nodes[node].kind != JSON_STRING)
                return false;
        json_string_decode(&p->tape, node, into);
        return true;
}

/* 0; 1: refused, and the arrival is ended. */
static int params_read(struct params *p, struct arrival *a, const char *text_name)
{
        struct frame f = a->request.params.size > 0 ? a->request.params : (struct frame){"{}", 2};
        struct problem problem = {0};

        if (json_tape_parse(&p->tape, f.data, f.size, &problem) != 0 ||
            p->tape.nodes[0].kind != JSON_OBJECT) {
                arrival_refuse(a, code_name(CODE_INVALID),
                               problem.text[0] ? problem.text
                                               : "the parameters must be one JSON object");
                return 1;
        }
        p->has_text = take_string(p, text_name, &p->text);
        if (!take_string(p, "path", &p->path))
                buffer_add_str(&p->path, "rules");
        (void) take_string(p, "adapter", &p->adapter);
        return 0;
}

static void reply(struct arrival *a, struct buffer *b)
{
        if (buffer_status(b) < 0 || !b->data)
                arrival_refuse(a, code_name(CODE_INTERNAL), "out of memory");
        else
                arrival_reply(a, WIRE_OK, b->data, b->size);
}

int rules_list(struct manager *m, const struct principal *p unused_, struct arrival *a)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_printf(&b, "{\"hash\":\"%s\",", m->generation->rules_hash);
        buffer_add(&b, m->generation->rules_body.data + 1, m->generation->rules_body.size - 1);
        reply(a, &b);
        return 0;
}

void rules_add_mistakes(struct buffer *b, const struct complaints *c)
{
        const char *at = c->text.data, *end = at ? at + c->text.size : at;

        buffer_add_char(b, '[');
        while (at && at < end) {
                const char *line = memchr(at, '\n', (size_t) (end - at));
                size_t size = line ? (size_t) (line - at) : (size_t) (end - at);

                if (at != c->text.data)
                        buffer_add_char(b, ',');
                buffer_add_json_string(b, at, size);
                at += size + 1;
        }
        buffer_add_char(b, ']');
}

/* The rules that are meant: those with the file, or what the configuration names now. */
static int load(struct manager *m, const struct params *p, enum source_kind kind,
                struct ruleset **ret, char **ret_replaced, struct complaints *reterr)
{
        struct source_file file = {.kind = kind,
                                   .path = p->path.data,
                                   .text = p->text.data ? p->text.data : "",
                                   .size = p->text.size};
        cleanup_(generation_unref_p) struct generation *g = NULL;
        int r;

        if (p->has_text)
                return generation_try(m->generation, &file, ret, ret_replaced, reterr);
        r = generation_load(m->config_path, &g, reterr);
        if (r == 0)
                *ret = ruleset_ref(g->rules);
        return r;
}

static int check(struct manager *m, struct arrival *a, bool test)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(tried_done) struct tried tried = {0};
        cleanup_(free_p) char *replaced = NULL;
        unsigned n = 0;
        uint32_t node;
        int r;

        if (params_read(&p, a, "text") != 0)
                return 0;
        if (json_member(&p.tape, 0, "files", &node) == 0) {
                r = tried_read(&tried, &p.tape, a);
                if (r != 0)
                        return MIN(r, 0);
                r = generation_try_files(m->generation, tried.files, tried.n, false, &rules,
                                         &complaints);
        } else
                r = load(m, &p, tried_kind(p.text.data ? p.text.data : "", p.text.size), &rules,
                         &replaced, &complaints);
        if (r == 0 && test)
                r = ruleset_test(rules, &n, &complaints);
        if (r < 0)
                return r;
        buffer_printf(&b, "{\"ok\":%s,", r == 0 ? "true" : "false");
        if (replaced) {
                buffer_add_str(&b, "\"replaces\":");
                buffer_add_json_cstr(&b, replaced);
                buffer_add_char(&b, ',');
        }
        if (test)
                buffer_printf(&b, "\"tests\":%u,\"failures\":", n);
        else
                buffer_printf(&b, "\"rules\":%u,\"errors\":", rules ? ruleset_count(rules) : 0);
        rules_add_mistakes(&b, &complaints);
        buffer_add_char(&b, '}');
        reply(a, &b);
        return 0;
}

int rules_check(struct manager *m, const struct principal *p unused_, struct arrival *a)
{
        return check(m, a, false);
}

int rules_test(struct manager *m, const struct principal *p unused_, struct arrival *a)
{
        return check(m, a, true);
}

int rules_explain(struct manager *m, const struct principal *principal, struct arrival *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL, explained = BUFFER_NULL;
        cleanup_(judge_free_p) struct judge *judge = NULL;
        struct delivery from = {.peer = principal->name, .request_id = a->request.id};
        struct frame event;
        int r;

        if (params_read(&p, a, "event") != 0)
                return 0;
        if (!p.has_text) {
                arrival_refuse(a, code_name(CODE_INVALID),
                               "rules.explain needs \"event\": the event's text");
                return 0;
        }
        from.adapter = (struct frame){.data = p.adapter.data, .size = p.adapter.size};
        event = (struct frame){.data = p.text.data ? p.text.data : "", .size = p.text.size};
        r = judge_new(&judge);
        if (r == 0)
                r = judge_explain(judge, m->generation->rules, &from, &event, &explained);
        if (r < 0)
                return r;
        buffer_add_str(&b, "{\"lines\":");
        explain_lines(explained.data, explained.size, &b);
        buffer_add_char(&b, ',');
        buffer_add(&b, explained.data + 1, explained.size - 1);
        reply(a, &b);
        return 0;
}

int adapters_list(struct manager *m, const struct principal *p unused_, struct arrival *a)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        int r;

        buffer_printf(&b, "{\"hash\":\"%s\",\"adapters\":", m->generation->rules_hash);
        r = ruleset_describe_adapters(m->generation->rules, &b);
        if (r < 0)
                return r;
        buffer_add_char(&b, '}');
        reply(a, &b);
        return 0;
}

/* 0; 1: refused, and the arrival is ended. */
static int adapters_params(struct params *p, struct arrival *a)
{
        if (params_read(p, a, "text") != 0)
                return 1;
        (void) take_string(p, "event", &p->event);
        if (p->has_text || p->adapter.size > 0)
                return 0;
        arrival_refuse(
                a, code_name(CODE_INVALID),
                "adapters.test needs \"text\" and \"path\" of a file, or \"adapter\": the id "
                "of one that is loaded; adapters.list names them");
        return 1;
}

/* The adapter that an event is to be shown with, or NULL with the reason in reterr. */
static const char *adapter_meant(const struct params *p, const struct ruleset *rules,
                                 struct complaints *reterr)
{
        const char *id = p->adapter.data;
        struct problem problem;

        if (id && ruleset_has_adapter(rules, id))
                return id;
        if (!id && p->has_text)
                id = ruleset_adapter_in(rules, p->path.data);
        else
                id = NULL;
        if (id)
                return id;
        if (p->adapter.data)
                problem_set(&problem, 0, "there is no adapter \"%s\"; adapters list names them",
                            p->adapter.data);
        else
                problem_set(&problem, 0,
                            "the file holds several adapters; name the one that takes "
                            "the event");
        complain(reterr, p->has_text ? p->path.data : "adapters.test", "", 0, &problem);
        return NULL;
}

/* What the event becomes, as a member of the answer. */
static int add_shown(const struct params *p, const struct principal *principal,
                     const struct ruleset *rules, const char *adapter, struct buffer *b)
{
        cleanup_(judge_free_p) struct judge *judge = NULL;
        struct delivery from = {.peer = principal->name,
                                .adapter = {adapter, strlen(adapter)},
                                .request_id = {"adapters-test-1-", 16}};
        struct frame event = {p->event.data ? p->event.data : "", p->event.size};
        int r;

        r = judge_new(&judge);
        if (r < 0)
                return r;
        buffer_add_str(b, "\"adapter\":");
        buffer_add_json_cstr(b, adapter);
        buffer_add_str(b, ",\"shown\":");
        r = judge_show(judge, rules, &from, &event, b);
        buffer_add_char(b, ',');
        return r;
}

/* The tests of a file are its own; those of a loaded adapter stand with its rules, too. */
int adapters_test(struct manager *m, const struct principal *principal, struct arrival *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL, shown = BUFFER_NULL;
        cleanup_(free_p) char *replaced = NULL;
        struct trial_choice choice = {0};
        const char *adapter = NULL;
        unsigned n = 0;
        int r;

        if (adapters_params(&p, a) != 0)
                return 0;
        r = load(m, &p, SOURCE_ADAPTERS, &rules, &replaced, &complaints);
        if (r == 0 && (p.event.size > 0 || p.adapter.size > 0)) {
                adapter = adapter_meant(&p, rules, &complaints);
                r = adapter ? 0 : RULESET_E_INVALID;
        }
        if (r == 0 && p.event.size > 0)
                r = add_shown(&p, principal, rules, adapter, &shown);
        choice = p.has_text ? (struct trial_choice){.file = p.path.data}
                            : (struct trial_choice){.adapter = adapter};
        if (r == 0)
                r = ruleset_test_some(rules, &choice, &n, &complaints);
        if (r < 0)
                return r;
        buffer_printf(&b, "{\"ok\":%s,", r == 0 ? "true" : "false");
        if (replaced) {
                buffer_add_str(&b, "\"replaces\":");
                buffer_add_json_cstr(&b, replaced);
                buffer_add_char(&b, ',');
        }
        buffer_add(&b, shown.data ? shown.data : "", shown.size);
        buffer_printf(&b, "\"tests\":%u,\"failures\":", n);
        rules_add_mistakes(&b, &complaints);
        buffer_add_char(&b, '}');
        reply(a, &b);
        return 0;
}
