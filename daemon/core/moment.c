/* Brings the forms that tools use into that of RFC 3339, which the one reader of times then checks.
 */
#include "daemon/core/moment.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/timestamp.h"

#define MOMENT_BYTES 96U

struct pieces { /* texts as found, behind which nothing was left over */
        char year[5], month[4], day[3], clock[24], zone[32];
};

/* "Nov" is 11; 0: there is no such month. */
static unsigned month_number(const char *name)
{
        static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        const char *at = strlen(name) == 3 ? strstr(MONTHS, name) : NULL;

        return at && (at - MONTHS) % 3 == 0 ? (unsigned) (at - MONTHS) / 3 + 1 : 0;
}

/* The zones that have one meaning everywhere; others, such as IST, do not. */
static const char *zone_offset(const char *zone)
{
        static const struct {
                const char *name, *offset;
        } ZONES[] = {
                {"UT", "Z"},        {"UTC", "Z"},      {"GMT", "Z"},       {"EST", "-05:00"},
                {"EDT", "-04:00"},  {"CST", "-06:00"}, {"CDT", "-05:00"},  {"MST", "-07:00"},
                {"MDT", "-06:00"},  {"PST", "-08:00"}, {"PDT", "-07:00"},  {"WET", "Z"},
                {"WEST", "+01:00"}, {"CET", "+01:00"}, {"CEST", "+02:00"}, {"EET", "+02:00"},
                {"EEST", "+03:00"},
        };

        for (unsigned i = 0; i < ARRAY_LEN(ZONES); i++)
                if (strcmp(ZONES[i].name, zone) == 0)
                        return ZONES[i].offset;
        return zone;
}

static int64_t moment_of_text(const char *text)
{
        int64_t us = 0;

        if (timestamp_parse(text, strlen(text), &us) != 0)
                return 0;
        return MAX(us, 0);
}

static int64_t moment_of_pieces(const struct pieces *p)
{
        unsigned month = month_number(p->month);
        char text[MOMENT_BYTES];

        if (month == 0)
                return 0;
        (void) snprintf(text, sizeof(text), "%s-%u-%sT%s%s", p->year, month, p->day, p->clock,
                        zone_offset(p->zone));
        return moment_of_text(text);
}

/* "Sun, 22 Nov 2026 01:46:00 GMT", the day of the week optional. */
static int64_t read_mail(const char *s)
{
        struct pieces p = {0};
        const char *comma = strchr(s, ',');
        int end = 0;

        if (sscanf(comma ? comma + 1 : s, " %2[0-9] %3[A-Za-z] %4[0-9] %23[0-9:.] %31[A-Z0-9+-]%n",
                   p.day, p.month, p.year, p.clock, p.zone, &end) != 5)
                return 0;
        s = (comma ? comma + 1 : s) + end;
        if (*s != '\0' && !(s[0] == ' ' && s[1] == '(')) /* a comment with the zone's name */
                return 0;
        return moment_of_pieces(&p);
}

/* "Sun Nov 22 01:46:00 2026", and with a zone before the year. */
static int64_t read_asctime(const char *s)
{
        struct pieces p = {0};
        int end = 0;

        if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2[0-9] %23[0-9:.] %4[0-9]%n", p.month, p.day,
                   p.clock, p.year, &end) == 4 &&
            s[end] == '\0')
                return moment_of_pieces(&p);
        p = (struct pieces){0};
        end = 0;
        if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2[0-9] %23[0-9:.] %31[A-Z0-9+-] %4[0-9]%n", p.month,
                   p.day, p.clock, p.zone, p.year, &end) == 5 &&
            s[end] == '\0')
                return moment_of_pieces(&p);
        return 0;
}

/* "22/Nov/2026:01:46:00 +0000". */
static int64_t read_common_log(const char *s)
{
        struct pieces p = {0};
        int end = 0;

        if (sscanf(s, "%2[0-9]/%3[A-Za-z]/%4[0-9]:%23[0-9:.] %31[A-Z0-9+-]%n", p.day, p.month,
                   p.year, p.clock, p.zone, &end) != 5 ||
            s[end] != '\0')
                return 0;
        return moment_of_pieces(&p);
}

/* "20261122T014600Z", "20261122T014600.5+0100". */
static int64_t read_basic(const char *s)
{
        char text[MOMENT_BYTES];
        int end = 0;

        (void) sscanf(s, "%*8[0-9]%*1[T]%*6[0-9]%n", &end);
        if (end != 15)
                return 0;
        (void) snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.60s", s, s + 4, s + 6,
                        s + 9, s + 11, s + 13, s + 15);
        return moment_of_text(text);
}

/* "2026/11/22 01:46:00", "2026.11.22 01:46:00". */
static int64_t read_other_dashes(char *s)
{
        if (strlen(s) < 12 || (s[4] != '/' && s[4] != '.') || s[7] != s[4])
                return 0;
        s[4] = s[7] = '-';
        return moment_of_text(s);
}

/* A name of a zone in the place of an offset, or of its city behind it. */
static int64_t read_named_zone(char *s)
{
        size_t n = strlen(s);
        char text[MOMENT_BYTES];
        char *name;

        if (n > 0 && s[n - 1] == ']' && (name = strrchr(s, '['))) {
                *name = '\0';
                return strpbrk(s + MIN(n, (size_t) 10), "+-Zz") ? moment_of_text(s) : 0;
        }
        name = strrchr(s, ' ');
        if (!name || zone_offset(name + 1) == name + 1)
                return 0;
        *name = '\0';
        (void) snprintf(text, sizeof(text), "%.60s%s", s, zone_offset(name + 1));
        return moment_of_text(text);
}

static int64_t read_date(const char *s)
{
        char text[MOMENT_BYTES];

        if (strlen(s) != 10)
                return 0;
        (void) snprintf(text, sizeof(text), "%.10sT00:00:00Z", s);
        return moment_of_text(text);
}

static int64_t read_other(const char *s, bool dates)
{
        char copy[MOMENT_BYTES];
        int64_t us;

        (void) snprintf(copy, sizeof(copy), "%s", s);
        us = read_mail(s);
        if (us == 0)
                us = read_asctime(s);
        if (us == 0)
                us = read_common_log(s);
        if (us == 0)
                us = read_basic(s);
        if (us == 0)
                us = read_other_dashes(copy);
        (void) snprintf(copy, sizeof(copy), "%s", s);
        if (us == 0)
                us = read_named_zone(copy);
        return us == 0 && dates ? read_date(s) : us;
}

int64_t moment_of(const struct value *v, bool dates)
{
        char text[MOMENT_BYTES] = "";
        int64_t us = 0;

        if ((v->kind != JSON_NUMBER && v->kind != JSON_STRING) || v->text.size >= sizeof(text))
                return 0;
        if (v->text.size == 0)
                return 0;
        memcpy(text, v->text.data, v->text.size);
        if (strlen(text) != v->text.size)
                return 0;
        if (v->kind == JSON_STRING && timestamp_parse(text, v->text.size, &us) == 0)
                return MAX(us, 0);
        if (timestamp_parse_epoch(text, v->text.size, &us) == 0)
                return MAX(us, 0);
        return v->kind == JSON_STRING ? read_other(text, dates) : 0;
}
