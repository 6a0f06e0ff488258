/* The one table of commands: words, arguments, options, help, function. Parser, --help and
 * completion read it; a new command is a row here and, if it only records facts, no code at all.
 * Rows are in command_table.c, functions in command_*.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/util.h"

struct session;
struct arguments;

enum parameter_kind {
        PARAMETER_TEXT,
        PARAMETER_FLAG,      /* an option without value: true */
        PARAMETER_NUMBER,    /* digits */
        PARAMETER_REFERENCE, /* NC-17, 17, nc-17 */
        PARAMETER_MOMENT,    /* date, date and local time, RFC 3339, or duration */
        PARAMETER_SPAN,      /* duration */
        PARAMETER_EVIDENCE,  /* file, URL or event number */
        PARAMETER_LABEL,     /* K=V */
        PARAMETER_DATES,     /* K=MOMENT */
        PARAMETER_FILE,      /* local file name, for the command itself */
};

struct parameter {
        const char *name; /* of an option: without dashes; of an argument: as help shows it */
        const char *help;
        const char *value;   /* option: what help shows as its value */
        const char *member;  /* name in the call's params; NULL: the command reads it itself */
        const char *choices; /* allowed words, blank between; also for completion */
        const char *prefix;  /* reference: what plain digits mean, "NC" if NULL */
        enum parameter_kind kind;
        char letter; /* option: one-letter form, or 0 */
        bool required;
        bool many; /* option: may be repeated, sent as a list; last argument: takes the rest */
};

#define COMMAND_ARGUMENTS 5
#define COMMAND_OPTIONS   24

struct command {
        const char *words; /* "action add" */
        const char *group; /* heading in help */
        const char *help;
        const char *method; /* that the command calls, if it is one */
        int (*run)(struct session *s, const struct arguments *a); /* exit status, or -errno */
        struct parameter arguments[COMMAND_ARGUMENTS];            /* end: name NULL */
        struct parameter options[COMMAND_OPTIONS];
        bool changes;     /* takes --if-version and --dry-run */
        bool past;        /* takes --as-of */
        bool passthrough; /* what follows the first argument belongs to another program */
};

extern const struct command COMMANDS[];
extern const size_t N_COMMANDS;
/* Options of every command, and those of every changing one; end: name NULL. */
extern const struct parameter GLOBAL_OPTIONS[];
extern const struct parameter CHANGE_OPTIONS[];
extern const struct parameter PAST_OPTIONS[]; /* of every command that reads the register */

int command_record(struct session *s, const struct arguments *a); /* any changing method */
int command_fill(struct session *s, const struct arguments *a);
int command_adapters_list(struct session *s, const struct arguments *a);
int command_adapters_test(struct session *s, const struct arguments *a);
int command_page(struct session *s, const struct arguments *a);
int command_status(struct session *s, const struct arguments *a);
int command_list(struct session *s, const struct arguments *a);
int command_show(struct session *s, const struct arguments *a);
int command_log(struct session *s, const struct arguments *a);
int command_next(struct session *s, const struct arguments *a);
int command_follow_up_list(struct session *s, const struct arguments *a);
int command_people(struct session *s, const struct arguments *a);
int command_handover(struct session *s, const struct arguments *a);
int command_due(struct session *s, const struct arguments *a);
int command_search(struct session *s, const struct arguments *a);
int command_since(struct session *s, const struct arguments *a);
int command_approvals(struct session *s, const struct arguments *a);
int command_confirm(struct session *s, const struct arguments *a);
int command_reject(struct session *s, const struct arguments *a);
int command_evidence_list(struct session *s, const struct arguments *a);
int command_dossier(struct session *s, const struct arguments *a);
int command_evidence_get(struct session *s, const struct arguments *a);
int command_escalations(struct session *s, const struct arguments *a);
int command_ack(struct session *s, const struct arguments *a);
int command_watch(struct session *s, const struct arguments *a);
int command_emit(struct session *s, const struct arguments *a);
int command_run(struct session *s, const struct arguments *a);
int command_rules_list(struct session *s, const struct arguments *a);
int command_rules_check(struct session *s, const struct arguments *a);
int command_rules_test(struct session *s, const struct arguments *a);
int command_rules_explain(struct session *s, const struct arguments *a);
int command_rules_replay(struct session *s, const struct arguments *a);
int command_rules_held(struct session *s, const struct arguments *a);
int command_silence_add(struct session *s, const struct arguments *a);
int command_silence_list(struct session *s, const struct arguments *a);
int command_coverage(struct session *s, const struct arguments *a);
int command_journal_verify(struct session *s, const struct arguments *a);
int command_journal_export(struct session *s, const struct arguments *a);
