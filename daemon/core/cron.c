/* Reads cron's five fields into sets of bits. */
#include "daemon/core/cron.h"

#include <string.h>
#include <strings.h>

struct field {
        const char *name;
        unsigned low, high;
        const char *names; /* three letters each, from `low` on; NULL: numbers only */
};

static const struct field FIELDS[] = {
        {"minute", 0, 59, NULL},
        {"hour", 0, 23, NULL},
        {"day of the month", 1, 31, NULL},
        {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
        {"weekday", 0, 7, "sunmontuewedthufrisat"},
};

struct cursor {
        const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
        if (c->at == c->end || *c->at != wanted)
                return false;
        c->at++;
        return true;
}

static bool take_number(struct cursor *c, unsigned *ret)
{
        const char *from = c->at;

        *ret = 0;
        while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - from < 3)
                *ret = *ret * 10 + (unsigned) (*c->at++ - '0');
        return c->at > from;
}

static bool take_value(struct cursor *c, const struct field *f, unsigned *ret)
{
        if (take_number(c, ret))
                return *ret >= f->low && *ret <= f->high;
        for (unsigned i = 0; f->names && f->names[3 * i]; i++)
                if (c->end - c->at >= 3 && strncasecmp(c->at, f->names + (size_t) 3 * i, 3) == 0) {
                        c->at += 3;
                        *ret = f->low + i;
                        return true;
                }
        return false;
}

/* "*", "5", "mon", "1-5", each perhaps with "/n". */
static bool take_range(struct cursor *c, const struct field *f, uint64_t *set)
{
        unsigned from = f->low, to = f->high, step = 1;

        if (!take(c, '*')) {
                if (!take_value(c, f, &from))
                        return false;
                to = from;
                if (take(c, '-') && (!take_value(c, f, &to) || to < from))
                        return false;
        }
        if (take(c, '/') && (!take_number(c, &step) || step == 0))
                return false;
        for (unsigned n = from; n <= to; n += step)
                *set |= UINT64_C(1) << n;
        return true;
}

static bool read_field(struct cursor *c, const struct field *f, uint64_t *set)
{
        *set = 0;
        do {
                if (!take_range(c, f, set))
                        return false;
        } while (take(c, ','));
        return c->at == c->end || *c->at == ' ';
}

int cron_parse(const char *text, size_t size, struct cron *ret, struct problem *reterr)
{
        uint64_t sets[ARRAY_LEN(FIELDS)];
        bool any[ARRAY_LEN(FIELDS)];
        struct cursor c = {text, text + size};

        for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
                const char *from;

                while (take(&c, ' '))
                        ;
                from = c.at;
                any[i] = c.at < c.end && *c.at == '*' && (c.at + 1 == c.end || c.at[1] == ' ');
                if (read_field(&c, &FIELDS[i], &sets[i]))
                        continue;
                problem_set(reterr, (size_t) (from - text),
                            "the %s is \"*\" or values from %u to %u%s, as lists (1,15), ranges "
                            "(1-5) and steps (*/10); five fields are needed: minute, hour, day, "
                            "month, weekday",
                            FIELDS[i].name, FIELDS[i].low, FIELDS[i].high,
                            FIELDS[i].names ? " or names such as mon or jan" : "");
                return CRON_E_INVALID;
        }
        while (take(&c, ' '))
                ;
        if (c.at != c.end) {
                problem_set(reterr, (size_t) (c.at - text),
                            "there are five fields: minute, hour, day, month, weekday; this is a "
                            "sixth");
                return CRON_E_INVALID;
        }
        *ret = (struct cron){
                .minutes = sets[0],
                .hours = (uint32_t) sets[1],
                .days = (uint32_t) sets[2],
                .months = (uint32_t) sets[3],
                .weekdays = (uint32_t) ((sets[4] | sets[4] >> 7) & 0x7f),
                .any_day = any[2],
                .any_weekday = any[4],
        };
        return 0;
}

static void add_set(struct buffer *b, const char *name, uint64_t set, bool any)
{
        const char *before = "";

        buffer_printf(b, "\"%s\":%s", name, any ? "null" : "[");
        for (unsigned n = 0; !any && n < 64; n++) {
                if (!(set >> n & 1))
                        continue;
                buffer_printf(b, "%s%u", before, n);
                before = ",";
        }
        if (!any)
                buffer_add_char(b, ']');
}

void cron_to_json(const struct cron *c, struct buffer *b)
{
        buffer_add_char(b, '{');
        add_set(b, "minute", c->minutes, false);
        buffer_add_char(b, ',');
        add_set(b, "hour", c->hours, false);
        buffer_add_char(b, ',');
        add_set(b, "day", c->days, c->any_day);
        buffer_add_char(b, ',');
        add_set(b, "month", c->months, false);
        buffer_add_char(b, ',');
        add_set(b, "weekday", c->weekdays, c->any_weekday);
        buffer_add_char(b, '}');
}
