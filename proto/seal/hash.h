/* Hashes of the register: one wrapper around libsodium's SHA-256, and the forms that SEMANTICS
 * section 3 fixes. Changing any of these means a new journal. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES 32
#define SALT_BYTES 32
#define KEY_BYTES  16

struct hash {
        uint8_t bytes[HASH_BYTES];
};

/* Streaming SHA-256. */
struct hasher {
        union {
                uint64_t align;
                unsigned char
                        state[128]; /* crypto_hash_sha256_state; a static assert checks the size */
        };
};
void hash_init(struct hasher *h);
void hash_update(struct hasher *h, const void *data, size_t size);
void hash_final(struct hasher *h, struct hash *ret);
void hash_of(const void *data, size_t size, struct hash *ret);

/* event_key: first 16 bytes of SHA-256 over the source and id, each behind its length as uint32
 * big-endian. */
void event_key_make(const char *source, size_t source_size, const char *id, size_t id_size,
                    uint8_t ret[KEY_BYTES]);
/* digest = SHA-256(salt | body) */
void digest_make(const uint8_t salt[SALT_BYTES], const void *body, size_t size, struct hash *ret);
void salt_make(uint8_t ret[SALT_BYTES]); /* random bytes */
/* Salts for many: the kernel is asked for a key once in SALTS_AHEAD, which ChaCha20 then stretches.
 * Zeroed at first. */
#define SALTS_AHEAD 64U
struct salts {
        size_t left;
        uint8_t bytes[SALTS_AHEAD * SALT_BYTES];
};
void salt_take(struct salts *s, uint8_t ret[SALT_BYTES]);
void hash_hex(const struct hash *h, char ret[2 * HASH_BYTES + 1]);
int hash_from_hex(const char *hex, size_t size, struct hash *ret); /* 0 or 1: not 64 hex digits */
