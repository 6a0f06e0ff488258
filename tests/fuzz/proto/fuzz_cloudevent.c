/* wire/cloudevent: what is taken has its three names, as strings within the limit. */
#include "fuzz.h"

#include "proto/base/limits.h"
#include "proto/wire/cloudevent.h"

static void name_check(const struct json_tape *t, uint32_t node)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        CHECK(node < t->n_nodes && t->nodes[node].kind == JSON_STRING);
        json_string_decode(t, node, &b);
        CHECK(b.size > 0 && b.size <= LIMIT_ENVELOPE_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem p = {0};
        struct cloudevent e;

        if (json_tape_parse(&t, data, size, NULL) != 0)
                return 0;
        if (cloudevent_read(&t, &e, &p) != 0) {
                CHECK(p.text[0] && p.offset <= size);
                return 0;
        }
        name_check(&t, e.source);
        name_check(&t, e.id);
        name_check(&t, e.type);
        CHECK(e.subject == CLOUDEVENT_ABSENT || t.nodes[e.subject].kind == JSON_STRING);
        CHECK(e.data == CLOUDEVENT_ABSENT || e.data < t.n_nodes);
        return 0;
}
