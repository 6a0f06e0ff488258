/* Two passes: one that checks the form and writes it (document.h), one over the tape that collects
 * the names and looks at what they refer to. */
#include <errno.h>
#include <string.h>

#include "daemon/app/document.h"
#include "daemon/app/people.h"
#include "proto/base/word.h"

#define NAME_MAX_BYTES 800 /* the register takes 200 characters */

/* What a person can be; producer, admin and system are of principals (capad.json). */
static const char *const roles[] = {"reporter",   "owner",          "approver",
                                    "verifier",   "auditor",        "isms_manager",
                                    "risk_owner", "top_management", NULL};

struct name { /* a name that the file gives, and where: what must be there once */
        char *key;
        const char *kind;
        size_t person; /* SIZE_MAX: of none */
        uint32_t node;
};

struct reading { /* of the second pass */
        struct document *d;
        struct people *people;
        struct name *names;
        size_t n_names, n_allocated;
        uint32_t *values; /* of each person, the object */
        bool out_of_memory;
};

/* -- the form */

static void read_absent_date(struct document *d, uint32_t node)
{
        document_date(d, node, "a day of an absence");
}

static void read_left(struct document *d, uint32_t node)
{
        document_date(d, node, "\"left\", the last day,");
}

static void read_absence(struct document *d, uint32_t node)
{
        static const struct member members[] = {
                {"from", read_absent_date, MEMBER_REQUIRED},
                {"to", read_absent_date, MEMBER_REQUIRED},
        };
        uint32_t from, to;

        document_object(d, node, members, ARRAY_LEN(members));
        if (json_member(&d->tape, node, "from", &from) == 0 &&
            json_member(&d->tape, node, "to", &to) == 0 && d->tape.nodes[from].length == 10 &&
            d->tape.nodes[to].length == 10 &&
            memcmp(d->tape.text + d->tape.nodes[from].offset,
                   d->tape.text + d->tape.nodes[to].offset, 10) > 0)
                document_complain(d, to, "this absence ends before it begins");
}

static void read_absences(struct document *d, uint32_t node)
{
        document_list(d, node, read_absence);
}

static void read_role(struct document *d, uint32_t node)
{
        document_word(d, node, roles);
}

static void read_own_roles(struct document *d, uint32_t node)
{
        document_list(d, node, read_role);
}

static void read_names(struct document *d, uint32_t node)
{
        document_list(d, node, document_string);
}

/* One name or several. */
static void read_holders(struct document *d, uint32_t node)
{
        if (d->tape.nodes[node].kind != JSON_STRING) {
                read_names(d, node);
                return;
        }
        buffer_add_char(d->out, '[');
        document_string(d, node);
        buffer_add_char(d->out, ']');
}

static void read_person(struct document *d, uint32_t node)
{
        static const struct member members[] = {
                {"name", document_string, MEMBER_OPTIONAL},
                {"mail", document_string, MEMBER_CHECKED},
                {"phone", document_string, MEMBER_CHECKED},
                {"manager", document_string, MEMBER_OPTIONAL},
                {"deputy", document_string, MEMBER_OPTIONAL},
                {"absent", read_absences, MEMBER_OPTIONAL},
                {"left", read_left, MEMBER_OPTIONAL},
                {"roles", read_own_roles, MEMBER_OPTIONAL},
                {"also", read_names, MEMBER_OPTIONAL},
        };

        document_object(d, node, members, ARRAY_LEN(members));
}

static void read_team(struct document *d, uint32_t node)
{
        static const struct member members[] = {
                {"lead", document_string, MEMBER_OPTIONAL},
                {"members", read_names, MEMBER_OPTIONAL},
        };

        document_object(d, node, members, ARRAY_LEN(members));
}

static void read_people(struct document *d, uint32_t node)
{
        static const struct member any[] = {{NULL, read_person, MEMBER_OPTIONAL}};

        document_object(d, node, any, ARRAY_LEN(any));
}

static void read_teams(struct document *d, uint32_t node)
{
        static const struct member any[] = {{NULL, read_team, MEMBER_OPTIONAL}};

        document_object(d, node, any, ARRAY_LEN(any));
}

static void read_roles(struct document *d, uint32_t node)
{
        struct member members[ARRAY_LEN(roles) - 1];

        for (size_t i = 0; i < ARRAY_LEN(members); i++)
                members[i] = (struct member){roles[i], read_holders, MEMBER_OPTIONAL};
        document_object(d, node, members, ARRAY_LEN(members));
}

/* -- names */

