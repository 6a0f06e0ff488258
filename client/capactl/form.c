/* The form of capactl fill: a line "section.name: value" for each field, a value going on in lines
 * that begin with blanks; lines with # are comments. */
#include "client/capactl/form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/help.h"
#include "client/capactl/text.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

#define KEY_MAX   64
#define NAMES_MAX 64
#define BLANKS    " \t\r\n"

void form_done(struct form *f)
{
        for (size_t i = 0; i < f->n_fields; i++) {
                free(f->fields[i].choices);
                free(f->fields[i].before);
                free(f->fields[i].value);
        }
        free(f->fields);
        *f = (struct form){0};
}

/* A text, or the texts of a list with something between them. The caller frees it. */
static char *joined(const struct cJSON *d, const char *between)
{
        struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, document_text(d) ? document_text(d) : "");
        for (unsigned i = 0; document_is_array(d) && i < document_length(d); i++) {
                const char *text = document_text(document_at(d, i));

                buffer_printf(&b, "%s%s", i > 0 ? between : "", text ? text : "");
        }
        return buffer_take(&b);
}

int form_open(const struct cJSON *answer, struct form *ret)
{
        cleanup_(form_done) struct form f = {.answer = answer};
        const struct cJSON *list = document_get(answer, "fields");

        f.fields = calloc(MAX(document_length(list), 1U), sizeof(*f.fields));
        if (!f.fields)
                return -ENOMEM;
        for (const struct cJSON *d = document_at(list, 0); d; d = document_next(d)) {
                struct form_field *field = &f.fields[f.n_fields++];

                *field = (struct form_field){.section = document_string(d, "section", ""),
                                             .name = document_string(d, "name", ""),
                                             .kind = document_string(d, "kind", "text"),
                                             .label = document_string(d, "label", ""),
                                             .help = document_string(d, "help", ""),
                                             .step = document_string(d, "step", "")};
                field->before = joined(document_get(d, "value"), "\n");
                field->value = strdup("");
                if (document_get(d, "choices"))
                        field->choices = joined(document_get(d, "choices"), ", ");
                if (!field->before || !field->value)
                        return -ENOMEM;
        }
        *ret = f;
        f.fields = NULL; /* the caller's now */
        f.n_fields = 0;
        return 0;
}

/* How a field is called in the text: "contain.text", and "isms" for isms.isms. */
static void key_of(const struct form_field *field, char ret[KEY_MAX])
{
        if (strcmp(field->section, field->name) == 0)
                snprintf(ret, KEY_MAX, "%s", field->name);
        else
                snprintf(ret, KEY_MAX, "%s.%s", field->section, field->name);
}

static void write_comment(struct buffer *b, const char *before, const char *text)
{
        cleanup_(free_p) char *local = when_localised(text);
        cleanup_(free_p) char *clean = text_cleaned(local ? local : text, 0);

        buffer_printf(b, "# %s%s\n", before, clean ? clean : "");
}

static void write_field(struct buffer *b, const struct form_field *field)
{
        char key[KEY_MAX];

        key_of(field, key);
        write_comment(b, "", field->label);
        if (field->choices)
                write_comment(b, "one of: ", field->choices);
        buffer_printf(b, "%s:%s", key, *field->before ? " " : "");
        for (const char *p = field->before; *p; p++) {
                buffer_add_char(b, *p);
                if (*p == '\n')
                        buffer_add_str(b, "    ");
        }
        buffer_add_char(b, '\n');
}

int form_write(const struct form *f, struct buffer *ret)
{
        const char *step = "", *help = "";

        write_comment(ret, "", document_string(f->answer, "title", ""));
        buffer_printf(ret, "# %s, %s, %s\n", document_string(f->answer, "ref", ""),
                      document_string(f->answer, "grade", ""),
                      document_string(f->answer, "state", ""));
        buffer_add_str(ret, "#\n"
                            "# Write behind the colons what you know; what stays empty is not "
                            "recorded. A value\n"
                            "# goes on in the lines behind it that begin with blanks. Lines with # "
                            "are comments.\n"
                            "# Save, and leave the editor: all of it is recorded, or nothing. "
                            "Leave the text as\n"
                            "# it is, or empty it, to record nothing.\n");
        for (size_t i = 0; i < f->n_fields; i++) {
                const struct form_field *field = &f->fields[i];

                if (strcmp(step, field->step) != 0)
                        buffer_printf(ret, "\n# ---- to be %s\n", field->step);
                buffer_add_char(ret, '\n');
                if (strcmp(help, field->help) != 0)
                        write_comment(ret, "missing: ", field->help);
                step = field->step;
                help = field->help;
                write_field(ret, field);
        }
        return buffer_status(ret);
}

