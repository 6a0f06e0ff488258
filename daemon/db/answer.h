/* What came back for one statement. The kinds are what a caller has to tell apart (sql/README.md
 * has the SQLSTATEs, SEMANTICS section 2 the consequences). Valid only during the callback that
 * gets it. */
#pragma once

#include <stddef.h>

enum answer_kind {
        ANSWER_ROWS,    /* it worked and is committed */
        ANSWER_REFUSED, /* the register said no in words: SQLSTATE CA000 .. CA006 */
        ANSWER_DATA,    /* class 22, 23, 54: something in the data; nothing was done */
        ANSWER_AGAIN,   /* 40P01, 40001: nothing was done, the same may be sent again */
        ANSWER_AWAY,   /* class 08, 53, 57, 58, or the connection is gone: the outcome is unknown */
        ANSWER_BROKEN, /* anything else: a mistake of ours */
};

struct answer {
        enum answer_kind kind;
        char sqlstate[6];
        const char *message; /* the server's sentence, or the connection's; never NULL */
        const char *detail;  /* NULL where there is none */
        const char *hint;
        const void *result; /* the library's own */
};

typedef void (*answer_fn)(const struct answer *a, void *userdata);

unsigned answer_rows(const struct answer *a);
/* Bytes of a column; NULL for an SQL null or beyond the result. Text columns are NUL-terminated. */
const char *answer_value(const struct answer *a, unsigned row, unsigned column, size_t *ret_size);

/* Kind of an error by its SQLSTATE. */
enum answer_kind answer_kind_of(const char *sqlstate);
