/* A batch for people: what it is, what became of it, its nonconformities as they are now. Prints
 * only. */
#include "client/capactl/batch.h"

#include <stdio.h>

#include "client/capactl/columns.h"
#include "client/capactl/output.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

/* "label  name, when" of who did something to it; nothing where nobody did. */
static void print_by(const struct session *s, const struct cJSON *batch, const char *label,
                     const char *by, const char *at)
{
        const char *name = document_string(batch, by, NULL);
        char when[2 * WHEN_TEXT_MAX], text[2 * WHEN_TEXT_MAX + 128];

        if (!name)
                return;
        when_both(document_string(batch, at, NULL), when_now(), when);
        snprintf(text, sizeof(text), "%.100s, %s", name, when);
        output_field(s, label, text);
}

int batch_print(struct session *s, const struct cJSON *batch)
{
        static const struct column columns[] = {{.heading = "REF"},
                                                {.heading = "GRADE"},
                                                {.heading = "STATE"},
                                                {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        const struct cJSON *items = document_get(batch, "items");
        const struct cJSON *next = document_get(batch, "next");
        int r;

        output_text(s, document_string(batch, "ref", ""), "bold");
        printf("  %s of %u, %s\n", document_string(batch, "kind", ""), document_length(items),
               document_string(batch, "state", ""));
        output_field(s, "rule", document_string(batch, "rule", NULL));
        output_field(s, "reason", document_string(batch, "reason", NULL));
        print_by(s, batch, "asked for", "author", "added_at");
        print_by(s, batch, "decided", "decided_by", "decided_at");
        print_by(s, batch, "undone", "undone_by", "undone_at");
        output_field(s, "why", document_string(batch, "undone_why", NULL));
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (const struct cJSON *i = document_at(items, 0); r == 0 && i; i = document_next(i)) {
                const char *cells[] = {
                        document_string(i, "ref", ""), document_string(i, "grade", ""),
                        document_string(i, "state", ""), document_string(i, "title", "")};

                r = columns_row(&c, cells, NULL);
        }
        if (r < 0)
                return r;
        columns_print(&c);
        for (const struct cJSON *step = document_at(next, 0); step; step = document_next(step))
                output_step(s, "Next: ", step);
        return 0;
}
