/* Findings of others, as people see them. Reads what the methods show and list give; prints only.
 */
#include "client/capactl/outside.h"

#include <stdio.h>

#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/base/util.h"
#include "proto/json/document.h"

void outside_waits(const struct cJSON *nc, char *ret, size_t size)
{
        const struct cJSON *blocked = document_get(nc, "blocked");
        const struct cJSON *first;
        char until[2 * WHEN_TEXT_MAX];

        ret[0] = '\0';
        if (document_length(blocked) == 0)
                return;
        first = document_at(blocked, 0);
        when_both(document_string(first, "until", NULL), when_now(), until);
        snprintf(ret, size, "%s waits on %.200s until %s", document_string(first, "action", ""),
                 document_string(first, "on", ""), until);
}

void outside_print_head(const struct session *s, const struct cJSON *nc)
{
        char waits[512];

        output_field(s, "issuer", document_string(nc, "issuer", NULL));
        output_field(s, "its number", document_string(nc, "external_ref", NULL));
        output_field(s, "supplier", document_string(nc, "supplier", NULL));
        if (document_bool(nc, "restricted", false))
                output_field(s, "restricted",
                             "read by those concerned and those who keep the register");
        outside_waits(nc, waits, sizeof(waits));
        output_field(s, "blocked", waits);
}

static void print_decisions(const struct session *s, const char *label, const struct cJSON *list)
{
        for (unsigned i = 0; i < document_length(list); i++) {
                const struct cJSON *one = document_at(list, i);
                char at[2 * WHEN_TEXT_MAX];
                char text[1400];

                when_both(document_string(one, "at", NULL), when_now(), at);
                snprintf(text, sizeof(text), "%s by %.200s%s%.800s · %.120s, %s",
                         document_string(one, "verdict", ""), document_string(one, "issuer", ""),
                         document_string(one, "text", NULL) ? ": " : "",
                         document_string(one, "text", ""), document_string(one, "by", ""), at);
                output_field(s, label, text);
        }
}

void outside_print_decisions(const struct session *s, const struct cJSON *nc)
{
        const struct cJSON *plan = document_get(nc, "external_plan");
        const struct cJSON *closing = document_get(nc, "external_closing");

        if (document_length(plan) + document_length(closing) == 0)
                return;
        output_heading(s, "Its issuer's word");
        print_decisions(s, "plan", plan);
        print_decisions(s, "closing", closing);
}
