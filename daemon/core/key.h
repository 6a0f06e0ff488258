/* What rules are filed under and events looked up by: a hash of something that an event must have,
 * at some place of the index. Letters' case is folded away, so equal keys promise nothing: a false
 * hit costs one evaluation, never a wrong match. Pure; called by filing at load, by index for
 * each event. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "daemon/core/text.h"
#include "proto/json/tape.h"

#define KEY_END_BYTES    32U /* of a text's beginning or end, this much is filed */
#define KEY_PIECE_ORDERS 4U  /* pieces of a text have 1, 2, 4 or 8 bytes */

enum key_kind {
        KEY_ADAPTER, /* the event's adapter */
        KEY_VALUE,   /* a value that is equal to this one */
        KEY_ELEMENT, /* a list with an element that is equal */
        KEY_HEAD,    /* a text that begins with it */
        KEY_TAIL,    /* a text that ends with it */
        KEY_PIECE,   /* a text that has it somewhere */
        KEY_NETWORK, /* an address within */
        KEY_FLOOR,   /* a number that isn't less: no hash, an ordered list of its place */
        KEY_CEILING, /* a number that isn't greater */
        KEY_MEMBER,  /* a member of this name, whatever its value */
};

uint64_t key_of_text(enum key_kind kind, unsigned place, const struct text *text);
/* Of a list or an object only the kind counts. text: decoded, or the number as it stands. */
uint64_t key_of_value(enum key_kind kind, unsigned place, enum json_kind value,
                      const struct text *text);
/* What all pieces of this order have in common there. */
uint64_t key_piece_salt(unsigned place, unsigned order);
/* Of the first bits of an address. */
uint64_t key_of_network(unsigned place, const uint8_t address[16], unsigned bits);
/* Of the member of an object that has this key itself; the event's is 0. */
uint64_t key_of_member(uint64_t object, const struct text *name);

static inline uint64_t key_mix(uint64_t h)
{
        h *= UINT64_C(0x9e3779b97f4a7c15); /* 2^64 divided by the golden ratio */
        return h ^ (h >> 29);
}

/* Of the 1 << order bytes at data: one multiplication, since a text has as many pieces as bytes. */
static inline uint64_t key_of_piece(uint64_t salt, unsigned order, const char *data)
{
        uint64_t piece = 0;

        switch (order) { /* sizes that are known to the compiler cost no call */
        case 0:
                memcpy(&piece, data, 1);
                break;
        case 1:
                memcpy(&piece, data, 2);
                break;
        case 2:
                memcpy(&piece, data, 4);
                break;
        default:
                memcpy(&piece, data, 8);
                break;
        }
        return key_mix((piece | UINT64_C(0x2020202020202020)) ^ salt);
}
