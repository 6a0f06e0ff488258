/* Times as text, lenient in reading, one form in writing. Dates are counted by the civil calendar
 * (proleptic Gregorian), without the C library's zones or locale. Pure. */
#include "proto/wire/timestamp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define US_PER_SECOND INT64_C(1000000)

struct reader {
        const char *p, *end;
};

/* Days from 1970-01-01: years counted from March, so that the leap day is the last of a year. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
        int64_t era, year_of_era, day_of_year;

        y -= m <= 2;
        era = (y >= 0 ? y : y - 399) / 400;
        year_of_era = y - era * 400;
        day_of_year = (153 * ((int64_t) m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
        return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
               day_of_year - 719468;
}

static void civil_from_days(int64_t days, int64_t *ret_y, unsigned *ret_m, unsigned *ret_d)
{
        int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
        int64_t doe = z - era * 146097;
        int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

        *ret_d = (unsigned) (doy - (153 * mp + 2) / 5 + 1);
        *ret_m = (unsigned) (mp < 10 ? mp + 3 : mp - 9);
        *ret_y = yoe + era * 400 + (*ret_m <= 2);
}

static bool take(struct reader *r, char c)
{
        if (r->p >= r->end || *r->p != c)
                return false;
        r->p++;
        return true;
}

static bool take_one_of(struct reader *r, const char *set)
{
        if (r->p >= r->end || !*r->p || !strchr(set, *r->p))
                return false;
        r->p++;
        return true;
}

/* A number of least..most digits and of low..high. */
static bool take_number(struct reader *r, unsigned least, unsigned most, unsigned low,
                        unsigned high, unsigned *ret)
{
        unsigned v = 0, n = 0;

        for (; n < most && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
                v = v * 10 + (unsigned) (*r->p++ - '0');
        *ret = v;
        return n >= least && v >= low && v <= high;
}

static unsigned month_days(unsigned y, unsigned m)
{
        static const unsigned char DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
                return 29;
        return DAYS[m - 1];
}

static bool take_date(struct reader *r, int64_t *ret_days)
{
        unsigned y, m, d;

        if (!take_number(r, 4, 4, 1, 9999, &y) || !take(r, '-') ||
            !take_number(r, 1, 2, 1, 12, &m) || !take(r, '-') || !take_number(r, 1, 2, 1, 31, &d) ||
            d > month_days(y, m))
                return false;
        *ret_days = days_from_civil(y, m, d);
        return true;
}

/* ".123" or ",123": microseconds; finer digits are cut. */
static bool take_fraction(struct reader *r, int64_t *ret_us)
{
        int64_t us = 0;
        unsigned n = 0;

        *ret_us = 0;
        if (!take_one_of(r, ".,"))
                return true;
        for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++, n++)
                if (n < 6)
                        us = us * 10 + (*r->p - '0');
        if (n == 0)
                return false;
        for (; n < 6; n++)
                us *= 10;
        *ret_us = us;
        return true;
}

static bool take_clock(struct reader *r, int64_t *ret_us)
{
        unsigned h, m, s = 0;
        int64_t fraction = 0;

        if (!take_number(r, 1, 2, 0, 23, &h) || !take(r, ':') || !take_number(r, 1, 2, 0, 59, &m))
                return false;
        /* 60 is a leap second: it becomes the first of the next minute. */
        if (take(r, ':') && (!take_number(r, 1, 2, 0, 60, &s) || !take_fraction(r, &fraction)))
                return false;
        *ret_us = ((int64_t) h * 3600 + m * 60 + s) * US_PER_SECOND + fraction;
        return true;
}

