/* The methods that a CALL may ask for: only a table. Names, parameters, roles and everything else
 * about a method of the register stand in sql/METHODS.md and are checked there; the daemon knows
 * which of its parameters are durations, whether it reads only, and whether it takes attachments.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arrival;
struct manager;
struct principal;

struct method {
        const char *name; /* "action.add"; its statement is sql/queries/action_add.sql */
        /* Parameters that may be durations, separated by blanks, or NULL; "a/b" is member b of a,
         * "a/" with a star behind it each member of a. */
        const char *spans;
        bool reads; /* changes nothing: goes to the read-only connection */
        bool files; /* takes attachments */
        /* Answered by the daemon itself; NULL: by the register. Ends the arrival. */
        int (*answer)(struct manager *m, const struct principal *p, struct arrival *a);
};

const struct method *method_find(const char *name, size_t size);
const struct method *method_at(size_t i); /* NULL at the end: for documentation and tests */
/* The name nearest to an unknown one, or NULL. */
const char *method_similar(const char *name, size_t size);