static struct form_field *find(const struct form *f, const char *key)
{
        char name[KEY_MAX];

        for (size_t i = 0; i < f->n_fields; i++) {
                key_of(&f->fields[i], name);
                if (strcmp(name, key) == 0)
                        return &f->fields[i];
        }
        return NULL;
}

static int unknown(const struct form *f, const char *key, unsigned line, struct problem *reterr)
{
        static char keys[NAMES_MAX][KEY_MAX];
        const char *names[NAMES_MAX], *near;
        size_t n = 0;

        for (; n < f->n_fields && n < NAMES_MAX; n++) {
                key_of(&f->fields[n], keys[n]);
                names[n] = keys[n];
        }
        near = nearest(key, names, n);
        problem_set(reterr, 0, "line %u: \"%.40s\" is no field of this form%s%s%s", line, key,
                    near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
        return FORM_E_INVALID;
}

/* "contain.text: value": the field, and its value so far. */
static int take_line(struct form *f, char *text, unsigned line, struct form_field **ret,
                     struct problem *reterr)
{
        char *colon = strchr(text, ':');
        struct form_field *field;

        if (!colon) {
                problem_set(reterr, 0,
                            "line %u: \"%.40s\" has no colon: write \"field: value\"; a value goes "
                            "on in lines that begin with blanks",
                            line, text);
                return FORM_E_INVALID;
        }
        *colon = '\0';
        text[strcspn(text, BLANKS)] = '\0';
        field = find(f, text);
        if (!field)
                return unknown(f, text, line, reterr);
        if (field->seen) {
                problem_set(reterr, 0, "line %u: %s is there twice", line, text);
                return FORM_E_INVALID;
        }
        field->seen = true;
        free(field->value);
        field->value = strdup(colon + 1 + strspn(colon + 1, BLANKS));
        *ret = field;
        return field->value ? 0 : -ENOMEM;
}

static int take_more(struct form_field *field, const char *text, unsigned line,
                     struct problem *reterr)
{
        char *whole = NULL;

        if (!field) {
                problem_set(reterr, 0,
                            "line %u begins with a blank, but there is no field before it", line);
                return FORM_E_INVALID;
        }
        if (asprintf(&whole, "%s%s%s", field->value, *field->value ? "\n" : "",
                     text + strspn(text, BLANKS)) < 0)
                return -ENOMEM;
        free(field->value);
        field->value = whole;
        return 0;
}

static void trim_end(char *text)
{
        size_t n = strlen(text);

        while (n > 0 && strchr(BLANKS, text[n - 1]))
                text[--n] = '\0';
}

int form_parse(struct form *f, const char *text, struct problem *reterr)
{
        cleanup_(free_p) char *copy = strdup(text);
        struct form_field *field = NULL;
        unsigned number = 0;
        char *rest = copy, *line;
        int r = copy ? 0 : -ENOMEM;

        for (size_t i = 0; i < f->n_fields; i++) {
                f->fields[i].seen = false;
                *f->fields[i].value = '\0';
        }
        while (r == 0 && (line = strsep(&rest, "\n"))) {
                number++;
                trim_end(line);
                if (*line == '#' || *line == '\0')
                        continue;
                if (*line == ' ' || *line == '\t')
                        r = take_more(field, line, number, reterr);
                else
                        r = take_line(f, line, number, &field, reterr);
        }
        return r;
}

static bool is_given(const struct form_field *field)
{
        return *field->value && strcmp(field->value, field->before) != 0;
}

bool form_is_changed(const struct form *f)
{
        for (size_t i = 0; i < f->n_fields; i++)
                if (is_given(&f->fields[i]))
                        return true;
        return false;
}

/* The lines of a value as a list of JSON strings. */
static void add_words(struct buffer *b, const char *value)
{
        const char *before = "[";

        while (*value) {
                size_t n = strcspn(value, "\n");

                if (n > 0) {
                        buffer_add_str(b, before);
                        buffer_add_json_string(b, value, n);
                        before = ",";
                }
                value += n + (value[n] == '\n');
        }
        buffer_add_char(b, ']');
}

static int add_value(struct buffer *b, const struct form_field *field, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer moment = BUFFER_NULL;
        struct problem why = {0};
        char key[KEY_MAX];
        int r = 0;

        if (strcmp(field->kind, "words") == 0)
                add_words(b, field->value);
        else if (strcmp(field->kind, "number") == 0 && strlen(field->value) < 19 &&
                 field->value[strspn(field->value, "0123456789")] == '\0')
                buffer_printf(b, "%lld", strtoll(field->value, NULL, 10));
        else if (strcmp(field->kind, "moment") == 0) {
                r = when_typed(field->value, when_now(), &moment, &why);
                if (r == 0)
                        buffer_add_json_string(b, moment.data, moment.size);
                key_of(field, key);
                if (r > 0)
                        problem_set(reterr, 0, "%s: %s", key, why.text);
        } else
                buffer_add_json_cstr(b, field->value);
        return r <= 0 ? r : FORM_E_INVALID;
}

/* One section's fields as a member of facts: an object, or of isms and risk the value itself. */
static int add_section(const struct form *f, size_t first, struct buffer *b, struct problem *reterr)
{
        const char *section = f->fields[first].section;
        const char *before = "{";
        int r = 0;

        for (size_t i = first;
             r == 0 && i < f->n_fields && strcmp(f->fields[i].section, section) == 0; i++) {
                const struct form_field *field = &f->fields[i];
                bool alone = strcmp(field->name, section) == 0 && strcmp(section, "need") != 0;

                if (!is_given(field) || strcmp(field->kind, "evidence") == 0)
                        continue;
                if (*before == '{') {
                        if (b->size > 1)
                                buffer_add_char(b, ',');
                        buffer_add_json_cstr(b, section);
                        buffer_add_char(b, ':');
                }
                if (!alone) {
                        buffer_add_str(b, before);
                        buffer_add_json_cstr(b, field->name);
                        buffer_add_char(b, ':');
                        before = ",";
                }
                r = add_value(b, field, reterr);
        }
        if (*before == ',')
                buffer_add_char(b, '}');
        return r;
}

static int add_evidence(const struct form *f, struct params *p, struct problem *reterr)
{
        for (size_t i = 0; i < f->n_fields; i++)
                if (strcmp(f->fields[i].kind, "evidence") == 0 && is_given(&f->fields[i]))
                        return params_add_evidence(p, f->fields[i].value, reterr);
        return 0;
}

int form_params(const struct form *f, struct params *p, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer facts = BUFFER_NULL;
        int r = 0;

        buffer_add_char(&facts, '{');
        for (size_t i = 0; r == 0 && i < f->n_fields; i++)
                if (i == 0 || strcmp(f->fields[i].section, f->fields[i - 1].section) != 0)
                        r = add_section(f, i, &facts, reterr);
        buffer_add_char(&facts, '}');
        if (r == 0)
                r = buffer_status(&facts);
        if (r == 0) {
                params_add_raw(p, "facts", facts.data);
                r = add_evidence(f, p, reterr);
        }
        return r <= 0 ? r : FORM_E_INVALID;
}

int form_remark(const char *text, const char *remark, struct buffer *ret)
{
        while (strncmp(text, "#!", 2) == 0) {
                text += strcspn(text, "\n");
                text += *text == '\n';
        }
        while (*remark) {
                size_t n = strcspn(remark, "\n");

                buffer_printf(ret, "#! %.*s\n", (int) n, remark);
                remark += n + (remark[n] == '\n');
        }
        buffer_add_str(ret, text);
        return buffer_status(ret);
}
