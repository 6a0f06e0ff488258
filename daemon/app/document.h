/* A configuration file that is checked and written in another form at the same time: one descent
 * over the strict tape, in which each level knows its members. Used by the readers of policy.json
 * and people.json. Every mistake is a complaint with its place; all are found before giving up. */
#pragma once

#include "daemon/core/ruleset.h"
#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/json/tape.h"

struct document {
        const char *path; /* borrowed, as are the others */
        struct json_tape tape;
        struct complaints *complaints;
        struct buffer *out;
        void *into; /* what the reader makes of it beside the text */
};

typedef void (*member_fn)(struct document *d, uint32_t node);

enum member_kind {
        MEMBER_OPTIONAL,
        MEMBER_REQUIRED,
        MEMBER_CHECKED, /* optional, and not written */
};

struct member {
        const char *name; /* NULL: any other name */
        member_fn read;   /* NULL: neither looked at nor written */
        enum member_kind kind;
};

#define document_complain(d, node, ...)                                                            \
        do {                                                                                       \
                struct problem problem_ = {0};                                                     \
                problem_set(&problem_, 0, __VA_ARGS__);                                            \
                problem_.offset = (d)->tape.nodes[node].offset;                                    \
                complain((d)->complaints, (d)->path, (d)->tape.text, (d)->tape.size, &problem_);   \
        } while (0)

/* Parse the text and read the object that it is; d has path, complaints, out and into. Afterwards
 * the tape stands for checks that go across the document; the caller ends it with
 * json_tape_done. 0, positive if it is no JSON, -ENOMEM; complaints tell whether it is good. */
int document_read(struct document *d, const char *text, size_t size, const struct member *table,
                  size_t n) must_check_;

/* Readers of one value. They write what they read, be it wrong: complaints decide. */
void document_object(struct document *d, uint32_t node, const struct member *table, size_t n);
void document_list(struct document *d, uint32_t node, member_fn read);
void document_copy(struct document *d, uint32_t node);
void document_string(struct document *d, uint32_t node);
void document_bool(struct document *d, uint32_t node);
/* One of the words of a NULL-terminated list. */
void document_word(struct document *d, uint32_t node, const char *const *words);
/* A day that there is, YYYY-MM-DD; what: how a complaint calls it. */
void document_date(struct document *d, uint32_t node, const char *what);
