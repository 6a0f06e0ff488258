/* The one table of commands. Methods, their parameters and what they mean: sql/METHODS.md. */
#include "client/capactl/command.h"

#define GRADES "critical major minor observation ofi"
#define STATES                                                                                     \
        "raised triaged contained analysed planned implementing verifying closed rejected merged " \
        "accepted"
#define CATEGORIES "people process policy technology monitoring supplier environment management"
#define METHODS    "five_whys ishikawa fault_tree timeline barrier other"
#define SOURCES                                                                                    \
        "monitoring internal_audit external_audit incident complaint supplier authority "          \
        "management_review risk_assessment objective test self_report"
#define REQUESTS "plan extension regrade short_closing rejection redaction"
#define FACTS                                                                                      \
        "correction consequences not_applicable cause similar need criterion approval verdict "    \
        "isms risk done"

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
#define EVIDENCE_OPTION                                                                            \
        {                                                                                          \
                .name = "evidence", .value = "F", .member = "evidence",                            \
                .kind = PARAMETER_EVIDENCE, .many = true,                                          \
                .help = "a file, a URL, or the number of an event"                                 \
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
/* An argument that must be there: name, member, help. */
#define ARGUMENT(n, m, h)                                                                          \
        {                                                                                          \
                .name = (n), .member = (m), .help = (h), .required = true                          \
        }

const struct parameter GLOBAL_OPTIONS[] = {
        {.name = "endpoint", .value = "URL", .help = "control endpoint of capad"},
        {.name = "json", .kind = PARAMETER_FLAG, .help = "one JSON document, as capad gave it"},
        {.name = "actor", .value = "NAME", .help = "act for someone, if you may"},
        {.name = "quiet",
         .kind = PARAMETER_FLAG,
         .letter = 'q',
         .help = "references and errors only"},
        {.name = "help", .kind = PARAMETER_FLAG, .help = "this text"},
        {.name = "version", .kind = PARAMETER_FLAG, .help = "version of capactl"},
        {.name = NULL},
};

const struct parameter CHANGE_OPTIONS[] = {
        {.name = "if-version",
         .value = "N",
         .member = "if_version",
         .kind = PARAMETER_NUMBER,
         .help = "only if the NC still has this version"},
        {.name = "dry-run",
         .member = "dry_run",
         .kind = PARAMETER_FLAG,
         .help = "say what would become of it, change nothing"},
        {.name = NULL},
};

const struct parameter PAST_OPTIONS[] = {
        MOMENT("as-of", "T", "as_of",
               "as it was then: a time, a date (the end of that day's work), or a duration ago"),
        {.name = NULL},
};

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

const struct command COMMANDS[] = {
        {READ("", SEE, "your page: what waits for you, each with its command", "page",
              command_page)},
        {COMMAND("status", SEE, "health of capad and of the register", "status", command_status),
         .options = {FLAG("check", NULL, "one line and exit status 0, 1, 2 or 3, for a monitor")}},
        {READ("list", SEE, "what is open, next due first", "list", command_list),
         .options = {{.name = "state",
                      .value = "STATE",
                      .member = "state",
                      .choices = STATES,
                      .many = true,
                      .help = "only in this state"},
                     {.name = "grade",
                      .value = "GRADE",
                      .member = "grade",
                      .choices = GRADES,
                      .many = true,
                      .help = "only of this grade"},
                     TEXTS("owner", "NAME", "owner", "only of this owner"),
                     FLAG("overdue", "overdue", "only what is overdue"),
                     TEXTS("control", "C", "control", "only against this control"),
                     TEXTS("rule", "RULE", "rule", "only raised by this rule"),
                     TEXTS("asset", "ASSET", "asset", "only of this asset"),
                     {.name = "label",
                      .value = "K=V",
                      .member = "label",
                      .kind = PARAMETER_LABEL,
                      .many = true,
                      .help = "only with this label"},
                     MOMENT("since", "T", "since", "only raised after T; a duration is \"ago\""),
                     FLAG("all", "all", "also closed, rejected and merged ones"),
                     FLAG("register", "register",
                          "as issue, root cause, action, owner, due date")}},
        {READ("show", SEE, "all about one, and what is missing next", "show", command_show),
         .arguments = {REF_ARGUMENT}},
        {READ("log", SEE, "what was done, by whom", "log", command_log),
         .arguments = {REF_ARGUMENT}},
        {READ("next", SEE, "what to do next: of one, or of you", "next", command_next),
         .arguments = {{.name = "NC",
                        .member = "nc",
                        .kind = PARAMETER_REFERENCE,
                        .help = "NC-17 or 17; without it: what waits for you"}}},
        {READ("due", SEE, "what is due soon", "due", command_due),
         .options = {SPAN("within", "D", "within", "how far ahead to look (7d)"),
                     TEXT("owner", "NAME", "owner", "only of this owner")}},
        {READ("search", SEE, "find words in titles and texts", "search", command_search),
         .arguments = {ARGUMENT("TEXT", "text", "words")}},
        {READ("since", SEE, "what happened since a moment (24h ago)", "since", command_since),
         .arguments = {{.name = "T",
                        .member = "since",
                        .kind = PARAMETER_MOMENT,
                        .help = "2026-11-25, \"2026-11-25 17:00\", or a duration ago: 3d"}}},
        {READ("approvals", SEE, "requests that wait for your decision", "approvals",
              command_approvals),
         .options = {FLAG("all", "all", "also those that others have to decide")}},

        {CHANGE("raise", RECORD, "report a nonconformity, observation or idea", "raise"),
         .arguments = {ARGUMENT("TITLE", "title", "one line")},
         .options = {CHOICE("grade", "GRADE", "grade", GRADES, "default minor"),
                     TEXT("statement", "TEXT", "statement", "what was found"),
                     TEXT("owner", "NAME", "owner", "who owns it"),
                     TEXTS("requirement", "R", "requirement", "what is not met"),
                     TEXTS("control", "C", "controls", "such as A.8.13"),
                     TEXT("asset", "ASSET", "asset", "what it is about"),
                     CHOICE("source-kind", "K", "source_kind", SOURCES,
                            "where it came from (self_report)"),
                     TEXT("external-ref", "X", "external_ref", "its number with whoever issued it"),
                     TEXT("issuer", "NAME", "issuer",
                          "who outside issued it: closes it only when they agree"),
                     TEXT("supplier", "S", "supplier", "whose it is"),
                     MOMENT("aware-at", "T", "aware_at",
                            "when it became known; a duration is \"ago\""),
                     EVIDENCE_OPTION,
                     {.name = "label",
                      .value = "K=V",
                      .member = "labels",
                      .kind = PARAMETER_LABEL,
                      .many = true,
                      .help = "a label"},
                     {.name = "due",
                      .value = "KIND=T",
                      .member = "due",
                      .kind = PARAMETER_DATES,
                      .many = true,
                      .help = "a date set outside: plan=2026-03-31, or a word of your own"},
                     FLAG("restricted", "restricted",
                          "only for those concerned and those who keep the register")}},
        {CHANGE("triage", RECORD, "grade, owner, control", "triage"), .arguments = {NC_ARGUMENT},
         .options = {CHOICE("grade", "GRADE", "grade", GRADES,
                            "its grade; a lower one needs regrade"),
                     TEXT("owner", "NAME", "owner", "who owns it"),
                     TEXTS("control", "C", "controls", "such as A.8.13"),
                     TEXT("requirement", "R", "requirement", "what is not met"),
                     TEXT("statement", "TEXT", "statement", "what was found")}},
        {CHANGE("assign", RECORD, "give it an owner", "assign"), .arguments = {REF_ARGUMENT},
         .options = {{.name = "owner",
                      .value = "NAME",
                      .member = "owner",
                      .required = true,
                      .help = "who owns it"}}},
        {CHANGE("regrade", RECORD, "change the grade; down needs a second person", "regrade"),
         .arguments = {NC_ARGUMENT},
         .options = {{.name = "to",
                      .value = "GRADE",
                      .member = "to",
                      .choices = GRADES,
                      .required = true,
                      .help = "the new grade"},
                     REASON_OPTION}},
        {CHANGE("contain", RECORD, "what was done at once to correct it", "contain"),
         .arguments = {NC_ARGUMENT, {.name = "TEXT", .member = "text", .help = "the correction"}},
         .options = {EVIDENCE_OPTION,
                     TEXT("consequences", "TEXT", "consequences", "what it led to"),
                     TEXT("not-applicable", "REASON", "not_applicable",
                          "why nothing could be corrected")}},
        {CHANGE("cause", RECORD, "the root cause", "cause"),
         .arguments = {NC_ARGUMENT, ARGUMENT("TEXT", "text", "the cause")},
         .options = {{.name = "category",
                      .value = "C",
                      .member = "category",
                      .choices = CATEGORIES,
                      .required = true,
                      .help = "kind of cause"},
                     CHOICE("method", "M", "method", METHODS, "how it was found"),
                     TEXTS("why", "TEXT", "why", "a why behind it")}},
        {CHANGE("similar", RECORD, "could it occur, or has it occurred, elsewhere", "similar"),
         .arguments = {NC_ARGUMENT},
         .options = {TEXT("elsewhere", "no|TEXT", "elsewhere", "could it occur elsewhere?"),
                     TEXT("conclude", "TEXT", "conclude", "what the similar ones found tell")}},
        {CHANGE("need", RECORD, "is action needed, and why", "need"),
         .arguments = {NC_ARGUMENT,
                       {.name = "yes|no",
                        .member = "need",
                        .choices = "yes no",
                        .required = true,
                        .help = "the decision"},
                       ARGUMENT("REASON", "reason", "why")},
         .options = {ISMS_OPTION, RISK_OPTION}},
        {CHANGE("fix", RECORD, "correction, cause and all, of grade minor or less, at once", "fix"),
         .arguments = {NC_ARGUMENT, ARGUMENT("TEXT", "text", "the correction")},
         .options = {{.name = "cause",
                      .value = "TEXT",
                      .member = "cause",
                      .required = true,
                      .help = "the root cause"},
                     {.name = "category",
                      .value = "C",
                      .member = "category",
                      .choices = CATEGORIES,
                      .required = true,
                      .help = "kind of cause"},
                     TEXTS("why", "TEXT", "why", "a why behind the cause"),
                     CHOICE("method", "M", "method", METHODS, "how the cause was found"),
                     TEXT("elsewhere", "no|TEXT", "elsewhere", "could it occur elsewhere?"),
                     TEXT("conclude", "TEXT", "conclude", "what the similar ones found tell"),
                     EVIDENCE_OPTION,
                     TEXT("consequences", "TEXT", "consequences",
                          "what it led to; without it: none reported"),
                     TEXT("no-further", "REASON", "no_further",
                          "why no action is needed: closes it"),
                     ISMS_OPTION,
                     RISK_OPTION}},
        {COMMAND("fill", RECORD, "what is missing, as a form in your editor", "fill", command_fill),
         .changes = true, .arguments = {NC_ARGUMENT}},
        {CHANGE("note", RECORD, "a remark", "note"),
         .arguments = {REF_ARGUMENT, ARGUMENT("TEXT", "text", "the remark")}},
        {CHANGE("label", RECORD, "set or take off labels", "label"),
         .arguments = {NC_ARGUMENT,
                       {.name = "K=V",
                        .member = "labels",
                        .kind = PARAMETER_LABEL,
                        .many = true,
                        .help = "a label"}},
         .options = {TEXTS("remove", "K", "remove", "a label to take off")}},
        {CHANGE("restrict", RECORD, "who may read it", "restrict"),
         .arguments = {NC_ARGUMENT,
                       {.name = "yes|no",
                        .member = "restricted",
                        .choices = "yes no",
                        .required = true,
                        .help = "yes: only those concerned and those who keep the register"}},
         .options = {TEXT("reason", "TEXT", "reason", "why")}},
        {CHANGE("retract", RECORD, "take back a fact that was a mistake", "retract"),
         .arguments = {REF_ARGUMENT,
                       {.name = "FACT",
                        .member = "fact",
                        .choices = FACTS,
                        .required = true,
                        .help = "which one"}},
         .options = {REASON_OPTION, NUMBER("no", "N", "no", "number of the cause")}},
        {CHANGE("evidence add", RECORD, "attach a file, a URL or an event", "evidence.add"),
         .arguments = {REF_ARGUMENT,
                       {.name = "FILE|URL|EVENT",
                        .member = "evidence",
                        .required = true,
                        .kind = PARAMETER_EVIDENCE,
                        .help = "what proves it"}}},
        {READ("evidence list", RECORD, "evidence of one", "evidence.list", command_evidence_list),
         .arguments = {REF_ARGUMENT}},
        {READ("evidence get", RECORD, "the bytes of a piece of evidence", "evidence.get",
              command_evidence_get),
         .arguments = {{.name = "ID",
                        .member = "id",
                        .kind = PARAMETER_REFERENCE,
                        .prefix = "EV",
                        .required = true,
                        .help = "EV-3 or 3"}},
         .options = {{.name = "output",
                      .letter = 'o',
                      .value = "F",
                      .kind = PARAMETER_FILE,
                      .help = "write it to this file"}}},

        {CHANGE("hold", RECORD, "nothing of it may be removed, until this is ended", "hold"),
         .arguments = {REF_ARGUMENT},
         .options = {REASON_OPTION, FLAG("end", "end", "end the hold")}},
        {CHANGE("redact", RECORD, "remove content for good; a second person approves", "redact"),
         .arguments = {{.name = "REF|EVENT|EVIDENCE",
                        .member = "ref",
                        .kind = PARAMETER_REFERENCE,
                        .prefix = "",
                        .required = true,
                        .help = "NC-17, EV-3, or EVENT-123"}},
         .options = {REASON_OPTION}},

        {CHANGE("action add", ACT, "plan an action", "action.add"),
         .arguments = {NC_ARGUMENT, ARGUMENT("TITLE", "title", "one line")},
         .options = {TEXT("owner", "NAME", "owner", "who does it"),
                     MOMENT("due", "T", "due", "until when: 30d, 2026-11-25"),
                     CHOICE("kind", "K", "kind", "correction corrective preventive improvement",
                            "default corrective"),
                     NUMBER("cause", "N", "cause", "number of the cause it removes (the newest)"),
                     TEXT("expect", "TEXT", "expect", "the result expected"),
                     {.name = "replaces",
                      .value = "CA",
                      .member = "replaces",
                      .kind = PARAMETER_REFERENCE,
                      .prefix = "CA",
                      .help = "an action that it stands for"}}},
        {CHANGE("action change", ACT, "change an action's title, result, cause", "action.change"),
         .arguments = {CA_ARGUMENT},
         .options = {TEXT("title", "TEXT", "title", "one line"),
                     TEXT("expect", "TEXT", "expect", "the result expected"),
                     NUMBER("cause", "N", "cause", "number of the cause it removes"),
                     MOMENT("due", "T", "due", "until when, if it has no due date yet")}},
        {CHANGE("action start", ACT, "an action was begun (optional)", "action.start"),
         .arguments = {CA_ARGUMENT}},
        {CHANGE("action wait", ACT, "an action waits for someone outside", "action.wait"),
         .arguments = {CA_ARGUMENT},
         .options = {{.name = "on",
                      .value = "WHOM",
                      .member = "on",
                      .required = true,
                      .help = "whom or what it waits for"},
                     {.name = "until",
                      .value = "T",
                      .member = "until",
                      .kind = PARAMETER_MOMENT,
                      .required = true,
                      .help = "when to look again; its due date goes on"},
                     TEXT("reason", "TEXT", "reason", "a remark")}},
        {CHANGE("action done", ACT, "an action was done", "action.done"),
         .arguments = {CA_ARGUMENT},
         .options = {EVIDENCE_OPTION, TEXT("text", "TEXT", "text", "a remark")}},
        {CHANGE("action cancel", ACT, "an action is not going to be done", "action.cancel"),
         .arguments = {CA_ARGUMENT}, .options = {REASON_OPTION}},
        {CHANGE("extend", ACT, "ask for a later due date", "extend"), .arguments = {REF_ARGUMENT},
         .options = {{.name = "to",
                      .value = "T",
                      .member = "to",
                      .kind = PARAMETER_MOMENT,
                      .required = true,
                      .help = "the new due date"},
                     REASON_OPTION,
                     TEXT("deadline", "KIND", "deadline", "which one (the next due)"),
                     EVIDENCE_OPTION}},
        {CHANGE("deadline add", ACT, "a date that someone outside set", "deadline.add"),
         .arguments = {NC_ARGUMENT,
                       ARGUMENT("LABEL", "label", "what for; or triage, contain, plan, act")},
         .options = {{.name = "due",
                      .value = "T",
                      .member = "due",
                      .kind = PARAMETER_MOMENT,
                      .required = true,
                      .help = "until when"},
                     TEXT("issuer", "NAME", "issuer", "who set it (who issued the finding)")}},
        {CHANGE("deadline met", ACT, "what was asked for by a date was given", "deadline.met"),
         .arguments = {NC_ARGUMENT,
                       ARGUMENT("LABEL", "label", "which one: show lists them"),
                       {.name = "TEXT", .member = "text", .help = "what was given"}},
         .options = {EVIDENCE_OPTION}},
        {CHANGE("clock", ACT, "start the clock of a law", "clock"),
         .arguments = {NC_ARGUMENT,
                       {.name = "LAW",
                        .member = "law",
                        .choices = "nis2 gdpr",
                        .required = true,
                        .help = "nis2 (24 h, 72 h, a month) or gdpr (72 h)"}},
         .options = {MOMENT("from", "T", "from", "since when (when it became known)")}},
        {CHANGE("approve", ACT, "approve a request of someone else", "approve"),
         .arguments = {REF_ARGUMENT},
         .options = {CHOICE("what", "KIND", "what", REQUESTS,
                            "which request, where several are open"),
                     TEXT("text", "TEXT", "text", "a remark")}},
        {CHANGE("refuse", ACT, "refuse a request", "refuse"),
         .arguments = {REF_ARGUMENT, ARGUMENT("REASON", "reason", "why")},
         .options = {CHOICE("what", "KIND", "what", REQUESTS,
                            "which request, where several are open")}},

        {CHANGE("criterion", CLOSE, "how effectiveness will be judged", "criterion"),
         .arguments = {NC_ARGUMENT},
         .options = {CHOICE("method", "M", "method", "event_silence pass_count manual", "by what"),
                     SPAN("window", "D", "window", "for how long (as the policy says)"),
                     NUMBER("passes", "N", "passes", "how many passes"),
                     TEXT("text", "TEXT", "text", "what will be looked at"),
                     FLAG("auto", "auto", "what fits its rule")}},
        {CHANGE("verify", CLOSE, "were the actions effective", "verify"),
         .arguments = {NC_ARGUMENT,
                       {.name = "VERDICT",
                        .member = "verdict",
                        .required = true,
                        .choices = "effective partial not_effective",
                        .help = "the verdict"},
                       ARGUMENT("TEXT", "text", "what it rests on")},
         .options = {EVIDENCE_OPTION, ISMS_OPTION, RISK_OPTION}},
        {CHANGE("isms", CLOSE, "must the ISMS change", "isms"),
         .arguments = {NC_ARGUMENT, ARGUMENT("none|REF", "isms", "none, or the change")},
         .options = {TEXT("text", "TEXT", "text", "a remark")}},
        {CHANGE("risk", CLOSE, "which risk must be updated", "risk"),
         .arguments = {NC_ARGUMENT, ARGUMENT("none|REF", "risk", "none, or the risk")},
         .options = {TEXT("text", "TEXT", "text", "a remark")}},
        {CHANGE("reject", CLOSE, "it is no nonconformity", "reject"), .arguments = {NC_ARGUMENT},
         .options = {REASON_OPTION, SPAN("suppress", "D", "suppress",
                                         "count its events only, for so long (30d)")}},
        {CHANGE("reopen", CLOSE, "it was closed or rejected too early", "reopen"),
         .arguments = {NC_ARGUMENT}, .options = {REASON_OPTION}},
        {CHANGE("external", CLOSE, "what the issuer of a finding decided", "external"),
         .arguments = {NC_ARGUMENT,
                       {.name = "plan|closing",
                        .member = "what",
                        .choices = "plan closing",
                        .required = true,
                        .help = "on what"},
                       {.name = "accepted|refused",
                        .member = "verdict",
                        .choices = "accepted refused",
                        .required = true,
                        .help = "the decision"},
                       {.name = "TEXT", .member = "text", .help = "what they wrote"}},
         .options = {EVIDENCE_OPTION}},
        {COMMAND("confirm", CLOSE, "confirm short closings of others", "confirm", command_confirm),
         .changes = true,
         .arguments = {{.name = "NC",
                        .member = "nc",
                        .kind = PARAMETER_REFERENCE,
                        .help = "NC-17 or 17; without it: all that you may confirm"}}},

        {READ("escalations", BUS, "what went out because it was due", "escalations",
              command_escalations),
         .options = {FLAG("unacked", "unacked", "only those not acknowledged"),
                     FLAG("mine", "mine", "only those to you"),
                     {.name = "nc",
                      .value = "NC",
                      .member = "nc",
                      .kind = PARAMETER_REFERENCE,
                      .help = "only of this one"}}},
        {COMMAND("ack", BUS, "acknowledge: mutes its repeats, never the next step", "ack",
                 command_ack),
         .changes = true,
         .arguments = {{.name = "ESC|NC",
                        .member = "ref",
                        .kind = PARAMETER_REFERENCE,
                        .help = "ESC-9, or NC-17 for all of it"}},
         .options = {FLAG("mine", "mine", "all that went to you"),
                     MOMENT("until", "T", "until", "how long (as the ladder says)")}},
        {COMMAND("watch", BUS, "what is published, one JSON line a message", NULL, command_watch),
         .options = {TEXTS("topic", "T", NULL, "beginning of a topic: escalation., nc.raised"),
                     NUMBER("after", "SEQ", NULL, "replay from behind this sequence, then go on"),
                     TEXT("exec", "CMD", NULL,
                          "run CMD for each message, with it on standard input")}},
        {COMMAND("emit", BUS, "push events, and wait until they are committed", NULL, command_emit),
         .arguments = {{.name = "FILE",
                        .many = true,
                        .help = "one JSON, or one a line; - is standard input"}},
         .options = {TEXT("adapter", "A", NULL, "what the events are (CloudEvents)"),
                     TEXT("type", "T", NULL, "make one event, of this type"),
                     TEXT("source", "S", NULL, "its source (capactl/emit/HOST)"),
                     TEXT("subject", "S", NULL, "its subject"),
                     TEXT("id", "ID", NULL, "its id (a random one)"),
                     TEXT("time", "T", NULL, "when it happened (now)"),
                     TEXT("data", "JSON", NULL, "its data: JSON, or a text"),
                     FLAG("spool-ok", NULL, "exit status 0 also when the events had to be spooled"),
                     FLAG("flush", NULL, "send what the spool holds"),
                     FLAG("list", NULL, "show what the spool holds, and what was refused")}},
        {COMMAND("run", BUS, "run a command and report how it ended", NULL, command_run),
         .passthrough = true,
         .arguments = {{.name = "COMMAND",
                        .required = true,
                        .many = true,
                        .help = "the command and its arguments, behind --"}},
         .options = {{.name = "type",
                      .value = "T",
                      .required = true,
                      .help = "backup gives backup.started and backup.finished"},
                     {.name = "subject",
                      .value = "S",
                      .required = true,
                      .help = "what it is about: the host, the database"}}},

        {COMMAND("rules list", PROVE, "the rules that are loaded", "rules.list",
                 command_rules_list)},
        {COMMAND("rules check", PROVE, "are these rules right", "rules.check", command_rules_check),
         .arguments =
                 {{.name = "FILE",
                   .many = true,
                   .kind = PARAMETER_FILE,
                   .help = "rule files, each judged among those of capad; without: only those"}}},
        {COMMAND("rules test", PROVE, "run the test events of the rules", "rules.test",
                 command_rules_test),
         .arguments =
                 {{.name = "FILE",
                   .many = true,
                   .kind = PARAMETER_FILE,
                   .help = "rule files, each judged among those of capad; without: only those"}}},
        {COMMAND("rules explain", PROVE, "what the rules make of an event, and why",
                 "rules.explain", command_rules_explain),
         .arguments = {{.name = "FILE",
                        .kind = PARAMETER_FILE,
                        .required = true,
                        .help = "a file with one event, or -"}},
         .options = {TEXT("adapter", "A", "adapter", "what the event is (CloudEvents)")}},
        {COMMAND("coverage", PROVE, "event types that no rule knows", "coverage", command_coverage),
         .options = {MOMENT("since", "T", "since", "seen since; a duration is \"ago\"")}},
        {COMMAND("journal verify", PROVE, "did anybody rewrite the journal", "journal.export",
                 command_journal_verify),
         .options = {{.name = "file",
                      .value = "F",
                      .kind = PARAMETER_FILE,
                      .help = "an export, checked without capad; - is standard input"},
                     TEXT("head", "SEQ:HASH", NULL,
                          "a head noted down before, that must still be there")}},
        {COMMAND("journal export", PROVE, "the journal, for an offline check", "journal.export",
                 command_journal_export)},
};
const size_t N_COMMANDS = ARRAY_LEN(COMMANDS);