/* Z, UTC, GMT, +hh:mm, +hhmm, +hh, or nothing (UTC); a blank may stand before it. */
static bool take_zone(struct reader *r, int64_t *ret_us)
{
        unsigned h, m = 0;
        bool west;

        *ret_us = 0;
        (void) take(r, ' ');
        if (r->p == r->end)
                return true;
        if (r->end - r->p == 3 && (memcmp(r->p, "UTC", 3) == 0 || memcmp(r->p, "GMT", 3) == 0)) {
                r->p = r->end;
                return true;
        }
        if (take_one_of(r, "Zz"))
                return true;
        west = *r->p == '-';
        if (!take_one_of(r, "+-") || !take_number(r, 2, 2, 0, 23, &h))
                return false;
        if (r->p < r->end && (take(r, ':'), !take_number(r, 2, 2, 0, 59, &m)))
                return false;
        *ret_us = ((int64_t) h * 3600 + m * 60) * US_PER_SECOND * (west ? -1 : 1);
        return true;
}

int timestamp_parse(const char *text, size_t size, int64_t *ret_us)
{
        struct reader r = {text, text + size};
        int64_t days, clock, zone;

        if (size == 0 || !take_date(&r, &days) || !take_one_of(&r, "Tt _") ||
            !take_clock(&r, &clock) || !take_zone(&r, &zone) || r.p != r.end)
                return TIMESTAMP_E_UNREADABLE;
        *ret_us = days * 86400 * US_PER_SECOND + clock - zone;
        return 0;
}

enum { EPOCH_DIGITS = 64 };

/* An unsigned decimal number: its significant digits, and how many of them stand before the point
 * (negative: zeros behind it). */
struct epoch_number {
        char digits[EPOCH_DIGITS];
        int n;
        int before_point;
};

static bool epoch_read(struct reader *r, struct epoch_number *ret)
{
        bool point = false, any = false;
        unsigned exponent = 0;
        int sign = 1;

        for (; r->p < r->end && ((*r->p >= '0' && *r->p <= '9') || (*r->p == '.' && !point));
             r->p++) {
                if (*r->p == '.') {
                        point = true;
                        continue;
                }
                any = true;
                if (ret->n > 0 || *r->p != '0') {
                        if (ret->n == EPOCH_DIGITS)
                                return false;
                        ret->digits[ret->n++] = *r->p;
                        ret->before_point += !point;
                } else if (point)
                        ret->before_point--;
        }
        if (take_one_of(r, "eE")) {
                sign = take(r, '-') ? -1 : 1;
                if (sign > 0)
                        (void) take(r, '+');
                if (!take_number(r, 1, 4, 0, 999, &exponent))
                        return false;
        }
        ret->before_point += sign * (int) exponent;
        return any && r->p == r->end;
}

/* Powers of ten from the unit to microseconds, by the number of integer digits: 11 digits of
 * seconds reach the year 5138, 12 of milliseconds begin in 1973. */
static int epoch_shift(int before_point)
{
        if (before_point <= 11)
                return 6;
        if (before_point <= 14)
                return 3;
        if (before_point <= 17)
                return 0;
        return -3;
}

int timestamp_parse_epoch(const char *text, size_t size, int64_t *ret_us)
{
        struct reader r = {text, text + size};
        struct epoch_number e = {.n = 0};
        int64_t us = 0;
        int keep;

        if (size == 0 || !epoch_read(&r, &e))
                return TIMESTAMP_E_UNREADABLE;
        if (e.before_point > 20)
                return TIMESTAMP_E_UNREADABLE;
        keep = e.before_point + epoch_shift(e.before_point);
        for (int i = 0; i < keep; i++)
                us = us * 10 + (i < e.n ? e.digits[i] - '0' : 0);
        *ret_us = us;
        return 0;
}

void timestamp_format(int64_t us, char *ret, size_t size)
{
        int64_t days = us / (86400 * US_PER_SECOND), rest = us % (86400 * US_PER_SECOND), y;
        unsigned m, d, s;

        if (rest < 0) {
                rest += 86400 * US_PER_SECOND;
                days--;
        }
        civil_from_days(days, &y, &m, &d);
        s = (unsigned) (rest / US_PER_SECOND);
        (void) snprintf(ret, size, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u.%06" PRId64 "Z", y, m, d,
                        s / 3600, s / 60 % 60, s % 60, rest % US_PER_SECOND);
}
