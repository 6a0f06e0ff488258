/* Computes fingerprints; the form is in the header. */
#include "daemon/core/fingerprint.h"

#include <string.h>

#include "proto/base/limits.h"

static void hash_sized(struct hasher *h, const char *data, size_t size)
{
        uint8_t length[4] = {(uint8_t) (size >> 24), (uint8_t) (size >> 16), (uint8_t) (size >> 8),
                             (uint8_t) size};

        hash_update(h, length, sizeof(length));
        hash_update(h, data, size);
}

static int part_add(struct hasher *h, const struct value *value, bool as_text)
{
        char letter;

        switch (value->kind) {
        case JSON_STRING:
                letter = 's';
                break;
        case JSON_NUMBER:
                letter = 'n';
                break;
        case JSON_TRUE:
        case JSON_FALSE:
                letter = 'b';
                break;
        case JSON_NULL:
        case JSON_ARRAY:
        case JSON_OBJECT:
        default:
                return FINGERPRINT_E_PART;
        }
        if (as_text)
                letter = 's';
        hash_update(h, &letter, 1);
        hash_sized(h, value->text.data, value->text.size);
        return 0;
}

void fingerprint_of_text(const char *rule_id, const struct text *t, struct hash *ret)
{
        struct hasher h;

        hash_init(&h);
        hash_sized(&h, rule_id, strlen(rule_id));
        hash_update(&h, "s", 1);
        hash_sized(&h, t->data, t->size);
        hash_final(&h, ret);
}

int fingerprint_make(const struct fingerprint_parts *parts, const char *rule_id, const char *from,
                     struct view *v, struct hash *ret, struct problem *reterr)
{
        const char *what = parts->what ? parts->what : "fingerprint";
        struct hasher h;

        hash_init(&h);
        hash_sized(&h, rule_id, strlen(rule_id));
        for (unsigned i = 0; i < parts->n; i++) {
                const char *path = parts->paths[i]->pointer.text;
                struct value value = {0};
                int r;

                r = view_find(v, parts->paths[i], &value);
                if (r < 0)
                        return r;
                if (r > 0 || value.kind == JSON_NULL) {
                        if (!parts->null_if_missing) {
                                problem_set(
                                        reterr, 0,
                                        "rule \"%s\" needs %s for its %s, and the event "
                                        "has none; send it, or give the rule \"missing\": \"null\"",
                                        from, path, what);
                                return FINGERPRINT_E_PART;
                        }
                        hash_update(&h, "z", 1);
                        hash_sized(&h, "", 0);
                        continue;
                }
                if (value.text.size > LIMIT_FINGERPRINT_PART && value.kind == JSON_STRING) {
                        problem_set(reterr, 0,
                                    "rule \"%s\" takes %s into its %s, and in the event it has "
                                    "%zu bytes; the most is %u: name something shorter",
                                    from, path, what, value.text.size, LIMIT_FINGERPRINT_PART);
                        return FINGERPRINT_E_PART;
                }
                if (part_add(&h, &value, parts->as_text) != 0) {
                        problem_set(reterr, 0,
                                    "rule \"%s\" takes %s into its %s, and in the event it is "
                                    "a list or an object; name a text or a number in it",
                                    from, path, what);
                        return FINGERPRINT_E_PART;
                }
        }
        hash_final(&h, ret);
        return 0;
}
