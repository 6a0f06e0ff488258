/* The embedded statements as a table: the rows of sql_texts that lie in "queries", which the
 * generator keeps sorted by path, so that they are one run. */
#include <stdint.h>
#include <string.h>

#include "daemon/db/query.h"
#include "sql/embedded.h"

static size_t first(void)
{
        static size_t found = SIZE_MAX;

        for (size_t i = 0; found == SIZE_MAX && i <= sql_n_texts; i++)
                if (i == sql_n_texts || strcmp(sql_texts[i].folder, "queries") == 0)
                        found = i;
        return found;
}

unsigned query_count(void)
{
        static unsigned count;

        for (size_t i = first() + count;
             i < sql_n_texts && strcmp(sql_texts[i].folder, "queries") == 0; i++)
                count++;
        return count;
}

const char *query_name(unsigned query)
{
        return sql_texts[first() + query].name;
}

const char *query_text(unsigned query)
{
        return sql_texts[first() + query].text;
}

bool query_is_prepared(unsigned query)
{
        return strncmp(query_name(query), "session_", strlen("session_")) != 0;
}

unsigned query_find(const char *name)
{
        for (unsigned i = 0; i < query_count(); i++)
                if (strcmp(query_name(i), name) == 0)
                        return i;
        return QUERY_NONE;
}
