/* Binary form of an array: dimensions, flag of nulls, element type, then of the one dimension its
 * length and lower bound, then each element behind its length; all big-endian. */
#include <endian.h>

#include "daemon/db/files.h"

#define BYTEA_OID 17U /* pg_type.dat: fixed for ever */

static void add(struct buffer *b, uint32_t value)
{
        uint32_t big = htobe32(value);

        buffer_add(b, &big, sizeof(big));
}

void files_encode(struct buffer *b, const struct frame *files, size_t n_files)
{
        add(b, n_files > 0 ? 1 : 0);
        add(b, 0);
        add(b, BYTEA_OID);
        if (n_files == 0)
                return;
        add(b, (uint32_t) n_files);
        add(b, 1);
        for (size_t i = 0; i < n_files; i++) {
                add(b, (uint32_t) files[i].size);
                if (files[i].size > 0)
                        buffer_add(b, files[i].data, files[i].size);
        }
}
