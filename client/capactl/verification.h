/* The check of a whole journal, row by row, beside what proto/seal/journal.h checks of each: heads
 * that must be met on the way, contents that are gone and the rows that say they were redacted,
 * what retention took. Trusts nobody; where the rows come from is the caller's. */
#pragma once

#include "client/capactl/session.h"
#include "proto/seal/journal.h"

struct known_head {
        int64_t seq;
        struct hash hash;
        bool met;
};

struct sequences {
        int64_t *seq; /* owned */
        size_t n, n_allocated;
};

struct verification {
        struct journal_check check;
        struct known_head *heads; /* owned */
        size_t n_heads;
        struct sequences lost;   /* rows whose content is gone */
        struct sequences named;  /* rows that a row says were redacted */
        struct sequences naming; /* the rows that say so */
        uint64_t n_withheld;     /* rows whose content is not for this reader */
        uint64_t n_expired;      /* events that retention removed, as its rows say */
        struct problem problem;  /* with EXIT_REFUSED: what is wrong */
};

void verification_init(struct verification *v);
void verification_done(struct verification *v);
/* A head that the chain must hold, as "SEQ:HASH". EXIT_USAGE if it is none (not reported). */
int verification_head(struct verification *v, const char *text) must_check_;
/* The heads of a file of mails: all lines "capad journal head SEQ:HASH". Reports errors. */
int verification_mbox(struct verification *v, const char *path) must_check_;
/* The next row (userdata is the verification). EXIT_REFUSED: v->problem says what is wrong. */
int verification_line(void *userdata, const char *line, size_t size) must_check_;
/* After the last row. */
int verification_end(struct verification *v) must_check_;
