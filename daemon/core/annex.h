/* The controls of ISO/IEC 27001 Annex A: which text names one, and what those of the 2013 edition
 * are in the edition of 2022, which the register knows alone. Pure data and its reading; used by
 * control.c when rules are read and when events name controls. */
#pragma once

#include "daemon/core/text.h"

enum edition {
        EDITION_BY_NUMBER, /* A.12.4.4 has three numbers, so it is of 2013; A.8.17 is of 2022 */
        EDITION_2013,      /* two numbers are an objective: it stands for all of its controls */
        EDITION_2022,
};

#define ANNEX_NAME_BYTES 8U  /* "A.5.37" with its NUL */
#define ANNEX_NAMES_MAX  16U /* no objective of 2013 has become more controls */

/* The controls of 2022 that the text names, as "A.8.17": of an old number or objective all that it
 * has become, each once. The text is A.12.4.4, a.8.15, 12.4.4, Annex A 8.15, ISO27001:A.12.4.4,
 * ISO/IEC 27001:2013 A.12.4.4 (a year in it counts before `edition`), or has several such numbers
 * with blanks or commas between them. Returns how many; 0: it names no control of that edition. */
unsigned annex_find(const struct text *t, enum edition edition,
                    char ret[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES]);
