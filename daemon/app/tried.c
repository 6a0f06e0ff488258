/* The texts are copied: the request is gone before a replay ends. */
#include "daemon/app/tried.h"

#include <errno.h>
#include <string.h>

#include "proto/base/util.h"
#include "proto/wire/code.h"

void tried_done(struct tried *t)
{
        for (size_t i = 0; i < 2 * t->n; i++)
                free(t->owned[i]);
}

enum source_kind tried_kind(const char *text, size_t size)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        uint32_t one = 0, found;

        if (json_tape_parse_config(&t, text, size, NULL) != 0)
                return SOURCE_RULES;
        if (t.nodes[0].kind == JSON_ARRAY && t.nodes[0].count > 0)
                one = json_first(&t, 0);
        if (json_member(&t, one, "adapters", &found) == 0)
                return SOURCE_ADAPTERS;
        return json_member(&t, one, "effect", &found) != 0 &&
                               json_member(&t, one, "source", &found) == 0
                       ? SOURCE_ADAPTERS
                       : SOURCE_RULES;
}

/* One file: an object with "text", and "path" for messages. 0; 1: it is none; -ENOMEM. */
static int add_file(struct tried *t, const struct json_tape *tape, uint32_t object)
{
        cleanup_(free_p) char *path = NULL, *text = NULL;
        uint32_t node;
        int r;

        if (json_member(tape, object, "text", &node) != 0)
                return 1;
        r = json_string_dup(tape, node, &text);
        if (r == 0 && json_member(tape, object, "path", &node) == 0)
                r = json_string_dup(tape, node, &path);
        if (r != 0)
                return r < 0 ? r : 1;
        if (!path)
                path = strdup("rules");
        if (!path)
                return -ENOMEM;
        t->files[t->n] = (struct source_file){.kind = tried_kind(text, strlen(text)),
                                              .path = path,
                                              .text = text,
                                              .size = strlen(text),
                                              .tried = true};
        t->owned[2 * t->n] = TAKE_PTR(path);
        t->owned[2 * t->n + 1] = TAKE_PTR(text);
        t->n++;
        return 0;
}

static int add_files(struct tried *t, const struct json_tape *tape, uint32_t list)
{
        uint32_t node = json_first(tape, list);
        int r = tape->nodes[list].kind != JSON_ARRAY || tape->nodes[list].count > TRIED_MAX;

        for (uint32_t i = 0; r == 0 && i < tape->nodes[list].count;
             i++, node = tape->nodes[node].next)
                r = add_file(t, tape, node);
        return r;
}

int tried_read(struct tried *t, const struct json_tape *tape, struct arrival *a)
{
        uint32_t node;
        int r = 0;

        if (json_member(tape, 0, "only", &node) == 0)
                t->only = tape->nodes[node].kind == JSON_TRUE;
        if (json_member(tape, 0, "files", &node) == 0)
                r = add_files(t, tape, node);
        else if (json_member(tape, 0, "text", &node) == 0)
                r = add_file(t, tape, 0);
        if (r > 0)
                arrival_refuse(a, code_name(CODE_INVALID),
                               "\"files\" is a list of at most 64 {\"path\",\"text\"}");
        else if (r == 0 && t->only && t->n == 0)
                arrival_refuse(a, code_name(CODE_INVALID),
                               "\"only\" asks for the rules of files alone, and there is none");
        else
                return r;
        return 1;
}
