/* Help, completion and did-you-mean, all from the command table. */
#include "client/capactl/help.h"

#include <string.h>

#include "client/capactl/arguments.h"
#include "proto/base/word.h"

#define WORD_MAX  32 /* of a word that is repeated in a message */
#define NAMES_MAX 96

const char *nearest(const char *word, const char *const *names, size_t n_names)
{
        size_t length = strlen(word);

        for (size_t i = 0; i < n_names; i++)
                if (length >= 2 && length < strlen(names[i]) &&
                    strncmp(word, names[i], length) == 0)
                        return names[i];
        return word_nearest(word, length, names, n_names);
}

/* Second words of a group: "add start done cancel" of "action"; "" if there are none. */
static void subcommands(const char *group, char *ret, size_t size)
{
        size_t n = strlen(group);

        ret[0] = '\0';
        for (size_t i = 0; i < N_COMMANDS; i++) {
                const char *words = COMMANDS[i].words;

                if (strncmp(words, group, n) != 0 || words[n] != ' ')
                        continue;
                if (*ret)
                        strncat(ret, ", ", size - strlen(ret) - 1);
                strncat(ret, words + n + 1, size - strlen(ret) - 1);
        }
}

bool command_is_group(const char *word)
{
        char list[256];

        subcommands(word, list, sizeof(list));
        return *list != '\0';
}

void command_unknown(char *const *words, size_t n_words, struct problem *reterr)
{
        const char *names[NAMES_MAX];
        char list[256], typed[2 * WORD_MAX + 2];
        const char *near;
        size_t n = 0;

        subcommands(words[0], list, sizeof(list));
        if (*list) {
                if (n_words < 2)
                        problem_set(reterr, 0, "capactl %s needs one of: %s", words[0], list);
                else
                        problem_set(reterr, 0, "\"%s %s\" is no command: capactl %s takes %s",
                                    words[0], words[1], words[0], list);
                return;
        }
        for (size_t i = 0; i < N_COMMANDS && n < NAMES_MAX; i++)
                if (*COMMANDS[i].words)
                        names[n++] = COMMANDS[i].words;
        snprintf(typed, sizeof(typed), "%.*s", WORD_MAX, words[0]);
        near = nearest(typed, names, n);
        if (!near && n_words > 1) {
                snprintf(typed, sizeof(typed), "%.*s %.*s", WORD_MAX, words[0], WORD_MAX, words[1]);
                near = nearest(typed, names, n);
        }
        if (near)
                problem_set(reterr, 0, "\"%s\" is no command: did you mean %s?", typed, near);
        else
                problem_set(reterr, 0, "\"%s\" is no command: capactl --help lists them", words[0]);
}

static void print_usage(FILE *out, const struct command *c)
{
        fprintf(out, "capactl%s%s", *c->words ? " " : "", c->words);
        for (size_t i = 0; i < COMMAND_ARGUMENTS && c->arguments[i].name; i++) {
                const struct parameter *p = &c->arguments[i];
                bool dots = p->many || (p->kind == PARAMETER_REFERENCE && i == 0);

                fprintf(out, p->required ? " %s%s" : " [%s%s]", p->name, dots ? "..." : "");
        }
        for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
                if (c->options[i].required)
                        fprintf(out, " --%s %s", c->options[i].name, c->options[i].value);
}

static void print_parameters(FILE *out, const char *heading, const struct parameter *rows,
                             size_t max, const char *dashes)
{
        if (max == 0 || !rows[0].name)
                return;
        fprintf(out, "\n%s\n", heading);
        for (size_t i = 0; i < max && rows[i].name; i++) {
                const struct parameter *p = &rows[i];
                char left[80];

                snprintf(left, sizeof(left), "%s%s%s%s%.1s", dashes, p->name, p->value ? " " : "",
                         p->value ? p->value : "", "");
                if (p->letter)
                        snprintf(left + strlen(left), sizeof(left) - strlen(left), ", -%c",
                                 p->letter);
                fprintf(out, "  %-26s %s%s\n", left, p->help ? p->help : "",
                        p->many && *dashes ? " (may be repeated)" : "");
                if (p->choices)
                        fprintf(out, "  %-26s one of: %s\n", "", p->choices);
        }
}

static size_t count_rows(const struct parameter *rows)
{
        size_t n = 0;

        while (rows[n].name)
                n++;
        return n;
}

