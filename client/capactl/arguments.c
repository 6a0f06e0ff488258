/* The command line, read by the command table, with getopt_long for the options. */
#include "client/capactl/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/help.h"
#include "client/capactl/reference.h"

#define OPTIONS_MAX (COMMAND_OPTIONS + 16)
#define LONG_BASE   256 /* getopt value of option i: beyond every letter */

void arguments_done(struct arguments *a)
{
        for (size_t i = 0; i < a->n_references; i++)
                free(a->references[i]);
        free(a->references);
        free(a->given);
        free(a->words);
        *a = (struct arguments){0};
}

const char *arguments_get(const struct arguments *a, const char *name)
{
        const char *found = NULL;

        for (size_t i = 0; i < a->n_given; i++)
                if (strcmp(a->given[i].parameter->name, name) == 0)
                        found = a->given[i].text;
        return found;
}

bool arguments_has(const struct arguments *a, const char *name)
{
        return arguments_get(a, name) != NULL;
}

const struct command *command_find(char *const *words, size_t n_words, size_t *ret_n)
{
        const struct command *best = NULL;
        size_t best_n = 0;

        for (size_t i = 0; i < N_COMMANDS; i++) {
                const char *p = COMMANDS[i].words;
                size_t n = 0;

                while (*p && n < n_words) {
                        size_t length = strcspn(p, " ");

                        if (strlen(words[n]) != length || strncmp(words[n], p, length) != 0)
                                break;
                        p += length + (p[length] == ' ');
                        n++;
                }
                if (*p == '\0' && (n > best_n || n_words == 0)) {
                        best = &COMMANDS[i];
                        best_n = n;
                }
        }
        if (best)
                *ret_n = best_n;
        return best;
}

static int add_given(struct arguments *a, const struct parameter *p, const char *text)
{
        struct given *more = reallocarray(a->given, a->n_given + 1, sizeof(*more));

        if (!more)
                return -ENOMEM;
        a->given = more;
        a->given[a->n_given++] = (struct given){p, text};
        return 0;
}

static bool is_choice(const char *choices, const char *text)
{
        size_t n = strlen(text);

        for (const char *p = choices; *p;) {
                size_t length = strcspn(p, " ");

                if (length == n && memcmp(p, text, n) == 0)
                        return true;
                p += length + (p[length] == ' ');
        }
        return false;
}

static int check_value(const struct parameter *p, const char *text, const char *dashes,
                       struct problem *reterr)
{
        char normal[REFERENCE_MAX];

        if (p->choices && !is_choice(p->choices, text)) {
                problem_set(reterr, 0, "%s%s takes one of: %s; not \"%s\"", dashes, p->name,
                            p->choices, text);
                return ARGUMENTS_E_USAGE;
        }
        if (p->kind == PARAMETER_NUMBER &&
            (*text == '\0' || strlen(text) > 18 || text[strspn(text, "0123456789")] != '\0')) {
                problem_set(reterr, 0, "%s%s takes a whole number, not \"%s\"", dashes, p->name,
                            text);
                return ARGUMENTS_E_USAGE;
        }
        if (p->kind == PARAMETER_REFERENCE && reference_normalise(text, p->prefix, normal) != 0) {
                problem_set(reterr, 0, "\"%s\" is not a reference: write it as %s-17 or 17", text,
                            p->prefix ? p->prefix : "NC");
                return ARGUMENTS_E_USAGE;
        }
        if ((p->kind == PARAMETER_LABEL || p->kind == PARAMETER_DATES) &&
            (!strchr(text, '=') || *text == '=')) {
                problem_set(reterr, 0, "%s%s takes NAME=VALUE, not \"%s\"", dashes, p->name, text);
                return ARGUMENTS_E_USAGE;
        }
        return 0;
}

/* All options that hold for a command (NULL: the global ones), and getopt's form of them. */
struct option_set {
        const struct parameter *rows[OPTIONS_MAX];
        struct option longs[OPTIONS_MAX + 1];
        char letters[2 * OPTIONS_MAX + 4];
        size_t n;
};

static void option_set_add(struct option_set *set, const struct parameter *rows)
{
        for (size_t i = 0; rows[i].name && set->n < OPTIONS_MAX; i++) {
                bool takes = rows[i].kind != PARAMETER_FLAG;
                size_t n = strlen(set->letters);

                set->rows[set->n] = &rows[i];
                set->longs[set->n] =
                        (struct option){rows[i].name, takes ? required_argument : no_argument, NULL,
                                        LONG_BASE + (int) set->n};
                if (rows[i].letter)
                        snprintf(set->letters + n, sizeof(set->letters) - n, "%c%s", rows[i].letter,
                                 takes ? ":" : "");
                set->n++;
        }
}

static void option_set_make(const struct command *c, struct option_set *set)
{
        *set = (struct option_set){0};
        snprintf(set->letters, sizeof(set->letters), "%s", !c || c->passthrough ? "+:" : ":");
        option_set_add(set, GLOBAL_OPTIONS);
        if (c)
                option_set_add(set, c->options);
        if (c && c->changes)
                option_set_add(set, CHANGE_OPTIONS);
        if (!c || c->past) /* without a command: one's page */
                option_set_add(set, PAST_OPTIONS);
}

