/* Small documents as trees, for configuration and replies: the only place that knows cJSON. The
 * text is checked by the strict tape first, so cJSON's laxness never shows. Not for events. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/problem.h"

struct cJSON;

/* 0, JSON_E_INVALID (see tape.h), -ENOMEM. *ret is freed with document_free. The text is borrowed
 * for the call only. */
int document_parse(const char *text, size_t size, struct cJSON **ret,
                   struct problem *reterr) must_check_;
/* As document_parse, with // and block comments (json_tape_parse_config). */
int document_parse_config(const char *text, size_t size, struct cJSON **ret,
                          struct problem *reterr) must_check_;
void document_free(struct cJSON *d);
void document_free_p(struct cJSON **d);

/* Getters by member name (case-sensitive); defaults where absent or of another kind. d may be NULL.
 * document_int takes whole numbers up to 2^53; larger ones need the tape. What is returned belongs
 * to the tree. */
const struct cJSON *document_get(const struct cJSON *d, const char *name);
const char *document_string(const struct cJSON *d, const char *name, const char *otherwise);
int64_t document_int(const struct cJSON *d, const char *name, int64_t otherwise);
bool document_bool(const struct cJSON *d, const char *name, bool otherwise);
unsigned document_length(const struct cJSON *d); /* elements or members; 0 for NULL */
/* Element or member number i, NULL beyond; walks the list, so a loop uses document_next. */
const struct cJSON *document_at(const struct cJSON *d, unsigned i);
const struct cJSON *document_next(const struct cJSON *d); /* the sibling behind d, or NULL */
const char *document_name(const struct cJSON *d);         /* member name, or NULL */
const char *document_text(const struct cJSON *d);         /* of a string node, else NULL */
bool document_is_array(const struct cJSON *d);
bool document_is_object(const struct cJSON *d);
