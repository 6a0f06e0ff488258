/* The bytes of a piece of evidence, asked for in parts and checked against the SHA-256 that the
 * register holds. */
#pragma once

#include <stdio.h>

#include "client/capactl/session.h"
#include "proto/seal/hash.h"

struct cJSON;

struct download {
        FILE *out; /* borrowed: where the bytes go */
        struct hasher hasher;
        int64_t size, got;
        char sha256[2 * HASH_BYTES + 1]; /* as the register holds it */
};

void download_begin(struct download *d, FILE *out);
/* A part as evidence.get gives it. Errors are reported. */
int download_part(struct download *d, const struct cJSON *part) must_check_;
/* All came: is it what the register holds? EXIT_REFUSED, reported, if not. */
int download_end(struct download *d, const char *reference) must_check_;
/* The whole of a file or event of evidence, into memory. */
int download_bytes(struct session *s, const char *reference, struct buffer *ret) must_check_;
