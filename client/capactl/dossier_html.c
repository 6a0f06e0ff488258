/* The report's sections are lists of members of the record; all text is escaped on its way out. */
#include "client/capactl/dossier_html.h"

#include <inttypes.h>
#include <string.h>

#include "client/capactl/when.h"
#include "proto/json/document.h"
#include "proto/wire/timestamp.h"

static const char STYLE[] =
        "@page{size:A4;margin:18mm}"
        "body{font:10.5pt/1.4 sans-serif;color:#111;max-width:190mm;margin:1em auto;padding:0 1em}"
        "h1{font-size:17pt;margin:.2em 0}h2{font-size:12pt;margin:1.4em 0 .3em;border-bottom:1px "
        "solid #999;page-break-after:avoid}"
        "table{border-collapse:collapse;width:100%;margin:.3em 0}"
        "th,td{border:1px solid #bbb;padding:.2em .4em;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere}"
        "th{background:#eee;font-weight:600}td,p{white-space:pre-wrap}"
        "table.facts th{width:11em}p.none{color:#555}.late{color:#a00;font-weight:600}"
        "section+section{page-break-before:always}footer,.origin{font-size:9pt;color:#444}"
        "code{font-size:8.5pt;overflow-wrap:anywhere}";

/* Text of a record: markup escaped, control characters left out. */
static void add_text(struct buffer *b, const char *text)
{
        for (; text && *text; text++)
                switch (*text) {
                case '&':
                        buffer_add_str(b, "&amp;");
                        break;
                case '<':
                        buffer_add_str(b, "&lt;");
                        break;
                case '>':
                        buffer_add_str(b, "&gt;");
                        break;
                case '"':
                        buffer_add_str(b, "&quot;");
                        break;
                default:
                        if ((unsigned char) *text >= ' ' || *text == '\n' || *text == '\t')
                                buffer_add_char(b, *text);
                }
}

/* A moment in local time with its zone; any other text as it is. */
static void add_moment_or_text(struct buffer *b, const char *name, const char *text)
{
        size_t n = strlen(name);
        char when[WHEN_TEXT_MAX];
        int64_t us;
        bool moment = (n >= 3 && strcmp(name + n - 3, "_at") == 0) || strcmp(name, "at") == 0 ||
                      strncmp(name, "due", 3) == 0 || strcmp(name, "until") == 0 ||
                      strcmp(name, "ends") == 0 || strstr(name, "seen") ||
                      strcmp(name, "from") == 0;

        if (!moment || timestamp_parse(text, strlen(text), &us) != 0) {
                add_text(b, text);
                return;
        }
        when_absolute(us, when);
        add_text(b, when);
}

/* The value of a member, whatever its kind; nothing for null, false and empty. */
static void add_value(struct buffer *b, const struct cJSON *parent, const char *name)
{
        const struct cJSON *value = document_get(parent, name);
        const char *between = "";

        if (document_text(value))
                add_moment_or_text(b, name, document_text(value));
        else if (document_is_array(value)) {
                for (const struct cJSON *e = document_at(value, 0); e; e = document_next(e)) {
                        buffer_add_str(b, between);
                        add_text(b, document_text(e) ? document_text(e)
                                                     : document_string(e, "text", ""));
                        between = ", ";
                }
        } else if (document_is_object(value)) {
                for (const struct cJSON *e = document_at(value, 0); e; e = document_next(e)) {
                        size_t before = b->size, text;

                        buffer_add_str(b, between);
                        add_text(b, document_name(e));
                        buffer_add_str(b, ": ");
                        text = b->size;
                        add_value(b, value, document_name(e));
                        if (b->size == text)
                                b->size = before;
                        else
                                between = "; ";
                }
        } else if (document_bool(parent, name, false))
                buffer_add_str(b, "yes");
        else if (document_int(parent, name, 0) != 0)
                buffer_printf(b, "%" PRId64, document_int(parent, name, 0));
}

/* Members as rows "label, value"; words are "member:Label|…". Rows without value are left out. */
static void add_facts(struct buffer *b, const char *heading, const struct cJSON *d,
                      const char *const *fields)
{
        struct buffer rows = BUFFER_NULL;

        for (; *fields; fields += 2) {
                size_t before = rows.size, value;

                buffer_printf(&rows, "<tr><th>%s</th><td>", fields[1]);
                value = rows.size;
                add_value(&rows, d, fields[0]);
                if (rows.size == value)
                        rows.size = before;
                else
                        buffer_add_str(&rows, "</td></tr>\n");
        }
        buffer_printf(b, "<h2>%s</h2>\n", heading);
        if (rows.size > 0) {
                buffer_add_str(b, "<table class=\"facts\">\n");
                buffer_add(b, rows.data, rows.size);
                buffer_add_str(b, "</table>\n");
        } else
                buffer_add_str(b, "<p class=\"none\">Not recorded.</p>\n");
        buffer_done(&rows);
}

