/* A nonconformity as a corrective action report: one HTML page to read and print, without scripts
 * or anything from elsewhere. Pure. */
#pragma once

#include "proto/base/buffer.h"

struct cJSON;

/* What the report says of the dossier itself. */
struct dossier_origin {
        const char *made_at, *made_by; /* moment as RFC 3339 */
        int64_t head_seq;
        const char *head_hash;
};

void dossier_html_begin(struct buffer *b, const struct dossier_origin *origin);
/* One record as `show` gives it; name of its JSON file beside the report. */
void dossier_html_record(struct buffer *b, const struct cJSON *record, const char *file);
void dossier_html_end(struct buffer *b);
