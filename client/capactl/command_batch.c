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
        cleanup_(free_p) char *answer = NULL;
        cleanup_(buffer_done) struct buffer list = BUFFER_NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        struct problem problem = {0};
        size_t size = 0;
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
        r = session_call(s, a->command->method, &p, &answer, &size);
        if (r != 0)
                return r;
        if (a->json) {
                session_json(s, answer, size);
                return 0;
        }
        r = document_parse(answer, size, &d, NULL);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_INTERNAL, "the answer is no JSON");
        output_result(s, d, true);
        return 0;
}

int command_reject(struct session *s, const struct arguments *a)
{
        if (arguments_has(a, "batch") || arguments_has(a, "rule"))
                return reject_batch(s, a);
        return command_record(s, a);
}
