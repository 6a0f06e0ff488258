/* Whose a message is: its recipients, and the owners of what it is about. */
#include "client/capactl/mine.h"

#include <string.h>
#include <strings.h>

#include "client/capactl/params.h"
#include "proto/json/document.h"

int mine_load(struct session *s, struct mine *ret)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        int r;

        buffer_add_char(&p.json, '{');
        if (s->arguments->actor)
                params_add_string(&p, "actor", s->arguments->actor);
        r = session_reply(s, "page", &p, &reply);
        if (r != 0)
                return r;
        ret->page = TAKE_PTR(reply.document);
        ret->names = document_get(ret->page, "names");
        return 0;
}

void mine_done(struct mine *m)
{
        document_free(m->page);
        *m = (struct mine){0};
}

static bool is_mine(const struct mine *m, const char *name)
{
        for (const struct cJSON *d = document_at(m->names, 0); name && d; d = document_next(d))
                if (strcasecmp(document_text(d) ? document_text(d) : "", name) == 0)
                        return true;
        return false;
}

bool mine_is(const struct mine *m, const char *event, size_t size)
{
        static const char *const owned[] = {"nc", "summary", "action", "follow_up"};
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const struct cJSON *data, *to;

        if (document_parse(event, size, &d, NULL) != 0)
                return false;
        data = document_get(d, "data");
        to = document_get(data, "recipients");
        for (const struct cJSON *one = document_at(to, 0); one; one = document_next(one))
                if (is_mine(m, document_string(one, "name", NULL)))
                        return true;
        for (size_t i = 0; i < ARRAY_LEN(owned); i++)
                if (is_mine(m, document_string(document_get(data, owned[i]), "owner", NULL)))
                        return true;
        return false;
}
