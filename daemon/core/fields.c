/* Walks over all paths of a rule, and finds where in its file each is written. */
#include "daemon/core/fields.h"

#include <string.h>

#include "proto/base/word.h"

#define NAMES_MAX 128U

struct check {
        const struct rule *rule;
        const struct adapter *adapter;
};

/* The string of the rule that is the path, or a template with it; else the rule itself. */
static uint32_t find_node(const struct rule *rule, const struct path *p)
{
        const struct json_tape *t = &rule->reader->tape;
        size_t size = strlen(p->pointer.text);

        for (uint32_t i = rule->node + 1; i < t->nodes[rule->node].next; i++) {
                const struct json_node *n = &t->nodes[i];

                if (n->kind == JSON_STRING && n->length >= size &&
                    (json_string_equals(t, i, p->pointer.text, size) ||
                     (memchr(t->text + n->offset, '{', n->length) &&
                      memmem(t->text + n->offset, n->length, p->pointer.text, size))))
                        return i;
        }
        return rule->node;
}

static void check_path(const struct check *c, const struct path *p)
{
        static const char *const ALWAYS[] = {"source", "id",         "type", "subject",
                                             "time",   "first_seen", "data", "document",
                                             "parent", "envelope"};
        const char *names[NAMES_MAX], *name, *near;
        size_t n = 0;

        if (!p || p->head != PATH_FIELD)
                return;
        name = p->pointer.segments[0].name;
        for (unsigned i = 0; i < c->adapter->n_fields && n < NAMES_MAX - ARRAY_LEN(ALWAYS); i++) {
                if (strcmp(c->adapter->field_names[i], name) == 0)
                        return;
                names[n++] = c->adapter->field_names[i];
        }
        for (unsigned i = 0; i < ARRAY_LEN(ALWAYS); i++)
                names[n++] = ALWAYS[i];
        near = word_nearest(name, strlen(name), names, n);
        reader_complain(c->rule->reader, find_node(c->rule, p),
                        "adapter \"%s\" makes no field \"%s\"%s%s%s", c->adapter->id, name,
                        near ? "; did you mean \"/" : "; what the tool wrote is below \"/data",
                        near ? near : "", near ? "\"?" : "\"");
}

static void check_condition(const struct check *c, const struct condition *condition)
{
        check_path(c, condition->path);
        for (unsigned i = 0; i < condition->n_children; i++)
                check_condition(c, &condition->children[i]);
}

static void check_template(const struct check *c, const struct template *t)
{
        for (unsigned i = 0; i < t->n_pieces; i++)
                check_path(c, t->pieces[i].path);
}

void fields_check(const struct rule *rule, const struct adapter *a)
{
        const struct check c = {rule, a};

        check_condition(&c, &rule->match);
        for (unsigned i = 0; i < rule->fingerprint.n; i++)
                check_path(&c, rule->fingerprint.paths[i]);
        check_path(&c, rule->grading.path);
        check_path(&c, rule->asset_path);
        for (unsigned i = 0; i < rule->controls.n; i++)
                check_path(&c, rule->controls.items[i].path);
        check_template(&c, &rule->title);
        check_template(&c, &rule->statement);
        check_template(&c, &rule->asset);
}