static const struct parameter *option_set_find(const struct option_set *set, int value)
{
        if (value >= LONG_BASE)
                return set->rows[value - LONG_BASE];
        for (size_t i = 0; i < set->n; i++)
                if (set->rows[i]->letter == value)
                        return set->rows[i];
        return NULL;
}

static int unknown_option(const struct option_set *set, const struct arguments *a, char *word,
                          struct problem *reterr)
{
        const char *names[OPTIONS_MAX];
        const char *near;
        size_t n = 0;

        for (size_t i = 0; i < set->n; i++)
                names[n++] = set->rows[i]->name;
        near = strncmp(word, "--", 2) == 0 ? nearest(word + 2, names, n) : NULL;
        if (near)
                problem_set(reterr, 0, "%s is no option of capactl%s%s: did you mean --%s?", word,
                            a->command ? " " : "", a->command ? a->command->words : "", near);
        else
                problem_set(reterr, 0, "%s is no option here: capactl %s%s--help lists them", word,
                            a->command ? a->command->words : "", a->command ? " " : "");
        return ARGUMENTS_E_USAGE;
}

static int take_option(struct arguments *a, const struct parameter *p, const char *text,
                       struct problem *reterr)
{
        int r;

        if (strcmp(p->name, "help") == 0)
                return ARGUMENTS_E_HELP;
        if (strcmp(p->name, "version") == 0)
                return ARGUMENTS_E_VERSION;
        if (strcmp(p->name, "json") == 0)
                a->json = true;
        else if (strcmp(p->name, "quiet") == 0)
                a->quiet = true;
        else if (strcmp(p->name, "endpoint") == 0)
                a->endpoint = text;
        else if (strcmp(p->name, "actor") == 0)
                a->actor = text;
        else {
                r = p->kind == PARAMETER_FLAG ? 0 : check_value(p, text, "--", reterr);
                return r != 0 ? r : add_given(a, p, text);
        }
        return 0;
}

/* Options up to the end (or to the first word, of globals and passthrough); optind then stands at
 * the first argument. */
static int take_options(struct arguments *a, int argc, char **argv, struct problem *reterr)
{
        struct option_set set;
        int value, r;

        option_set_make(a->command, &set);
        optind = 0; /* glibc: start over */
        opterr = 0;
        while ((value = getopt_long(argc, argv, set.letters, set.longs, NULL)) != -1) {
                const struct parameter *p;

                if (value == '?' && optopt >= LONG_BASE) {
                        problem_set(reterr, 0, "--%s takes no value",
                                    set.rows[optopt - LONG_BASE]->name);
                        return ARGUMENTS_E_USAGE;
                }
                if (value == '?' && optopt != 0) {
                        char word[3] = {'-', (char) optopt, '\0'};

                        return unknown_option(&set, a, word, reterr);
                }
                if (value == '?')
                        return unknown_option(&set, a, argv[optind - 1], reterr);
                p = option_set_find(&set, value == ':' ? optopt : value);
                if (value == ':') {
                        problem_set(reterr, 0, "--%s needs a value: --%s %s", p->name, p->name,
                                    p->value ? p->value : "VALUE");
                        return ARGUMENTS_E_USAGE;
                }
                r = take_option(a, p, optarg ? optarg : "", reterr);
                if (r != 0)
                        return r;
        }
        return 0;
}

static int add_reference(struct arguments *a, const struct parameter *p, const char *text,
                         struct problem *reterr)
{
        char normal[REFERENCE_MAX];
        char **more;

