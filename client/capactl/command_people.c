/* Who is who and what is open of each; and what is handed over. Prints only. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

/* "2 NC, 1 action" of {"nc","action","follow_up"}; "" where nothing is open. */
static void open_text(const struct cJSON *open, char *ret, size_t size)
{
        static const struct {
                const char *member, *one, *several;
        } kinds[] = {{"nc", "NC", "NCs"},
                     {"action", "action", "actions"},
                     {"follow_up", "follow-up", "follow-ups"}};
        size_t used = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < ARRAY_LEN(kinds) && used < size; i++) {
                int64_t n = document_int(open, kinds[i].member, 0);

                if (n > 0)
                        used += (size_t) snprintf(ret + used, size - used, "%s%" PRId64 " %s",
                                                  used > 0 ? ", " : "", n,
                                                  n == 1 ? kinds[i].one : kinds[i].several);
        }
}

static void standing_text(const struct cJSON *person, char *ret, size_t size)
{
        const char *left = document_string(person, "left", NULL);
        const char *until = document_string(person, "absent_until", NULL);

        ret[0] = '\0';
        if (left)
                snprintf(ret, size, "%s %.10s",
                         document_bool(person, "has_left", false) ? "left" : "leaves", left);
        else if (until)
                snprintf(ret, size, "absent until %.10s", until);
}

