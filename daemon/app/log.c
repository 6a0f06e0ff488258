/* Where lines go is decided once: JOURNAL_STREAM names the journal's socket when systemd started
 * us. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <systemd/sd-journal.h>

#include "daemon/app/clock.h"
#include "daemon/app/log.h"
#include "proto/base/problem.h"

#define LIMIT_WINDOW_US (10U * 1000U * 1000U)
#define LIMIT_LINES     5U
#define LINE_BYTES      1024

static bool to_journal;

void log_setup(void)
{
        to_journal = getenv("JOURNAL_STREAM") != NULL;
        setvbuf(stderr, NULL, _IOLBF, 0);
}

static void write_line(int level, const char *text)
{
        static const char *const names[] = {"emergency", "alert",  "critical", "error",
                                            "warning",   "notice", "info",     "debug"};

        if (to_journal && sd_journal_print(level, "%s", text) >= 0)
                return;
        fprintf(stderr, "capad: %s: %s\n", names[level & 7], text);
}

void log_line(int level, const char *format, ...)
{
        char text[LINE_BYTES];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        write_line(level, text);
}

void log_lines(int level, const char *sentence, const char *text)
{
        write_line(level, sentence);
        while (*text) {
                size_t n = strcspn(text, "\n");

                log_line(level, "%.*s", (int) n, text);
                text += n + (text[n] == '\n');
        }
}

int log_errno(int level, int error, const char *format, ...)
{
        char text[LINE_BYTES];
        va_list arguments;
        size_t n;

        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        n = strlen(text);
        snprintf(text + n, sizeof(text) - n, ": %s", strerror(-error));
        write_line(level, text);
        return error;
}

void log_limited(struct log_limit *limit, int level, const char *format, ...)
{
        char text[LINE_BYTES];
        va_list arguments;
        uint64_t now = clock_us();
        size_t n;

        if (now - limit->window_us > LIMIT_WINDOW_US || limit->window_us == 0) {
                limit->window_us = now;
                limit->n = 0;
        }
        if (limit->n >= LIMIT_LINES) {
                limit->dropped++;
                return;
        }
        limit->n++;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        n = strlen(text);
        if (limit->dropped > 0)
                snprintf(text + n, sizeof(text) - n, " (%u such lines were left out)",
                         limit->dropped);
        limit->dropped = 0;
        write_line(level, text);
}
