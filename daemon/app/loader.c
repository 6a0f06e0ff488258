/* Two statements after each other on the calls connection; a failure leaves things as they are and
 * is told; the next connect or reload tries again. */
#include "daemon/app/loader.h"

static void load_policy(struct loader *l);

void loader_done(struct loader *l)
{
        l->generation = generation_unref(l->generation);
}

static void failed(struct loader *l, const char *what, const char *message)
{
        l->loading = false;
        l->on_failed(what, message, l->userdata);
}

static bool send(struct loader *l, const char *kind, const char *hash, const char *body,
                 answer_fn fn)
{
        const struct parameter parameters[] = {PARAMETER_TEXT(kind), PARAMETER_TEXT(hash),
                                               PARAMETER_TEXT(body), PARAMETER_TEXT(l->actor)};

        if (connection_send(l->connection, "load", parameters, ARRAY_LEN(parameters), fn, l) == 0)
                return true;
        l->loading = false; /* the connection will be back, and so will we */
        return false;
}

static void on_rules(const struct answer *a, void *userdata)
{
        struct loader *l = userdata;

        l->loading = false;
        if (l->again) {
                load_policy(l);
                return;
        }
        if (a->kind == ANSWER_AWAY)
                return;
        if (a->kind != ANSWER_ROWS) {
                failed(l, "rules", a->message);
                return;
        }
        l->on_loaded(l->userdata);
}

static void on_policy(const struct answer *a, void *userdata)
{
        struct loader *l = userdata;

        if (a->kind == ANSWER_AWAY)
                l->loading = false;
        else if (a->kind != ANSWER_ROWS)
                failed(l, "policy", a->message);
        else
                (void) send(l, "rules", l->generation->rules_hash, l->generation->rules_body.data,
                            on_rules);
}

static void load_policy(struct loader *l)
{
        l->again = false;
        l->loading = send(l, "policy", l->generation->policy_hash, l->generation->policy->body.data,
                          on_policy);
}

void loader_start(struct loader *l, struct generation *g)
{
        struct generation *old = l->generation;

        l->generation = generation_ref(g);
        generation_unref(old);
        if (l->loading)
                l->again = true;
        else
                load_policy(l);
}
