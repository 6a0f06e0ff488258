/* Blocks of memory in a list, newest first; large wishes get a block of their own. Owned by
 * rulesets and judges. */
#include "daemon/core/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t) 16 * 1024)

struct arena_block {
        struct arena_block *next;
        size_t used, size;
        alignas(max_align_t) unsigned char bytes[];
};

void arena_done(struct arena *a)
{
        while (a->blocks) {
                struct arena_block *b = a->blocks;

                a->blocks = b->next;
                free(b);
        }
}

void arena_clear(struct arena *a)
{
        struct arena_block *kept = NULL;

        while (a->blocks) {
                struct arena_block *b = a->blocks;

                a->blocks = b->next;
                if (!kept && b->size == BLOCK_BYTES) {
                        b->used = 0;
                        b->next = NULL;
                        kept = b;
                } else {
                        free(b);
                }
        }
        a->blocks = kept;
}

void *arena_alloc(struct arena *a, size_t size)
{
        size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
        struct arena_block *b = a->blocks;
        void *p;

        if (rounded < size || rounded > SIZE_MAX / 2)
                return NULL;
        if (!b || b->size - b->used < rounded) {
                size_t wanted = MAX(rounded, BLOCK_BYTES);

                b = malloc(sizeof(*b) + wanted);
                if (!b)
                        return NULL;
                b->next = a->blocks;
                b->used = 0;
                b->size = wanted;
                a->blocks = b;
        }
        p = b->bytes + b->used;
        b->used += rounded;
        return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
        size_t all;

        if (__builtin_mul_overflow(n, size, &all))
                return NULL;
        return arena_alloc(a, all);
}

char *arena_dup(struct arena *a, const char *data, size_t size)
{
        char *copy = arena_alloc(a, size + 1);

        if (copy && size > 0)
                memcpy(copy, data, size);
        return copy;
}

int arena_text(struct arena *a, const char *data, size_t size, struct text *ret)
{
        char *copy = arena_dup(a, data, size);

        if (!copy)
                return -ENOMEM;
        *ret = (struct text){copy, size};
        return 0;
}
