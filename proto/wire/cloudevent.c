/* CloudEvents 1.0, structured JSON mode: where the attributes stand on the tape. One walk over the
 * members; extensions are left where they are. Pure; used by the daemon's intake and by libcapa. */
#include "proto/wire/cloudevent.h"

#include <string.h>

#include "proto/base/limits.h"

enum attribute {
        ATTRIBUTE_SPECVERSION,
        ATTRIBUTE_SOURCE,
        ATTRIBUTE_ID,
        ATTRIBUTE_TYPE,
        ATTRIBUTE_SUBJECT,
        ATTRIBUTE_TIME,
        ATTRIBUTE_DATA,
        ATTRIBUTE_DATA_BASE64,
        ATTRIBUTE_MAX,
};

static const char *const NAMES[ATTRIBUTE_MAX] = {
        [ATTRIBUTE_SPECVERSION] = "specversion",
        [ATTRIBUTE_SOURCE] = "source",
        [ATTRIBUTE_ID] = "id",
        [ATTRIBUTE_TYPE] = "type",
        [ATTRIBUTE_SUBJECT] = "subject",
        [ATTRIBUTE_TIME] = "time",
        [ATTRIBUTE_DATA] = "data",
        [ATTRIBUTE_DATA_BASE64] = "data_base64",
};

/* Numbers of CloudEvents are whole (type Integer of the specification, in all its formats). */
static bool is_fraction(const struct json_tape *t, uint32_t node)
{
        const struct json_node *n = &t->nodes[node];

        for (uint32_t i = 0; n->kind == JSON_NUMBER && i < n->length; i++)
                if (strchr(".eE", t->text[n->offset + i]))
                        return true;
        return false;
}

/* Nodes of the attributes, CLOUDEVENT_ABSENT where there is none or an attribute is null (which
 * CloudEvents reads as absent; data may be null). ret_fraction: an attribute that is a fraction. */
static void attributes_collect(const struct json_tape *t, uint32_t ret[ATTRIBUTE_MAX],
                               uint32_t *ret_fraction)
{
        uint32_t key = json_first(t, 0);

        for (int a = 0; a < ATTRIBUTE_MAX; a++)
                ret[a] = CLOUDEVENT_ABSENT;
        *ret_fraction = CLOUDEVENT_ABSENT;
        for (uint32_t i = 0; i < t->nodes[0].count; i++) {
                uint32_t value = key + 1;

                for (int a = 0; a < ATTRIBUTE_MAX; a++)
                        if (json_string_equals(t, key, NAMES[a], strlen(NAMES[a])) &&
                            (a == ATTRIBUTE_DATA || t->nodes[value].kind != JSON_NULL))
                                ret[a] = value;
                if (ret[ATTRIBUTE_DATA] != value && is_fraction(t, value))
                        *ret_fraction = value;
                key = t->nodes[value].next;
        }
}

/* Decoded length of a string node, counted up to just above limit. */
static size_t decoded_length(const struct json_tape *t, uint32_t node)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (!t->nodes[node].escaped)
                return t->nodes[node].length;
        json_string_decode(t, node, &b);
        return b.broken ? SIZE_MAX : b.size;
}

static int string_check(const struct json_tape *t, uint32_t node, enum attribute a,
                        struct problem *reterr)
{
        const struct json_node *n = &t->nodes[node];

        if (n->kind != JSON_STRING) {
                problem_set(reterr, n->offset, "the attribute \"%s\" must be a string", NAMES[a]);
                return CLOUDEVENT_E_INVALID;
        }
        if (n->length > LIMIT_ENVELOPE_BYTES && decoded_length(t, node) > LIMIT_ENVELOPE_BYTES) {
                problem_set(reterr, n->offset, "the attribute \"%s\" is longer than %u bytes",
                            NAMES[a], LIMIT_ENVELOPE_BYTES);
                return CLOUDEVENT_E_INVALID;
        }
        return 0;
}

static int required_check(const struct json_tape *t, uint32_t node, enum attribute a,
                          struct problem *reterr)
{
        if (node == CLOUDEVENT_ABSENT) {
                problem_set(reterr, 0, "the required attribute \"%s\" is missing", NAMES[a]);
                return CLOUDEVENT_E_INVALID;
        }
        if (t->nodes[node].kind == JSON_STRING && t->nodes[node].length == 0) {
                problem_set(reterr, t->nodes[node].offset, "the attribute \"%s\" is empty",
                            NAMES[a]);
                return CLOUDEVENT_E_INVALID;
        }
        return string_check(t, node, a, reterr);
}

static int data_check(const struct json_tape *t, const uint32_t *at, struct problem *reterr)
{
        if (at[ATTRIBUTE_DATA_BASE64] == CLOUDEVENT_ABSENT)
                return 0;
        if (at[ATTRIBUTE_DATA] != CLOUDEVENT_ABSENT) {
                problem_set(reterr, t->nodes[at[ATTRIBUTE_DATA_BASE64]].offset,
                            "both \"data\" and \"data_base64\": an event has one of them");
                return CLOUDEVENT_E_INVALID;
        }
        if (t->nodes[at[ATTRIBUTE_DATA_BASE64]].kind != JSON_STRING) {
                problem_set(reterr, t->nodes[at[ATTRIBUTE_DATA_BASE64]].offset,
                            "\"data_base64\" must be a string");
                return CLOUDEVENT_E_INVALID;
        }
        return 0;
}

int cloudevent_read(const struct json_tape *t, struct cloudevent *ret, struct problem *reterr)
{
        uint32_t at[ATTRIBUTE_MAX], fraction;
        int r;

        if (t->nodes[0].kind != JSON_OBJECT) {
                problem_set(reterr, t->nodes[0].offset, "an event must be a JSON object");
                return CLOUDEVENT_E_INVALID;
        }
        attributes_collect(t, at, &fraction);
        for (enum attribute a = ATTRIBUTE_SPECVERSION; a <= ATTRIBUTE_TYPE; a++) {
                r = required_check(t, at[a], a, reterr);
                if (r != 0)
                        return r;
        }
        if (!json_string_equals(t, at[ATTRIBUTE_SPECVERSION], "1.0", 3)) {
                problem_set(reterr, t->nodes[at[ATTRIBUTE_SPECVERSION]].offset,
                            "\"specversion\" is not \"1.0\": this is no CloudEvent that we know");
                return CLOUDEVENT_E_INVALID;
        }
        if (fraction != CLOUDEVENT_ABSENT) {
                problem_set(reterr, t->nodes[fraction].offset,
                            "an attribute is a fraction; numbers of a CloudEvent are whole: send a "
                            "text, or put it into \"data\"");
                return CLOUDEVENT_E_INVALID;
        }
        if (at[ATTRIBUTE_SUBJECT] != CLOUDEVENT_ABSENT) {
                r = string_check(t, at[ATTRIBUTE_SUBJECT], ATTRIBUTE_SUBJECT, reterr);
                if (r != 0)
                        return r;
        }
        r = data_check(t, at, reterr);
        if (r != 0)
                return r;
        *ret = (struct cloudevent){
                .source = at[ATTRIBUTE_SOURCE],
                .id = at[ATTRIBUTE_ID],
                .type = at[ATTRIBUTE_TYPE],
                .subject = at[ATTRIBUTE_SUBJECT],
                .time = at[ATTRIBUTE_TIME],
                .data = at[ATTRIBUTE_DATA],
        };
        return 0;
}
