/* people.json as the register takes it (sql/README.md, "The people as loaded"): checked against the
 * shape of proto/schema/people.json; addresses are checked and left out, so that they get into no
 * journal. And who is who, for calls: the person that an actor's name means, and that person's
 * roles. Immutable. */
#pragma once

#include "daemon/core/ruleset.h"
#include "proto/base/buffer.h"
#include "proto/seal/hash.h"

enum people_error { PEOPLE_E_INVALID = 1 };

struct person {
        char *name;       /* as the file has it */
        char **roles;     /* those the file gives, NULL-terminated */
        size_t n_default; /* the first so many are what everybody has who is given none */
};

struct person_key { /* a name without what does not count in it, and whose */
        char *key;
        size_t person;
};

struct people {
        struct buffer body; /* the form that api.load takes; of no file that of an empty one */
        struct hash hash; /* of that form, so that comments, blanks and addresses change nothing */
        struct person *persons;
        size_t n;
        struct person_key *keys; /* sorted: own names and those under "also" */
        size_t n_keys;
        char **groups; /* keys of teams and roles with somebody in them, NULL-terminated or NULL */
};

/* Every mistake is a complaint with its place. 0, PEOPLE_E_INVALID, -ENOMEM. */
int people_parse(const char *path, const char *text, size_t size, struct people **ret,
                 struct complaints *reterr) must_check_;
/* Where there is no file: nobody is known, any name is taken. */
int people_none(struct people **ret) must_check_;
struct people *people_free(struct people *p);
void people_free_p(struct people **p);

/* A name without what does not count in it: case of ASCII letters, blanks around it and repeated
 * ones. To be freed; NULL: out of memory. */
char *people_key(const char *name);
/* Whom a name means: by the own one or one under "also", by people_key (the register compares more:
 * capa.name_key, and refuses what this does not find). NULL: nobody in the file. p may be NULL. */
const struct person *people_find(const struct people *p, const char *name);
/* Adds a line for each rule of a set as described (ruleset_describe) whose owner is nobody in the
 * file; nothing where the file names nobody. 0, -ENOMEM. */
int people_note_owners(const struct people *p, const struct buffer *rules,
                       struct buffer *notes) must_check_;