static size_t list_add(char ***list, char *text)
{
        size_t n = *list ? word_count((const char *const *) *list) : 0;
        char **longer = realloc(*list, (n + 2) * sizeof(*longer));

        if (!longer || !text) {
                free(text);
                if (longer)
                        *list = longer;
                return 0;
        }
        longer[n] = text;
        longer[n + 1] = NULL;
        *list = longer;
        return n + 1;
}

static bool names_grow(struct reading *r)
{
        size_t n = MAX((size_t) 64, r->n_allocated * 2);
        struct name *longer;

        if (r->n_names < r->n_allocated)
                return true;
        longer = realloc(r->names, n * sizeof(*longer));
        if (!longer)
                return false;
        r->names = longer;
        r->n_allocated = n;
        return true;
}

/* Notes a name that the file gives; person: whose it is, or SIZE_MAX. */
static void note_name(struct reading *r, uint32_t node, const char *kind, size_t person)
{
        cleanup_(free_p) char *name = NULL, *key = NULL;

        if (json_string_dup(&r->d->tape, node, &name) != 0)
                return;
        key = people_key(name);
        if (!key || !names_grow(r)) {
                r->out_of_memory = true;
                return;
        }
        if (!key[0] || strlen(name) > NAME_MAX_BYTES)
                document_complain(r->d, node, "this is no name: it is %s",
                                  key[0] ? "too long" : "empty");
        r->names[r->n_names++] =
                (struct name){.key = TAKE_PTR(key), .kind = kind, .person = person, .node = node};
}

