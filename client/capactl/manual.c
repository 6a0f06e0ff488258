/* capactl(1) from the command table: the page is made at build, by capactl --man. */
#include "client/capactl/manual.h"

#include <string.h>

#include "client/capactl/command.h"
#include "proto/base/buffer.h"
#include "proto/base/roff.h"

static void print_parameter(FILE *out, const struct parameter *p, const char *dashes)
{
        cleanup_(buffer_done) struct buffer term = BUFFER_NULL, text = BUFFER_NULL;

        buffer_printf(&term, "%s%s%s%s", dashes, p->name, p->value ? " " : "",
                      p->value ? p->value : "");
        if (p->letter)
                buffer_printf(&term, ", -%c", p->letter);
        buffer_printf(&text, "%s%s%s", p->help ? p->help : "", p->required ? " (needed)" : "",
                      p->many && *dashes ? " (may be repeated)" : "");
        if (p->choices)
                buffer_printf(&text, "; one of: %s", p->choices);
        if (buffer_status(&term) == 0 && buffer_status(&text) == 0)
                roff_item(out, term.data, text.data);
}

static void print_parameters(FILE *out, const struct parameter *rows, size_t max,
                             const char *dashes)
{
        for (size_t i = 0; i < max && rows[i].name; i++)
                print_parameter(out, &rows[i], dashes);
}

static size_t count_rows(const struct parameter *rows)
{
        size_t n = 0;

        while (rows[n].name)
                n++;
        return n;
}

static void print_command(FILE *out, const struct command *c)
{
        fputs(".SS \"capactl", out);
        if (*c->words)
                fprintf(out, " %s", c->words);
        for (size_t i = 0; i < COMMAND_ARGUMENTS && c->arguments[i].name; i++) {
                const struct parameter *p = &c->arguments[i];

                fprintf(out, p->required ? " %s%s" : " [%s%s]", p->name,
                        p->many || (i == 0 && p->kind == PARAMETER_REFERENCE) ? "..." : "");
        }
        fputs("\"\n", out);
        roff_text(out, c->help);
        fputs(".\n", out);
        print_parameters(out, c->arguments, COMMAND_ARGUMENTS, "");
        print_parameters(out, c->options, COMMAND_OPTIONS, "--");
}

static void print_environment(FILE *out)
{
        static const struct {
                const char *name, *help;
        } rows[] = {{"CAPACTL_ENDPOINT", "control endpoint of capad"},
                    {"CAPACTL_INGEST", "where emit and run send events"},
                    {"CAPACTL_PUBLISH", "what watch listens to"},
                    {"CAPACTL_TIMEOUT", "seconds to wait for an answer (5)"},
                    {"CAPACTL_SPOOL", "file that keeps events which nobody took"},
                    {"VISUAL, EDITOR", "the editor of fill"},
                    {"NO_COLOR", "no colours on the terminal"}};

        roff_heading(out, "ENVIRONMENT");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                roff_item(out, rows[i].name, rows[i].help);
}

static void print_status(FILE *out)
{
        static const struct {
                const char *status, *means;
        } rows[] = {{"0", "done"},
                    {"1", "refused: the message says which fact is missing; of several, any was"},
                    {"2", "the command line is wrong"},
                    {"3", "no answer: it may be repeated; emit has spooled the events"},
                    {"4", "not found"},
                    {"70", "a mistake in capad"}};

        roff_heading(out, "EXIT STATUS");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                roff_item(out, rows[i].status, rows[i].means);
        roff_item(out, NULL,
                  "status --check exits as monitors expect: 0, 1, 2, and 3 for unknown. "
                  "run exits as its command does, and with 125 if that could not be started.");
}

void manual_print(FILE *out)
{
        const char *group = "";

        roff_begin(out, "capactl", "1", CAPA_VERSION, "work with the register that capad keeps");
        roff_heading(out, "SYNOPSIS");
        fputs("\\fBcapactl\\fR [\\fIOPTION\\fR...] [\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]]\n", out);
        roff_heading(out, "DESCRIPTION");
        roff_text(out,
                  "Without a command it shows your page: what waits for you, each line with the "
                  "command that does it. Where one reference is taken, several or - (standard "
                  "input, one a line, blank lines and # comments passed over) are; 17 means NC-17; "
                  "me is you. Leading arguments that look like references are references; where an "
                  "argument behind them is needed, the last ones are that: note 17 18 is a note "
                  "\"18\" on NC-17. A moment is a date (the end of that day's work), a date and "
                  "time, or a duration: 90s 15m 2h 3d 5bd 2w 6mo.\n");
        roff_heading(out, "OPTIONS");
        print_parameters(out, GLOBAL_OPTIONS, count_rows(GLOBAL_OPTIONS), "--");
        fputs(".SS \"Of every command that changes the register\"\n", out);
        print_parameters(out, CHANGE_OPTIONS, count_rows(CHANGE_OPTIONS), "--");
        fputs(".SS \"Of every command that reads the register\"\n", out);
        print_parameters(out, PAST_OPTIONS, count_rows(PAST_OPTIONS), "--");
        for (size_t i = 0; i < N_COMMANDS; i++) {
                if (strcmp(group, COMMANDS[i].group) != 0) {
                        group = COMMANDS[i].group;
                        fprintf(out, ".SH \"COMMANDS: %s\"\n", group);
                }
                print_command(out, &COMMANDS[i]);
        }
        print_status(out);
        print_environment(out);
        roff_heading(out, "SEE ALSO");
        fputs("\\fBcapad\\fR(8), \\fBcapa-webhook\\fR(8)\n", out);
}
