/* The fingerprint of the embedded register. Queries are left out: they are the program's, not the
 * database's. */
#include <string.h>

#include "daemon/db/schema.h"
#include "proto/seal/hash.h"
#include "sql/embedded.h"

const char *schema_fingerprint(void)
{
        static char hex[2 * HASH_BYTES + 1];
        struct hasher h;
        struct hash hash;

        if (hex[0])
                return hex;
        hash_init(&h);
        for (size_t i = 0; i < sql_n_texts; i++) {
                if (strcmp(sql_texts[i].folder, "queries") == 0 ||
                    strcmp(sql_texts[i].folder, "migrate") == 0)
                        continue;
                hash_update(&h, sql_texts[i].folder, strlen(sql_texts[i].folder) + 1);
                hash_update(&h, sql_texts[i].name, strlen(sql_texts[i].name) + 1);
                hash_update(&h, sql_texts[i].text, sql_texts[i].size + 1);
        }
        hash_final(&h, &hash);
        hash_hex(&hash, hex);
        return hex;
}