static int by_key(const void *a, const void *b)
{
        const struct name *x = a, *y = b;
        int order = strcmp(x->key, y->key);

        return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

/* The names of persons, sorted, are what people_find looks into. */
static void keys_make(struct reading *r)
{
        struct people *p = r->people;

        if (r->n_names > 0)
                qsort(r->names, r->n_names, sizeof(*r->names), by_key);
        p->keys = calloc(r->n_names + 1, sizeof(*p->keys));
        for (size_t i = 0; p->keys && i < r->n_names; i++) {
                p->keys[i] = (struct person_key){.key = strdup(r->names[i].key),
                                                 .person = r->names[i].person};
                if (!p->keys[i].key)
                        break;
                p->n_keys++;
        }
        r->out_of_memory = r->out_of_memory || p->n_keys < r->n_names;
}

static void check_once(struct reading *r)
{
        if (r->n_names > 0)
                qsort(r->names, r->n_names, sizeof(*r->names), by_key);
        for (size_t i = 1; i < r->n_names; i++) {
                unsigned line, column;
                const struct json_tape *t = &r->d->tape;

                if (strcmp(r->names[i - 1].key, r->names[i].key) != 0)
                        continue;
                problem_place(t->text, t->size, t->nodes[r->names[i - 1].node].offset, &line,
                              &column);
                document_complain(r->d, r->names[i].node,
                                  "this name is given twice, whatever its spelling: here to a %s, "
                                  "at %u:%u to a %s",
                                  r->names[i].kind, line, column, r->names[i - 1].kind);
        }
}

/* Calls fn for each string of a list, or for one string. */
static void each_string(struct reading *r, uint32_t node,
                        void (*fn)(struct reading *r, uint32_t node, void *userdata),
                        void *userdata)
{
        const struct json_node *n = &r->d->tape.nodes[node];
        uint32_t child = n->kind == JSON_ARRAY ? json_first(&r->d->tape, node) : node;
        uint32_t count = n->kind == JSON_ARRAY ? n->count : n->kind == JSON_STRING;

        for (uint32_t i = 0; i < count; i++, child = r->d->tape.nodes[child].next)
                fn(r, child, userdata);
}

/* -- what names refer to */

/* The person of this name, spelled as its key is; SIZE_MAX: none. */
static size_t person_at(const struct reading *r, uint32_t node)
{
        cleanup_(free_p) char *name = NULL;
        const struct person *person;

        if (json_string_dup(&r->d->tape, node, &name) != 0)
                return SIZE_MAX;
        person = people_find(r->people, name);
        return person && strcmp(person->name, name) == 0 ? (size_t) (person - r->people->persons)
                                                         : SIZE_MAX;
}

static void check_known(struct reading *r, uint32_t node, void *userdata unused_)
{
        cleanup_(free_p) char *name = NULL;
        cleanup_(free_p) const char **known = NULL;
        const struct person *person;
        const char *near = NULL;

        if (person_at(r, node) != SIZE_MAX || json_string_dup(&r->d->tape, node, &name) != 0)
                return;
        person = people_find(r->people, name);
        known = calloc(r->people->n + 1, sizeof(*known));
        for (size_t i = 0; known && i < r->people->n; i++)
                known[i] = r->people->persons[i].name;
        if (person)
                near = person->name;
        else if (known)
                near = word_nearest(name, strlen(name), known, r->people->n);
        document_complain(r->d, node, "there is no person \"%.60s\"%s%s%s", name,
                          near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void check_member(struct reading *r, uint32_t object, const char *name)
{
        uint32_t node;

        if (json_member(&r->d->tape, object, name, &node) == 0)
                each_string(r, node, check_known, NULL);
}

/* A manager or deputy is somebody else. */
static void check_other(struct reading *r, size_t i, const char *member)
{
        uint32_t node;

        if (json_member(&r->d->tape, r->values[i], member, &node) == 0 && person_at(r, node) == i)
                document_complain(r->d, node, "%s cannot be the own %s", r->people->persons[i].name,
                                  member);
}

static size_t manager_of(const struct reading *r, size_t i)
{
        uint32_t node;

        return json_member(&r->d->tape, r->values[i], "manager", &node) == 0 ? person_at(r, node)
                                                                             : SIZE_MAX;
}

static void complain_loop(struct reading *r, size_t first)
{
        cleanup_(buffer_done) struct buffer way = BUFFER_NULL;
        size_t at = first;
        uint32_t node;

        buffer_add_str(&way, r->people->persons[first].name);
        do {
                at = manager_of(r, at);
                buffer_printf(&way, " → %s", r->people->persons[at].name);
        } while (at != first && way.size < 100);
        if (buffer_status(&way) == 0 &&
            json_member(&r->d->tape, r->values[first], "manager", &node) == 0)
                document_complain(r->d, node, "managers go round: %.120s", way.data);
}

/* Goes up from each person until where somebody else came by: every manager is passed once. */
static void check_loops(struct reading *r)
{
        cleanup_(free_p) size_t *seen = calloc(r->people->n + 1, sizeof(*seen));

        if (!seen) {
                r->out_of_memory = true;
                return;
        }
        for (size_t i = 0; i < r->people->n; i++) {
                size_t at = i;

                while (at != SIZE_MAX && seen[at] == 0) {
                        seen[at] = i + 1;
                        at = manager_of(r, at);
                }
                if (at != SIZE_MAX && seen[at] == i + 1 && manager_of(r, at) != at)
                        complain_loop(r, at);
        }
}

/* -- collecting */

static void add_role(struct reading *r, struct person *person, const char *role)
{
        for (size_t i = 0; person->roles && person->roles[i]; i++)
                if (strcmp(person->roles[i], role) == 0) {
                        if (i < person->n_default) { /* given after all */
                                char *given = person->roles[i];

                                memmove(&person->roles[i], &person->roles[i + 1],
                                        (person->n_default - i - 1) * sizeof(char *));
                                person->roles[--person->n_default] = given;
                        }
                        return;
                }
        if (list_add(&person->roles, strdup(role)) == 0)
                r->out_of_memory = true;
}

static void add_own_role(struct reading *r, uint32_t node, void *userdata)
{
        cleanup_(free_p) char *role = NULL;

        if (json_string_dup(&r->d->tape, node, &role) == 0)
                add_role(r, userdata, role);
}

static void add_also(struct reading *r, uint32_t node, void *userdata)
{
        struct person *person = userdata;

        note_name(r, node, "person (\"also\")", (size_t) (person - r->people->persons));
}

static void add_person(struct reading *r, uint32_t key_node)
{
        struct person *person = &r->people->persons[r->people->n];
        uint32_t node;

        if (json_string_dup(&r->d->tape, key_node, &person->name) != 0) {
                r->out_of_memory = true;
                return;
        }
        r->values[r->people->n] = key_node + 1;
        note_name(r, key_node, "person", r->people->n++);
        if (json_member(&r->d->tape, key_node + 1, "also", &node) == 0)
                each_string(r, node, add_also, person);
        if (json_member(&r->d->tape, key_node + 1, "roles", &node) == 0) {
                each_string(r, node, add_own_role, person);
                return;
        }
        add_role(r, person, "reporter");
        add_role(r, person, "owner");
        person->n_default = 2;
}

static void add_holder(struct reading *r, uint32_t node, void *userdata)
{
        size_t i = person_at(r, node);

        if (i != SIZE_MAX)
                add_role(r, &r->people->persons[i], userdata);
}

static void collect_people(struct reading *r, uint32_t object)
{
        size_t n = r->d->tape.nodes[object].count;
        uint32_t key = json_first(&r->d->tape, object);

        r->people->persons = calloc(n + 1, sizeof(*r->people->persons));
        r->values = calloc(n + 1, sizeof(*r->values));
        if (!r->people->persons || !r->values) {
                r->out_of_memory = true;
                return;
        }
        for (size_t i = 0; i < n; i++, key = r->d->tape.nodes[key + 1].next)
                add_person(r, key);
}

/* A team or role, and whether there is anybody in it. */
static void add_group(struct reading *r, uint32_t key_node, const char *kind, bool filled)
{
        cleanup_(free_p) char *name = NULL;

        note_name(r, key_node, kind, SIZE_MAX);
        if (filled && json_string_dup(&r->d->tape, key_node, &name) == 0 &&
            list_add(&r->people->groups, people_key(name)) == 0)
                r->out_of_memory = true;
}

static uint32_t n_strings(const struct reading *r, uint32_t node)
{
        const struct json_node *n = &r->d->tape.nodes[node];

        return n->kind == JSON_ARRAY ? n->count : 1;
}

static void collect_teams(struct reading *r, uint32_t object)
{
        uint32_t key = json_first(&r->d->tape, object), node;

        for (uint32_t i = 0; i < r->d->tape.nodes[object].count;
             i++, key = r->d->tape.nodes[key + 1].next) {
                bool filled = json_member(&r->d->tape, key + 1, "lead", &node) == 0 ||
                              (json_member(&r->d->tape, key + 1, "members", &node) == 0 &&
                               n_strings(r, node) > 0);

                add_group(r, key, "team", filled);
                check_member(r, key + 1, "lead");
                check_member(r, key + 1, "members");
        }
}

static void collect_roles(struct reading *r, uint32_t object)
{
        uint32_t key = json_first(&r->d->tape, object);

        for (uint32_t i = 0; i < r->d->tape.nodes[object].count;
             i++, key = r->d->tape.nodes[key + 1].next) {
                cleanup_(free_p) char *role = NULL;

                add_group(r, key, "role", n_strings(r, key + 1) > 0);
                each_string(r, key + 1, check_known, NULL);
                if (json_string_dup(&r->d->tape, key, &role) == 0)
                        each_string(r, key + 1, add_holder, role);
        }
}

/* The form is good: every value is of the kind that it should be. */
static void collect(struct reading *r)
{
        uint32_t node;

        if (json_member(&r->d->tape, 0, "people", &node) == 0)
                collect_people(r, node);
        keys_make(r);
        if (r->out_of_memory || !r->values)
                return;
        if (json_member(&r->d->tape, 0, "teams", &node) == 0)
                collect_teams(r, node);
        if (json_member(&r->d->tape, 0, "roles", &node) == 0)
                collect_roles(r, node);
        for (size_t i = 0; i < r->people->n && !r->out_of_memory; i++) {
                check_member(r, r->values[i], "manager");
                check_member(r, r->values[i], "deputy");
                check_other(r, i, "manager");
                check_other(r, i, "deputy");
        }
        check_loops(r);
        check_once(r);
}

static void reading_done(struct reading *r)
{
        for (size_t i = 0; i < r->n_names; i++)
                free(r->names[i].key);
        free(r->names);
        free(r->values);
}

static int parse(struct document *d, struct people *p, const char *text, size_t size)
{
        static const struct member members[] = {
                {"people", read_people, MEMBER_REQUIRED},
                {"teams", read_teams, MEMBER_OPTIONAL},
                {"roles", read_roles, MEMBER_OPTIONAL},
                {"$schema", NULL, MEMBER_OPTIONAL},
        };
        cleanup_(reading_done) struct reading r = {.d = d, .people = p};
        unsigned before = d->complaints->n;
        int result;

        result = document_read(d, text, size, members, ARRAY_LEN(members));
        if (result < 0)
                return result;
        if (result == 0 && d->complaints->n == before)
                collect(&r);
        if (r.out_of_memory || buffer_status(&p->body) < 0)
                return -ENOMEM;
        return d->complaints->n > before ? PEOPLE_E_INVALID : 0;
}

int people_parse(const char *path, const char *text, size_t size, struct people **ret,
                 struct complaints *reterr)
{
        cleanup_(people_free_p) struct people *p = NULL;
        struct document d = {.path = path, .complaints = reterr};
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        d.out = &p->body;
        r = parse(&d, p, text, size);
        json_tape_done(&d.tape);
        if (r != 0)
                return r;
        hash_of(p->body.data, p->body.size, &p->hash);
        *ret = TAKE_PTR(p);
        return 0;
}
