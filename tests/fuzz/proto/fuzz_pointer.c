/* json/pointer: the first line is a pointer, the rest a document. What is found lies on the tape,
 * and the first of all is the one. */
#include "fuzz.h"

#include "proto/json/tape.h"

static int count(const struct json_tape *t, uint32_t node, void *userdata)
{
        CHECK(node < t->n_nodes);
        ++*(unsigned *) userdata;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(json_pointer_done) struct json_pointer p = {0};
        unsigned n = 0;
        uint32_t node;

        if (!line ||
            json_pointer_compile((const char *) data, (size_t) (line - data), &p, NULL) != 0)
                return 0;
        if (json_tape_parse(&t, line + 1, size - (size_t) (line - data) - 1, NULL) != 0)
                return 0;
        CHECK(json_find_each(&t, 0, &p, count, &n) == 0);
        CHECK(p.wild || n <= 1);
        CHECK((json_find(&t, 0, &p, &node) == 0) == (n > 0));
        return 0;
}
