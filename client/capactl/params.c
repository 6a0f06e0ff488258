/* From arguments to the JSON parameters of a call and its attachments. */
#include "client/capactl/params.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "client/capactl/reference.h"
#include "client/capactl/when.h"
#include "proto/duration/duration.h"

void params_done(struct params *p)
{
        for (size_t i = 0; i < p->n_files; i++) {
                struct buffer b = {.data = (char *) (uintptr_t) p->files[i].data};

                buffer_done(&b);
        }
        buffer_done(&p->json);
        *p = (struct params){0};
}

static void add_name(struct params *p, const char *name)
{
        if (p->json.size > 1)
                buffer_add_char(&p->json, ',');
        buffer_add_json_cstr(&p->json, name);
        buffer_add_char(&p->json, ':');
}

void params_add_string(struct params *p, const char *name, const char *value)
{
        add_name(p, name);
        buffer_add_json_cstr(&p->json, value);
}

void params_add_raw(struct params *p, const char *name, const char *json)
{
        add_name(p, name);
        buffer_add_str(&p->json, json);
}

void params_add_int(struct params *p, const char *name, int64_t value)
{
        add_name(p, name);
        buffer_printf(&p->json, "%lld", (long long) value);
}

const char *params_end(struct params *p)
{
        buffer_add_char(&p->json, '}');
        p->ended = true;
        return buffer_status(&p->json) < 0 ? NULL : p->json.data;
}

size_t params_mark(const struct params *p)
{
        return p->json.size - p->ended;
}

void params_reset(struct params *p, size_t mark)
{
        p->json.size = mark;
        p->ended = false;
}

