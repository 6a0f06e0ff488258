/* Edit distance with one row of memory; names are short. */
#include <string.h>

#include "daemon/app/similar.h"
#include "proto/base/util.h"

#define NAME_MAX_BYTES 64U

static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
        size_t row[NAME_MAX_BYTES + 1];

        for (size_t j = 0; j <= n_b; j++)
                row[j] = j;
        for (size_t i = 1; i <= n_a; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= n_b; j++) {
                        size_t above = row[j];
                        size_t change = diagonal + (a[i - 1] != b[j - 1]);

                        row[j] = MIN(MIN(above, row[j - 1]) + 1, change);
                        diagonal = above;
                }
        }
        return row[n_b];
}

const char *similar_name(const char *text, size_t size, const char *const *names, size_t n)
{
        const char *best = NULL;
        size_t best_distance = 0;

        if (size > NAME_MAX_BYTES)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                size_t length = strlen(names[i]), d;

                if (length > NAME_MAX_BYTES)
                        continue;
                d = distance(text, size, names[i], length);
                if (d <= MAX(size, length) / 3 && (!best || d < best_distance)) {
                        best = names[i];
                        best_distance = d;
                }
        }
        return best;
}
