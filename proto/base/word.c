/* Edit distance with three rows of memory; words are short. */
#include "proto/base/word.h"

#include <string.h>

#include "proto/base/util.h"

#define WORD_MAX 64U /* longer ones are near to nothing */

static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
        size_t rows[3][WORD_MAX + 1];
        size_t *before = rows[0], *last = rows[1], *row = rows[2];

        for (size_t j = 0; j <= n_b; j++)
                last[j] = j;
        for (size_t i = 1; i <= n_a; i++) {
                size_t *spare = before;

                row[0] = i;
                for (size_t j = 1; j <= n_b; j++) {
                        row[j] = MIN(MIN(last[j], row[j - 1]) + 1,
                                     last[j - 1] + (a[i - 1] != b[j - 1]));
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                row[j] = MIN(row[j], before[j - 2] + 1);
                }
                before = last;
                last = row;
                row = spare;
        }
        return last[n_b];
}

const char *word_nearest(const char *text, size_t size, const char *const *known, size_t n)
{
        size_t best = (size < 4 ? 1 : MAX(size / 3, (size_t) 2)) + 1;
        const char *found = NULL;

        if (size > WORD_MAX)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                size_t length = strlen(known[i]), d;

                if (length > WORD_MAX)
                        continue;
                d = distance(text, size, known[i], length);
                if (d < best && d < size && d < length) {
                        best = d;
                        found = known[i];
                }
        }
        return found;
}

size_t word_count(const char *const *words)
{
        size_t n = 0;

        while (words[n])
                n++;
        return n;
}
