/* The form of capactl fill: fields as method form gives them, as a text that people edit, and back
 * to the facts of method fill. Pure but for the files named as evidence, which form_params reads.
 */
#pragma once

#include "client/capactl/params.h"

struct cJSON;

enum form_error { FORM_E_INVALID = 1 };

struct form_field {
        const char *section, *name, *kind, *label, *help, *step; /* borrowed from the answer */
        char *choices;                                           /* "yes, no", or NULL */
        char *before; /* what the register holds, "" if nothing; lists one a line */
        char *value;  /* what the text says; "" if nothing */
        bool seen;
};

struct form {
        const struct cJSON *answer; /* borrowed */
        struct form_field *fields;
        size_t n_fields;
};

/* Of an answer of method form, which must outlive it. */
int form_open(const struct cJSON *answer, struct form *ret) must_check_;
void form_done(struct form *f);
/* The text to edit. */
int form_write(const struct form *f, struct buffer *ret) must_check_;
/* Take the values from an edited text. FORM_E_INVALID: the problem names the line. */
int form_parse(struct form *f, const char *text, struct problem *reterr) must_check_;
/* Was anything given that the register does not hold? */
bool form_is_changed(const struct form *f);
/* What was given, as "facts" and "evidence" of the call. FORM_E_INVALID: the problem names the
 * field. */
int form_params(const struct form *f, struct params *p, struct problem *reterr) must_check_;
/* text with a remark on top, in place of the one before: each line of it begins with "#! ". */
int form_remark(const char *text, const char *remark, struct buffer *ret) must_check_;
