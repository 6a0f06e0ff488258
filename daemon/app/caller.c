/* Reading what every call has in common, before the register sees it. The strict reader comes
 * first: what it lets through, PostgreSQL takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/app/caller.h"
#include "proto/base/limits.h"
#include "proto/duration/duration.h"

void caller_done(struct caller *c)
{
        buffer_done(&c->principal);
        buffer_done(&c->actor);
        buffer_done(&c->params);
        json_tape_done(&c->tape);
}

static int read_params(struct caller *c, const struct frame *params, struct refusal *reterr)
{
        struct frame text = params->size > 0 ? *params : (struct frame){.data = "{}", .size = 2};
        struct problem p = {0};
        unsigned line, column;
        int r;

        r = json_tape_parse(&c->tape, text.data, text.size, &p);
        if (r < 0)
                return r;
        reterr->code = CODE_INVALID;
        if (r > 0) {
                problem_place(text.data, text.size, p.offset, &line, &column);
                problem_set(&reterr->problem, 0, "parameters, line %u, column %u: %s", line, column,
                            p.text);
                return CALLER_E_REFUSED;
        }
        if (c->tape.nodes[0].kind != JSON_OBJECT) {
                problem_set(&reterr->problem, 0, "the parameters must be one JSON object");
                return CALLER_E_REFUSED;
        }
        return 0;
}

/* Whose roles count (SEMANTICS section 6): those of a declared principal and those that the people
 * file gives by name; of who is no principal all of the file; of who is neither the gateway's. */
struct standing {
        const struct principal *principal; /* NULL: it is none */
        const struct person *person;       /* NULL: not in the file */
        const struct person *own;          /* who the caller is, or NULL */
};

static int read_actor_name(struct caller *c, uint32_t node, struct refusal *reterr)
{
        if (c->tape.nodes[node].kind != JSON_STRING || c->tape.nodes[node].length == 0 ||
            c->tape.nodes[node].length > LIMIT_ENVELOPE_BYTES) {
                reterr->code = CODE_INVALID;
                problem_set(&reterr->problem, 0, "\"actor\" must be a name, as text");
                return CALLER_E_REFUSED;
        }
        json_string_decode(&c->tape, node, &c->actor);
        return buffer_status(&c->actor);
}

/* The actor is the principal, or whom it names, if it may. */
static int read_actor(struct caller *c, const struct acquaintance *known, const struct principal *p,
                      struct standing *ret, struct refusal *reterr)
{
        const struct person *own = people_find(known->people, p->name);
        uint32_t node;
        int r = 0;

        if (json_member(&c->tape, 0, "actor", &node) != 0 || c->tape.nodes[node].kind == JSON_NULL)
                buffer_add_str(&c->actor, p->name);
        else
                r = read_actor_name(c, node, reterr);
        if (r != 0 || buffer_status(&c->actor) < 0)
                return r != 0 ? r : -ENOMEM;
        *ret = (struct standing){
                .principal = p, .own = own, .person = people_find(known->people, c->actor.data)};
        if (strcmp(c->actor.data, p->name) == 0 || (own && ret->person == own))
                return 0;
        if (!p->act_for_others) {
                reterr->code = CODE_FORBIDDEN;
                problem_set(&reterr->problem, 0,
                            "%s may not act for others: \"act_for_others\" of this principal in "
                            "capad.json",
                            p->name);
                return CALLER_E_REFUSED;
        }
        ret->principal = principals_named(known->principals, c->actor.data, c->actor.size);
        if (!ret->principal && ret->person)
                ret->principal = principals_named(known->principals, ret->person->name,
                                                  strlen(ret->person->name));
        if (!ret->principal && !ret->person)
                ret->principal = p;
        return 0;
}

/* Adds a list that ends with NULL, or is NULL. */
static void write_roles(struct buffer *b, const char *const *roles, bool *first)
{
        for (size_t i = 0; roles && roles[i]; i++) {
                if (!*first)
                        buffer_add_char(b, ',');
                *first = false;
                buffer_add_json_cstr(b, roles[i]);
        }
}

static void write_principal(struct caller *c, const struct principal *p, const struct standing *s)
{
        struct buffer *b = &c->principal;
        bool first = true;

        buffer_add_str(b, "{\"name\":");
        buffer_add_json_cstr(b, s->own ? s->own->name : p->name);
        buffer_add_str(b, ",\"person\":");
        buffer_add_json_cstr(b, s->person ? s->person->name : NULL);
        buffer_add_str(b, ",\"roles\":[");
        if (s->principal)
                write_roles(b, s->principal->roles, &first);
        if (s->person && s->person->roles)
                write_roles(b,
                            (const char *const *) s->person->roles +
                                    (s->principal ? s->person->n_default : 0),
                            &first);
        buffer_add_str(b, p->act_for_others ? "],\"act_for_others\":true}"
                                            : "],\"act_for_others\":false}");
}

