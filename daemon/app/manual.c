/* capad(8) with every option of capad.json from its table: the page is made at build, by capad
 * --man. */
#include "daemon/app/manual.h"

#include "daemon/app/config.h"
#include "daemon/app/settings.h"
#include "proto/base/roff.h"

void manual_print(FILE *out)
{
        roff_begin(out, "capad", "8", CAPA_VERSION,
                   "a register of nonconformities that keeps itself");
        roff_heading(out, "SYNOPSIS");
        fputs("\\fBcapad\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR]\n.br\n"
              "\\fBcapad check\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR]\n.br\n"
              "\\fBcapad migrate\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR] "
              "[\\fB\\-\\-conninfo\\fR \\fIC\\fR]\n",
              out);
        roff_heading(out, "DESCRIPTION");
        roff_text(out,
                  "capad takes events over ZeroMQ, raises nonconformities from them by rules, and "
                  "keeps them in PostgreSQL with their deadlines, escalations and journal. It "
                  "serves in the foreground and logs to the systemd journal, or to standard "
                  "error.\n");
        roff_heading(out, "COMMANDS");
        roff_item(out, "check",
                  "read what the daemon would read, and name every mistake as file:line:column");
        roff_item(out, "migrate", "bring the database to this version of the register");
        roff_heading(out, "OPTIONS");
        roff_item(out, "--config FILE", "the configuration (/etc/capad/capad.json)");
        roff_item(out, "--conninfo C", "of migrate: the database, as libpq takes it");
        roff_item(out, "--help-config",
                  "every option of capad.json, and \"settings\" of policy.json");
        roff_item(out, "--man", "this page");
        roff_item(out, "--version", "version of capad");
        roff_heading(out, "SIGNALS");
        roff_item(out, "SIGHUP",
                  "read rules, adapters, policy, people and principals again: all of "
                  "them, or none where something is wrong");
        roff_item(out, "SIGTERM, SIGINT", "finish what is under way, and end");
        fputs(".SH \"CONFIGURATION (capad.json)\"\n", out);
        roff_text(out, "JSON with // and /* */ comments. Unknown and duplicate keys are errors.\n");
        config_manual(out);
        fputs(".SH \"SETTINGS (policy.json)\"\n", out);
        roff_text(out,
                  "Members of \"settings\"; a name with a point is a member of a member. They are "
                  "the "
                  "register's: each daemon of a database needs the same. What is absent has its "
                  "default. A change counts from when it is loaded, for what comes, where nothing "
                  "else is said; the journal has it with its difference.\n");
        settings_manual(out);
        roff_heading(out, "FILES");
        roff_item(out, "/etc/capad/capad.json, policy.json, people.json", "configuration");
        roff_item(out, "/etc/capad/rules.d, /etc/capad/adapters.d", "own rules and adapters");
        roff_item(out, "/usr/share/capad", "those that come with capad");
        roff_heading(out, "EXIT STATUS");
        roff_item(out, "0", "ended as asked; check found no mistake");
        roff_item(out, "1", "it could not go on, or check found one: the message says why");
        roff_item(out, "2", "the command line is wrong");
        roff_heading(out, "SEE ALSO");
        fputs("\\fBcapactl\\fR(1), \\fBcapa-webhook\\fR(8)\n", out);
}
