/* One line a part of the event, one a rule with its reason, one a condition that decided; rules
 * that match come first, those that have nothing to do with the event are only counted. */
#include <stdio.h>
#include <string.h>

#include "daemon/app/explain_lines.h"
#include "proto/json/tape.h"

struct lines {
        const struct json_tape *t;
        struct buffer *out;
        struct buffer line;
        bool first;
        bool matching; /* of the rules, those that match, or the others */
        unsigned n_out;
};

static void flush(struct lines *l)
{
        if (!l->first)
                buffer_add_char(l->out, ',');
        l->first = false;
        buffer_add_json_string(l->out, l->line.data ? l->line.data : "", l->line.size);
        buffer_clear(&l->line);
}

/* A member as text: strings decoded, the rest as it stands; "-" where absent or null. */
static void add(struct lines *l, uint32_t node, const char *name)
{
        const char *text;
        size_t size;
        uint32_t value;

        if (json_member(l->t, node, name, &value) != 0 || l->t->nodes[value].kind == JSON_NULL) {
                buffer_add_char(&l->line, '-');
                return;
        }
        if (l->t->nodes[value].kind == JSON_STRING) {
                json_string_decode(l->t, value, &l->line);
                return;
        }
        json_slice(l->t, value, &text, &size);
        buffer_add(&l->line, text, size);
}

static bool is(struct lines *l, uint32_t node, const char *name, const char *word)
{
        uint32_t value;

        return json_member(l->t, node, name, &value) == 0 &&
               l->t->nodes[value].kind == JSON_STRING &&
               json_string_equals(l->t, value, word, strlen(word));
}

static bool has(struct lines *l, uint32_t node, const char *name)
{
        uint32_t value;

        return json_member(l->t, node, name, &value) == 0 && l->t->nodes[value].kind != JSON_NULL;
}

static void each(struct lines *l, uint32_t node, const char *name,
                 void (*fn)(struct lines *l, uint32_t node))
{
        uint32_t list, child;

        if (json_member(l->t, node, name, &list) != 0 || l->t->nodes[list].kind != JSON_ARRAY)
                return;
        child = json_first(l->t, list);
        for (uint32_t i = 0; i < l->t->nodes[list].count; i++, child = l->t->nodes[child].next)
                fn(l, child);
}

static void condition(struct lines *l, uint32_t node)
{
        buffer_add_str(&l->line, "      ");
        add(l, node, "path");
        buffer_add_str(&l->line, " is ");
        add(l, node, "value");
        buffer_add_str(&l->line, is(l, node, "truth", "yes")  ? ": holds"
                                 : is(l, node, "truth", "no") ? ": does not hold"
                                                              : ": unknown");
        buffer_add_str(&l->line, " (");
        add(l, node, "asked");
        buffer_add_char(&l->line, ')');
        flush(l);
}

/* The texts of a list, separated by commas. False: there are none. */
static bool add_list(struct lines *l, uint32_t node, const char *name)
{
        uint32_t list, child;

        if (json_member(l->t, node, name, &list) != 0 || l->t->nodes[list].count == 0)
                return false;
        child = json_first(l->t, list);
        for (uint32_t i = 0; i < l->t->nodes[list].count; i++, child = l->t->nodes[child].next) {
                buffer_add_str(&l->line, i > 0 ? ", " : "");
                json_string_decode(l->t, child, &l->line);
        }
        return true;
}

static void controls(struct lines *l, uint32_t node)
{
        if (!has(l, node, "controls"))
                return;
        buffer_add_str(&l->line, "      controls: ");
        if (!add_list(l, node, "controls"))
                buffer_add_str(&l->line, "none");
        flush(l);
        if (!has(l, node, "dropped"))
                return;
        buffer_add_str(&l->line, "      no control of Annex A, left out: ");
        if (add_list(l, node, "dropped"))
                flush(l);
        else
                buffer_clear(&l->line);
}

static void rule(struct lines *l, uint32_t node)
{
        bool out = has(l, node, "why");

        if (l->matching != is(l, node, "truth", "yes"))
                return;
        l->n_out += out;
        if (out)
                return;
        buffer_add_str(&l->line,
                       is(l, node, "truth", "yes") ? "  matches: " : "  does not match: ");
        add(l, node, "rule");
        buffer_add_str(&l->line, " (");
        add(l, node, "effect");
        buffer_add_char(&l->line, ')');
        flush(l);
        each(l, node, "conditions", condition);
        if (has(l, node, "then")) {
                buffer_add_str(&l->line, "      then ");
                add(l, node, "then");
                buffer_add_char(&l->line, '.');
                flush(l);
        }
        controls(l, node);
}

static void part(struct lines *l, uint32_t node)
{
        add(l, node, "type");
        buffer_add_str(&l->line, " from ");
        add(l, node, "source");
        buffer_add_str(&l->line, " about ");
        add(l, node, "subject");
        buffer_add_str(&l->line, ": ");
        add(l, node, "status");
        if (has(l, node, "error")) {
                buffer_add_str(&l->line, ": ");
                add(l, node, "error");
        }
        flush(l);
        l->n_out = 0;
        l->matching = true;
        each(l, node, "rules", rule);
        l->matching = false;
        each(l, node, "rules", rule);
        if (l->n_out > 0) {
                buffer_printf(&l->line,
                              "  %u more rules are for events of other adapters, or not enabled",
                              l->n_out);
                flush(l);
        }
}

void explain_lines(const char *json, size_t size, struct buffer *b)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct lines l = {.t = &t, .out = b, .first = true};

        buffer_add_char(b, '[');
        if (json_tape_parse(&t, json, size, NULL) == 0) {
                if (has(&l, 0, "error")) {
                        add(&l, 0, "status");
                        buffer_add_str(&l.line, ": ");
                        add(&l, 0, "error");
                        flush(&l);
                }
                each(&l, 0, "parts", part);
        }
        buffer_add_char(b, ']');
        buffer_done(&l.line);
}