/* In the spelling of the people file it is one name everywhere. */
static int actor_spell(struct caller *c, const struct person *person)
{
        if (person) {
                buffer_clear(&c->actor);
                buffer_add_str(&c->actor, person->name);
        }
        return buffer_status(&c->actor);
}

/* The string that a name of method->spans means: a parameter, or a member of objects in it
 * ("facts/action/due"). */
static bool find_span(const struct json_tape *tape, const char *name, uint32_t *ret_node)
{
        uint32_t node = 0;

        while (*name) {
                size_t n = strcspn(name, "/");
                char member[32];

                snprintf(member, sizeof(member), "%.*s", (int) n, name);
                if (tape->nodes[node].kind != JSON_OBJECT ||
                    json_member(tape, node, member, &node) != 0)
                        return false;
                name += n + (name[n] == '/');
        }
        *ret_node = node;
        return tape->nodes[node].kind == JSON_STRING;
}

/* One of "spans", where the string is a duration; what is none may be a date: the register says so.
 */
static void write_span(struct caller *c, const char *name, uint32_t node, bool *first)
{
        struct buffer *b = &c->params;
        struct duration d;

        if (duration_parse(c->tape.text + c->tape.nodes[node].offset, c->tape.nodes[node].length,
                           &d, NULL) != 0)
                return;
        if (!*first)
                buffer_add_char(b, ',');
        *first = false;
        buffer_add_json_cstr(b, name);
        buffer_add_char(b, ':');
        duration_to_json(&d, b);
}

/* All strings of an object parameter, under "NAME/MEMBER". */
static void write_member_spans(struct caller *c, const char *name, bool *first)
{
        uint32_t object, key;

        if (json_member(&c->tape, 0, name, &object) != 0 ||
            c->tape.nodes[object].kind != JSON_OBJECT)
                return;
        key = json_first(&c->tape, object);
        for (uint32_t i = 0; i < c->tape.nodes[object].count; i++) {
                cleanup_(buffer_done) struct buffer whole = BUFFER_NULL;

                buffer_printf(&whole, "%s/", name);
                json_string_decode(&c->tape, key, &whole);
                if (buffer_status(&whole) == 0 && c->tape.nodes[key + 1].kind == JSON_STRING)
                        write_span(c, whole.data, key + 1, first);
                key = c->tape.nodes[key + 1].next;
        }
}

/* Those of the method's parameters that are durations, as spans. */
static void write_spans(struct caller *c, const char *names, bool *first)
{
        while (names && *names) {
                size_t n = strcspn(names, " ");
                char name[32];
                uint32_t node;

                snprintf(name, sizeof(name), "%.*s", (int) n, names);
                names += n + (names[n] == ' ');
                n = strlen(name);
                if (n > 2 && strcmp(name + n - 2, "/*") == 0) {
                        name[n - 2] = '\0';
                        write_member_spans(c, name, first);
                } else if (find_span(&c->tape, name, &node)) {
                        write_span(c, name, node, first);
                }
        }
}

static void write_params(struct caller *c, const struct method *method)
{
        bool first = true;
        const char *text;
        size_t size;

        json_slice(&c->tape, 0, &text, &size);
        buffer_add(&c->params, text, size - 1); /* without the closing brace */
        buffer_add_str(&c->params, c->tape.nodes[0].count > 0 ? ",\"spans\":{" : "\"spans\":{");
        write_spans(c, method->spans, &first);
        if (method->reads)
                write_spans(c, "as_of", &first);
        buffer_add_str(&c->params, "}}");
}

int caller_read(struct caller *c, const struct acquaintance *known, const struct principal *p,
                const struct method *method, const struct frame *params, struct refusal *reterr)
{
        struct standing standing = {0};
        uint32_t node;
        int r;

        r = read_params(c, params, reterr);
        if (r != 0)
                return r;
        if (json_member(&c->tape, 0, "spans", &node) == 0) {
                reterr->code = CODE_INVALID;
                problem_set(&reterr->problem, 0, "\"spans\" is not for callers");
                return CALLER_E_REFUSED;
        }
        r = read_actor(c, known, p, &standing, reterr);
        if (r != 0)
                return r;
        r = actor_spell(c, standing.person);
        if (r < 0)
                return r;
        c->as_of = method->reads && json_member(&c->tape, 0, "as_of", &node) == 0 &&
                   c->tape.nodes[node].kind != JSON_NULL;
        write_principal(c, p, &standing);
        write_params(c, method);
        return buffer_status(&c->principal) < 0 ? -ENOMEM : buffer_status(&c->params);
}
