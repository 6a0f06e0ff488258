/* capactl follow-up list, and the follow-ups within show. */
#include "client/capactl/follow_up.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

/* "2 ok, 1 missed" */
static void outcomes(const struct cJSON *f, char *ret, size_t size)
{
        static const char *const names[] = {"ok", "failed", "missed"};

        ret[0] = '\0';
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (document_int(f, names[i], 0) > 0)
                        snprintf(ret + strlen(ret), size - strlen(ret), "%s%" PRId64 " %s",
                                 *ret ? ", " : "", document_int(f, names[i], 0), names[i]);
}

int follow_up_print(struct session *s, const struct cJSON *list)
{
        static const struct column columns[] = {
                {.heading = "FOLLOW-UP"}, {.heading = "OF"},    {.heading = "KIND"},
                {.heading = "EVERY"},     {.heading = "STATE"}, {.heading = "DUE"},
                {.heading = "SO FAR"},    {.heading = "OWNER"}, {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(list) == 0)
                return 0;
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(list); i++) {
                const struct cJSON *f = document_at(list, i);
                bool overdue = document_bool(f, "overdue", false);
                char due[2 * WHEN_TEXT_MAX], so_far[96];
                const char *cells[] = {document_string(f, "ref", ""),
                                       document_string(f, "action", document_string(f, "nc", "")),
                                       document_string(f, "kind", ""),
                                       document_string(f, "every", ""),
                                       overdue ? "overdue" : document_string(f, "state", ""),
                                       due,
                                       so_far,
                                       document_string(f, "owner", "nobody"),
                                       document_string(f, "title", "")};

                when_both(document_string(f, "due", NULL), when_now(), due);
                outcomes(f, so_far, sizeof(so_far));
                r = columns_row(&c, cells, overdue ? "red" : NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static int list_one(struct session *s, const char *reference)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = session_ask(s, reference, &list);
        if (r != 0 || !list)
                return r;
        if (document_length(list) == 0)
                printf("%s%sNo follow-up is running.\n", reference ? reference : "",
                       reference ? ": " : "");
        return follow_up_print(s, list);
}

int command_follow_up_list(struct session *s, const struct arguments *a)
{
        return a->n_references > 0 ? session_each(s, list_one) : list_one(s, NULL);
}
