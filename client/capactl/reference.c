/* References as people type them. Pure. */
#include "client/capactl/reference.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REFERENCE_DIGITS 18

static const char *const PREFIXES[] = {"NC", "CA", "FU", "ESC", "REV", "B", "EV", "EVENT", "SIL"};

int reference_normalise(const char *text, const char *prefix, char ret[REFERENCE_MAX])
{
        size_t n = strcspn(text, "-");
        const char *digits = text;
        size_t n_digits;

        if (!prefix)
                prefix = "NC";
        if (text[n] == '-') {
                prefix = NULL;
                for (size_t i = 0; i < ARRAY_LEN(PREFIXES); i++)
                        if (strlen(PREFIXES[i]) == n && strncasecmp(PREFIXES[i], text, n) == 0)
                                prefix = PREFIXES[i];
                digits = text + n + 1;
        }
        n_digits = strspn(digits, "0123456789");
        if (!prefix || n_digits == 0 || n_digits > REFERENCE_DIGITS || digits[n_digits] != '\0')
                return REFERENCE_E_INVALID;
        snprintf(ret, REFERENCE_MAX, "%s%s%s", prefix, *prefix ? "-" : "", digits);
        return 0;
}
