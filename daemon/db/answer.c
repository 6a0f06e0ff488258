/* Answers of the server, in the caller's words. */
#include <string.h>

#include <libpq-fe.h>

#include "daemon/db/answer.h"
#include "proto/base/util.h"

unsigned answer_rows(const struct answer *a)
{
        return a->kind == ANSWER_ROWS ? (unsigned) PQntuples((const PGresult *) a->result) : 0;
}

const char *answer_value(const struct answer *a, unsigned row, unsigned column, size_t *ret_size)
{
        const PGresult *result = a->result;

        if (a->kind != ANSWER_ROWS || row >= (unsigned) PQntuples(result) ||
            column >= (unsigned) PQnfields(result) || PQgetisnull(result, (int) row, (int) column))
                return NULL;
        if (ret_size)
                *ret_size = (size_t) PQgetlength(result, (int) row, (int) column);
        return PQgetvalue(result, (int) row, (int) column);
}

enum answer_kind answer_kind_of(const char *sqlstate)
{
        static const struct {
                const char *prefix;
                enum answer_kind kind;
        } kinds[] = {
                {"CA0", ANSWER_REFUSED}, {"40P01", ANSWER_AGAIN}, {"40001", ANSWER_AGAIN},
                {"22", ANSWER_DATA},     {"23", ANSWER_DATA},     {"54", ANSWER_DATA},
                {"08", ANSWER_AWAY},     {"53", ANSWER_AWAY},     {"57", ANSWER_AWAY},
                {"58", ANSWER_AWAY},     {"25006", ANSWER_AWAY}, /* the server became a standby */
        };

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strncmp(sqlstate, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
                        return kinds[i].kind;
        return ANSWER_BROKEN;
}
