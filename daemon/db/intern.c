/* FNV-1a over strings that are short (an envelope's, a case's key); at most half of the slots are
 * used. */
#include <errno.h>
#include <string.h>

#include "daemon/db/intern.h"

#define SLOTS_FIRST 256U

struct intern_slot {
        uint32_t hash;
        unsigned number; /* from 1; 0 is an empty slot */
        size_t offset, size;
};

void intern_done(struct intern *i)
{
        buffer_done(&i->bytes);
        free(i->slots);
        free(i->ends);
        *i = (struct intern){0};
}

void intern_clear(struct intern *i)
{
        if (i->n > 0)
                memset(i->slots, 0, i->n_slots * sizeof(*i->slots));
        buffer_clear(&i->bytes);
        i->n = 0;
}

static int grow(struct intern *i)
{
        unsigned n = i->n_slots ? i->n_slots * 2 : SLOTS_FIRST;
        struct intern_slot *slots = calloc(n, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (unsigned k = 0; k < i->n_slots; k++) {
                uint32_t at = i->slots[k].hash % n;

                if (i->slots[k].number == 0)
                        continue;
                while (slots[at].number != 0)
                        at = (at + 1) % n;
                slots[at] = i->slots[k];
        }
        free(i->slots);
        i->slots = slots;
        i->n_slots = n;
        return 0;
}

static int ends_grow(struct intern *i)
{
        unsigned n = MAX(SLOTS_FIRST, i->n_ends * 2U);
        size_t *ends = realloc(i->ends, n * sizeof(*ends));

        if (!ends)
                return -ENOMEM;
        i->ends = ends;
        i->n_ends = n;
        return 0;
}

int intern_number(struct intern *i, const void *data, size_t size, unsigned *ret_number,
                  bool *ret_new)
{
        const unsigned char *bytes = data;
        uint32_t hash = 2166136261U, at;
        struct intern_slot *slot;

        if ((i->n * 2 >= i->n_slots && grow(i) < 0) || (i->n == i->n_ends && ends_grow(i) < 0))
                return -ENOMEM;
        for (size_t k = 0; k < size; k++)
                hash = (hash ^ bytes[k]) * 16777619U;
        for (at = hash % i->n_slots;; at = (at + 1) % i->n_slots) {
                slot = &i->slots[at];
                if (slot->number == 0)
                        break;
                if (slot->hash == hash && slot->size == size &&
                    memcmp(i->bytes.data + slot->offset, data, size) == 0) {
                        *ret_number = slot->number - 1;
                        *ret_new = false;
                        return 0;
                }
        }
        *slot = (struct intern_slot){
                .hash = hash, .number = i->n + 1, .offset = i->bytes.size, .size = size};
        buffer_add(&i->bytes, data, size);
        if (buffer_status(&i->bytes) < 0)
                return -ENOMEM;
        i->ends[i->n] = i->bytes.size;
        *ret_number = i->n++;
        *ret_new = true;
        return 0;
}

const char *intern_string(const struct intern *i, unsigned number, size_t *ret_size)
{
        size_t start = number > 0 ? i->ends[number - 1] : 0;

        *ret_size = i->ends[number] - start;
        return i->bytes.data ? i->bytes.data + start : "";
}
