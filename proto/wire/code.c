/* The words both sides compare, one table each; PROTOCOL.md lists the same and a test compares
 * them. Pure; used by bus, app, libcapa and capactl. */
#include "proto/wire/code.h"

#include <string.h>

#include "proto/base/util.h"

/* Exit statuses: SEMANTICS section 9. */
static const struct {
        const char *name;
        int exit_status;
} CODES[CODE_MAX] = {
        [CODE_MALFORMED] = {"malformed", 70},
        [CODE_UNKNOWN_VERB] = {"unknown_verb", 70},
        [CODE_UNKNOWN_METHOD] = {"unknown_method", 70},
        [CODE_INVALID] = {"invalid", 1},
        [CODE_TOO_BIG] = {"too_big", 1},
        [CODE_FORBIDDEN] = {"forbidden", 1},
        [CODE_NOT_FOUND] = {"not_found", 4},
        [CODE_REFUSED] = {"refused", 1},
        [CODE_CONFLICT] = {"conflict", 1},
        [CODE_UNAVAILABLE] = {"unavailable", 3},
        [CODE_INTERNAL] = {"internal", 70},
};

static const char *const VERDICTS[VERDICT_MAX] = {
        [VERDICT_TOO_BIG] = "too_big",   [VERDICT_FORBIDDEN] = "forbidden",
        [VERDICT_INVALID] = "invalid",   [VERDICT_STORED] = "stored",
        [VERDICT_CONFLICT] = "conflict", [VERDICT_DUPLICATE] = "duplicate",
        [VERDICT_IGNORED] = "ignored",
};

const char *code_name(enum capa_code c)
{
        return c >= 0 && c < CODE_MAX ? CODES[c].name : NULL;
}

enum capa_code code_from_name(const char *name)
{
        for (int c = 0; name && c < CODE_MAX; c++)
                if (strcmp(CODES[c].name, name) == 0)
                        return (enum capa_code) c;
        return CODE_INVALID_NAME;
}

int code_exit_status(enum capa_code c)
{
        return c >= 0 && c < CODE_MAX ? CODES[c].exit_status : 70;
}

const char *verdict_name(enum verdict v)
{
        return v >= 0 && v < VERDICT_MAX ? VERDICTS[v] : NULL;
}

enum verdict verdict_from_name(const char *name)
{
        for (int v = 0; name && v < VERDICT_MAX; v++)
                if (strcmp(VERDICTS[v], name) == 0)
                        return (enum verdict) v;
        return VERDICT_INVALID_NAME;
}
