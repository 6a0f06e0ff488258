/* capactl run: a command with its output and exit status passed through, and two events about it.
 * The command comes first: it is started before anything is sent, sending happens beside it in a
 * thread, and nothing that fails there changes what the command does or how it ends. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/event.h"
#include "client/capactl/pump.h"
#include "client/capactl/session.h"
#include "client/capactl/tool_events.h"

#define EXIT_NOT_STARTED    125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND_HERE 127
#define COMMAND_BYTES       65536 /* of the argument list in the event; the rest is left out */

struct report {
        struct session *session;
        char source[512], run[EVENT_ID_MAX], type[512];
        const char *subject;
        char *const *command;
        struct buffer event;     /* the one being sent */
        struct tool_events tool; /* what the command says, where it has an adapter */
};

static void add_command(struct buffer *b, char *const *command)
{
        size_t start = b->size;

        buffer_add_str(b, "\"command\":[");
        for (size_t i = 0; command[i]; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                if (b->size - start + strlen(command[i]) > COMMAND_BYTES) {
                        buffer_add_json_cstr(b, "…");
                        break;
                }
                buffer_add_json_cstr(b, command[i]);
        }
        buffer_add_char(b, ']');
}

/* "backup" and "backup.finished" both mean backup.started and backup.finished: a rule names the
 * latter, and whoever copies the type from there means the same. */
static int take_type(struct report *r, const char *type)
{
        static const char suffix[] = ".finished";
        size_t n = strlen(type), n_suffix = sizeof(suffix) - 1;

        if (n > n_suffix && strcmp(type + n - n_suffix, suffix) == 0)
                n -= n_suffix;
        if (n >= sizeof(r->type))
                return session_complain(EXIT_USAGE, "--type has at most %zu bytes",
                                        sizeof(r->type) - 1);
        memcpy(r->type, type, n);
        r->type[n] = '\0';
        return 0;
}

static int make_event(struct report *r, const char *phase, const char *data)
{
        char type[600], id[64];
        struct event event = {
                .type = type, .source = r->source, .subject = r->subject, .id = id, .data = data};

        snprintf(type, sizeof(type), "%s.%s", r->type, phase);
        snprintf(id, sizeof(id), "%s.%s", r->run, phase);
        buffer_clear(&r->event);
        event_write(&event, &r->event);
        return buffer_status(&r->event);
}

static int make_started(struct report *r)
{
        cleanup_(buffer_done) struct buffer data = BUFFER_NULL;

        buffer_add_char(&data, '{');
        add_command(&data, r->command);
        buffer_add_char(&data, '}');
        return buffer_status(&data) < 0 ? -ENOMEM : make_event(r, "started", data.data);
}

/* How the command ended. */
struct ending {
        int exit_code; /* 128 + n of signal n, as a shell has it */
        int signal;    /* 0: none */
        int64_t duration_us;
        const char *tail;
        size_t n_tail;
};

/* What became of the messages. A failure that an adapter has told is marked, so that a rule need
 * not raise it a second time. */
static void add_tool(struct buffer *b, const struct tool_events *tool)
{
        buffer_printf(b, ",\"messages\":%zu,\"left_out\":%zu,\"cut\":%s", tool->n, tool->left_out,
                      tool->cut ? "true" : "false");
        if (!tool->told)
                return;
        buffer_add_str(b, ",\"reported_by\":");
        buffer_add_json_cstr(b, tool->adapter);
}

static int make_finished(struct report *r, const struct ending *e)
{
        cleanup_(buffer_done) struct buffer data = BUFFER_NULL;
        cleanup_(free_p) char *tail = malloc(e->n_tail + 1);
        const char *name = e->signal ? sigabbrev_np(e->signal) : NULL;

        if (!tail)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_tail; i++) /* U+0000 can't be kept in the register */
                tail[i] = e->tail[i] != '\0' ? e->tail[i] : ' ';
        buffer_printf(&data, "{\"exit_code\":%d,", e->exit_code);
        if (name)
                buffer_printf(&data, "\"signal\":\"SIG%s\",", name);
        else if (e->signal)
                buffer_printf(&data, "\"signal\":\"%d\",", e->signal);
        else
                buffer_add_str(&data, "\"signal\":null,");
        buffer_printf(&data, "\"duration_ms\":%lld,", (long long) (e->duration_us / 1000));
        add_command(&data, r->command);
        buffer_add_str(&data, ",\"output_tail\":");
        buffer_add_json_string(&data, tail, e->n_tail);
        if (r->tool.adapter)
                add_tool(&data, &r->tool);
        buffer_add_char(&data, '}');
        return buffer_status(&data) < 0 ? -ENOMEM : make_event(r, "finished", data.data);
}