/* A list of objects as a table with a column for each field; fields are member, heading, … */
static void add_table(struct buffer *b, const char *heading, const struct cJSON *list,
                      const char *const *fields, bool always)
{
        if (document_length(list) == 0 && !always)
                return;
        buffer_printf(b, "<h2>%s</h2>\n", heading);
        if (document_length(list) == 0) {
                buffer_add_str(b, "<p class=\"none\">None.</p>\n");
                return;
        }
        buffer_add_str(b, "<table>\n<tr>");
        for (const char *const *f = fields; *f; f += 2)
                buffer_printf(b, "<th>%s</th>", f[1]);
        buffer_add_str(b, "</tr>\n");
        for (const struct cJSON *e = document_at(list, 0); e; e = document_next(e)) {
                bool late = document_bool(e, "late", false) || document_bool(e, "overdue", false);

                buffer_add_str(b, late ? "<tr class=\"late\">" : "<tr>");
                for (const char *const *f = fields; *f; f += 2) {
                        buffer_add_str(b, "<td>");
                        add_value(b, e, f[0]);
                        buffer_add_str(b, "</td>");
                }
                buffer_add_str(b, "</tr>\n");
        }
        buffer_add_str(b, "</table>\n");
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

void dossier_html_begin(struct buffer *b, const struct dossier_origin *origin)
{
        char when[2 * WHEN_TEXT_MAX];

        when_both(origin->made_at, when_now(), when);
        buffer_add_str(b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                          "<title>Corrective action report</title>\n<style>");
        buffer_add_str(b, STYLE);
        buffer_add_str(b, "</style></head><body>\n<p class=\"origin\">Made ");
        add_text(b, when);
        buffer_add_str(b, " by ");
        add_text(b, origin->made_by);
        buffer_printf(b,
                      " from the register of capad, whose journal then ended at row %" PRId64
                      " with the hash <code>",
                      origin->head_seq);
        add_text(b, origin->head_hash);
        buffer_add_str(b,
                       "</code>. Moments are in the time of the machine on which it was made. "
                       "<code>sh verify.sh</code> in this folder, or <code>capactl journal verify "
                       "--file FOLDER</code>, checks it.</p>\n");
}

static void add_issue(struct buffer *b, const struct cJSON *d)
{
        add_facts(b, "Issue", d,
                  FIELDS("grade", "Grade", "state", "State", "cycle", "Cycle", "owner", "Owner",
                         "source_kind", "Source", "issuer", "Issued by", "external_ref",
                         "Its reference there", "supplier", "Supplier", "rule", "Raised by rule",
                         "raised_by", "Raised by", "asset", "Asset", "controls", "Controls",
                         "labels", "Labels", "occurrences", "Occurrences", "aware_at",
                         "Known since", "first_seen", "First seen", "last_seen", "Last seen",
                         "raised_at", "Raised", "closed_at", "Closed", "closed_how",
                         "Closed by way of", "closed_by", "Closed by", "left_why", "Left because",
                         "merged_into", "Merged into", "recurrence_of", "Recurs from", "hold",
                         "Under hold"));
        add_facts(b, "Statement", document_get(d, "statement"),
                  FIELDS("requirement", "Requirement", "found", "What was found", "evidence",
                         "Objective evidence"));
}

static void add_treatment(struct buffer *b, const struct cJSON *d)
{
        static const char *const action[] = {"ref",
                                             "Action",
                                             "cycle",
                                             "Cycle",
                                             "kind",
                                             "Kind",
                                             "title",
                                             "What",
                                             "owner",
                                             "Owner",
                                             "state",
                                             "State",
                                             "expected",
                                             "Result expected",
                                             "due_original",
                                             "Due first",
                                             "due",
                                             "Due",
                                             "done_at",
                                             "Done",
                                             "done_by",
                                             "By",
                                             "result",
                                             "Result",
                                             "reason",
                                             "Reason",
                                             "evidence",
                                             "Evidence",
                                             NULL};

        add_table(b, "Correction", document_get(d, "corrections"), action, true);
        add_facts(
                b, "Consequences", d,
                FIELDS("consequences", "Consequences", "not_applicable", "No correction applies"));
        add_table(b, "Root causes", document_get(d, "causes"),
                  FIELDS("no", "No", "cycle", "Cycle", "category", "Category", "method", "Method",
                         "text", "Cause", "why", "Why", "by", "By", "at", "When", "retracted",
                         "Retracted"),
                  true);
        add_table(b, "Similar nonconformities", document_get(d, "similar"),
                  FIELDS("ref", "Reference", "why", "Why similar"), true);
        add_facts(b, "Could it occur elsewhere", d,
                  FIELDS("elsewhere", "Elsewhere", "conclusion", "Conclusion"));
        add_facts(b, "Need for action", document_get(d, "need_for_action"),
                  FIELDS("need", "Action needed", "reason", "Reason", "by", "Decided by", "at",
                         "When"));
        add_table(b, "Actions", document_get(d, "actions"), action, true);
        add_facts(b, "Approval of the plan", document_get(d, "approval"),
                  FIELDS("by", "Approved by", "at", "When", "in_force", "In force"));
}

static void add_proof(struct buffer *b, const struct cJSON *d)
{
        add_facts(b, "How effectiveness is judged", document_get(d, "criterion"),
                  FIELDS("method", "Method", "text", "What is looked at", "passes",
                         "Passes asked for", "window", "Window", "weak", "Weak", "covered",
                         "Covered time"));
        add_table(b, "Verdicts", document_get(d, "verdicts"),
                  FIELDS("cycle", "Cycle", "verdict", "Verdict", "text", "On what", "by", "By",
                         "at", "When", "retracted", "Retracted"),
                  true);
        add_facts(b, "Consequences for the ISMS", d,
                  FIELDS("isms_change", "Change of the ISMS", "risk_update", "Update of risks"));
        add_table(b, "Follow-ups", document_get(d, "follow_ups"),
                  FIELDS("ref", "Follow-up", "kind", "Kind", "title", "What", "owner", "Owner",
                         "every", "Every", "until", "Until", "state", "State", "ok", "Good",
                         "failed", "Failed", "missed", "Missed"),
                  false);
        add_table(b, "Dates set from outside", document_get(d, "obligations"),
                  FIELDS("label", "What", "kind", "Kind", "source", "Set by", "due_original",
                         "Due first", "due", "Due", "state", "State", "met_at", "Met"),
                  false);
        add_table(b, "Deadlines", document_get(d, "deadlines"),
                  FIELDS("cycle", "Cycle", "kind", "Deadline", "action", "Of", "due_original",
                         "Due first", "due", "Due", "extensions", "Extended", "state", "State",
                         "met_at", "Met", "late", "Late"),
                  true);
        add_table(b, "Waivers of separation of duties", document_get(d, "waivers"),
                  FIELDS("use", "For", "reason", "Reason", "by", "By", "at", "When"), false);
}

static void add_trail(struct buffer *b, const struct cJSON *d)
{
        add_table(b, "Cycles", document_get(d, "cycles"),
                  FIELDS("no", "Cycle", "began_at", "Began", "begun_by", "Begun by", "why", "Why",
                         "ended_at", "Ended", "ended_as", "As", "ended_by", "By"),
                  true);
        add_table(b, "Requests and decisions", document_get(d, "requests"),
                  FIELDS("what", "Request", "ref", "About", "authors", "Asked by", "reason",
                         "Reason", "state", "State", "decided_by", "Decided by", "decided_at",
                         "When", "decision", "Remark"),
                  false);
        add_table(b, "Evidence", document_get(d, "evidence"),
                  FIELDS("ref", "Evidence", "kind", "Kind", "name", "Name", "about", "About", "at",
                         "When", "author", "By", "sha256", "SHA-256", "removed_why", "Removed"),
                  true);
        add_table(b, "Remarks", document_get(d, "notes"),
                  FIELDS("text", "Remark", "by", "By", "at", "When"), false);
        add_table(b, "History", document_get(d, "history"),
                  FIELDS("seq", "Row", "at", "When", "actor", "Who", "sentence", "What"), true);
}

void dossier_html_record(struct buffer *b, const struct cJSON *record, const char *file)
{
        buffer_add_str(b, "<section>\n<h1>");
        add_text(b, document_string(record, "ref", ""));
        buffer_add_str(b, " ");
        add_text(b, document_string(record, "title", ""));
        buffer_add_str(b, "</h1>\n");
        add_issue(b, record);
        add_treatment(b, record);
        add_proof(b, record);
        add_trail(b, record);
        buffer_add_str(b, "<footer>The same record for machines: <code>");
        add_text(b, file);
        buffer_add_str(b, "</code>. Its rows of the journal: <code>journal/</code>.</footer>\n"
                          "</section>\n");
}

void dossier_html_end(struct buffer *b)
{
        buffer_add_str(b, "</body></html>\n");
}
