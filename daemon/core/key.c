/* Hashes: FNV-1a, mixed. */
#include "daemon/core/key.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t key_begin(enum key_kind kind, unsigned place)
{
        return (FNV_BASIS ^ kind) * FNV_PRIME ^ place;
}

uint64_t key_of_text(enum key_kind kind, unsigned place, const struct text *text)
{
        uint64_t h = key_begin(kind, place);

        for (size_t i = 0; i < text->size; i++)
                h = (h ^ ((unsigned char) text->data[i] | 0x20U)) * FNV_PRIME;
        return key_mix(h);
}

uint64_t key_of_value(enum key_kind kind, unsigned place, enum json_kind value,
                      const struct text *text)
{
        if (value == JSON_STRING)
                return key_of_text(kind, place, text);
        if (value == JSON_NUMBER)
                return key_mix(key_begin(kind, place) ^ json_number_hash(text->data, text->size));
        return key_mix(key_begin(kind, place) ^ ((uint64_t) value << 32));
}

uint64_t key_piece_salt(unsigned place, unsigned order)
{
        return key_mix(key_begin(KEY_PIECE, place) + order);
}

uint64_t key_of_network(unsigned place, const uint8_t address[16], unsigned bits)
{
        uint64_t h = key_begin(KEY_NETWORK, place) + bits;

        for (unsigned i = 0; i < bits / 8; i++)
                h = (h ^ address[i]) * FNV_PRIME;
        if (bits % 8 > 0)
                h = (h ^ (address[bits / 8] & (0xFF00U >> (bits % 8)) & 0xFFU)) * FNV_PRIME;
        return key_mix(h);
}

uint64_t key_of_member(uint64_t object, const struct text *name)
{
        return key_mix(object ^ key_of_text(KEY_MEMBER, 0, name));
}
