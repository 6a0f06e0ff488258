/* Many files as one thing: a folder, or a zip of that folder, with a list of their SHA-256
 * (SHA256SUMS) in it. Written once and read; the only place of libarchive. Used for dossiers. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/problem.h"

enum bundle_error {
        BUNDLE_E_PLACE = 1, /* the path can't be written or read: the problem says why */
        BUNDLE_E_ABSENT,    /* no file of that name */
};

#define BUNDLE_SUMS "SHA256SUMS"

struct bundle;

/* A new folder at path, which must not exist; with ".zip" at its end a new zip file. */
int bundle_create(const char *path, struct bundle **ret, struct problem *reterr) must_check_;
/* A file: a plain name, or one within one folder ("evidence/EV-3"). Names that end with ".sh" can
 * be executed. */
int bundle_put(struct bundle *b, const char *name, const void *data, size_t size,
               struct problem *reterr) must_check_;
/* Writes SHA256SUMS and makes it lasting. Without it bundle_free removes what was written. */
int bundle_finish(struct bundle *b, struct problem *reterr) must_check_;

/* A folder, or a zip: read whole into memory. Links and deeper folders are no part of it. */
int bundle_open(const char *path, struct bundle **ret, struct problem *reterr) must_check_;
/* Is there a folder or a zip at this path? */
bool bundle_there(const char *path);
/* Appends a file's bytes. 0, BUNDLE_E_ABSENT, or -errno. */
int bundle_get(const struct bundle *b, const char *name, struct buffer *ret) must_check_;
size_t bundle_count(const struct bundle *b);
const char *bundle_name(const struct bundle *b, size_t i);

struct bundle *bundle_free(struct bundle *b);
void bundle_free_p(struct bundle **b);
