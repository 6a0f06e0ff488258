/* One statement on the calls connection; a failure leaves things as they are and is told; the next
 * connect or reload tries again. */
#include "daemon/app/loader.h"

static void load(struct loader *l);

void loader_done(struct loader *l)
{
        l->generation = generation_unref(l->generation);
}

/* The register's sentence, and what to do next where it says so. */
static void tell_failed(struct loader *l, const struct answer *a)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;

        buffer_add_str(&text, a->message);
        if (a->hint && a->hint[0])
                buffer_printf(&text, " Next: %s", a->hint);
        l->on_failed(buffer_status(&text) == 0 ? text.data : a->message, l->userdata);
}

static void on_answer(const struct answer *a, void *userdata)
{
        struct loader *l = userdata;

        l->loading = false;
        if (l->again)
                load(l);
        else if (a->kind == ANSWER_ROWS)
                l->on_loaded(l->userdata);
        else if (a->kind != ANSWER_AWAY)
                tell_failed(l, a);
}

static void add(struct buffer *b, const char *kind, const char *hash, const struct buffer *body)
{
        buffer_printf(b, "%s{\"kind\":\"%s\",\"sha256\":\"%s\",\"body\":", b->size > 1 ? "," : "",
                      kind, hash);
        buffer_add(b, body->data, body->size);
        buffer_add_char(b, '}');
}

static void load(struct loader *l)
{
        cleanup_(buffer_done) struct buffer set = BUFFER_NULL;
        const struct generation *g = l->generation;

        buffer_add_char(&set, '[');
        add(&set, "policy", g->policy_hash, &g->policy->body);
        add(&set, "settings", g->settings_hash, &g->policy->settings.body);
        add(&set, "people", g->people_hash, &g->people->body);
        add(&set, "rules", g->rules_hash, &g->rules_body);
        buffer_add_char(&set, ']');
        l->again = false;
        if (buffer_status(&set) < 0) {
                l->loading = false;
                l->on_failed("out of memory", l->userdata);
                return;
        }
        const struct parameter parameters[] = {PARAMETER_TEXT(set.data), PARAMETER_TEXT(l->actor)};

        /* Where it cannot be sent the connection will be back, and so will we. */
        l->loading = connection_send(l->connection, "load_set", parameters, ARRAY_LEN(parameters),
                                     on_answer, l) == 0;
}

void loader_start(struct loader *l, struct generation *g)
{
        struct generation *old = l->generation;

        l->generation = generation_ref(g);
        generation_unref(old);
        if (l->loading)
                l->again = true;
        else
                load(l);
}
