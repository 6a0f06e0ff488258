/* One recursive descent over the tape that checks and writes at the same time; each level knows its
 * members. References (ladders, calendars) are checked at the end of the walk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app/policy.h"
#include "proto/base/word.h"
#include "proto/duration/duration.h"
#include "proto/json/tape.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

struct reading {
        const char *path;
        struct json_tape tape;
        struct complaints *complaints;
        struct buffer *out;
        struct policy *policy;
};

typedef void (*member_fn)(struct reading *r, uint32_t node);

struct member {
        const char *name; /* NULL: any other name */
        member_fn read;
        bool required;
};

#define complain_node(r, node, ...)                                                                \
        do {                                                                                       \
                struct problem problem_ = {0};                                                     \
                problem_set(&problem_, 0, __VA_ARGS__);                                            \
                problem_.offset = (r)->tape.nodes[node].offset;                                    \
                complain((r)->complaints, (r)->path, (r)->tape.text, (r)->tape.size, &problem_);   \
        } while (0)

static void complain_unknown(struct reading *r, uint32_t key, const struct member *table, size_t n)
{
        const char *names[16], *near;
        size_t known = 0;
        const struct json_node *node = &r->tape.nodes[key];

        for (size_t i = 0; i < n && known < ARRAY_LEN(names); i++)
                if (table[i].name)
                        names[known++] = table[i].name;
        near = word_nearest(r->tape.text + node->offset, node->length, names, known);
        complain_node(r, key, "unknown key \"%.*s\"%s%s%s", (int) MIN(node->length, 64U),
                      r->tape.text + node->offset, near ? ", did you mean \"" : "",
                      near ? near : "", near ? "\"?" : "");
}

static const struct member *member_find(struct reading *r, const struct member *table, size_t n,
                                        uint32_t key)
{
        for (size_t i = 0; i < n; i++)
                if (!table[i].name ||
                    json_string_equals(&r->tape, key, table[i].name, strlen(table[i].name)))
                        return &table[i];
        return NULL;
}

/* An object whose members are in the table; written as it is read. */
static void read_object(struct reading *r, uint32_t node, const struct member *table, size_t n)
{
        uint32_t key = json_first(&r->tape, node), ignored;
        bool first = true;

        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                complain_node(r, node, "here an object {…} is expected");
                return;
        }
        for (size_t i = 0; i < n; i++)
                if (table[i].required && json_member(&r->tape, node, table[i].name, &ignored) != 0)
                        complain_node(r, node, "\"%s\" is missing", table[i].name);
        buffer_add_char(r->out, '{');
        for (uint32_t i = 0; i < r->tape.nodes[node].count;
             i++, key = r->tape.nodes[key + 1].next) {
                const struct member *m = member_find(r, table, n, key);

                if (!m) {
                        complain_unknown(r, key, table, n);
                        continue;
                }
                if (!m->read)
                        continue;
                if (!first)
                        buffer_add_char(r->out, ',');
                first = false;
                buffer_add_char(r->out, '"');
                buffer_add(r->out, r->tape.text + r->tape.nodes[key].offset,
                           r->tape.nodes[key].length);
                buffer_add_str(r->out, "\":");
                m->read(r, key + 1);
        }
        buffer_add_char(r->out, '}');
}

static void read_list(struct reading *r, uint32_t node, member_fn read)
{
        uint32_t child = json_first(&r->tape, node);

        if (r->tape.nodes[node].kind != JSON_ARRAY) {
                complain_node(r, node, "here a list […] is expected");
                return;
        }
        buffer_add_char(r->out, '[');
        for (uint32_t i = 0; i < r->tape.nodes[node].count;
             i++, child = r->tape.nodes[child].next) {
                if (i > 0)
                        buffer_add_char(r->out, ',');
                read(r, child);
        }
        buffer_add_char(r->out, ']');
}

static void copy(struct reading *r, uint32_t node)
{
        const char *text;
        size_t size;

        json_slice(&r->tape, node, &text, &size);
        buffer_add(r->out, text, size);
}

static void read_string(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_STRING)
                complain_node(r, node, "here a string is expected");
        copy(r, node);
}

