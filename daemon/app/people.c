/* What holds once the file is read; reading it is people_read.c. */
#include <stdlib.h>
#include <string.h>

#include "daemon/app/people.h"

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
        buffer_done(&p->body);
        free(p);
        return NULL;
}

void people_free_p(struct people **p)
{
        *p = people_free(*p);
}
