/* "Did you mean": the word nearest to a misspelt one. Pure; used by whoever reads what people
 * write. */
#pragma once

#include <stddef.h>

/* Of n known words the nearest to a text by edit distance, two swapped neighbours counting as one
 * mistake; NULL where none is near: one mistake in up to three letters, two or a third of them in
 * more. */
const char *word_nearest(const char *text, size_t size, const char *const *known, size_t n);
/* How many words a list that ends with NULL has. */
size_t word_count(const char *const *words);
