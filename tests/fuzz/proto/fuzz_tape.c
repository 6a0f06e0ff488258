/* json/tape: what is accepted has a sound tape, is taken with comments allowed as well, and by the
 * reader of small documents; each string survives being decoded and written again. */
#include "fuzz.h"

#include "proto/json/document.h"
#include "proto/json/tape.h"

static void string_check(const struct json_tape *t, uint32_t node)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL, json = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape again = JSON_TAPE_NULL;

        json_string_decode(t, node, &text);
        buffer_add_json_string(&json, text.size > 0 ? text.data : "", text.size);
        CHECK(json_tape_parse(&again, json.data, json.size, NULL) == 0);
        CHECK(json_string_equals(&again, 0, text.data, text.size));
        CHECK(json_string_equals(t, node, text.data, text.size));
}

static void node_check(const struct json_tape *t, uint32_t node)
{
        const struct json_node *n = &t->nodes[node];
        const char *text;
        int64_t value;
        size_t size;

        json_slice(t, node, &text, &size);
        CHECK(text >= t->text && text + size <= t->text + t->size && size > 0);
        CHECK(n->next > node && n->next <= t->n_nodes);
        if (n->kind == JSON_STRING)
                string_check(t, node);
        if (n->kind == JSON_NUMBER)
                CHECK(json_number_compare(text, size, text, size) == 0);
        if (json_int64(t, node, &value) == 0)
                CHECK(n->kind == JSON_NUMBER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL, config = JSON_TAPE_NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        struct problem p = {0};
        int r;

        r = json_tape_parse(&t, data, size, &p);
        CHECK(r == 0 || (r == JSON_E_INVALID && p.offset <= size && p.text[0]));
        if (document_parse_config((const char *) data, size, &d, NULL) != 0)
                CHECK(r != 0);
        if (r != 0)
                return 0;
        CHECK(json_tape_parse_config(&config, data, size, NULL) == 0);
        CHECK(config.n_nodes == t.n_nodes && t.nodes[0].next == t.n_nodes);
        for (uint32_t i = 0; i < t.n_nodes; i++)
                node_check(&t, i);
        return 0;
}
