/* capactl reject: one each, or, with --batch or --rule, all of them as one batch that one other
 * person approves. */
#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"

static int reject_batch(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer list = BUFFER_NULL;
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, a, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        for (size_t i = 0; i < a->n_references; i++)
                buffer_printf(&list, "%s\"%s\"", i == 0 ? "[" : ",", a->references[i]);
        if (a->n_references > 0) {
                buffer_add_char(&list, ']');
                r = buffer_status(&list);
                if (r < 0)
                        return r;
                params_add_raw(&p, "nc", list.data);
        }
        r = session_reply(s, a->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (a->json)
                session_json(s, reply.text, reply.size);
        else
                output_result(s, reply.document, true);
        return 0;
}

int command_reject(struct session *s, const struct arguments *a)
{
        if (arguments_has(a, "batch") || arguments_has(a, "rule"))
                return reject_batch(s, a);
        return command_record(s, a);
}