static void print_all(FILE *out)
{
        const char *group = "";

        fprintf(out, "capactl: work with the register that capad keeps.\n"
                     "Usage: capactl [OPTION...] COMMAND [ARGUMENT...]\n");
        for (size_t i = 0; i < N_COMMANDS; i++) {
                if (strcmp(group, COMMANDS[i].group) != 0) {
                        group = COMMANDS[i].group;
                        fprintf(out, "\n%s\n", group);
                }
                fprintf(out, "  %-18s %s\n", *COMMANDS[i].words ? COMMANDS[i].words : "(none)",
                        COMMANDS[i].help);
        }
        print_parameters(out, "Options of every command", GLOBAL_OPTIONS,
                         count_rows(GLOBAL_OPTIONS), "--");
        fprintf(out,
                "\nWhere one reference is taken, several or - (standard input) are; 17 means "
                "NC-17; "
                "me is you.\n"
                "Exit status: 0 done, 1 refused, 2 usage, 3 no answer, 4 not found, 70 a mistake "
                "in capad.\n"
                "Environment: CAPACTL_ENDPOINT, CAPACTL_INGEST, CAPACTL_PUBLISH, CAPACTL_SPOOL, "
                "CAPACTL_TIMEOUT (seconds), NO_COLOR.\n"
                "capactl COMMAND --help tells more of one command.\n");
}

void help_print(FILE *out, const struct command *c)
{
        if (!c) {
                print_all(out);
                return;
        }
        fprintf(out, "Usage: ");
        print_usage(out, c);
        fprintf(out, " [OPTION...]\n%s\n", c->help);
        print_parameters(out, "Arguments", c->arguments, COMMAND_ARGUMENTS, "");
        print_parameters(out, "Options", c->options, COMMAND_OPTIONS, "--");
        if (c->changes)
                print_parameters(out, "Options of every change", CHANGE_OPTIONS,
                                 count_rows(CHANGE_OPTIONS), "--");
        if (c->past)
                print_parameters(out, "Options of everything that reads the register", PAST_OPTIONS,
                                 count_rows(PAST_OPTIONS), "--");
        print_parameters(out, "Options of every command", GLOBAL_OPTIONS,
                         count_rows(GLOBAL_OPTIONS), "--");
}

static void complete_options(FILE *out, const struct parameter *rows, size_t max)
{
        for (size_t i = 0; i < max && rows[i].name; i++)
                fprintf(out, "--%s\n", rows[i].name);
}

static void complete_words(FILE *out, const char *choices)
{
        for (const char *p = choices; *p;) {
                int length = (int) strcspn(p, " ");

                fprintf(out, "%.*s\n", length, p);
                p += length + (p[length] == ' ');
        }
}

static void complete_command(FILE *out, char *const *words, size_t n)
{
        for (size_t i = 0; i < N_COMMANDS; i++) {
                const char *p = COMMANDS[i].words;
                size_t k = 0;

                for (; k < n; k++) {
                        size_t length = strcspn(p, " ");

                        if (strlen(words[k]) != length || strncmp(words[k], p, length) != 0)
                                break;
                        p += length + (p[length] == ' ');
                }
                if (k == n && *p)
                        fprintf(out, "%.*s\n", (int) strcspn(p, " "), p);
        }
}

static const struct parameter *find_option(const struct command *c, const char *name)
{
        for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
                if (strcmp(c->options[i].name, name) == 0)
                        return &c->options[i];
        return NULL;
}

bool help_complete(FILE *out, char *const *words, size_t n_words)
{
        const struct command *c;
        const char *last = n_words > 0 ? words[n_words - 1] : "";
        size_t n_before = n_words > 0 ? n_words - 1 : 0, used = 0;
        const struct parameter *p = NULL;

        c = n_before > 0 ? command_find(words, n_before, &used) : NULL;
        if (!c && *last != '-')
                complete_command(out, words, n_before);
        if (c && n_before > used && strncmp(words[n_before - 1], "--", 2) == 0)
                p = find_option(c, words[n_before - 1] + 2);
        if (p && p->kind != PARAMETER_FLAG) {
                if (p->choices)
                        complete_words(out, p->choices);
                return p->kind == PARAMETER_REFERENCE && !p->prefix;
        }
        if (*last == '-') {
                complete_options(out, GLOBAL_OPTIONS, count_rows(GLOBAL_OPTIONS));
                if (c)
                        complete_options(out, c->options, COMMAND_OPTIONS);
                if (c && c->changes)
                        complete_options(out, CHANGE_OPTIONS, count_rows(CHANGE_OPTIONS));
                if (c && c->past)
                        complete_options(out, PAST_OPTIONS, count_rows(PAST_OPTIONS));
                return false;
        }
        for (size_t i = 0; c && i < COMMAND_ARGUMENTS && c->arguments[i].name; i++)
                if (c->arguments[i].choices && n_before >= used + i)
                        complete_words(out, c->arguments[i].choices);
        return c && c->arguments[0].name && c->arguments[0].kind == PARAMETER_REFERENCE &&
               !c->arguments[0].prefix;
}
