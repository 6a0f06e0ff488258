/* rules.replay's parameters: which rules are tried. "files": [{"path","text"}, …] stand among the
 * rules of the configuration, or, with "only", alone; "text" and "path" are one file; without any
 * it is the rules in force. The rest of the parameters is the register's. */
#include <errno.h>
#include <string.h>

#include "daemon/app/caller.h"
#include "daemon/app/generation.h"
#include "daemon/app/replay.h"
#include "daemon/app/rules_method.h"
#include "proto/wire/code.h"

#define FILES_MAX 64U

struct tried {
        struct source_file files[FILES_MAX];
        char *owned[2 * FILES_MAX]; /* path and text of each */
        size_t n;
        bool only;
};

static void tried_done(struct tried *t)
{
        for (size_t i = 0; i < 2 * t->n; i++)
                free(t->owned[i]);
}

/* One file: an object with "text", and "path" for messages. 0; 1: it is none; -ENOMEM. */
static int add_file(struct tried *t, const struct json_tape *tape, uint32_t object)
{
        cleanup_(free_p) char *path = NULL, *text = NULL;
        uint32_t node;
        int r;

        if (json_member(tape, object, "text", &node) != 0)
                return 1;
        r = json_string_dup(tape, node, &text);
        if (r == 0 && json_member(tape, object, "path", &node) == 0)
                r = json_string_dup(tape, node, &path);
        if (r != 0)
                return r < 0 ? r : 1;
        if (!path)
                path = strdup("rules");
        if (!path)
                return -ENOMEM;
        t->files[t->n] = (struct source_file){.kind = SOURCE_RULES,
                                              .path = path,
                                              .text = text,
                                              .size = strlen(text),
                                              .tried = true};
        t->owned[2 * t->n] = TAKE_PTR(path);
        t->owned[2 * t->n + 1] = TAKE_PTR(text);
        t->n++;
        return 0;
}

static int add_files(struct tried *t, const struct json_tape *tape, uint32_t list)
{
        uint32_t node = json_first(tape, list);
        int r = tape->nodes[list].kind != JSON_ARRAY || tape->nodes[list].count > FILES_MAX;

        for (uint32_t i = 0; r == 0 && i < tape->nodes[list].count;
             i++, node = tape->nodes[node].next)
                r = add_file(t, tape, node);
        return r;
}

/* 0; 1: refused, and the arrival is ended; -ENOMEM. */
static int read_tried(struct tried *t, const struct json_tape *tape, struct arrival *a)
{
        uint32_t node;
        int r = 0;

        if (json_member(tape, 0, "only", &node) == 0)
                t->only = tape->nodes[node].kind == JSON_TRUE;
        if (json_member(tape, 0, "files", &node) == 0)
                r = add_files(t, tape, node);
        else if (json_member(tape, 0, "text", &node) == 0)
                r = add_file(t, tape, 0);
        if (r > 0)
                arrival_refuse(a, code_name(CODE_INVALID),
                               "\"files\" is a list of at most 64 {\"path\",\"text\"}");
        else if (r == 0 && t->only && t->n == 0)
                arrival_refuse(a, code_name(CODE_INVALID),
                               "\"only\" asks for the rules of files alone, and there is none");
        else
                return r;
        return 1;
}

static void reply_mistakes(struct arrival *a, const struct complaints *complaints)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "{\"ok\":false,\"errors\":");
        rules_add_mistakes(&b, complaints);
        buffer_add_char(&b, '}');
        if (buffer_status(&b) < 0)
                arrival_refuse(a, code_name(CODE_INTERNAL), "out of memory");
        else
                arrival_reply(a, WIRE_OK, b.data, b.size);
}

static int begin(struct manager *m, struct arrival *a, struct caller *who,
                 const struct principal *p)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(tried_done) struct tried tried = {0};
        int r;

        r = read_tried(&tried, &who->tape, a);
        if (r != 0)
                return MIN(r, 0);
        if (tried.n == 0)
                return replay_begin(m, a, who, m->generation->rules, p);
        r = generation_try_files(m->generation, tried.files, tried.n, tried.only, &rules,
                                 &complaints);
        if (r == 0)
                return replay_begin(m, a, who, rules, p);
        if (r > 0)
                reply_mistakes(a, &complaints);
        return MIN(r, 0);
}

int rules_replay(struct manager *m, const struct principal *principal, struct arrival *a)
{
        cleanup_(caller_done) struct caller who = {0};
        struct refusal refusal = {.code = CODE_INVALID};
        const struct acquaintance known = {.principals = m->generation->principals,
                                           .people = m->generation->people};
        int r;

        r = caller_read(&who, &known, principal, method_find("rules.replay", 12),
                        &a->request.params, &refusal);
        if (r == 0 && who.as_of) {
                problem_set(&refusal.problem, 0, "rules.replay goes over the past by itself");
                r = CALLER_E_REFUSED;
        }
        if (r > 0)
                arrival_refuse(a, code_name(refusal.code), refusal.problem.text);
        return r == 0 ? begin(m, a, &who, principal) : MIN(r, 0);
}