static void read_bool(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_TRUE && r->tape.nodes[node].kind != JSON_FALSE)
                complain_node(r, node, "here true or false is expected");
        copy(r, node);
}

static void read_true(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_TRUE)
                complain_node(r, node,
                              "plans of critical and major findings are always approved: true");
        copy(r, node);
}

/* One of the words of a NULL-terminated list. */
static void read_word(struct reading *r, uint32_t node, const char *const *words)
{
        const char *near;
        size_t n = 0;

        for (; words[n]; n++)
                if (r->tape.nodes[node].kind == JSON_STRING &&
                    json_string_equals(&r->tape, node, words[n], strlen(words[n]))) {
                        copy(r, node);
                        return;
                }
        near = r->tape.nodes[node].kind == JSON_STRING
                       ? word_nearest(r->tape.text + r->tape.nodes[node].offset,
                                      r->tape.nodes[node].length, words, n)
                       : NULL;
        complain_node(r, node, "unknown value%s%s%s", near ? ", did you mean \"" : "",
                      near ? near : "", near ? "\"?" : "");
}

static void read_duration_text(struct reading *r, uint32_t node, const char *text, size_t size)
{
        struct duration d;
        struct problem p = {0};

        if (duration_parse(text, size, &d, &p) != 0) {
                complain_node(r, node, "%s", p.text);
                return;
        }
        if (d.months == 0 && d.days == 0 && d.business_days == 0 && d.seconds == 0)
                complain_node(r, node, "a duration is longer than nothing");
        duration_to_json(&d, r->out);
}

