/* Which file is which when logs are rotated: identity, the mark by which what was read is known
 * again, and the search among rotated files. Reads only. Used by followed.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "proto/base/util.h"
#include "proto/seal/hash.h"

#define IDENTITY_MAX 64

/* How far a file was read. */
struct reading_place {
        char identity[IDENTITY_MAX]; /* device, inode and birth; "" for none */
        uint64_t turns; /* how many files were begun before it, so that no place comes twice */
        uint64_t offset, line; /* behind the last whole line */
        struct hash mark;      /* of the bytes at its beginning and before offset */
};

/* "device:inode:birth" of an open file. 0 or -errno. */
int rotation_identity(int fd, char ret[IDENTITY_MAX]) must_check_;
/* Of at most 256 bytes at the beginning and before offset. 0; 1: the file is shorter; -errno. */
int rotation_mark(int fd, uint64_t offset, struct hash *ret) must_check_;
/* Does this file still have what was read? */
bool rotation_has(int fd, const struct reading_place *place);

enum rotated {
        ROTATED_RENAMED, /* the same file, under its new name */
        ROTATED_COPY,    /* a copy that was made of it before it was cut */
};
/* The file that path was when place was read, under its rotated name (path and a suffix of digits,
 * or .old), open for reading; -1 if there is none. */
int rotation_find(const char *path, const struct reading_place *place, enum rotated *ret);
/* The oldest rotated file written after that moment, which was never looked at; -1: none. */
int rotation_between(const char *path, const struct timespec *after, const char *but);
