/* One recursive descent over the tape that checks and writes at the same time; each level knows its
 * members. References (ladders, calendars) are checked at the end of the walk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app/document.h"
#include "daemon/app/policy.h"
#include "proto/duration/duration.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

static void read_true(struct document *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_TRUE)
                document_complain(r, node,
                                  "plans of critical and major findings are always approved: true");
        document_copy(r, node);
}

static void read_duration_text(struct document *r, uint32_t node, const char *text, size_t size)
{
        struct duration d;
        struct problem p = {0};

        if (duration_parse(text, size, &d, &p) != 0) {
                document_complain(r, node, "%s", p.text);
                return;
        }
        if (d.months == 0 && d.days == 0 && d.business_days == 0 && d.seconds == 0)
                document_complain(r, node, "a duration is longer than nothing");
        duration_to_json(&d, r->out);
}

static void read_duration(struct document *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_STRING) {
                document_complain(r, node,
                                  "a duration is a string such as \"15m\", \"2bd\" or \"6mo\"");
                return;
        }
        read_duration_text(r, node, r->tape.text + r->tape.nodes[node].offset,
                           r->tape.nodes[node].length);
}

static bool read_percent(const char *text, size_t size, unsigned max, unsigned *ret)
{
        unsigned value = 0;

        if (size < 2 || size > 5 || text[size - 1] != '%')
                return false;
        for (size_t i = 0; i < size - 1; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (unsigned) (text[i] - '0');
        }
        *ret = value;
        return value >= 1 && value <= max;
}

/* "80%", "due", "due+7d", "due+25%" */
static void read_moment(struct document *r, uint32_t node)
{
        const char *text = r->tape.text + r->tape.nodes[node].offset;
        size_t size = r->tape.nodes[node].length;
        unsigned percent;

        if (r->tape.nodes[node].kind != JSON_STRING) {
                document_complain(r, node,
                                  "\"at\" is \"80%%\", \"due\", \"due+7d\" or \"due+25%%\"");
        } else if (size == 3 && memcmp(text, "due", 3) == 0) {
                buffer_add_str(r->out, "{\"due\":true}");
        } else if (size > 4 && memcmp(text, "due+", 4) == 0) {
                if (read_percent(text + 4, size - 4, 9999, &percent)) {
                        buffer_printf(r->out, "{\"after_percent\":%u}", percent);
                        return;
                }
                buffer_add_str(r->out, "{\"after\":");
                read_duration_text(r, node, text + 4, size - 4);
                buffer_add_char(r->out, '}');
        } else if (read_percent(text, size, 99, &percent)) {
                buffer_printf(r->out, "{\"percent\":%u}", percent);
        } else {
                document_complain(r, node,
                                  "\"at\" is \"80%%\", \"due\", \"due+7d\" or \"due+25%%\"");
        }
}

static void read_at(struct document *r, uint32_t node)
{
        if (r->tape.nodes[node].kind == JSON_ARRAY) {
                if (r->tape.nodes[node].count == 0)
                        document_complain(r, node, "\"at\" needs at least one moment");
                document_list(r, node, read_moment);
                return;
        }
        buffer_add_char(r->out, '[');
        read_moment(r, node);
        buffer_add_char(r->out, ']');
}

static void read_level(struct document *r, uint32_t node)
{
        static const char *const levels[] = {"L0", "L1", "L2", "L3", "L4", NULL};

        document_word(r, node, levels);
}

static void read_recipient(struct document *r, uint32_t node)
{
        static const char *const recipients[] = {"owner",      "manager",        "isms_manager",
                                                 "risk_owner", "top_management", "approvers",
                                                 NULL};

        document_word(r, node, recipients);
}

static void read_recipients(struct document *r, uint32_t node)
{
        if (r->tape.nodes[node].kind == JSON_ARRAY && r->tape.nodes[node].count == 0)
                document_complain(r, node, "a step needs somebody to tell");
        document_list(r, node, read_recipient);
}

/* A name that must be a member of the document's object `of`. */
static void read_reference(struct document *r, uint32_t node, const char *of)
{
        uint32_t object, ignored;
        cleanup_(free_p) char *name = NULL;

        if (json_string_dup(&r->tape, node, &name) != 0) {
                document_complain(r, node, "here the name of one of the %s is expected", of);
                return;
        }
        if (json_member(&r->tape, 0, of, &object) == 0 &&
            json_member(&r->tape, object, name, &ignored) != 0)
                document_complain(r, node, "there is no \"%s\" among the %s", name, of);
        document_copy(r, node);
}

static void read_calendar_name(struct document *r, uint32_t node)
{
        read_reference(r, node, "calendars");
}

static void read_ladder_name(struct document *r, uint32_t node)
{
        read_reference(r, node, "ladders");
}

