/* Moments for people. */
#include "client/capactl/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/duration/duration.h"
#include "proto/wire/timestamp.h"

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

int64_t when_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t) now.tv_sec * SECOND + now.tv_nsec / 1000;
}

/* Units change where two of the larger are reached, so that "90 minutes" does not read "1 hour". */
void when_relative(int64_t at_us, int64_t now_us, char ret[WHEN_TEXT_MAX])
{
        static const struct {
                int64_t from, unit;
                const char *name;
        } steps[] = {
                {730 * DAY, 365 * DAY, "year"}, {60 * DAY, 30 * DAY, "month"},
                {14 * DAY, 7 * DAY, "week"},    {2 * DAY, DAY, "day"},
                {2 * HOUR, HOUR, "hour"},       {2 * MINUTE, MINUTE, "minute"},
                {SECOND, SECOND, "second"},
        };
        int64_t span = at_us > now_us ? at_us - now_us : now_us - at_us;

        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
                long long n = span / steps[i].unit;

                if (span < steps[i].from)
                        continue;
                snprintf(ret, WHEN_TEXT_MAX, at_us > now_us ? "in %lld %s%s" : "%lld %s%s ago", n,
                         steps[i].name, n == 1 ? "" : "s");
                return;
        }
        snprintf(ret, WHEN_TEXT_MAX, "now");
}

void when_absolute(int64_t at_us, char ret[WHEN_TEXT_MAX])
{
        time_t seconds = (time_t) (at_us / SECOND - (at_us % SECOND < 0));
        struct tm local;

        if (!localtime_r(&seconds, &local) ||
            strftime(ret, WHEN_TEXT_MAX, "%a %Y-%m-%d %H:%M %Z", &local) == 0)
                timestamp_format(at_us, ret, WHEN_TEXT_MAX);
}

void when_both(const char *rfc3339, int64_t now_us, char ret[2 * WHEN_TEXT_MAX])
{
        char relative[WHEN_TEXT_MAX], absolute[WHEN_TEXT_MAX];
        int64_t at;

        if (!rfc3339 || timestamp_parse(rfc3339, strlen(rfc3339), &at) != 0) {
                snprintf(ret, 2 * WHEN_TEXT_MAX, "%s", rfc3339 ? rfc3339 : "");
                return;
        }
        when_relative(at, now_us, relative);
        when_absolute(at, absolute);
        snprintf(ret, 2 * WHEN_TEXT_MAX, "%.70s (%.70s)", relative, absolute);
}

/* Length of the UTC moment at text, or 0: date, "T" or blank, time, and Z or " UTC". */
static size_t moment_length(const char *text)
{
        static const char form[] = "dddd-dd-dd dd:dd";
        size_t n = 0;

        for (; form[n]; n++)
                if (form[n] == 'd'   ? text[n] < '0' || text[n] > '9'
                    : form[n] == ' ' ? text[n] != ' ' && text[n] != 'T'
                                     : text[n] != form[n])
                        return 0;
        n += strspn(text + n, ":.0123456789");
        if (text[n] == 'Z')
                return n + 1;
        return strncmp(text + n, " UTC", 4) == 0 ? n + 4 : 0;
}

char *when_localised(const char *sentence)
{
        struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "");
        while (*sentence) {
                size_t n = moment_length(sentence),
                       digits = n > 0 && sentence[n - 1] == 'C' ? n - 4 : n;
                char absolute[WHEN_TEXT_MAX];
                int64_t at;

                if (n > 0 && timestamp_parse(sentence, digits, &at) == 0) {
                        when_absolute(at, absolute);
                        buffer_add_str(&b, absolute);
                        sentence += n;
                } else
                        buffer_add_char(&b, *sentence++);
        }
        return b.data ? buffer_take(&b) : strdup("");
}

/* mktime takes 2026-02-31 as 3 March; what was typed then is no date. */
static bool local_seconds(const struct tm *given, time_t *ret)
{
        struct tm local = *given;

        local.tm_isdst = -1;
        *ret = mktime(&local);
        return *ret != (time_t) -1 && given->tm_mday >= 1 && local.tm_mday == given->tm_mday &&
               local.tm_mon == given->tm_mon;
}

/* "today", "tomorrow", "yesterday" at the start of *text: the date, and *text behind it. */
static bool named_day(const char **text, int64_t now_us, struct tm *ret)
{
        static const struct {
                const char *name;
                int days;
        } names[] = {{"today", 0}, {"tomorrow", 1}, {"yesterday", -1}};

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                size_t n = strlen(names[i].name);
                time_t seconds = (time_t) (now_us / SECOND);
                struct tm day;

                if (strncmp(*text, names[i].name, n) != 0 ||
                    ((*text)[n] != '\0' && (*text)[n] != ' '))
                        continue;
                localtime_r(&seconds, &day);
                day = (struct tm){.tm_year = day.tm_year,
                                  .tm_mon = day.tm_mon,
                                  .tm_mday = day.tm_mday + names[i].days,
                                  .tm_hour = 12,
                                  .tm_isdst = -1};
                mktime(&day); /* the 32nd becomes the 1st */
                *ret = (struct tm){
                        .tm_year = day.tm_year, .tm_mon = day.tm_mon, .tm_mday = day.tm_mday};
                *text += n;
                return true;
        }
        return false;
}

/* A date without time stays a date: the register takes the end of that working day. */
static int add_date(const struct tm *day, struct buffer *ret)
{
        char text[32];
        time_t seconds;

        if (!local_seconds(day, &seconds) || strftime(text, sizeof(text), "%Y-%m-%d", day) == 0)
                return WHEN_E_INVALID;
        buffer_add_str(ret, text);
        return buffer_status(ret);
}

static int add_moment(int64_t at_us, struct buffer *ret)
{
        char text[TIMESTAMP_MAX];

        timestamp_format(at_us, text, sizeof(text));
        buffer_add_str(ret, text);
        return buffer_status(ret);
}

static int add_time(const char *text, const char *clock, struct tm *day, struct buffer *ret)
{
        const char *end = strptime(clock, "%H:%M:%S", day);
        time_t seconds;
        int64_t at;

        if (!end)
                end = strptime(clock, "%H:%M", day);
        if (end && *end == '\0' && local_seconds(day, &seconds))
                return add_moment((int64_t) seconds * SECOND, ret);
        if (end && *end != '\0' && timestamp_parse(text, strlen(text), &at) == 0)
                return add_moment(at, ret);
        return WHEN_E_INVALID;
}

int when_typed(const char *text, int64_t now_us, struct buffer *ret, struct problem *reterr)
{
        const char *rest = text;
        struct duration span;
        struct tm day = {0};
        int r = WHEN_E_INVALID;

        if (duration_parse(text, strlen(text), &span, NULL) == 0) {
                buffer_add_str(ret, text);
                return buffer_status(ret);
        }
        if (!named_day(&rest, now_us, &day))
                rest = strptime(text, "%Y-%m-%d", &day);
        if (rest && *rest == '\0')
                r = add_date(&day, ret);
        else if (rest && (*rest == ' ' || *rest == 'T'))
                r = add_time(text, rest + 1, &day, ret);
        if (r > 0)
                problem_set(reterr, 0,
                            "\"%s\" is no moment: write 2026-11-25, \"2026-11-25 17:00\" (local "
                            "time), 2026-11-25T16:00:00Z, or a duration such as 3d, 5bd, 2h",
                            text);
        return r;
}
