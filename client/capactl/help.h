/* Help, completion and did-you-mean, all from the command table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "client/capactl/command.h"
#include "proto/base/problem.h"

/* The one of names that word was perhaps meant to be: begins with it, or differs by at most two
 * typing mistakes (fewer in short words); NULL if none. */
const char *nearest(const char *word, const char *const *names, size_t n_names);
/* "lst" is no command: did you mean list? */
void command_unknown(char *const *words, size_t n_words, struct problem *reterr);

/* Are there commands of two words that begin with this one? */
bool command_is_group(const char *word);

void help_print(FILE *out, const struct command *c); /* c NULL: of all */
/* What could stand at words[n_words - 1], one a line: commands, options, choices. Returns whether a
 * reference to an NC could, too. */
bool help_complete(FILE *out, char *const *words, size_t n_words);
