/* What all unit tests of proto/ include: cmocka in the order it wants, and two helpers. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/buffer.h"

/* A whole file; 0 or negative errno. */
static inline int test_file_read(const char *path, struct buffer *ret)
{
        char chunk[65536];
        FILE *f = fopen(path, "rbe");
        size_t n;

        if (!f)
                return -errno;
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(ret, chunk, n);
        (void) fclose(f);
        return buffer_status(ret);
}

#define assert_contains(text, part)                                                                \
        do {                                                                                       \
                if (!strstr((text), (part)))                                                       \
                        fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                \
        } while (0)