static int print_persons(struct session *s, const struct cJSON *people)
{
        static const struct column columns[] = {
                {.heading = "NAME"},   {.heading = "ROLES", .cut = true},
                {.heading = "TEAMS"},  {.heading = "MANAGER"},
                {.heading = "DEPUTY"}, {.heading = "OWNS"},
                {.heading = ""}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (const struct cJSON *p = document_at(people, 0); r == 0 && p; p = document_next(p)) {
                cleanup_(free_p) char *roles = output_join(document_get(p, "roles"), " ");
                cleanup_(free_p) char *teams = output_join(document_get(p, "teams"), " ");
                char owns[96], standing[64];
                const char *cells[] = {document_string(p, "name", ""),
                                       roles,
                                       teams,
                                       document_string(p, "manager", ""),
                                       document_string(p, "deputy", ""),
                                       owns,
                                       standing};

                open_text(document_get(p, "open"), owns, sizeof(owns));
                standing_text(p, standing, sizeof(standing));
                r = columns_row(&c, cells,
                                document_bool(p, "has_left", false) ? *owns ? "red" : "dim"
                                : *standing                         ? "yellow"
                                                                    : NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static int print_teams(struct session *s, const struct cJSON *teams)
{
        static const struct column columns[] = {{.heading = "TEAM"},
                                                {.heading = "LEAD"},
                                                {.heading = "MEMBERS", .cut = true},
                                                {.heading = "OWNS"}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(teams) == 0)
                return 0;
        output_heading(s, "Teams");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (const struct cJSON *t = document_at(teams, 0); r == 0 && t; t = document_next(t)) {
                cleanup_(free_p) char *members = output_join(document_get(t, "members"), " ");
                char owns[96];
                const char *cells[] = {document_string(t, "name", ""),
                                       document_string(t, "lead", ""), members, owns};

                open_text(document_get(t, "open"), owns, sizeof(owns));
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static void print_roles(const struct session *s, const struct cJSON *roles)
{
        if (document_length(roles) > 0)
                output_heading(s, "Roles");
        for (const struct cJSON *role = document_at(roles, 0); role; role = document_next(role)) {
                cleanup_(free_p) char *holders = output_join(role, ", ");

                output_field(s, document_name(role), holders);
        }
}

static int print_all(struct session *s, const struct cJSON *d)
{
        cleanup_(free_p) char *unfilled = output_join(document_get(d, "unfilled"), ", ");
        const struct cJSON *unreachable = document_get(d, "unreachable");
        int r;

        if (!document_bool(d, "loaded", false))
                printf("There is no people.json: any name is taken, and nobody can be reached.\n");
        r = print_persons(s, document_get(d, "people"));
        if (r == 0)
                r = print_teams(s, document_get(d, "teams"));
        if (r != 0)
                return r;
        print_roles(s, document_get(d, "roles"));
        if (document_bool(d, "loaded", false) && unfilled && *unfilled)
                output_field(s, "held by none", unfilled);
        if (document_length(unreachable) > 0)
                output_heading(s, "Owners whom nobody can reach");
        for (const struct cJSON *u = document_at(unreachable, 0); u; u = document_next(u)) {
                char owns[96];

                open_text(document_get(u, "open"), owns, sizeof(owns));
                output_field(s, document_string(u, "name", ""), owns);
        }
        return 0;
}

static int print_items(struct session *s, const struct cJSON *items)
{
        static const struct column columns[] = {
                {.heading = "REF"}, {.heading = "DUE"}, {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(items) == 0) {
                printf("Owns nothing that is open.\n");
                return 0;
        }
        output_heading(s, "Owns");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (const struct cJSON *i = document_at(items, 0); r == 0 && i; i = document_next(i)) {
                char due[2 * WHEN_TEXT_MAX];
                const char *cells[] = {document_string(i, "ref", ""), due,
                                       document_string(i, "title", "")};

                when_both(document_string(i, "due", NULL), when_now(), due);
                r = columns_row(&c, cells, document_bool(i, "overdue", false) ? "red" : NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static void print_list(const struct session *s, const char *label, const struct cJSON *list)
{
        cleanup_(free_p) char *text = output_join(list, ", ");

        output_field(s, label, text);
}

static void print_absences(const struct session *s, const struct cJSON *list)
{
        for (const struct cJSON *a = document_at(list, 0); a; a = document_next(a)) {
                char text[64];

                snprintf(text, sizeof(text), "%.10s to %.10s", document_string(a, "from", ""),
                         document_string(a, "to", ""));
                output_field(s, "absent", text);
        }
}

static int print_one(struct session *s, const struct cJSON *d)
{
        output_text(s, document_string(d, "name", ""), "bold");
        printf(" · ");
        output_text(s,
                    strcmp(document_string(d, "kind", ""), "unknown") == 0
                            ? "not in people.json"
                            : document_string(d, "full_name", document_string(d, "kind", "")),
                    NULL);
        putchar('\n');
        print_list(s, "also", document_get(d, "also"));
        print_list(s, "roles", document_get(d, "roles"));
        print_list(s, "teams", document_get(d, "teams"));
        output_field(s, "lead", document_string(d, "lead", NULL));
        print_list(s, "members", document_get(d, "members"));
        output_field(s, "manager", document_string(d, "manager", NULL));
        print_list(s, "manages", document_get(d, "manages"));
        output_field(s, "deputy", document_string(d, "deputy", NULL));
        print_list(s, "deputy of", document_get(d, "deputy_of"));
        print_absences(s, document_get(d, "absent"));
        output_field(s, document_bool(d, "has_left", false) ? "left" : "leaves",
                     document_string(d, "left", NULL));
        if (document_length(document_get(d, "reaches")) > 0)
                print_list(s, "reaches now", document_get(d, "reaches"));
        else
                output_field(s, "reaches now", "nobody");
        return print_items(s, document_get(d, "items"));
}

static void print_quiet(const struct cJSON *list, const char *member)
{
        for (const struct cJSON *one = document_at(list, 0); one; one = document_next(one))
                printf("%s\n", document_string(one, member, ""));
}

int command_people(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        int r;

        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        if (a->quiet) {
                print_quiet(document_get(d, "people"), "name");
                print_quiet(document_get(d, "items"), "ref");
                return 0;
        }
        return document_get(d, "items") ? print_one(s, d) : print_all(s, d);
}

int command_handover(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const struct cJSON *moved;
        int r;

        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        moved = document_get(d, "moved");
        if (a->quiet) {
                print_quiet(moved, "ref");
                return 0;
        }
        for (const struct cJSON *m = document_at(moved, 0); m; m = document_next(m)) {
                output_text(s, document_string(m, "ref", ""), "bold");
                printf(" · ");
                output_text(s, document_string(m, "title", ""), NULL);
                putchar('\n');
        }
        if (document_length(moved) > 0) {
                printf("%s to ", arguments_has(a, "dry-run") ? "would go" : "went");
                output_text(s, document_string(d, "to", ""), NULL);
                printf(", no date changed\n");
        }
        for (const struct cJSON *w = document_at(document_get(d, "warnings"), 0); w;
             w = document_next(w))
                output_field(s, "mind", document_text(w));
        for (const struct cJSON *n = document_at(document_get(d, "next"), 0); n;
             n = document_next(n))
                output_step(s, "Next: ", n);
        return 0;
}
