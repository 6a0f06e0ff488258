/* Escalations, and their acknowledgement. */
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

static char *recipients(const struct cJSON *list)
{
        struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "");
        for (unsigned i = 0; i < document_length(list); i++) {
                const struct cJSON *one = document_at(list, i);

                buffer_printf(&b, "%s%s", i == 0 ? "" : ", ",
                              document_string(one, "name", document_string(one, "role", "?")));
        }
        return b.data ? buffer_take(&b) : strdup("");
}

static int add_row(struct columns *c, const struct cJSON *e)
{
        cleanup_(free_p) char *to = recipients(document_get(e, "recipients"));
        const struct cJSON *deadline = document_get(e, "deadline");
        const char *acked = document_string(e, "acked_by", "");
        char went[2 * WHEN_TEXT_MAX], what[160], due[2 * WHEN_TEXT_MAX], until[200] = "";
        const char *cells[] = {document_string(e, "escalation", ""),
                               document_string(e, "level", ""),
                               document_string(e, "nc", ""),
                               what,
                               due,
                               went,
                               to,
                               until};

        when_both(document_string(e, "published_at", NULL), when_now(), went);
        when_both(document_string(deadline, "due", NULL), when_now(), due);
        snprintf(what, sizeof(what), "%.60s%s%.60s",
                 document_string(deadline, "label", document_string(deadline, "kind", "")),
                 document_string(e, "action", NULL) ? " " : "", document_string(e, "action", ""));
        if (*acked) {
                char text[2 * WHEN_TEXT_MAX];

                when_both(document_string(e, "acked_until", NULL), when_now(), text);
                snprintf(until, sizeof(until), "by %.60s%s%.100s", acked, *text ? ", until " : "",
                         text);
        }
        return columns_row(c, cells, *acked ? NULL : "yellow");
}

int command_escalations(struct session *s, const struct arguments *a)
{
        static const struct column columns[] = {
                {.heading = "ESCALATION"},      {.heading = "LEVEL"},       {.heading = "NC"},
                {.heading = "DEADLINE"},        {.heading = "DUE"},         {.heading = "WENT OUT"},
                {.heading = "TO", .cut = true}, {.heading = "ACKNOWLEDGED"}};
        struct listing listing = {.columns = columns,
                                  .n_columns = ARRAY_LEN(columns),
                                  .add_row = add_row,
                                  .empty = "No escalation.",
                                  .reference = "escalation"};

        if (arguments_has(a, "unacked"))
                listing.empty = "No escalation waits for an acknowledgement.";
        return output_listed(s, NULL, &listing);
}

int command_ack(struct session *s, const struct arguments *a)
{
        bool mine = arguments_has(a, "mine");

        if (mine == (a->n_references > 0))
                return session_complain(EXIT_USAGE, "ack takes ESC-9 or NC-17, or --mine for all "
                                                    "that went to you");
        return command_record(s, a);
}
