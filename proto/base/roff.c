/* Text for manual pages. */
#include "proto/base/roff.h"

#include <stdbool.h>

void roff_text(FILE *out, const char *text)
{
        bool begins = true;

        for (; *text; text++) {
                if (begins && (*text == '.' || *text == '\''))
                        fputs("\\&", out);
                if (*text == '\\')
                        fputs("\\e", out);
                else if (*text == '-')
                        fputs("\\-", out);
                else
                        fputc(*text, out);
                begins = *text == '\n';
        }
}

void roff_begin(FILE *out, const char *name, const char *section, const char *version,
                const char *purpose)
{
        fprintf(out, ".TH %s %s \"\" \"capad %s\"\n.SH NAME\n%s \\- ", name, section, version,
                name);
        roff_text(out, purpose);
        fputc('\n', out);
}

void roff_heading(FILE *out, const char *title)
{
        fprintf(out, ".SH %s\n", title);
}

void roff_item(FILE *out, const char *term, const char *text)
{
        if (term) {
                fputs(".TP\n\\fB", out);
                roff_text(out, term);
                fputs("\\fR\n", out);
        }
        if (text) {
                roff_text(out, text);
                fputc('\n', out);
        }
}
