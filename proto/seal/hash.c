/* The only caller of libsodium's SHA-256. Forms are those of SEMANTICS section 3 and must never
 * change for a journal that exists. Pure; used by seal/journal, the daemon's fingerprints, the
 * client. */
#include "proto/seal/hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(((struct hasher *) 0)->state),
               "struct hasher has room for libsodium's state");
_Static_assert(crypto_hash_sha256_BYTES == HASH_BYTES, "SHA-256 has 32 bytes");

static crypto_hash_sha256_state *hasher_state(struct hasher *h)
{
        return (crypto_hash_sha256_state *) (void *) h->state;
}

void hash_init(struct hasher *h)
{
        (void) crypto_hash_sha256_init(hasher_state(h));
}

void hash_update(struct hasher *h, const void *data, size_t size)
{
        if (size > 0)
                (void) crypto_hash_sha256_update(hasher_state(h), data, size);
}

void hash_final(struct hasher *h, struct hash *ret)
{
        (void) crypto_hash_sha256_final(hasher_state(h), ret->bytes);
}

void hash_of(const void *data, size_t size, struct hash *ret)
{
        struct hasher h;

        hash_init(&h);
        hash_update(&h, data, size);
        hash_final(&h, ret);
}

/* A part of a key, behind its length: no two lists of parts give the same bytes. */
static void hash_update_part(struct hasher *h, const char *part, size_t size)
{
        unsigned char length[4] = {(unsigned char) (size >> 24), (unsigned char) (size >> 16),
                                   (unsigned char) (size >> 8), (unsigned char) size};

        hash_update(h, length, sizeof(length));
        hash_update(h, part, size);
}

void event_key_make(const char *source, size_t source_size, const char *id, size_t id_size,
                    uint8_t ret[KEY_BYTES])
{
        struct hasher h;
        struct hash key;

        hash_init(&h);
        hash_update_part(&h, source, source_size);
        hash_update_part(&h, id, id_size);
        hash_final(&h, &key);
        memcpy(ret, key.bytes, KEY_BYTES);
}

void digest_make(const uint8_t salt[SALT_BYTES], const void *body, size_t size, struct hash *ret)
{
        struct hasher h;

        hash_init(&h);
        hash_update(&h, salt, SALT_BYTES);
        hash_update(&h, body, size);
        hash_final(&h, ret);
}

void salt_make(uint8_t ret[SALT_BYTES])
{
        randombytes_buf(ret, SALT_BYTES);
}

void salt_take(struct salts *s, uint8_t ret[SALT_BYTES])
{
        uint8_t seed[randombytes_SEEDBYTES];

        if (s->left == 0) {
                randombytes_buf(seed, sizeof(seed));
                randombytes_buf_deterministic(s->bytes, sizeof(s->bytes), seed);
                sodium_memzero(seed, sizeof(seed));
                s->left = SALTS_AHEAD;
        }
        memcpy(ret, s->bytes + --s->left * SALT_BYTES, SALT_BYTES);
}

void hash_hex(const struct hash *h, char ret[2 * HASH_BYTES + 1])
{
        (void) sodium_bin2hex(ret, 2 * HASH_BYTES + 1, h->bytes, HASH_BYTES);
}

int hash_from_hex(const char *hex, size_t size, struct hash *ret)
{
        struct hash h;
        size_t n = 0;

        if (size != 2 * (size_t) HASH_BYTES ||
            sodium_hex2bin(h.bytes, sizeof(h.bytes), hex, size, NULL, &n, NULL) != 0 ||
            n != HASH_BYTES)
                return 1;
        *ret = h;
        return 0;
}
