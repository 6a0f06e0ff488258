/* The words of the protocol that both sides compare: ERR codes, verdicts, effects, exit codes.
 * One table each, in PROTOCOL.md and here; a test compares them. */
#pragma once

enum capa_code { /* "code" of an ERR reply */
                 CODE_MALFORMED,
                 CODE_UNKNOWN_VERB,
                 CODE_UNKNOWN_METHOD,
                 CODE_INVALID,
                 CODE_TOO_BIG,
                 CODE_FORBIDDEN,
                 CODE_NOT_FOUND,
                 CODE_REFUSED,
                 CODE_CONFLICT,
                 CODE_UNAVAILABLE,
                 CODE_INTERNAL,
                 CODE_MAX,
                 CODE_INVALID_NAME = -1,
};
const char *code_name(enum capa_code c);
enum capa_code code_from_name(const char *name);
int code_exit_status(enum capa_code c); /* SEMANTICS section 9: 1, 2, 3, 4 or 70 */

enum verdict { /* "status" of one event; the order is the precedence for a whole frame */
               VERDICT_TOO_BIG,
               VERDICT_FORBIDDEN,
               VERDICT_INVALID,
               VERDICT_STORED,
               VERDICT_CONFLICT,
               VERDICT_DUPLICATE,
               VERDICT_IGNORED,
               VERDICT_MAX,
               VERDICT_INVALID_NAME = -1,
};
const char *verdict_name(enum verdict v);
enum verdict verdict_from_name(const char *name);
