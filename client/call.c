/* libcapa: CALL and PING on the control endpoint. */
#include <errno.h>
#include <string.h>

#include "client/handle.h"
#include "proto/base/limits.h"

static int check_call(struct capa *c, const char *method, const char *params,
                      const struct capa_bytes *attachments, size_t n_attachments)
{
        if (strlen(method) == 0 || strlen(method) > LIMIT_METHOD_NAME)
                problem_set(&c->problem, 0, "the method name must have 1 to %u bytes",
                            LIMIT_METHOD_NAME);
        else if (strlen(params) > LIMIT_CALL_PARAMS)
                problem_set(&c->problem, 0,
                            "the parameters have %zu bytes, at most %lu are taken: put long "
                            "texts into files and attach them",
                            strlen(params), LIMIT_CALL_PARAMS);
        else if (n_attachments > LIMIT_ATTACHMENTS)
                problem_set(&c->problem, 0,
                            "%zu attachments, at most %u are taken: send the others with "
                            "another call",
                            n_attachments, LIMIT_ATTACHMENTS);
        else {
                for (size_t i = 0; i < n_attachments; i++)
                        if (attachments[i].size > LIMIT_ATTACHMENT_BYTES) {
                                problem_set(&c->problem, 0,
                                            "attachment %zu has %zu bytes, at most %lu are "
                                            "taken: keep it elsewhere and add its address",
                                            i + 1, attachments[i].size, LIMIT_ATTACHMENT_BYTES);
                                return CAPA_E_LIMIT;
                        }
                return 0;
        }
        return CAPA_E_LIMIT;
}

static int take_answer(struct capa *c, struct answer *a, enum wire_status good, char **ret_answer,
                       size_t *ret_size)
{
        if (a->status != good && a->status != WIRE_ERR) {
                problem_set(&c->problem, 0, "unexpected answer %s", wire_status_name(a->status));
                return CAPA_E_PROTOCOL;
        }
        *ret_answer = TAKE_PTR(a->body);
        if (ret_size)
                *ret_size = a->size;
        return a->status == good ? 0 : CAPA_E_REFUSED;
}

int capa_call(struct capa *c, const char *method, const char *params,
              const struct capa_bytes *attachments, size_t n_attachments, char **ret_answer,
              size_t *ret_size)
{
        cleanup_(answer_done) struct answer answer = {0};
        struct frame frames[3 + LIMIT_ATTACHMENTS];
        char id[REQUEST_ID_TEXT];
        int r;

        if (!params)
                params = "{}";
        c->problem.text[0] = '\0';
        r = check_call(c, method, params, attachments, n_attachments);
        if (r != 0)
                return r;
        request_id_make(id);
        frames[0] = (struct frame){id, strlen(id)};
        frames[1] = (struct frame){method, strlen(method)};
        frames[2] = (struct frame){params, strlen(params)};
        for (size_t i = 0; i < n_attachments; i++)
                frames[3 + i] = (struct frame){attachments[i].data, attachments[i].size};
        r = handle_exchange(c, CHANNEL_CONTROL, WIRE_CALL, frames, 3 + n_attachments,
                            monotonic_us() + (int64_t) c->timeout_ms * 1000, &answer);
        if (r != 0)
                return r;
        return take_answer(c, &answer, WIRE_OK, ret_answer, ret_size);
}

int capa_ping(struct capa *c, char **ret_answer)
{
        cleanup_(answer_done) struct answer answer = {0};
        char id[REQUEST_ID_TEXT];
        struct frame frame;
        int r;

        c->problem.text[0] = '\0';
        request_id_make(id);
        frame = (struct frame){id, strlen(id)};
        r = handle_exchange(c, CHANNEL_CONTROL, WIRE_PING, &frame, 1,
                            monotonic_us() + (int64_t) c->timeout_ms * 1000, &answer);
        if (r != 0)
                return r;
        return take_answer(c, &answer, WIRE_PONG, ret_answer, NULL);
}
