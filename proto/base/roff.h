/* Text for manual pages (man(7)), which the programs write from their own tables. Used by the
 * programs'
 * --man. */
#pragma once

#include <stdio.h>

/* Text as it is meant: what roff would take for its own is written so that it does not. */
void roff_text(FILE *out, const char *text);
/* .TH, NAME and the sections' headings. */
void roff_begin(FILE *out, const char *name, const char *section, const char *version,
                const char *purpose);
void roff_heading(FILE *out, const char *title);
/* A paragraph "term: text", text indented; either may be NULL. */
void roff_item(FILE *out, const char *term, const char *text);
