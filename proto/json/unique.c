/* Duplicate keys, refused at any depth: a reader that keeps the first and one that keeps the last
 * would see two different events in the same bytes. Few keys are compared pairwise by fingerprint,
 * many are sorted, so that no input makes this quadratic. Temporary memory only for the latter. */
#include <errno.h>
#include <string.h>

#include "proto/json/scan.h"

enum { PAIRWISE_KEYS = 32 };

struct key_entry {
        uint32_t fingerprint;
        uint32_t node;
};

static uint32_t fingerprint_mix(uint64_t first, uint64_t last, uint64_t size)
{
        uint64_t h = first * UINT64_C(0x9E3779B97F4A7C15);

        h ^= (last + size) * UINT64_C(0xC2B2AE3D27D4EB4F);
        h ^= h >> 29;
        h *= UINT64_C(0xBF58476D1CE4E5B9);
        return (uint32_t) (h >> 32);
}

static uint64_t load8(const char *p)
{
        uint64_t v;

        memcpy(&v, p, sizeof(v));
        return __builtin_bswap64(v);
}

/* First and last eight decoded bytes and the size: cheap, and what it confuses is compared anyway.
 */
uint32_t key_fingerprint(const struct json_tape *t, const struct json_node *key)
{
        const char *p = t->text + key->offset;
        uint64_t first = 0, last = 0, size = 0;
        struct string_cursor c;
        int byte;

        if (!key->escaped && key->length >= 8)
                return fingerprint_mix(load8(p), load8(p + key->length - 8), key->length);
        if (!key->escaped) {
                for (uint32_t i = 0; i < key->length; i++)
                        first = first << 8 | (unsigned char) p[i];
                return fingerprint_mix(first, first, key->length);
        }
        string_cursor_init(&c, p, key->length);
        while ((byte = string_cursor_next(&c)) >= 0) {
                if (size < 8)
                        first = first << 8 | (unsigned) byte;
                last = last << 8 | (unsigned) byte;
                size++;
        }
        return fingerprint_mix(first, last, size);
}

int key_compare(const struct json_tape *t, uint32_t a, uint32_t b)
{
        const struct json_node *x = &t->nodes[a], *y = &t->nodes[b];
        struct string_cursor cx, cy;
        int bx, by;

        if (!x->escaped && !y->escaped) {
                int r = memcmp(t->text + x->offset, t->text + y->offset, MIN(x->length, y->length));

                return r != 0 ? r : (x->length > y->length) - (x->length < y->length);
        }
        string_cursor_init(&cx, t->text + x->offset, x->length);
        string_cursor_init(&cy, t->text + y->offset, y->length);
        do {
                bx = string_cursor_next(&cx);
                by = string_cursor_next(&cy);
        } while (bx == by && bx >= 0);
        return bx - by;
}

static void keys_collect(const struct json_tape *t, uint32_t object, struct key_entry *ret)
{
        uint32_t key = json_first(t, object);

        for (uint32_t i = 0; i < t->nodes[object].count; i++) {
                ret[i] = (struct key_entry){t->nodes[key].count, key};
                key = t->nodes[key + 1].next;
        }
}

static int keys_find_pairwise(const struct json_tape *t, const struct key_entry *keys, uint32_t n,
                              uint32_t *ret_key)
{
        for (uint32_t i = 1; i < n; i++)
                for (uint32_t j = 0; j < i; j++)
                        if (keys[i].fingerprint == keys[j].fingerprint &&
                            key_compare(t, keys[i].node, keys[j].node) == 0) {
                                *ret_key = keys[i].node;
                                return 1;
                        }
        return 0;
}

/* By fingerprint, then by the keys themselves: many keys made to share a fingerprint cost a
 * logarithm, not a square. */
static int entry_compare(const void *a, const void *b, void *tape)
{
        const struct key_entry *x = a, *y = b;

        if (x->fingerprint != y->fingerprint)
                return x->fingerprint < y->fingerprint ? -1 : 1;
        return key_compare(tape, x->node, y->node);
}

int object_find_duplicate(const struct json_tape *t, uint32_t object, uint32_t *ret_key)
{
        struct key_entry few[PAIRWISE_KEYS];
        cleanup_(free_p) struct key_entry *many = NULL;
        uint32_t n = t->nodes[object].count;
        struct json_tape tape = *t; /* qsort_r takes no const */

        if (n <= PAIRWISE_KEYS) {
                keys_collect(t, object, few);
                return keys_find_pairwise(t, few, n, ret_key);
        }
        many = malloc(n * sizeof(*many));
        if (!many)
                return -ENOMEM;
        keys_collect(t, object, many);
        qsort_r(many, n, sizeof(*many), entry_compare, &tape);
        for (uint32_t i = 1; i < n; i++)
                if (many[i].fingerprint == many[i - 1].fingerprint &&
                    key_compare(t, many[i].node, many[i - 1].node) == 0) {
                        *ret_key = MAX(many[i].node, many[i - 1].node);
                        return 1;
                }
        return 0;
}
