/* Attachments as PostgreSQL's binary bytea[]. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/wire/frame.h"

/* Appends the array's bytes; an empty list is an empty array. */
void files_encode(struct buffer *b, const struct frame *files, size_t n_files);
