/* Reading configuration with all its mistakes: each is noted with its place, and reading goes on,
 * so that one `capad check` shows them all. Used by rule, adapter and their parts while a ruleset
 * loads. Functions return 0 or -ENOMEM; what was wrong stands in the complaints, and whoever needs
 * to know whether a piece was fine compares complaints->n before and after. */
#pragma once

#include <stdbool.h>

#include "daemon/core/arena.h"
#include "daemon/core/path.h"
#include "daemon/core/ruleset.h"
#include "daemon/core/text.h"
#include "proto/json/tape.h"

struct reader {
        const char *path;              /* of the file, for messages; borrowed */
        struct json_tape tape;         /* of the file */
        struct complaints *complaints; /* borrowed */
        struct arena *arena;           /* where what is read is kept; borrowed */
        struct path_table *paths;      /* borrowed */
        struct pattern **patterns;     /* list of compiled expressions; borrowed */
        const char *const *policies;   /* borrowed, NULL-terminated, or NULL: any name goes */
        bool tried;                    /* struct source_file */
};

struct pattern;

struct member { /* one key that an object may have, and what reads its value */
        const char *name;
        int (*read)(struct reader *r, uint32_t node, void *target);
        bool required;
};

/* Note a mistake at a node (of a string: at its quote). */
void reader_complain(const struct reader *r, uint32_t node, const char *format, ...) printf_(3, 4);
/* Note what a parser of a text inside a string node said; its offset is added where it is exact. */
void reader_complain_within(const struct reader *r, uint32_t node, const struct problem *p);

/* Read an object by a table of its members; unknown and missing ones are complaints. `what` names
 * the object in messages ("a rule"). */
int reader_object(struct reader *r, uint32_t node, const char *what, const struct member *members,
                  size_t n_members, void *target) must_check_;
/* Call fn for each element of a list; a node that is no list is taken as a list of one. */
int reader_list(struct reader *r, uint32_t node,
                int (*fn)(struct reader *r, uint32_t node, void *target), void *target) must_check_;
unsigned reader_length(const struct reader *r, uint32_t node); /* of such a list */

/* The decoded text of a non-empty string of at most max bytes; TEXT_NULL after a complaint. */
int reader_text(struct reader *r, uint32_t node, size_t max, struct text *ret) must_check_;
/* The same of letters, digits, "-", "_" and ".", as C text; ret is untouched after a complaint. */
int reader_id(struct reader *r, uint32_t node, size_t max, const char **ret) must_check_;
int reader_bool(struct reader *r, uint32_t node, bool *ret);
/* A path, or NULL after a complaint. */
int reader_path(struct reader *r, uint32_t node, const struct path **ret) must_check_;
