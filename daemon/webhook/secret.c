/* Who may post. */
#include "daemon/webhook/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/webhook/limits.h"
#include "proto/base/util.h"

#define BLANKS " \t"

void secrets_done(struct secrets *s)
{
        for (size_t i = 0; i < s->n; i++) {
                sodium_memzero(s->list[i].bytes, s->list[i].size);
                free(s->list[i].bytes);
        }
        free(s->list);
        *s = (struct secrets){0};
}

static int secrets_add(struct secrets *s, const char *bytes, size_t size)
{
        struct secret *list;

        list = reallocarray(s->list, s->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        s->list = list;
        s->list[s->n] = (struct secret){.bytes = malloc(size + 1), .size = size};
        if (!s->list[s->n].bytes)
                return -ENOMEM;
        memcpy(s->list[s->n].bytes, bytes, size);
        s->list[s->n++].bytes[size] = '\0';
        return 0;
}

int secrets_read(struct secrets *ret, const char *text, size_t size, struct problem *reterr)
{
        cleanup_(secrets_done) struct secrets s = {0};
        unsigned line = 0;

        for (size_t at = 0; at < size;) {
                const char *begin = text + at, *feed = memchr(begin, '\n', size - at);
                size_t n = feed ? (size_t) (feed - begin) : size - at;
                int r;

                at += n + 1;
                line++;
                while (n > 0 && strchr(BLANKS "\r", begin[n - 1]))
                        n--;
                if (n == 0 || *begin == '#')
                        continue;
                if (n < WEBHOOK_SECRET_MIN || n > WEBHOOK_SECRET_MAX || memchr(begin, '\0', n)) {
                        problem_set(reterr, 0, "line %u is no secret: it takes %u to %u characters",
                                    line, WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX);
                        return 1;
                }
                r = secrets_add(&s, begin, n);
                if (r < 0)
                        return r;
        }
        if (s.n == 0) {
                problem_set(reterr, 0, "there is no secret in it: write one a line");
                return 1;
        }
        secrets_done(ret);
        *ret = s;
        s = (struct secrets){0};
        return 0;
}

/* Digests have one length, so neither length nor place of a difference shows in the time. */
static bool is_same(const struct secret *s, const char *given, size_t size)
{
        unsigned char a[crypto_hash_sha256_BYTES], b[crypto_hash_sha256_BYTES];

        crypto_hash_sha256(a, (const unsigned char *) s->bytes, s->size);
        crypto_hash_sha256(b, (const unsigned char *) given, size);
        return sodium_memcmp(a, b, sizeof(a)) == 0;
}

bool secret_matches(const struct secrets *s, const char *given)
{
        size_t size = given ? strlen(given) : 0;
        bool matches = false;

        for (size_t i = 0; size > 0 && i < s->n; i++)
                matches |= is_same(&s->list[i], given, size);
        return matches;
}

/* What stands behind the word of a scheme (any case); NULL where it is another scheme. */
static const char *behind(const char *authorization, const char *scheme)
{
        size_t n = strlen(scheme);

        if (!authorization || strncasecmp(authorization, scheme, n) != 0 ||
            strspn(authorization + n, BLANKS) == 0)
                return NULL;
        return authorization + n + strspn(authorization + n, BLANKS);
}

bool secret_matches_bearer(const struct secrets *s, const char *authorization)
{
        return secret_matches(s, behind(authorization, "Bearer"));
}

bool secret_matches_basic(const struct secrets *s, const char *authorization)
{
        const char *text = behind(authorization, "Basic"), *colon;
        char decoded[2 * WEBHOOK_SECRET_MAX];
        size_t n = 0;
        bool matches;

        if (!text ||
            sodium_base642bin((unsigned char *) decoded, sizeof(decoded) - 1, text, strlen(text),
                              BLANKS, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
                return false;
        decoded[n] = '\0';
        colon = memchr(decoded, ':', n);
        matches = colon && secret_matches(s, colon + 1);
        sodium_memzero(decoded, sizeof(decoded));
        return matches;
}

/* One of "sha256=HEX", "v1=HEX". */
static bool read_signature(const char *text, size_t size,
                           unsigned char ret[crypto_auth_hmacsha256_BYTES])
{
        static const char *const names[] = {"sha256=", "v1="};
        size_t n_bytes = 0;

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                size_t n = strlen(names[i]);

                if (size == n + 2 * crypto_auth_hmacsha256_BYTES && memcmp(text, names[i], n) == 0)
                        return sodium_hex2bin(ret, crypto_auth_hmacsha256_BYTES, text + n, size - n,
                                              NULL, &n_bytes, NULL) == 0 &&
                               n_bytes == crypto_auth_hmacsha256_BYTES;
        }
        return false;
}

static bool is_signed(const struct secret *s, const unsigned char *given, const void *body,
                      size_t size)
{
        unsigned char own[crypto_auth_hmacsha256_BYTES];
        crypto_auth_hmacsha256_state state;

        crypto_auth_hmacsha256_init(&state, (const unsigned char *) s->bytes, s->size);
        crypto_auth_hmacsha256_update(&state, size > 0 ? body : (const void *) "", size);
        crypto_auth_hmacsha256_final(&state, own);
        sodium_memzero(&state, sizeof(state));
        return sodium_memcmp(own, given, sizeof(own)) == 0;
}

bool secret_signed(const struct secrets *s, const char *header, const void *body, size_t size)
{
        unsigned char given[crypto_auth_hmacsha256_BYTES];
        bool good = false;
        unsigned n_read = 0;

        while (header && *header && n_read < WEBHOOK_SIGNATURES) {
                size_t n = strcspn(header, ",");

                if (read_signature(header, n, given)) {
                        n_read++;
                        for (size_t i = 0; i < s->n; i++)
                                good |= is_signed(&s->list[i], given, body, size);
                }
                header += n;
                header += strspn(header, "," BLANKS);
        }
        return good;
}