static void read_step(struct document *r, uint32_t node)
{
        static const struct member members[] = {
                {"at", read_at, MEMBER_REQUIRED},
                {"level", read_level, MEMBER_REQUIRED},
                {"to", read_recipients, MEMBER_REQUIRED},
                {"ack", read_duration, MEMBER_OPTIONAL},
                {"repeat", read_duration, MEMBER_OPTIONAL},
                {"hours", read_calendar_name, MEMBER_OPTIONAL},
        };

        document_object(r, node, members, ARRAY_LEN(members));
}

static void read_ladder(struct document *r, uint32_t node)
{
        document_list(r, node, read_step);
}

static void read_ladders(struct document *r, uint32_t node)
{
        static const struct member any[] = {{NULL, read_ladder, MEMBER_OPTIONAL}};

        document_object(r, node, any, ARRAY_LEN(any));
}

static void read_ladder_choice(struct document *r, uint32_t node)
{
        static const struct member members[] = {
                {"critical", read_ladder_name, MEMBER_OPTIONAL},
                {"major", read_ladder_name, MEMBER_OPTIONAL},
                {"minor", read_ladder_name, MEMBER_OPTIONAL},
                {"observation", read_ladder_name, MEMBER_OPTIONAL},
                {"ofi", read_ladder_name, MEMBER_OPTIONAL},
                {"*", read_ladder_name, MEMBER_OPTIONAL},
        };

        if (r->tape.nodes[node].kind == JSON_OBJECT)
                document_object(r, node, members, ARRAY_LEN(members));
        else
                read_ladder_name(r, node);
}

static void read_grade_with(struct document *r, uint32_t node, member_fn approval)
{
        const struct member members[] = {
                {"triage", read_duration, MEMBER_OPTIONAL},
                {"contain", read_duration, MEMBER_OPTIONAL},
                {"plan", read_duration, MEMBER_OPTIONAL},
                {"act", read_duration, MEMBER_OPTIONAL},
                {"window", read_duration, MEMBER_OPTIONAL},
                {"verify", read_duration, MEMBER_OPTIONAL},
                {"accept_max", read_duration, MEMBER_OPTIONAL},
                {"confirmation", read_duration, MEMBER_OPTIONAL},
                {"approval", approval, MEMBER_OPTIONAL},
        };

        document_object(r, node, members, ARRAY_LEN(members));
}

static void read_grade(struct document *r, uint32_t node)
{
        read_grade_with(r, node, document_bool);
}

static void read_strict_grade(struct document *r, uint32_t node)
{
        read_grade_with(r, node, read_true);
}

static void read_policy(struct document *r, uint32_t node)
{
        static const struct member members[] = {
                {"critical", read_strict_grade, MEMBER_REQUIRED},
                {"major", read_strict_grade, MEMBER_REQUIRED},
                {"minor", read_grade, MEMBER_REQUIRED},
                {"observation", read_grade, MEMBER_REQUIRED},
                {"ofi", read_grade, MEMBER_REQUIRED},
                {"ladder", read_ladder_choice, MEMBER_REQUIRED},
                {"calendar", read_calendar_name, MEMBER_OPTIONAL},
        };

        document_object(r, node, members, ARRAY_LEN(members));
}

static void read_policies(struct document *r, uint32_t node)
{
        struct policy *policy = r->into;
        static const struct member any[] = {{"default", read_policy, MEMBER_REQUIRED},
                                            {NULL, read_policy, MEMBER_OPTIONAL}};
        uint32_t key = json_first(&r->tape, node), n = r->tape.nodes[node].count;

        document_object(r, node, any, ARRAY_LEN(any));
        if (r->tape.nodes[node].kind != JSON_OBJECT)
                return;
        policy->names = calloc(n + 1, sizeof(*policy->names));
        for (uint32_t i = 0; policy->names && i < n; i++, key = r->tape.nodes[key + 1].next)
                (void) !json_string_dup(&r->tape, key, &policy->names[i]);
}

static void read_time(struct document *r, uint32_t node)
{
        const char *t = r->tape.text + r->tape.nodes[node].offset;
        unsigned hour, minute;

        if (r->tape.nodes[node].kind != JSON_STRING || r->tape.nodes[node].length != 5 ||
            t[2] != ':' || t[0] < '0' || t[0] > '2' || t[1] < '0' || t[1] > '9' || t[3] < '0' ||
            t[3] > '5' || t[4] < '0' || t[4] > '9') {
                document_complain(r, node, "a time of day is \"09:00\" to \"24:00\"");
                return;
        }
        hour = (unsigned) (t[0] - '0') * 10 + (unsigned) (t[1] - '0');
        minute = (unsigned) (t[3] - '0') * 10 + (unsigned) (t[4] - '0');
        if (hour * 60 + minute > 24 * 60)
                document_complain(r, node, "a time of day is \"09:00\" to \"24:00\"");
        document_copy(r, node);
}

