/* Reads adapters: a table of keys, and what the keys mean together. */
#include "daemon/core/adapter.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/canonical.h"

#define ADAPTER_ID_BYTES  64U
#define FIELD_NAME_BYTES  64U
#define DESCRIPTION_BYTES 500U
#define LISTS_MAX         8U

static int read_id(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return reader_id(r, node, ADAPTER_ID_BYTES, &a->id);
}

static int read_description(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;
        struct text text;
        int k;

        k = reader_text(r, node, DESCRIPTION_BYTES, &text);
        a->description = text.data;
        return k;
}

static int list_read_text(struct reader *r, uint32_t node, void *target)
{
        struct list *l = target;

        return reader_path(r, node, &l->text);
}

static int list_read_path(struct reader *r, uint32_t node, void *target)
{
        struct list *l = target;
        int k;

        k = reader_path(r, node, &l->path);
        if (k < 0 || !l->path || l->path->pointer.segments[l->path->pointer.n_segments - 1].any)
                return k;
        reader_complain(r, node, "\"each\" names the elements of a list: it ends with \"/*\"");
        l->path = NULL;
        return 0;
}

static int list_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"path", list_read_text, true},
                {"json", list_read_path, true},
        };
        struct adapter *a = target;
        struct list *l = &a->each[a->n_each];
        const struct json_pointer *p;
        int k;

        if (r->tape.nodes[node].kind == JSON_OBJECT)
                k = reader_object(r, node, "a list in a text", MEMBERS, ARRAY_LEN(MEMBERS), l);
        else
                k = list_read_path(r, node, l);
        if (k < 0 || !l->path)
                return k;
        p = &l->path->pointer;
        l->container = (struct json_pointer){.segments = p->segments, .text = p->text};
        while (!p->segments[l->container.n_segments].any)
                l->container.n_segments++;
        a->n_each++;
        return 0;
}

static int read_each(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        if (reader_length(r, node) == 0 || reader_length(r, node) > LISTS_MAX) {
                reader_complain(r, node, "\"each\" names at least one list and at most %u",
                                LISTS_MAX);
                return 0;
        }
        a->each = arena_array(r->arena, reader_length(r, node), sizeof(*a->each));
        if (!a->each)
                return -ENOMEM;
        return reader_list(r, node, list_read, a);
}

static int read_optional(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return reader_bool(r, node, &a->optional);
}

static int read_source(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return mapping_read(r, node, &a->envelope[PATH_SOURCE]);
}

static int read_type(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return mapping_read(r, node, &a->envelope[PATH_TYPE]);
}

static int read_subject(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return mapping_read(r, node, &a->envelope[PATH_SUBJECT]);
}

static int read_time(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return mapping_read(r, node, &a->envelope[PATH_TIME]);
}

static int read_first_seen(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return mapping_read(r, node, &a->envelope[PATH_FIRST_SEEN]);
}

static bool name_is_taken(const struct text *name)
{
        static const char *const TAKEN[] = {"source", "id",         "type", "subject",
                                            "time",   "first_seen", "data", "document",
                                            "parent", "envelope"};

        for (unsigned i = 0; i < ARRAY_LEN(TAKEN); i++)
                if (strcmp(TAKEN[i], name->data) == 0)
                        return true;
        return false;
}

static int read_fields(struct reader *r, uint32_t node, void *target)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct adapter *a = target;
        int k;

        if (n->kind != JSON_OBJECT) {
                reader_complain(r, node,
                                "\"fields\" is an object: names, and where their values are");
                return 0;
        }
        a->field_names = arena_array(r->arena, n->count + 1U, sizeof(*a->field_names));
        a->fields = arena_array(r->arena, n->count + 1U, sizeof(*a->fields));
        if (!a->field_names || !a->fields)
                return -ENOMEM;
        for (uint32_t i = 0, key = json_first(&r->tape, node); i < n->count;
             i++, key = r->tape.nodes[key + 1].next) {
                struct text name;

                k = reader_text(r, key, FIELD_NAME_BYTES, &name);
                if (k < 0)
                        return k;
                if (!name.data)
                        continue;
                if (name_is_taken(&name))
                        reader_complain(r, key, "\"%s\" already names a part of every event",
                                        name.data);
                a->field_names[a->n_fields] = name.data;
                k = mapping_read(r, key + 1, &a->fields[a->n_fields++]);
                if (k < 0)
                        return k;
        }
        return 0;
}

struct places {
        struct place *items;
        unsigned n;
};

static int add_place(struct reader *r, uint32_t node, void *target)
{
        struct places *list = target;
        int k;

        k = place_read(r, node, &list->items[list->n]);
        if (k < 0 || !list->items[list->n].path)
                return k;
        if (list->items[list->n].path->pointer.wild)
                reader_complain(r, node,
                                "a number of a delivery is a single value; \"*\" names many");
        list->n++;
        return 0;
}

static int read_places(struct reader *r, uint32_t node, struct place **ret, unsigned *ret_n)
{
        struct places list = {0};
        int k;

        list.items = arena_array(r->arena, reader_length(r, node), sizeof(*list.items));
        if (!list.items)
                return -ENOMEM;
        k = reader_list(r, node, add_place, &list);
        *ret = list.items;
        *ret_n = list.n;
        return k;
}

static int read_delivery(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return read_places(r, node, &a->delivery, &a->n_delivery);
}

static int read_redact(struct reader *r, uint32_t node, void *target)
{
        struct adapter *a = target;

        return redactions_read(r, node, &a->redact);
}

int adapter_read(struct reader *r, uint32_t node, struct adapter *ret)
{
        static const struct member MEMBERS[] = {
                {"id", read_id, true},
                {"description", read_description, false},
                {"each", read_each, false},
                {"optional", read_optional, false},
                {"source", read_source, true},
                {"type", read_type, true},
                {"subject", read_subject, false},
                {"time", read_time, false},
                {"first_seen", read_first_seen, false},
                {"delivery", read_delivery, false},
                {"fields", read_fields, false},
                {"redact", read_redact, false},
        };
        cleanup_(buffer_done) struct buffer canonical = BUFFER_NULL;
        int k;

        *ret = (struct adapter){.reader = r, .node = node};
        k = reader_object(r, node, "an adapter", MEMBERS, ARRAY_LEN(MEMBERS), ret);
        if (k < 0)
                return k;
        ret->file = arena_dup(r->arena, r->path, strlen(r->path));
        if (!ret->file)
                return -ENOMEM;
        if (ret->optional && ret->n_each == 0)
                reader_complain(r, node,
                                "\"optional\" belongs to \"each\": a message without its "
                                "lists holds no event");
        canonical_text(&r->tape, node, &canonical);
        if (buffer_status(&canonical) < 0)
                return -ENOMEM;
        hash_of(canonical.data, canonical.size, &ret->hash);
        return 0;
}
