/* rules.replay's parameters: which rules are tried (tried.h). They stand among the rules of the
 * configuration, or, with "only", alone; without any it is the rules in force. The rest of the
 * parameters is the register's. */
#include <errno.h>
#include <string.h>

#include "daemon/app/caller.h"
#include "daemon/app/generation.h"
#include "daemon/app/replay.h"
#include "daemon/app/rules_method.h"
#include "daemon/app/tried.h"
#include "proto/wire/code.h"

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

        r = tried_read(&tried, &who->tape, a);
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
