/* The command line, read by the command table. Pure but for "-", which reads references from
 * standard input. Texts are borrowed from argv; struct arguments owns its arrays. */
#pragma once

#include "client/capactl/command.h"
#include "proto/base/problem.h"

enum arguments_error {
        ARGUMENTS_E_USAGE = 1, /* the problem says what, and what was perhaps meant */
        ARGUMENTS_E_HELP,      /* --help: ret->command says for what, NULL for all */
        ARGUMENTS_E_VERSION,
};

struct given {
        const struct parameter *parameter;
        const char *text; /* "" of a flag */
};

struct arguments {
        const struct command *command;
        struct given *given; /* options and arguments, in the order given */
        size_t n_given;
        char **references; /* of the first argument if it takes references; normalised, owned */
        size_t n_references;
        char **rest; /* behind the arguments of a passthrough command, or of a "many" argument;
                      * ends with NULL; points into argv */
        size_t n_rest;
        char **words; /* argv as getopt permuted it */
        const char *endpoint, *actor;
        bool json, quiet;
};

/* argv[0] is the program. argv ends with NULL. */
int arguments_parse(int argc, char **argv, struct arguments *ret,
                    struct problem *reterr) must_check_;
void arguments_done(struct arguments *a);

/* Value of an option or argument by name: the last given, or NULL. */
const char *arguments_get(const struct arguments *a, const char *name);
bool arguments_has(const struct arguments *a, const char *name);

/* The command whose words begin at words[0]; NULL if there is none. *ret_n: words used. */
const struct command *command_find(char *const *words, size_t n_words, size_t *ret_n);