        if (reference_normalise(text, p->prefix, normal) != 0)
                return check_value(p, text, "", reterr);
        more = reallocarray(a->references, a->n_references + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        a->references = more;
        a->references[a->n_references] = strdup(normal);
        if (!a->references[a->n_references])
                return -ENOMEM;
        a->n_references++;
        return 0;
}

/* The first word of each line of standard input; blank lines and # comments are passed over. */
static int read_references(struct arguments *a, const struct parameter *p, struct problem *reterr)
{
        cleanup_(free_p) char *line = NULL;
        size_t allocated = 0;
        int r = 0;

        while (r == 0 && getline(&line, &allocated, stdin) >= 0) {
                char *word = line + strspn(line, " \t\r\n");

                word[strcspn(word, " \t\r\n")] = '\0';
                if (*word && *word != '#')
                        r = add_reference(a, p, word, reterr);
        }
        return r;
}

/* As many leading words as are references, but the arguments behind must get theirs. */
static int take_references(struct arguments *a, const struct parameter *p, char **words, size_t n,
                           size_t *ret_used, struct problem *reterr)
{
        size_t needed = 0, used = 0;
        int r;

        for (size_t i = 1; i < COMMAND_ARGUMENTS && p[i].name; i++)
                needed += p[i].required;
        for (; used < n; used++) {
                char normal[REFERENCE_MAX];
                bool from_input = strcmp(words[used], "-") == 0;

                if (used > 0 && n - used <= needed)
                        break;
                if (!from_input && reference_normalise(words[used], p->prefix, normal) != 0) {
                        if (used > 0 && p[1].name)
                                break;
                        return check_value(p, words[used], "", reterr);
                }
                r = from_input ? read_references(a, p, reterr)
                               : add_reference(a, p, words[used], reterr);
                if (r != 0)
                        return r;
        }
        *ret_used = used;
        return 0;
}

static int take_words(struct arguments *a, char **words, size_t n, struct problem *reterr)
{
        const struct parameter *p = a->command->arguments;
        size_t used = 0;
        int r;

        if (p->name && p->kind == PARAMETER_REFERENCE && n > 0) {
                r = take_references(a, p, words, n, &used, reterr);
                if (r != 0)
                        return r;
                p++;
        }
        for (; p < a->command->arguments + COMMAND_ARGUMENTS && p->name; p++) {
                if (p->many && p->member) {
                        for (; used < n; used++) {
                                r = check_value(p, words[used], "", reterr);
                                if (r == 0)
                                        r = add_given(a, p, words[used]);
                                if (r != 0)
                                        return r;
                        }
                        continue;
                }
                if (p->many) {
                        a->rest = words + used;
                        a->n_rest = n - used;
                        used = n;
                }
                if (p->many ? a->n_rest > 0 : used < n) {
                        if (p->many)
                                continue;
                        r = check_value(p, words[used], "", reterr);
                        if (r == 0)
                                r = add_given(a, p, words[used++]);
                        if (r != 0)
                                return r;
                } else if (p->required) {
                        problem_set(reterr, 0, "capactl %s needs %s: see capactl %s --help",
                                    a->command->words, p->name, a->command->words);
                        return ARGUMENTS_E_USAGE;
                }
        }
        if (used < n) {
                problem_set(reterr, 0,
                            "\"%s\" is one argument too many: put a text of several "
                            "words into quotes",
                            words[used]);
                return ARGUMENTS_E_USAGE;
        }
        return 0;
}

static int check_required(const struct arguments *a, struct problem *reterr)
{
        const struct command *c = a->command;

        if (c->arguments[0].name && c->arguments[0].kind == PARAMETER_REFERENCE &&
            c->arguments[0].required && a->n_references == 0) {
                problem_set(reterr, 0, "capactl %s needs %s: see capactl %s --help", c->words,
                            c->arguments[0].name, c->words);
                return ARGUMENTS_E_USAGE;
        }
        for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
                if (c->options[i].required && !arguments_has(a, c->options[i].name)) {
                        problem_set(reterr, 0, "capactl %s needs --%s %s", c->words,
                                    c->options[i].name,
                                    c->options[i].value ? c->options[i].value : "");
                        return ARGUMENTS_E_USAGE;
                }
        return 0;
}

static int parse_command(struct arguments *a, int argc, char **argv, struct problem *reterr)
{
        int r;

        r = take_options(a, argc, argv, reterr);
        if (r == 0)
                r = take_words(a, argv + optind, (size_t) (argc - optind), reterr);
        return r == 0 ? check_required(a, reterr) : r;
}

int arguments_parse(int argc, char **argv, struct arguments *ret, struct problem *reterr)
{
        cleanup_(arguments_done) struct arguments a = {0};
        static char *no_words[] = {NULL};
        size_t n_words = 0;
        int first, r;

        a.words = calloc((size_t) argc + 1, sizeof(*a.words));
        if (!a.words)
                return -ENOMEM;
        memcpy(a.words, argv, (size_t) argc * sizeof(*argv));
        r = take_options(&a, argc, a.words, reterr);
        first = optind;
        if (r == 0) {
                a.command = first < argc ? command_find(a.words + first, (size_t) (argc - first),
                                                        &n_words)
                                         : command_find(no_words, 0, &n_words);
                /* "action --help": there is no command action, but those under it are listed with
                 * all */
                if (!a.command && argc - first == 2 && strcmp(a.words[first + 1], "--help") == 0 &&
                    command_is_group(a.words[first]))
                        return ARGUMENTS_E_HELP;
                if (!a.command && first < argc) {
                        command_unknown(a.words + first, (size_t) (argc - first), reterr);
                        return ARGUMENTS_E_USAGE;
                }
        }
        if (r == 0 && a.command && a.n_given > 0 && !a.command->past) {
                problem_set(reterr, 0, "capactl %s takes no --%s", a.command->words,
                            a.given[0].parameter->name);
                return ARGUMENTS_E_USAGE;
        }
        if (r == 0 && a.command) {
                /* getopt takes element 0 for the program's name */
                first += (int) n_words - 1;
                r = parse_command(&a, argc - first, a.words + first, reterr);
        }
        if (r != 0 && r != ARGUMENTS_E_HELP)
                return r;
        *ret = a;
        a = (struct arguments){0};
        return r;
}
