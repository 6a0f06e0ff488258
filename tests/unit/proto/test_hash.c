/* Tests of seal/hash. Vectors: FIPS 180-2 for SHA-256, the others computed with Python's hashlib.
 */
#include "test.h"

#include "proto/seal/hash.h"

static void assert_hash(const struct hash *h, const char *hex)
{
        char text[2 * HASH_BYTES + 1];

        hash_hex(h, text);
        assert_string_equal(text, hex);
}

static void test_sha256(void **state unused_)
{
        struct hasher s;
        struct hash h;

        hash_of("abc", 3, &h);
        assert_hash(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        hash_of(NULL, 0, &h);
        assert_hash(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        hash_init(&s);
        hash_update(&s, "a", 1);
        hash_update(&s, "", 0);
        hash_update(&s, "bc", 2);
        hash_final(&s, &h);
        assert_hash(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* hashlib.sha256(struct.pack(">I", len(source)) + source + struct.pack(">I", len(id)) + id)[:16] */
static void test_event_key(void **state unused_)
{
        static const struct {
                const char *source, *id, *hex;
        } CASES[] = {
                {"source", "id", "4a7910c3291c276ef0dee42c8777d52f"},
                {"sourcei", "d", "321ceed9d8a8c1ab79db4ac329551e83"},
                {"", "", "af5570f5a1810b7af78caf4bc70a660f"},
        };

        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
                cleanup_(buffer_done) struct buffer hex = BUFFER_NULL;
                uint8_t key[KEY_BYTES];

                event_key_make(CASES[i].source, strlen(CASES[i].source), CASES[i].id,
                               strlen(CASES[i].id), key);
                buffer_add_hex(&hex, key, sizeof(key));
                assert_string_equal(hex.data, CASES[i].hex);
        }
}

/* hashlib.sha256(bytes(range(32)) + b"body") */
static void test_digest(void **state unused_)
{
        uint8_t salt[SALT_BYTES];
        struct hash h;

        for (unsigned i = 0; i < SALT_BYTES; i++)
                salt[i] = (uint8_t) i;
        digest_make(salt, "body", 4, &h);
        assert_hash(&h, "2343b385c6a0d5e61c666640a4bcd3f6988c35e13cf3bba24df876f51078d27c");
}

static void test_salt(void **state unused_)
{
        uint8_t a[SALT_BYTES], b[SALT_BYTES];

        salt_make(a);
        salt_make(b);
        assert_memory_not_equal(a, b, SALT_BYTES);
}

/* No salt comes twice, over several keys and several suppliers. */
static void test_salts_ahead(void **state unused_)
{
        enum { N = 3 * SALTS_AHEAD };
        static struct salts one, other;
        static uint8_t all[2 * N][SALT_BYTES];

        for (unsigned i = 0; i < N; i++) {
                salt_take(&one, all[i]);
                salt_take(&other, all[N + i]);
        }
        for (unsigned i = 0; i < 2 * N; i++)
                for (unsigned k = 0; k < i; k++)
                        assert_memory_not_equal(all[i], all[k], SALT_BYTES);
}

static void test_from_hex(void **state unused_)
{
        static const char HEX[] =
                "ba7816bf8f01cfea414140de5dae2223B00361A396177A9CB410FF61F20015AD";
        struct hash h = {{0}}, same = {{0}};

        assert_int_equal(hash_from_hex(HEX, 63, &h), 1);
        assert_int_equal(hash_from_hex(HEX, 65, &h), 1);
        assert_int_equal(hash_from_hex("", 0, &h), 1);
        assert_int_equal(
                hash_from_hex("xa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                              64, &h),
                1);
        assert_int_equal(
                hash_from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a ",
                              64, &h),
                1);
        assert_memory_equal(&h, &same, sizeof(h));
        assert_int_equal(hash_from_hex(HEX, 64, &h), 0);
        assert_hash(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sha256),   cmocka_unit_test(test_event_key),
                cmocka_unit_test(test_digest),   cmocka_unit_test(test_salt),
                cmocka_unit_test(test_from_hex), cmocka_unit_test(test_salts_ahead),
        };

        return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