static void read_duration(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind != JSON_STRING) {
                complain_node(r, node,
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
static void read_moment(struct reading *r, uint32_t node)
{
        const char *text = r->tape.text + r->tape.nodes[node].offset;
        size_t size = r->tape.nodes[node].length;
        unsigned percent;

        if (r->tape.nodes[node].kind != JSON_STRING) {
                complain_node(r, node, "\"at\" is \"80%%\", \"due\", \"due+7d\" or \"due+25%%\"");
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
                complain_node(r, node, "\"at\" is \"80%%\", \"due\", \"due+7d\" or \"due+25%%\"");
        }
}

static void read_at(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind == JSON_ARRAY) {
                if (r->tape.nodes[node].count == 0)
                        complain_node(r, node, "\"at\" needs at least one moment");
                read_list(r, node, read_moment);
                return;
        }
        buffer_add_char(r->out, '[');
        read_moment(r, node);
        buffer_add_char(r->out, ']');
}

static void read_level(struct reading *r, uint32_t node)
{
        static const char *const levels[] = {"L0", "L1", "L2", "L3", "L4", NULL};

        read_word(r, node, levels);
}

static void read_recipient(struct reading *r, uint32_t node)
{
        static const char *const recipients[] = {"owner",      "manager",        "isms_manager",
                                                 "risk_owner", "top_management", "approvers",
                                                 NULL};

        read_word(r, node, recipients);
}

static void read_recipients(struct reading *r, uint32_t node)
{
        if (r->tape.nodes[node].kind == JSON_ARRAY && r->tape.nodes[node].count == 0)
                complain_node(r, node, "a step needs somebody to tell");
        read_list(r, node, read_recipient);
}

/* A name that must be a member of the document's object `of`. */
static void read_reference(struct reading *r, uint32_t node, const char *of)
{
        uint32_t object, ignored;
        cleanup_(free_p) char *name = NULL;

        if (json_string_dup(&r->tape, node, &name) != 0) {
                complain_node(r, node, "here the name of one of the %s is expected", of);
                return;
        }
        if (json_member(&r->tape, 0, of, &object) == 0 &&
            json_member(&r->tape, object, name, &ignored) != 0)
                complain_node(r, node, "there is no \"%s\" among the %s", name, of);
        copy(r, node);
}

static void read_calendar_name(struct reading *r, uint32_t node)
{
        read_reference(r, node, "calendars");
}

static void read_ladder_name(struct reading *r, uint32_t node)
{
        read_reference(r, node, "ladders");
}

static void read_step(struct reading *r, uint32_t node)
{
        static const struct member members[] = {
                {"at", read_at, true},
                {"level", read_level, true},
                {"to", read_recipients, true},
                {"ack", read_duration, false},
                {"repeat", read_duration, false},
                {"hours", read_calendar_name, false},
        };

        read_object(r, node, members, ARRAY_LEN(members));
}

static void read_ladder(struct reading *r, uint32_t node)
{
        read_list(r, node, read_step);
}

static void read_ladders(struct reading *r, uint32_t node)
{
        static const struct member any[] = {{NULL, read_ladder, false}};

        read_object(r, node, any, ARRAY_LEN(any));
}

static void read_ladder_choice(struct reading *r, uint32_t node)
{
        static const struct member members[] = {
                {"critical", read_ladder_name, false}, {"major", read_ladder_name, false},
                {"minor", read_ladder_name, false},    {"observation", read_ladder_name, false},
                {"ofi", read_ladder_name, false},      {"*", read_ladder_name, false},
        };

        if (r->tape.nodes[node].kind == JSON_OBJECT)
                read_object(r, node, members, ARRAY_LEN(members));
        else
                read_ladder_name(r, node);
}

static void read_grade_with(struct reading *r, uint32_t node, member_fn approval)
{
        const struct member members[] = {
                {"triage", read_duration, false},     {"contain", read_duration, false},
                {"plan", read_duration, false},       {"act", read_duration, false},
                {"window", read_duration, false},     {"verify", read_duration, false},
                {"accept_max", read_duration, false}, {"confirmation", read_duration, false},
                {"approval", approval, false},
        };

        read_object(r, node, members, ARRAY_LEN(members));
}

static void read_grade(struct reading *r, uint32_t node)
{
        read_grade_with(r, node, read_bool);
}

static void read_strict_grade(struct reading *r, uint32_t node)
{
        read_grade_with(r, node, read_true);
}

static void read_policy(struct reading *r, uint32_t node)
{
        static const struct member members[] = {
                {"critical", read_strict_grade, true},
                {"major", read_strict_grade, true},
                {"minor", read_grade, true},
                {"observation", read_grade, true},
                {"ofi", read_grade, true},
                {"ladder", read_ladder_choice, true},
                {"calendar", read_calendar_name, false},
        };

        read_object(r, node, members, ARRAY_LEN(members));
}

static void read_policies(struct reading *r, uint32_t node)
{
        static const struct member any[] = {{"default", read_policy, true},
                                            {NULL, read_policy, false}};
        uint32_t key = json_first(&r->tape, node), n = r->tape.nodes[node].count;

        read_object(r, node, any, ARRAY_LEN(any));
        if (r->tape.nodes[node].kind != JSON_OBJECT)
                return;
        r->policy->names = calloc(n + 1, sizeof(*r->policy->names));
        for (uint32_t i = 0; r->policy->names && i < n; i++, key = r->tape.nodes[key + 1].next)
                (void) !json_string_dup(&r->tape, key, &r->policy->names[i]);
}

static void read_time(struct reading *r, uint32_t node)
{
        const char *t = r->tape.text + r->tape.nodes[node].offset;
        unsigned hour, minute;

        if (r->tape.nodes[node].kind != JSON_STRING || r->tape.nodes[node].length != 5 ||
            t[2] != ':' || t[0] < '0' || t[0] > '2' || t[1] < '0' || t[1] > '9' || t[3] < '0' ||
            t[3] > '5' || t[4] < '0' || t[4] > '9') {
                complain_node(r, node, "a time of day is \"09:00\" to \"24:00\"");
                return;
        }
        hour = (unsigned) (t[0] - '0') * 10 + (unsigned) (t[1] - '0');
        minute = (unsigned) (t[3] - '0') * 10 + (unsigned) (t[4] - '0');
        if (hour * 60 + minute > 24 * 60)
                complain_node(r, node, "a time of day is \"09:00\" to \"24:00\"");
        copy(r, node);
}

static void read_day(struct reading *r, uint32_t node)
{
        uint32_t from = node + 1, to = node + 2;

        read_list(r, node, read_time);
        if (r->tape.nodes[node].kind != JSON_ARRAY || r->tape.nodes[node].count != 2)
                complain_node(r, node, "the hours of a day are two times, from and to");
        else if (r->tape.nodes[from].length == 5 && r->tape.nodes[to].length == 5 &&
                 memcmp(r->tape.text + r->tape.nodes[from].offset,
                        r->tape.text + r->tape.nodes[to].offset, 5) >= 0)
                complain_node(r, node, "the hours of a day must end after they begin");
}

static void read_hours(struct reading *r, uint32_t node)
{
        static const struct member members[] = {
                {"mon", read_day, false}, {"tue", read_day, false}, {"wed", read_day, false},
                {"thu", read_day, false}, {"fri", read_day, false}, {"sat", read_day, false},
                {"sun", read_day, false},
        };

        if (r->tape.nodes[node].kind == JSON_OBJECT && r->tape.nodes[node].count == 0)
                complain_node(r, node, "a calendar needs at least one working day");
        read_object(r, node, members, ARRAY_LEN(members));
}

static void read_date(struct reading *r, uint32_t node)
{
        static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const char *t = r->tape.text + r->tape.nodes[node].offset;
        bool good = r->tape.nodes[node].kind == JSON_STRING && r->tape.nodes[node].length == 10;
        unsigned month = 0, day = 0;

        for (unsigned i = 0; good && i < 10; i++)
                good = i == 4 || i == 7 ? t[i] == '-' : t[i] >= '0' && t[i] <= '9';
        if (good) {
                month = (unsigned) (t[5] - '0') * 10 + (unsigned) (t[6] - '0');
                day = (unsigned) (t[8] - '0') * 10 + (unsigned) (t[9] - '0');
        }
        if (!good || month < 1 || month > 12 || day < 1 || day > days[month - 1])
                complain_node(r, node, "a holiday is a date such as \"2026-12-25\"");
        copy(r, node);
}

static void read_holidays(struct reading *r, uint32_t node)
{
        read_list(r, node, read_date);
}

/* The register has the last word; here a slip is found before it is loaded, with its place. Where
 * this machine has no zones of its own, nothing can be said. */
static void read_zone(struct reading *r, uint32_t node)
{
        cleanup_(free_p) char *name = NULL, *path = NULL;

        read_string(r, node);
        if (json_string_dup(&r->tape, node, &name) != 0 || access(ZONE_FOLDER, F_OK) < 0)
                return;
        if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") ||
            asprintf(&path, ZONE_FOLDER "/%s", name) < 0 || access(path, F_OK) < 0)
                complain_node(r, node, "there is no time zone \"%s\"; they look like Europe/Paris",
                              name);
}