static void read_day(struct document *r, uint32_t node)
{
        uint32_t from = node + 1, to = node + 2;

        document_list(r, node, read_time);
        if (r->tape.nodes[node].kind != JSON_ARRAY || r->tape.nodes[node].count != 2)
                document_complain(r, node, "the hours of a day are two times, from and to");
        else if (r->tape.nodes[from].length == 5 && r->tape.nodes[to].length == 5 &&
                 memcmp(r->tape.text + r->tape.nodes[from].offset,
                        r->tape.text + r->tape.nodes[to].offset, 5) >= 0)
                document_complain(r, node, "the hours of a day must end after they begin");
}

static void read_hours(struct document *r, uint32_t node)
{
        static const struct member members[] = {
                {"mon", read_day, MEMBER_OPTIONAL}, {"tue", read_day, MEMBER_OPTIONAL},
                {"wed", read_day, MEMBER_OPTIONAL}, {"thu", read_day, MEMBER_OPTIONAL},
                {"fri", read_day, MEMBER_OPTIONAL}, {"sat", read_day, MEMBER_OPTIONAL},
                {"sun", read_day, MEMBER_OPTIONAL},
        };

        if (r->tape.nodes[node].kind == JSON_OBJECT && r->tape.nodes[node].count == 0)
                document_complain(r, node, "a calendar needs at least one working day");
        document_object(r, node, members, ARRAY_LEN(members));
}

static void read_holiday(struct document *r, uint32_t node)
{
        document_date(r, node, "a holiday");
}

static void read_holidays(struct document *r, uint32_t node)
{
        document_list(r, node, read_holiday);
}

/* The register has the last word; here a slip is found before it is loaded, with its place. Where
 * this machine has no zones of its own, nothing can be said. */
static void read_zone(struct document *r, uint32_t node)
{
        cleanup_(free_p) char *name = NULL, *path = NULL;

        document_string(r, node);
        if (json_string_dup(&r->tape, node, &name) != 0 || access(ZONE_FOLDER, F_OK) < 0)
                return;
        if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") ||
            asprintf(&path, ZONE_FOLDER "/%s", name) < 0 || access(path, F_OK) < 0)
                document_complain(
                        r, node, "there is no time zone \"%s\"; they look like Europe/Paris", name);
}

static void read_calendar(struct document *r, uint32_t node)
{
        static const struct member members[] = {
                {"zone", read_zone, MEMBER_REQUIRED},
                {"hours", read_hours, MEMBER_REQUIRED},
                {"holidays", read_holidays, MEMBER_OPTIONAL},
        };

        document_object(r, node, members, ARRAY_LEN(members));
}

static void read_calendars(struct document *r, uint32_t node)
{
        static const struct member any[] = {{NULL, read_calendar, MEMBER_OPTIONAL}};

        document_object(r, node, any, ARRAY_LEN(any));
}

static void read_sod(struct document *r, uint32_t node)
{
        static const char *const words[] = {"strict", "waivable", NULL};

        document_word(r, node, words);
}

/* Absent, they are the defaults. */
static int read_settings(struct document *r, struct settings *into)
{
        uint32_t node;
        bool there = r->tape.n_nodes > 0 && r->tape.nodes[0].kind == JSON_OBJECT &&
                     json_member(&r->tape, 0, "settings", &node) == 0;

        return settings_read(r, there ? &node : NULL, into);
}

int policy_parse(const char *path, const char *text, size_t size, struct policy **ret,
                 struct complaints *reterr)
{
        static const struct member members[] = {
                {"policies", read_policies, MEMBER_REQUIRED},
                {"ladders", read_ladders, MEMBER_REQUIRED},
                {"calendars", read_calendars, MEMBER_REQUIRED},
                {"sod", read_sod, MEMBER_OPTIONAL},
                {"settings", NULL, MEMBER_OPTIONAL}, /* read_settings */
                {"$schema", NULL, MEMBER_OPTIONAL},
        };
        cleanup_(policy_free_p) struct policy *p = NULL;
        struct document r = {.path = path, .complaints = reterr};
        unsigned before = reterr->n;
        int result;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        r.into = p;
        r.out = &p->body;
        result = document_read(&r, text, size, members, ARRAY_LEN(members));
        if (result == 0)
                result = read_settings(&r, &p->settings);
        json_tape_done(&r.tape);
        if (result < 0)
                return result;
        if (reterr->n > before)
                return POLICY_E_INVALID;
        if (buffer_status(&p->body) < 0 || !p->names)
                return -ENOMEM;
        hash_of(p->body.data, p->body.size, &p->hash);
        *ret = TAKE_PTR(p);
        return 0;
}

struct policy *policy_free(struct policy *p)
{
        if (!p)
                return NULL;
        buffer_done(&p->body);
        settings_done(&p->settings);
        for (size_t i = 0; p->names && p->names[i]; i++)
                free(p->names[i]);
        free(p->names);
        free(p);
        return NULL;
}

void policy_free_p(struct policy **p)
{
        *p = policy_free(*p);
}
