/* Lines on standard error. */
#include "daemon/webhook/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>

#include "proto/base/problem.h"

#define WINDOW_S 60
#define LINES    20U

static void write_line(int level, const char *format, va_list arguments) printf_(2, 0);
static void write_line(int level, const char *format, va_list arguments)
{
        static const char *const names[] = {"emergency", "alert",  "critical", "error",
                                            "warning",   "notice", "info",     "debug"};
        struct problem clean = {0};
        char text[PROBLEM_TEXT_MAX];

        vsnprintf(text, sizeof(text), format, arguments);
        problem_set(&clean, 0, "%s", text); /* a peer's bytes don't reach the log raw */
        if (getenv("JOURNAL_STREAM"))
                fprintf(stderr, "<%d>%s\n", level & 7, clean.text);
        else
                fprintf(stderr, "capa-webhook: %s: %s\n", names[level & 7], clean.text);
}

void log_line(int level, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        write_line(level, format, arguments);
        va_end(arguments);
}

void log_limited(int level, const char *format, ...)
{
        static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        static time_t window;
        static unsigned n, dropped;
        unsigned left_out = 0;
        struct timespec now;
        va_list arguments;
        bool tell;

        clock_gettime(CLOCK_MONOTONIC, &now);
        pthread_mutex_lock(&mutex);
        if (n == 0 || now.tv_sec - window >= WINDOW_S) {
                window = now.tv_sec;
                left_out = dropped;
                n = dropped = 0;
        }
        tell = n < LINES;
        n++;
        dropped += !tell;
        pthread_mutex_unlock(&mutex);
        if (left_out > 0)
                log_line(LOG_WARNING, "%u lines like the next were left out", left_out);
        if (!tell)
                return;
        va_start(arguments, format);
        write_line(level, format, arguments);
        va_end(arguments);
}
