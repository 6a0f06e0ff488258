/* Reads "count", "sequence" and "expect" of rules. */
#include "daemon/core/window.h"

#include <errno.h>
#include <string.h>

static int duration_read(struct reader *r, uint32_t node, struct duration *ret)
{
        struct problem p = {0};
        struct text text;
        int k;

        k = reader_text(r, node, 64, &text);
        if (k < 0 || !text.data)
                return k;
        k = duration_parse(text.data, text.size, ret, &p);
        if (k > 0)
                reader_complain_within(r, node, &p);
        return MIN(k, 0);
}

int window_read(struct reader *r, uint32_t node, struct duration *ret)
{
        unsigned before = r->complaints->n;
        int k;

        k = duration_read(r, node, ret);
        if (k == 0 && r->complaints->n == before && duration_us(ret) == 0)
                reader_complain(r, node, "a time of nothing: give one such as \"10m\" or \"24h\"");
        return k;
}

static int part_read(struct reader *r, uint32_t node, void *target)
{
        struct fingerprint_parts *parts = target;
        const struct path *path;
        int k;

        k = reader_path(r, node, &path);
        if (k < 0 || !path)
                return k;
        if (path->pointer.wild)
                reader_complain(r, node, "\"by\" takes single values; \"*\" names many");
        parts->paths[parts->n++] = path;
        return 0;
}

static int parts_read(struct reader *r, uint32_t node, struct fingerprint_parts *parts)
{
        parts->what = "window";
        parts->paths = arena_array(r->arena, reader_length(r, node), sizeof(*parts->paths));
        return parts->paths ? reader_list(r, node, part_read, parts) : -ENOMEM;
}

static int count_read_n(struct reader *r, uint32_t node, void *target)
{
        struct count *c = target;
        int64_t n;

        if (json_int64(&r->tape, node, &n) != 0 || n < 2 || n > (int64_t) WINDOW_EVENTS_MAX)
                reader_complain(r, node, "\"n\" is a whole number from 2 to %u", WINDOW_EVENTS_MAX);
        else
                c->n = (unsigned) n;
        return 0;
}

static int count_read_within(struct reader *r, uint32_t node, void *target)
{
        struct count *c = target;

        return window_read(r, node, &c->within);
}

static int count_read_by(struct reader *r, uint32_t node, void *target)
{
        struct count *c = target;

        return parts_read(r, node, &c->by);
}

static int count_read_distinct(struct reader *r, uint32_t node, void *target)
{
        struct count *c = target;
        int k;

        k = reader_path(r, node, &c->distinct);
        if (k == 0 && c->distinct && c->distinct->pointer.wild)
                reader_complain(r, node, "\"distinct\" takes a single value; \"*\" names many");
        return k;
}

static int count_read_clock(struct reader *r, uint32_t node, void *target)
{
        struct count *c = target;
        bool is_text = r->tape.nodes[node].kind == JSON_STRING;

        c->receipt = is_text && json_string_equals(&r->tape, node, "receipt", strlen("receipt"));
        if (!c->receipt &&
            (!is_text || !json_string_equals(&r->tape, node, "event", strlen("event"))))
                reader_complain(r, node,
                                "a clock is \"event\" (when it was observed) or \"receipt\"");
        return 0;
}

int count_read(struct reader *r, uint32_t node, struct count *ret)
{
        static const struct member MEMBERS[] = {
                {"n", count_read_n, true},          {"within", count_read_within, true},
                {"by", count_read_by, false},       {"distinct", count_read_distinct, false},
                {"clock", count_read_clock, false},
        };

        return reader_object(r, node, "\"count\"", MEMBERS, ARRAY_LEN(MEMBERS), ret);
}

static int sequence_read_step(struct reader *r, uint32_t node, void *target)
{
        struct sequence *s = target;

        return condition_read(r, node, &s->steps[s->n_steps++]);
}

static int sequence_read_events(struct reader *r, uint32_t node, void *target)
{
        struct sequence *s = target;
        unsigned n = reader_length(r, node);

        if (r->tape.nodes[node].kind != JSON_ARRAY || n < 2 || n > SEQUENCE_MAX) {
                reader_complain(r, node,
                                "the events of a sequence are a list of 2 to %u conditions, as "
                                "\"match\" has them",
                                SEQUENCE_MAX);
                return 0;
        }
        s->steps = arena_array(r->arena, n, sizeof(*s->steps));
        return s->steps ? reader_list(r, node, sequence_read_step, s) : -ENOMEM;
}

static int sequence_read_ordered(struct reader *r, uint32_t node, void *target)
{
        struct sequence *s = target;

        return reader_bool(r, node, &s->ordered);
}

static int sequence_read_within(struct reader *r, uint32_t node, void *target)
{
        struct sequence *s = target;

        return window_read(r, node, &s->within);
}

static int sequence_read_by(struct reader *r, uint32_t node, void *target)
{
        struct sequence *s = target;

        return parts_read(r, node, &s->by);
}

int sequence_read(struct reader *r, uint32_t node, struct sequence *ret)
{
        static const struct member MEMBERS[] = {
                {"events", sequence_read_events, true},
                {"ordered", sequence_read_ordered, false},
                {"within", sequence_read_within, true},
                {"by", sequence_read_by, true},
        };

        ret->ordered = true;
        return reader_object(r, node, "\"sequence\"", MEMBERS, ARRAY_LEN(MEMBERS), ret);
}

