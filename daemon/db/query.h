/* The statements of sql/queries by number and name, in a fixed order. Names that begin with
 * "session_" are sent while a connection is being set up and are not prepared. Inner to daemon/db.
 */
#pragma once

#include <stdbool.h>

#define QUERY_NONE UINT32_MAX

unsigned query_count(void);
const char *query_name(unsigned query);
const char *query_text(unsigned query);
bool query_is_prepared(unsigned query);
unsigned query_find(const char *name); /* QUERY_NONE where there is none */
