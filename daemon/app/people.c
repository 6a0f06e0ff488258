/* What holds once the file is read; reading it is people_read.c. */
#include <stdlib.h>
#include <string.h>

#include "daemon/app/people.h"
#include "proto/json/tape.h"

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

char *people_key(const char *name)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_add(&b, "", 0);
        for (; *name; name++) {
                if (!is_blank(*name)) {
                        buffer_add_char(&b,
                                        *name >= 'A' && *name <= 'Z' ? (char) (*name + 32) : *name);
                        continue;
                }
                while (is_blank(name[1]))
                        name++;
                if (b.size > 0 && name[1])
                        buffer_add_char(&b, ' ');
        }
        return b.data ? buffer_take(&b) : strdup("");
}

int people_none(struct people **ret)
{
        static const char nobody[] = "{\"people\":{}}";
        struct complaints none = {0};

        return people_parse("people.json", nobody, sizeof(nobody) - 1, ret, &none);
}

static int by_key(const void *key, const void *entry)
{
        return strcmp(key, ((const struct person_key *) entry)->key);
}

const struct person *people_find(const struct people *p, const char *name)
{
        cleanup_(free_p) char *key = p && p->n_keys > 0 ? people_key(name) : NULL;
        const struct person_key *found =
                key ? bsearch(key, p->keys, p->n_keys, sizeof(*p->keys), by_key) : NULL;

        return found ? &p->persons[found->person] : NULL;
}

static bool is_group(const struct people *p, const char *name)
{
        cleanup_(free_p) char *key = people_key(name);

        for (size_t i = 0; key && p->groups && p->groups[i]; i++)
                if (strcmp(p->groups[i], key) == 0)
                        return true;
        return false;
}

static void note_owner(const struct people *p, const struct json_tape *t, uint32_t rule,
                       struct buffer *notes)
{
        cleanup_(free_p) char *id = NULL, *owner = NULL;
        uint32_t node;

        if (json_member(t, rule, "owner", &node) != 0 || json_string_dup(t, node, &owner) != 0 ||
            json_member(t, rule, "id", &node) != 0 || json_string_dup(t, node, &id) != 0)
                return;
        if (!people_find(p, owner) && !is_group(p, owner))
                buffer_printf(notes,
                              "rule %s: its owner \"%s\" is nobody in people.json: escalations "
                              "to that name reach nobody\n",
                              id, owner);
}

int people_note_owners(const struct people *p, const struct buffer *rules, struct buffer *notes)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        uint32_t list, rule;
        int r;

        if (p->n == 0)
                return 0;
        r = json_tape_parse(&t, rules->data, rules->size, NULL);
        if (r != 0)
                return MIN(r, 0);
        if (json_member(&t, 0, "rules", &list) != 0)
                return 0;
        rule = json_first(&t, list);
        for (uint32_t i = 0; i < t.nodes[list].count; i++, rule = t.nodes[rule].next)
                note_owner(p, &t, rule, notes);
        return 0;
}

static void strings_free(char **list)
{
        for (size_t i = 0; list && list[i]; i++)
                free(list[i]);
        free(list);
}

struct people *people_free(struct people *p)
{
        if (!p)
                return NULL;
        for (size_t i = 0; p->persons && i < p->n; i++) {
                free(p->persons[i].name);
                strings_free(p->persons[i].roles);
        }
        free(p->persons);
        for (size_t i = 0; i < p->n_keys; i++)
                free(p->keys[i].key);
        free(p->keys);
        strings_free(p->groups);
        buffer_done(&p->body);
        free(p);
        return NULL;
}

void people_free_p(struct people **p)
{
        *p = people_free(*p);
}
