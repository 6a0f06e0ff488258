/* What `show` and `list` print of the world outside: who issued a finding, what they decided, whom
 * an action waits for, and who may read. */
#pragma once

#include <stddef.h>

struct session;
struct cJSON;

/* Fields of the head: issuer, its reference, supplier, whether it is restricted, what it waits for.
 */
void outside_print_head(const struct session *s, const struct cJSON *nc);
/* The issuer's decisions on plan and closing, oldest first; nothing where there are none. */
void outside_print_decisions(const struct session *s, const struct cJSON *nc);
/* "waits on WHOM until WHEN" of an NC's first blocked action; "" where none is. */
void outside_waits(const struct cJSON *nc, char *ret, size_t size);
