/* Verification of a journal, offline: fed one row at a time in order, from journal.export, from a
 * file, or from a database dump; trusts nobody. Forms (SEMANTICS section 3): digest = SHA-256(salt
 * | body)      row = SHA-256(open line, without LF) hash   = SHA-256(hex(previous hash) SP hex(row)
 * LF)      the first row's previous hash is 64 zeros and the open line is one line of JSON:
 *   {"seq":1,"at":"...","actor":0,"kind":"...","ref":"...","digest":"hex"} */
#pragma once

#include "proto/base/problem.h"
#include "proto/seal/hash.h"

enum journal_error {
        JOURNAL_E_BROKEN = 1, /* a gap, a wrong link, a body that is not what the row says */
        JOURNAL_E_SHAPE,      /* a line that is no journal row */
};

struct journal_check {
        int64_t seq;         /* last row verified, 0 before the first */
        struct hash hash;    /* its hash; of the start: zeros */
        uint64_t n_rows;     /* verified in the chain */
        uint64_t n_bodies;   /* of these: whose body is what the row says */
        uint64_t n_redacted; /* whose body was redacted */
        uint64_t n_bare;     /* of which only the row digest is here */
        int64_t last_at_us;  /* of the last opened row; it rises strictly */
};

/* Ready for row 1. Plain value, owns nothing. */
void journal_check_init(struct journal_check *c);
/* One exported line (the form of `journal export`, PROTOCOL.md):
 *   {"seq":..,"row":"hex","hash":"hex"[,"open":"<line>"][,"salt":"hex","body":"<text>"|"redacted":true]}
 * A bare row (no "open") is walked by its row digest alone; an opened row may lack its body (a
 * reader who may not see it). Unknown members are ignored. *c is unchanged unless 0 is returned;
 * the problem's offset counts within the line. Returns 0, a journal_error, or -ENOMEM. */
int journal_check_line(struct journal_check *c, const char *line, size_t size,
                       struct problem *reterr) must_check_;
