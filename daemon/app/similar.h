/* "Did you mean": the name nearest to a misspelt one. Pure. */
#pragma once

#include <stddef.h>

/* The nearest of n names by edit distance, or NULL when none is near (a third of its length). */
const char *similar_name(const char *text, size_t size, const char *const *names, size_t n);
