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

static int call_one(struct session *s, struct params *p, const char *reference, bool alone)
{
        const struct arguments *a = s->arguments;
        cleanup_(free_p) char *answer = NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        size_t mark = params_mark(p), size = 0;
        int r;

        if (reference)
                params_add_string(p, a->command->arguments[0].member, reference);
        r = session_call(s, a->command->method, p, &answer, &size);
        params_reset(p, mark);
        if (r != 0)
                return r;
        if (a->json) {
                session_json(s, answer, size);
                return 0;
        }
        r = document_parse(answer, size, &d, NULL);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_INTERNAL, "the answer is no JSON");
        output_result(s, d, alone);
        return 0;
}

int command_record(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        struct problem problem = {0};
        int status = 0, r;

        r = params_begin(&p, a, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        if (a->n_references == 0)
                return call_one(s, &p, NULL, true);
        if (a->n_references == 1)
                return call_one(s, &p, a->references[0], true);
        if (a->json)
                session_json_begin(s);
        for (size_t i = 0; i < a->n_references; i++) {
                s->about = a->references[i];
                r = call_one(s, &p, a->references[i], false);
                if (r < 0)
                        return r;
                if (r != 0)
                        status = r == EXIT_NO_ANSWER || r == EXIT_INTERNAL ? r : EXIT_REFUSED;
                if (status == EXIT_NO_ANSWER)
                        break;
        }
        if (a->json)
                session_json_end(s);
        return status;
}
