/* How far a followed file or journal has been sent: a small JSON document for each, beside the
 * spool. It is replaced as a whole and reaches the disk before the next request goes out. A lock
 * keeps two capactl from following the same. Used by stream.c. */
#pragma once

#include <stddef.h>

#include "proto/base/util.h"

enum position_error {
        POSITION_E_HELD = 1, /* another process follows this */
        POSITION_E_NONE,     /* nothing is kept yet */
};

struct position {
        char *path;
        int lock; /* -1: none */
};
#define POSITION_NULL ((struct position){.lock = -1})

/* spool: path of the spool file, whose folder there is. of: what is followed, in words that stay
 * the same. 0, POSITION_E_HELD, -errno. */
int position_open(const char *spool, const char *of, struct position *ret) must_check_;
void position_done(struct position *p);
/* The document kept, freed by the caller. 0, POSITION_E_NONE, -errno. */
int position_read(const struct position *p, char **ret, size_t *ret_size) must_check_;
int position_write(const struct position *p, const char *text,
                   size_t size) must_check_; /* 0, -errno */