static void read_calendar(struct reading *r, uint32_t node)
{
        static const struct member members[] = {
                {"zone", read_zone, true},
                {"hours", read_hours, true},
                {"holidays", read_holidays, false},
        };

        read_object(r, node, members, ARRAY_LEN(members));
}

static void read_calendars(struct reading *r, uint32_t node)
{
        static const struct member any[] = {{NULL, read_calendar, false}};

        read_object(r, node, any, ARRAY_LEN(any));
}

static void read_sod(struct reading *r, uint32_t node)
{
        static const char *const words[] = {"strict", "waivable", NULL};

        read_word(r, node, words);
}

int policy_parse(const char *path, const char *text, size_t size, struct policy **ret,
                 struct complaints *reterr)
{
        static const struct member members[] = {
                {"policies", read_policies, true},
                {"ladders", read_ladders, true},
                {"calendars", read_calendars, true},
                {"sod", read_sod, false},
                {"$schema", NULL, false},
        };
        cleanup_(policy_free_p) struct policy *p = NULL;
        struct reading r = {.path = path, .complaints = reterr};
        struct problem problem = {0};
        unsigned before = reterr->n;
        int result;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        r.policy = p;
        r.out = &p->body;
        result = json_tape_parse_config(&r.tape, text, size, &problem);
        if (result > 0)
                complain(reterr, path, text, size, &problem);
        if (result == 0)
                read_object(&r, 0, members, ARRAY_LEN(members));
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
