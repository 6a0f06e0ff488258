/* Every command that records a fact: its row in the table says the method, the parameters and the
 * reference that may be several; this is all the code they have. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"

static int call_one(struct session *s, const char *reference)
{
        const struct arguments *a = s->arguments;
        cleanup_(reply_done) struct reply reply = {0};
        size_t mark = params_mark(s->params);
        int r;

        if (reference)
                params_add_string(s->params, a->command->arguments[0].member, reference);
        r = session_reply(s, a->command->method, s->params, &reply);
        params_reset(s->params, mark);
        if (r != 0)
                return r;
        if (a->json)
                session_json(s, reply.text, reply.size);
        else
                output_result(s, reply.document, !s->about);
        return 0;
}

int command_record(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, a, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        s->params = &p;
        r = a->n_references == 0 ? call_one(s, NULL) : session_each(s, call_one);
        s->params = NULL;
        return r;
}