static void send_event(struct report *r)
{
        const struct capa_bytes event = {r->event.data, r->event.size};

        (void) tool_events_push(r->session->capa, "", &event, 1);
}

/* What the command said, for the adapter of its tool. */
static void send_said(struct report *r, const struct ending *e)
{
        char exit_code[32];
        const char *extensions[] = {exit_code, NULL};
        const struct event about = {.type = r->type,
                                    .source = r->source,
                                    .subject = r->subject,
                                    .id = r->run,
                                    .extensions = extensions};

        snprintf(exit_code, sizeof(exit_code), "exitcode=%d", e->exit_code);
        tool_events_send(&r->tool, r->session->capa, &about);
}

static void *send_started(void *userdata)
{
        send_event(userdata);
        return NULL;
}

/* A thread that takes no signals: they belong to the one that forwards them. */
static int start_sending(struct report *r, pthread_t *ret)
{
        sigset_t all, before;
        int e;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        e = pthread_create(ret, NULL, send_started, r);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -e;
}

/* What the command left running may still write: go on passing it through, but not as the process
 * that is waited for. */
static void leave_behind(struct pump *p)
{
        p->out = p->err = NULL; /* what the adapter was given is complete */
        if (pump_is_open(p) && fork() == 0) {
                pump_until_end(p);
                _exit(0);
        }
}

static int64_t clock_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The command from start to end. Fills *ret; without a command running at all that is only the
 * exit code of the shell's convention. */
static int run_command(struct report *r, struct pump *pump, struct ending *ret)
{
        int exec_errno = 0, status = 0, e;
        int64_t began = clock_us();
        pthread_t thread;
        bool sending;

        e = process_start(r->command, pump->process, &exec_errno);
        if (e < 0)
                return e;
        if (exec_errno == 0)
                process_forward_signals(pump->process->pid);
        sending = start_sending(r, &thread) == 0;
        if (exec_errno != 0) {
                fprintf(stderr, "capactl: %s: %s\n", r->command[0], strerror(exec_errno));
                ret->exit_code = exec_errno == ENOENT ? EXIT_NOT_FOUND_HERE : EXIT_NOT_EXECUTABLE;
                pump_keep(pump, strerror(exec_errno), strlen(strerror(exec_errno)));
        } else {
                e = pump_until_exit(pump, &status);
                ret->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
                ret->exit_code = ret->signal ? 128 + ret->signal : WEXITSTATUS(status);
        }
        ret->duration_us = clock_us() - began;
        pump_tail(pump, &ret->tail, &ret->n_tail);
        if (sending)
                pthread_join(thread, NULL);
        else
                send_event(r);
        return e;
}

static int prepare(struct report *r, const struct arguments *a)
{
        const char *type = arguments_get(a, "type");

        event_source("run", r->source, sizeof(r->source));
        event_id(r->run);
        r->tool.adapter = arguments_get(a, "adapter");
        if (!type)
                type = r->tool.adapter;
        if (!type)
                return session_complain(EXIT_USAGE, "run needs --type, or --adapter for a tool "
                                                    "that says in JSON what it did");
        return take_type(r, type);
}

/* Both ends of a report: what the tool said, then how it ended. */
static void report_end(struct report *r, const struct ending *e)
{
        if (r->tool.adapter)
                send_said(r, e);
        if (make_finished(r, e) == 0)
                send_event(r);
        buffer_done(&r->event);
        tool_events_done(&r->tool);
}

int command_run(struct session *s, const struct arguments *a)
{
        struct process process = {-1, -1, -1};
        struct pump pump = {.process = &process};
        struct ending ending = {0};
        struct report r = {.session = s,
                           .subject = arguments_get(a, "subject"),
                           .command = a->rest,
                           .tool = TOOL_EVENTS_NULL};
        int e;

        e = prepare(&r, a);
        if (e != 0)
                return e;
        if (r.tool.adapter) {
                pump.out = &r.tool.out;
                pump.err = &r.tool.err;
        }
        e = session_connect(s, true);
        if (e != 0)
                return EXIT_NOT_STARTED;
        e = make_started(&r);
        if (e == 0 && capa_check_event(s->capa, "", r.event.data, r.event.size) > 0) {
                buffer_done(&r.event);
                return session_complain(EXIT_USAGE, "the event would be refused: %s",
                                        capa_problem(s->capa));
        }
        if (e == 0)
                e = run_command(&r, &pump, &ending);
        if (e < 0 && process.pid < 0) {
                buffer_done(&r.event);
                return session_complain(EXIT_NOT_STARTED, "%s could not be started: %s", a->rest[0],
                                        strerror(-e));
        }
        report_end(&r, &ending);
        session_done(s);
        leave_behind(&pump);
        return ending.exit_code;
}
