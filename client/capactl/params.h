/* From arguments to the JSON parameters of a call and its attachments. Reads the files given as
 * evidence. */
#pragma once

#include "client/capa.h"
#include "client/capactl/arguments.h"
#include "proto/base/buffer.h"
#include "proto/base/limits.h"

enum params_error { PARAMS_E_USAGE = 1 };

struct params {
        struct buffer json;                         /* an open object until params_end() */
        struct capa_bytes files[LIMIT_ATTACHMENTS]; /* data owned */
        size_t n_files;
        bool ended;
};

/* An object with all options and arguments that have a member in the call, and the actor. */
int params_begin(struct params *p, const struct arguments *a, struct problem *reterr) must_check_;
void params_add_string(struct params *p, const char *name, const char *value);
void params_add_raw(struct params *p, const char *name, const char *json);
void params_add_int(struct params *p, const char *name, int64_t value);
/* Member "evidence": the lines of a text, each a file, a URL or the number of an event. */
int params_add_evidence(struct params *p, const char *lines, struct problem *reterr) must_check_;
/* Close the object and give its text; NULL without memory. Valid until params_done. */
const char *params_end(struct params *p);
/* Undo params_end, and drop what was added since params_mark(). */
size_t params_mark(const struct params *p);
void params_reset(struct params *p, size_t mark);
void params_done(struct params *p);

/* A whole file; PARAMS_E_USAGE with a sentence. max is the largest size taken. */
int file_read(const char *path, size_t max, struct buffer *ret, struct problem *reterr) must_check_;