static int expect_read_every(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;

        e->kind = EXPECT_EVERY;
        return window_read(r, node, &e->every);
}

static int expect_read_within(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;

        e->has_within = true;
        return window_read(r, node, &e->every);
}

static int expect_read_cron(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;
        struct problem p = {0};
        struct text text;
        int k;

        e->kind = EXPECT_CRON;
        k = reader_text(r, node, 200, &text);
        if (k < 0 || !text.data)
                return k;
        if (cron_parse(text.data, text.size, &e->cron, &p) != 0)
                reader_complain_within(r, node, &p);
        return 0;
}

static int expect_read_zone(struct reader *r, uint32_t node, void *target)
{
        static const char ALLOWED[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
        struct expect *e = target;
        int k;

        k = reader_text(r, node, 64, &e->zone);
        for (size_t i = 0; k == 0 && e->zone.data && i < e->zone.size; i++)
                if (!strchr(ALLOWED, e->zone.data[i])) {
                        reader_complain(r, node,
                                        "a zone is a name such as \"Europe/Berlin\" or \"UTC\"");
                        return 0;
                }
        return k;
}

static int expect_read_grace(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;

        return duration_read(r, node, &e->grace);
}

static int expect_read_by(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;
        int k;

        k = reader_path(r, node, &e->by);
        if (k == 0 && e->by && e->by->pointer.wild)
                reader_complain(r, node, "\"by\" takes a single value; \"*\" names many");
        return k;
}

static int expect_read_subject(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;
        struct text *subject = &e->subjects[e->n_subjects];
        int k;

        k = reader_text(r, node, SUBJECT_BYTES, subject);
        if (k < 0 || !subject->data)
                return k;
        for (unsigned i = 0; i < e->n_subjects; i++)
                if (e->subjects[i].size == subject->size &&
                    memcmp(e->subjects[i].data, subject->data, subject->size) == 0) {
                        reader_complain(r, node, "this subject stands in the list already");
                        return 0;
                }
        e->n_subjects++;
        return 0;
}

static int expect_read_subjects(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;
        unsigned n = reader_length(r, node);

        if (r->tape.nodes[node].kind == JSON_STRING &&
            json_string_equals(&r->tape, node, "first_seen", strlen("first_seen")))
                return 0;
        if (r->tape.nodes[node].kind != JSON_ARRAY || n == 0 || n > SUBJECTS_MAX) {
                reader_complain(r, node,
                                "\"subjects\" is a list of 1 to %u names, or \"first_seen\": each "
                                "from its first event on",
                                SUBJECTS_MAX);
                return 0;
        }
        e->subjects = arena_array(r->arena, n, sizeof(*e->subjects));
        return e->subjects ? reader_list(r, node, expect_read_subject, e) : -ENOMEM;
}

static int expect_read_after(struct reader *r, uint32_t node, void *target)
{
        struct expect *e = target;

        e->kind = EXPECT_AFTER;
        return condition_read(r, node, &e->after);
}

/* What the keys of "expect" mean together. */
static void expect_check(struct reader *r, uint32_t node, const struct expect *e, unsigned n_kinds)
{
        if (n_kinds != 1)
                reader_complain(r, node,
                                "\"expect\" has exactly one of \"every\" (how often), \"cron\" "
                                "(when) and \"after\" (which event another must follow)");
        else if (e->has_within != (e->kind == EXPECT_AFTER))
                reader_complain(r, node,
                                "\"after\" and \"within\" belong together: the event must come "
                                "that soon after the other");
        else if (e->zone.data && e->kind != EXPECT_CRON)
                reader_complain(r, node, "a \"zone\" is for \"cron\" only");
        else if (e->kind == EXPECT_CRON && duration_us(&e->grace) == 0)
                reader_complain(r, node,
                                "\"cron\" needs a \"grace\": the event counts from the named "
                                "minute until the grace is over");
        else if (e->kind == EXPECT_AFTER && e->subjects)
                reader_complain(r, node,
                                "with \"after\" nothing is expected before the first event came: "
                                "leave \"subjects\" out");
}

int expect_read(struct reader *r, uint32_t node, struct expect *ret)
{
        static const struct member MEMBERS[] = {
                {"every", expect_read_every, false}, {"cron", expect_read_cron, false},
                {"zone", expect_read_zone, false},   {"grace", expect_read_grace, false},
                {"by", expect_read_by, false},       {"subjects", expect_read_subjects, false},
                {"after", expect_read_after, false}, {"within", expect_read_within, false},
        };
        static const char *const KINDS[] = {"every", "cron", "after"};
        unsigned before = r->complaints->n, n_kinds = 0;
        uint32_t found;
        int k;

        k = reader_object(r, node, "\"expect\"", MEMBERS, ARRAY_LEN(MEMBERS), ret);
        if (k < 0 || r->complaints->n != before)
                return k;
        for (unsigned i = 0; i < ARRAY_LEN(KINDS); i++)
                n_kinds += json_member(&r->tape, node, KINDS[i], &found) == 0;
        expect_check(r, node, ret, n_kinds);
        if (!ret->by) {
                k = path_table_add(r->paths, "/subject", strlen("/subject"), &ret->by, NULL);
                if (k != 0)
                        return k < 0 ? k : -ENOTRECOVERABLE;
        }
        return 0;
}
