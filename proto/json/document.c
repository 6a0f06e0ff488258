/* The only place of cJSON. It reads leniently (garbage behind the end, numbers like 01, names
 * without regard to case), so each text passes the strict tape first and names are compared
 * exactly. Owns the tree until document_free. Used for configuration and replies, never for events.
 */
#include "proto/json/document.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "proto/json/tape.h"

/* Largest integer below which a double, which is all that cJSON keeps, is exact. */
#define DOUBLE_EXACT 9007199254740992.0

static int tree_make(const char *text, size_t size, struct cJSON **ret)
{
        struct cJSON *d = cJSON_ParseWithLength(text, size);

        if (!d)
                return -ENOMEM; /* the tape has accepted the text: nothing else can be wrong */
        *ret = d;
        return 0;
}

int document_parse(const char *text, size_t size, struct cJSON **ret, struct problem *reterr)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        int r;

        r = json_tape_parse(&t, text, size, reterr);
        if (r != 0)
                return r;
        return tree_make(text, size, ret);
}

static char *comment_blank(char *p, char *end)
{
        char *stop;

        if (p[1] == '/') {
                stop = memchr(p, '\n', (size_t) (end - p));
                stop = stop ? stop : end;
        } else
                stop = (char *) memmem(p + 2, (size_t) (end - p) - 2, "*/", 2) + 2;
        memset(p, ' ', (size_t) (stop - p));
        return stop;
}

/* Blanks in place of comments, in a text that the tape has accepted. */
static void comments_blank(char *text, size_t size)
{
        char *p = text, *end = text + size;

        while (p < end) {
                if (*p == '/') {
                        p = comment_blank(p, end);
                        continue;
                }
                if (*p++ != '"')
                        continue;
                while (*p != '"')
                        p += *p == '\\' ? 2 : 1;
                p++;
        }
}

int document_parse_config(const char *text, size_t size, struct cJSON **ret, struct problem *reterr)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(free_p) char *copy = NULL;
        int r;

        r = json_tape_parse_config(&t, text, size, reterr);
        if (r != 0)
                return r;
        copy = malloc(size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, text, size);
        comments_blank(copy, size);
        return tree_make(copy, size, ret);
}

void document_free(struct cJSON *d)
{
        cJSON_Delete(d);
}

void document_free_p(struct cJSON **d)
{
        document_free(TAKE_PTR(*d));
}

const struct cJSON *document_get(const struct cJSON *d, const char *name)
{
        return cJSON_GetObjectItemCaseSensitive(d, name);
}

const char *document_string(const struct cJSON *d, const char *name, const char *otherwise)
{
        const char *s = cJSON_GetStringValue(document_get(d, name));

        return s ? s : otherwise;
}

int64_t document_int(const struct cJSON *d, const char *name, int64_t otherwise)
{
        const struct cJSON *n = document_get(d, name);
        double v;

        if (!cJSON_IsNumber(n))
                return otherwise;
        v = n->valuedouble;
        if (!(v >= -DOUBLE_EXACT && v <= DOUBLE_EXACT) || v != (double) (int64_t) v)
                return otherwise;
        return (int64_t) v;
}

bool document_bool(const struct cJSON *d, const char *name, bool otherwise)
{
        const struct cJSON *n = document_get(d, name);

        return cJSON_IsBool(n) ? (bool) cJSON_IsTrue(n) : otherwise;
}

unsigned document_length(const struct cJSON *d)
{
        return d ? (unsigned) cJSON_GetArraySize(d) : 0;
}

const struct cJSON *document_at(const struct cJSON *d, unsigned i)
{
        const struct cJSON *n = d ? d->child : NULL;

        while (n && i-- > 0)
                n = n->next;
        return n;
}

const struct cJSON *document_next(const struct cJSON *d)
{
        return d ? d->next : NULL;
}

const char *document_name(const struct cJSON *d)
{
        return d ? d->string : NULL;
}

const char *document_text(const struct cJSON *d)
{
        return cJSON_GetStringValue(d);
}

bool document_is_array(const struct cJSON *d)
{
        return cJSON_IsArray(d);
}

bool document_is_object(const struct cJSON *d)
{
        return cJSON_IsObject(d);
}