int file_read(const char *path, size_t max, struct buffer *ret, struct problem *reterr)
{
        FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
        char chunk[65536];
        size_t n;
        int failed;

        if (!f) {
                problem_set(reterr, 0, "%s can't be read: %s", path, strerror(errno));
                return PARAMS_E_USAGE;
        }
        while (ret->size <= max && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(ret, chunk, n);
        failed = ferror(f) ? errno : 0;
        if (f != stdin)
                fclose(f);
        if (failed) {
                problem_set(reterr, 0, "%s can't be read: %s", path, strerror(failed));
                return PARAMS_E_USAGE;
        }
        if (ret->size > max) {
                problem_set(reterr, 0, "%s is larger than the %zu bytes that are taken", path, max);
                return PARAMS_E_USAGE;
        }
        return buffer_status(ret);
}

static int add_attachment(struct params *p, const char *path, struct problem *reterr)
{
        const char *slash = strrchr(path, '/');
        struct buffer b = BUFFER_NULL;
        int r;

        if (p->n_files == LIMIT_ATTACHMENTS) {
                problem_set(reterr, 0,
                            "one command takes %u files: add the others with capactl "
                            "evidence add",
                            LIMIT_ATTACHMENTS);
                return PARAMS_E_USAGE;
        }
        r = file_read(path, LIMIT_ATTACHMENT_BYTES, &b, reterr);
        if (r != 0) {
                buffer_done(&b);
                return r;
        }
        buffer_add_str(&p->json, "{\"name\":");
        buffer_add_json_cstr(&p->json, slash ? slash + 1 : path);
        buffer_printf(&p->json, ",\"frame\":%zu}", p->n_files);
        p->files[p->n_files].size = b.size;
        p->files[p->n_files++].data = b.data;
        return 0;
}

/* A URL, a number of an event, or a file. A file of digits is given as ./123. */
static int add_evidence(struct params *p, const char *text, struct problem *reterr)
{
        if (strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0) {
                buffer_add_str(&p->json, "{\"url\":");
                buffer_add_json_cstr(&p->json, text);
                buffer_add_char(&p->json, '}');
                return 0;
        }
        if (*text && strlen(text) < 19 && text[strspn(text, "0123456789")] == '\0') {
                buffer_printf(&p->json, "{\"event\":%lld}", strtoll(text, NULL, 10));
                return 0;
        }
        return add_attachment(p, text, reterr);
}

int params_add_evidence(struct params *p, const char *lines, struct problem *reterr)
{
        const char *before = "[";
        int r = 0;

        add_name(p, "evidence");
        while (r == 0 && *lines) {
                size_t n = strcspn(lines, "\n");
                cleanup_(free_p) char *line = strndup(lines, n);

                if (!line)
                        return -ENOMEM;
                if (n > 0) {
                        buffer_add_str(&p->json, before);
                        before = ",";
                        r = add_evidence(p, line, reterr);
                }
                lines += n + (lines[n] == '\n');
        }
        buffer_add_char(&p->json, ']');
        return r;
}

static int add_span(struct params *p, const char *text, struct problem *reterr)
{
        struct duration span;

        if (duration_parse(text, strlen(text), &span, reterr) != 0)
                return PARAMS_E_USAGE;
        buffer_add_json_cstr(&p->json, text);
        return 0;
}

static int add_moment(struct params *p, const char *text, struct problem *reterr)
{
        struct buffer b = BUFFER_NULL;
        int r;

        r = when_typed(text, when_now(), &b, reterr);
        if (r == 0)
                buffer_add_json_string(&p->json, b.data, b.size);
        buffer_done(&b);
        return r <= 0 ? r : PARAMS_E_USAGE;
}

static int add_value(struct params *p, const struct parameter *row, const char *text,
                     struct problem *reterr)
{
        char reference[REFERENCE_MAX];

        switch (row->kind) {
        case PARAMETER_FLAG:
                buffer_add_str(&p->json, "true");
                return 0;
        case PARAMETER_NUMBER:
                buffer_printf(&p->json, "%lld", strtoll(text, NULL, 10));
                return 0;
        case PARAMETER_REFERENCE:
                if (reference_normalise(text, row->prefix, reference) != 0)
                        return PARAMS_E_USAGE;
                buffer_add_json_cstr(&p->json, reference);
                return 0;
        case PARAMETER_MOMENT:
                return add_moment(p, text, reterr);
        case PARAMETER_SPAN:
                return add_span(p, text, reterr);
        case PARAMETER_EVIDENCE:
                return add_evidence(p, text, reterr);
        case PARAMETER_DATES:
                buffer_add_json_string(&p->json, text, strcspn(text, "="));
                buffer_add_char(&p->json, ':');
                return add_moment(p, strchr(text, '=') + 1, reterr);
        case PARAMETER_LABEL:
                buffer_add_json_string(&p->json, text, strcspn(text, "="));
                buffer_add_char(&p->json, ':');
                buffer_add_json_cstr(&p->json, strchr(text, '=') + 1);
                return 0;
        case PARAMETER_TEXT:
        case PARAMETER_FILE:
                buffer_add_json_cstr(&p->json, text);
                return 0;
        }
        return -EINVAL;
}

/* All values of one row: alone, as a list, or (labels) as one object. */
static int add_row(struct params *p, const struct arguments *a, const struct parameter *row,
                   struct problem *reterr)
{
        bool list = row->many || row->kind == PARAMETER_EVIDENCE;
        bool object = row->kind == PARAMETER_LABEL || row->kind == PARAMETER_DATES;
        const char *brackets = object ? "{}" : "[]";
        unsigned n = 0;
        int r;

        add_name(p, row->member);
        if (list)
                buffer_add_char(&p->json, brackets[0]);
        for (size_t i = 0; i < a->n_given; i++) {
                const char *text = a->given[i].text;

                if (a->given[i].parameter != row)
                        continue;
                if (!list)
                        text = arguments_get(a, row->name); /* the last one counts */
                if (list && n > 0)
                        buffer_add_char(&p->json, ',');
                r = add_value(p, row, text, reterr);
                if (r != 0)
                        return r;
                n++;
                if (!list)
                        break;
        }
        if (list)
                buffer_add_char(&p->json, brackets[1]);
        return 0;
}

int params_begin(struct params *p, const struct arguments *a, struct problem *reterr)
{
        int r;

        buffer_add_char(&p->json, '{');
        if (a->actor)
                params_add_string(p, "actor", a->actor);
        for (size_t i = 0; i < a->n_given; i++) {
                const struct parameter *row = a->given[i].parameter;
                bool first = true;

                for (size_t j = 0; j < i; j++)
                        first = first && a->given[j].parameter != row;
                if (!first || !row->member)
                        continue;
                r = add_row(p, a, row, reterr);
                if (r != 0)
                        return r;
        }
        return buffer_status(&p->json);
}
