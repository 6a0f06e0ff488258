/* capa-webhook(8) with every key of webhook.json from its table: the page is made at build. */
#include "daemon/webhook/manual.h"

#include "daemon/webhook/config.h"
#include "proto/base/roff.h"

static void print_answers(FILE *out)
{
        static const struct {
                const char *status, *means;
        } rows[] = {
                {"200", "committed: stored, duplicate or ignored; the body says which"},
                {"400, 422", "no JSON or no CloudEvent; refused by name"},
                {"401, 403", "no token or signature that counts; no certificate"},
                {"404, 405", "no route of that path; not POST"},
                {"413, 415, 431", "over 4 MiB; not JSON, or compressed; headers over 32 KiB"},
                {"502", "capad refuses this program: look at its principals"},
                {"503", "no ack in time, with Retry-After: nothing is kept, send it again"},
        };

        roff_heading(out, "ANSWERS");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                roff_item(out, rows[i].status, rows[i].means);
}

void manual_print(FILE *out)
{
        roff_begin(out, "capa-webhook", "8", CAPA_VERSION,
                   "events that tools post over HTTP, to capad");
        roff_heading(out, "SYNOPSIS");
        fputs("\\fBcapa\\-webhook\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR]\n.br\n"
              "\\fBcapa\\-webhook \\-\\-check\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR]\n",
              out);
        roff_heading(out, "DESCRIPTION");
        roff_text(out,
                  "capa-webhook takes posts of Alertmanager, Grafana, GitHub, Jira, PagerDuty and "
                  "others, gives each to capad, and answers once it is committed. It keeps "
                  "nothing. It listens on loopback unless told otherwise; any other address "
                  "needs TLS, and a secret for each route or client certificates.\n");
        roff_heading(out, "OPTIONS");
        roff_item(out, "--config FILE", "the configuration (/etc/capad/webhook.json)");
        roff_item(out, "--check", "check it and the files it names, serve nothing");
        roff_item(out, "--help-config", "every key of webhook.json");
        roff_item(out, "--man", "this page");
        roff_item(out, "--version", "version of capa-webhook");
        roff_heading(out, "SIGNALS");
        roff_item(out, "SIGHUP",
                  "read webhook.json and all files it names again: all of it, or nothing where "
                  "something is wrong. ingest, limits.senders and limits.ack need a restart, as "
                  "do secrets that systemd hands over as credentials");
        roff_item(out, "SIGTERM, SIGINT", "answer what was let in, and end");
        fputs(".SH \"CONFIGURATION (webhook.json)\"\n", out);
        roff_text(out, "JSON with // and /* */ comments. Unknown and duplicate keys are errors. "
                       "Files are looked for among the unit's credentials, then beside "
                       "webhook.json; a secret is a line of 16 to 4096 characters, several lines "
                       "all count, and nobody but owner and group may read it.\n");
        config_manual(out);
        print_answers(out);
        roff_heading(out, "FILES");
        roff_item(out, "/etc/capad/webhook.json", "configuration");
        roff_item(out, "/etc/capad/webhook", "its secrets");
        roff_item(out, "/usr/share/capad/webhook.json", "a sample");
        roff_heading(out, "EXIT STATUS");
        roff_item(out, "0", "ended as asked; --check found no mistake");
        roff_item(out, "1", "it could not go on, or --check found one: the message says why");
        roff_item(out, "2", "the command line is wrong");
        roff_heading(out, "SEE ALSO");
        fputs("\\fBcapad\\fR(8), \\fBcapactl\\fR(1)\n", out);
}
