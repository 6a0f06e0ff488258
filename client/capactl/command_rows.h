/* How rows of the command table are written: the words that options may be, arguments and options
 * that several commands have, and short forms for the others. For command_table.c only. */
#pragma once

#include "client/capactl/command.h"

#define GRADES "critical major minor observation ofi"
#define STATES                                                                                     \
        "raised triaged contained analysed planned implementing verifying closed rejected merged " \
        "accepted"
#define CATEGORIES "people process policy technology monitoring supplier environment management"
#define METHODS    "five_whys ishikawa fault_tree timeline barrier other"
#define WAIVE_OPTION                                                                               \
        TEXT("waive", "REASON", "waive",                                                           \
             "you are barred, and there is nobody else: why it passes (counted)")
#define SOURCES                                                                                    \
        "monitoring internal_audit external_audit incident complaint supplier authority "          \
        "management_review risk_assessment objective test self_report"
#define REQUESTS                                                                                   \
        "plan extension external_deadline regrade short_closing rejection merge acceptance "       \
        "redaction follow_up_stop batch"
#define FACTS                                                                                      \
        "correction consequences not_applicable cause similar elsewhere conclusion need "          \
        "criterion approval verdict isms risk deadline_met done"

#define NC_ARGUMENT                                                                                \
        {                                                                                          \
                .name = "NC", .member = "nc", .kind = PARAMETER_REFERENCE, .required = true,       \
                .help = "a nonconformity: NC-17 or 17"                                             \
        }
#define REF_ARGUMENT                                                                               \
        {                                                                                          \
                .name = "REF", .member = "ref", .kind = PARAMETER_REFERENCE, .required = true,     \
                .help = "NC-17 (or 17), or CA-42"                                                  \
        }
#define CA_ARGUMENT                                                                                \
        {                                                                                          \
                .name = "CA", .member = "action", .kind = PARAMETER_REFERENCE, .prefix = "CA",     \
                .required = true, .help = "an action: CA-42 or 42"                                 \
        }
#define FU_ARGUMENT                                                                                \
        {                                                                                          \
                .name = "FU", .member = "ref", .kind = PARAMETER_REFERENCE, .prefix = "FU",        \
                .required = true, .help = "a follow-up: FU-3 or 3"                                 \
        }
#define EVIDENCE_OPTION                                                                            \
        {                                                                                          \
                .name = "evidence", .value = "F", .member = "evidence",                            \
                .kind = PARAMETER_EVIDENCE, .many = true,                                          \
                .help = "a file, a URL, or the number of an event"                                 \
        }
#define RULE_FILES                                                                                 \
        {                                                                                          \
                .name = "FILE", .many = true, .kind = PARAMETER_FILE,                              \
                .help = "files of rules and adapters, judged together among those of capad; "      \
                        "without: only those"                                                      \
        }
#define ISMS_OPTION                                                                                \
        {                                                                                          \
                .name = "isms", .value = "none|REF", .member = "isms",                             \
                .help = "must the ISMS change?"                                                    \
        }
#define RISK_OPTION                                                                                \
        {                                                                                          \
                .name = "risk", .value = "none|REF", .member = "risk",                             \
                .help = "which risk must be updated?"                                              \
        }
#define REASON_OPTION                                                                              \
        {                                                                                          \
                .name = "reason", .value = "TEXT", .member = "reason", .required = true,           \
                .help = "why"                                                                      \
        }

/* Rows: an option's name, its value as help shows it, the call's member, help. */
#define TEXT(n, v, m, h)                                                                           \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h)                              \
        }
#define TEXTS(n, v, m, h)                                                                          \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .many = true                \
        }
#define CHOICE(n, v, m, c, h)                                                                      \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .choices = (c), .help = (h)              \
        }
#define FLAG(n, m, h)                                                                              \
        {                                                                                          \
                .name = (n), .member = (m), .help = (h), .kind = PARAMETER_FLAG                    \
        }
#define NUMBER(n, v, m, h)                                                                         \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .kind = PARAMETER_NUMBER    \
        }
#define MOMENT(n, v, m, h)                                                                         \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .kind = PARAMETER_MOMENT    \
        }
#define SPAN(n, v, m, h)                                                                           \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .kind = PARAMETER_SPAN      \
        }
/* An option that must be there: name, value as help shows it, member, help. */
#define NEEDED(n, v, m, h)                                                                         \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .required = true            \
        }
#define NEEDED_MOMENT(n, v, m, h)                                                                  \
        {                                                                                          \
                .name = (n), .value = (v), .member = (m), .help = (h), .kind = PARAMETER_MOMENT,   \
                .required = true                                                                   \
        }
/* An argument that is one of some words: name, member, words, help. */
#define ONE_OF(n, m, c, h)                                                                         \
        {                                                                                          \
                .name = (n), .member = (m), .choices = (c), .help = (h), .required = true          \
        }
/* An argument that must be there: name, member, help. */
#define ARGUMENT(n, m, h)                                                                          \
        {                                                                                          \
                .name = (n), .member = (m), .help = (h), .required = true                          \
        }

/* A command: words, group, help, method, function. CHANGE: one that only records facts. */
#define COMMAND(w, g, h, m, f) .words = (w), .group = (g), .help = (h), .method = (m), .run = (f)
#define CHANGE(w, g, h, m)     COMMAND(w, g, h, m, command_record), .changes = true
/* One that reads the register, of now or of a moment. */
#define READ(w, g, h, m, f) COMMAND(w, g, h, m, f), .past = true

#define SEE    "See"
#define RECORD "Record a fact"
#define ACT    "Actions and approvals"
#define CLOSE  "Effectiveness and closing"
#define BUS    "Events and escalations"
#define PROVE  "Rules, journal"
