/* Macros that every C file may use: cleanup, ownership hand-over, array length.
 * No functions, no types of the domain. Used by all folders. */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#define cleanup_(fn)      __attribute__((cleanup(fn)))
#define must_check_       __attribute__((warn_unused_result))
#define printf_(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define unused_           __attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

/* Hand over what a cleanup variable owns: yields the pointer and leaves NULL behind. */
static inline void *take_ptr_(void *pp)
{
        void **p = pp;
        void *v = *p;

        *p = NULL;
        return v;
}
#define TAKE_PTR(p) ((__typeof__(p)) take_ptr_(&(p)))

/* Cleanup function for plain malloc()ed memory: cleanup_(free_p) char *s = NULL; */
static inline void free_p(void *pp)
{
        free(take_ptr_(pp));
}
