/* Durations as people write them, parsed to parts; calendars are SQL's affair. Pure; used by the
 * daemon's configuration and capactl. */
#include "proto/duration/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY    (86400 * US_PER_SECOND)

enum duration_part { PART_SECONDS, PART_DAYS, PART_BUSINESS_DAYS, PART_MONTHS };

/* most: about 100 years in this unit. */
static const struct duration_unit {
        const char *name;
        enum duration_part part;
        int64_t factor; /* into the part */
        int64_t most;
} UNITS[] = {
        {"s", PART_SECONDS, 1, INT64_C(36525) * 86400},
        {"m", PART_SECONDS, 60, INT64_C(36525) * 1440},
        {"h", PART_SECONDS, 3600, INT64_C(36525) * 24},
        {"d", PART_DAYS, 1, 36525},
        {"bd", PART_BUSINESS_DAYS, 1, 26090},
        {"w", PART_DAYS, 7, 5218},
        {"mo", PART_MONTHS, 1, 1200},
};

static const struct duration_unit *unit_find(const char *text, size_t size)
{
        for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
                if (strlen(UNITS[i].name) == size && memcmp(UNITS[i].name, text, size) == 0)
                        return &UNITS[i];
        return NULL;
}

static int duration_refuse(struct problem *reterr, size_t offset, const char *text, size_t size,
                           const char *why)
{
        problem_set(
                reterr, offset,
                "\"%.*s\" is no duration: %s (write one whole number and one unit of s, m, h, d, "
                "bd, w, mo, such as 90s, 15m, 2h, 3d, 5bd, 2w, 6mo)",
                (int) MIN(size, (size_t) 40), text, why);
        return DURATION_E_INVALID;
}

int duration_parse(const char *text, size_t size, struct duration *ret, struct problem *reterr)
{
        const struct duration_unit *unit;
        struct duration d = {0};
        int64_t n = 0;
        size_t i;

        for (i = 0; i < size && isdigit((unsigned char) text[i]); i++) {
                n = n * 10 + (text[i] - '0');
                if (n > UNITS[0].most)
                        return duration_refuse(reterr, 0, text, size, "longer than 100 years");
        }
        if (i == 0)
                return duration_refuse(reterr, 0, text, size, "it does not begin with a digit");
        if (i > 1 && text[0] == '0')
                return duration_refuse(reterr, 0, text, size, "it begins with 0");
        unit = unit_find(text + i, size - i);
        if (!unit)
                return duration_refuse(reterr, i, text, size,
                                       i == size ? "the unit is missing" : "the unit is unknown");
        if (n > unit->most)
                return duration_refuse(reterr, 0, text, size, "longer than 100 years");
        if (n == 0 && unit != &UNITS[0])
                return duration_refuse(reterr, 0, text, size, "zero is written 0s");
        switch (unit->part) {
        case PART_SECONDS:
                d.seconds = n * unit->factor;
                break;
        case PART_DAYS:
                d.days = (int32_t) (n * unit->factor);
                break;
        case PART_BUSINESS_DAYS:
                d.business_days = (int32_t) n;
                break;
        case PART_MONTHS:
                d.months = (int32_t) n;
                break;
        }
        *ret = d;
        return 0;
}

bool duration_is_exact(const struct duration *d)
{
        return d->days == 0 && d->business_days == 0 && d->months == 0;
}

void duration_to_text(const struct duration *d, struct buffer *b)
{
        int64_t unit = d->seconds == 0          ? 1
                       : d->seconds % 3600 == 0 ? 3600
                       : d->seconds % 60 == 0   ? 60
                                                : 1;

        if (d->months > 0)
                buffer_printf(b, "%" PRId32 "mo", d->months);
        else if (d->days > 0)
                buffer_printf(b, "%" PRId32 "d", d->days);
        else if (d->business_days > 0)
                buffer_printf(b, "%" PRId32 "bd", d->business_days);
        else
                buffer_printf(b, "%" PRId64 "%c", d->seconds / unit,
                              unit == 3600 ? 'h'
                              : unit == 60 ? 'm'
                                           : 's');
}

void duration_to_json(const struct duration *d, struct buffer *b)
{
        buffer_printf(b,
                      "{\"mo\":%" PRId32 ",\"d\":%" PRId32 ",\"bd\":%" PRId32 ",\"s\":%" PRId64 "}",
                      d->months, d->days, d->business_days, d->seconds);
}

int64_t duration_us(const struct duration *d)
{
        /* Each begun run of five business days can meet one more weekend. */
        int64_t weekends = ((int64_t) d->business_days + 4) / 5;
        int64_t days = d->days + (int64_t) d->months * 31 + d->business_days + 2 * weekends;

        return days * US_PER_DAY + d->seconds * US_PER_SECOND;
}
