/* One run of capactl. */
#include "client/capactl/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/capactl/text.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"
#include "proto/wire/code.h"

#define SYSTEM_UID_MAX 999 /* Debian's range of system users ends here */
#define TIMEOUT_MAX_S  3600

static int find_spool(struct session *s)
{
        const char *given = getenv("CAPACTL_SPOOL"), *state = getenv("XDG_STATE_HOME");
        const char *home = getenv("HOME");
        int n;

        if (given && *given)
                n = snprintf(s->spool, sizeof(s->spool), "%s", given);
        else if (state && *state == '/')
                n = snprintf(s->spool, sizeof(s->spool), "%s/capa/spool.db", state);
        else if (geteuid() <= SYSTEM_UID_MAX || !home || *home != '/')
                n = snprintf(s->spool, sizeof(s->spool), "/var/lib/capa/spool.db");
        else
                n = snprintf(s->spool, sizeof(s->spool), "%s/.local/state/capa/spool.db", home);
        if (n < 0 || (size_t) n >= sizeof(s->spool))
                return session_complain(EXIT_USAGE, "the path of the spool is too long: set "
                                                    "CAPACTL_SPOOL to a shorter one");
        return 0;
}

static int find_timeout(struct session *s)
{
        const char *text = getenv("CAPACTL_TIMEOUT");
        char *end;
        double seconds;

        s->timeout_ms = CAPA_DEFAULT_TIMEOUT;
        if (!text || !*text)
                return 0;
        seconds = strtod(text, &end);
        if (end == text || (*end != '\0' && strcmp(end, "s") != 0) || !(seconds > 0) ||
            seconds > TIMEOUT_MAX_S)
                return session_complain(EXIT_USAGE,
                                        "CAPACTL_TIMEOUT is \"%s\": set it to seconds, "
                                        "more than 0 and at most %d",
                                        text, TIMEOUT_MAX_S);
        s->timeout_ms = MAX((int) (seconds * 1000), 1);
        return 0;
}

int session_open(struct session *s, const struct arguments *a)
{
        const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
        int r;

        *s = (struct session){.arguments = a};
        s->colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && terminal &&
                    strcmp(terminal, "dumb") != 0;
        r = find_timeout(s);
        return r != 0 ? r : find_spool(s);
}

void session_done(struct session *s)
{
        s->capa = capa_close(s->capa);
}

/* The folder of the spool, for this user alone: events may hold what others must not read. */
static void make_parents(const char *path)
{
        char part[4096];

        for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
                snprintf(part, sizeof(part), "%.*s", (int) (p - path), path);
                mkdir(part, 0700); /* what fails here shows when the spool is opened */
        }
}

static int check_endpoints(const struct capa_options *options)
{
        const char *given[] = {options->control, options->ingest, options->publish};

        for (size_t i = 0; i < ARRAY_LEN(given); i++)
                if (given[i] && *given[i] && strncmp(given[i], "ipc://", 6) != 0 &&
                    strncmp(given[i], "tcp://", 6) != 0)
                        return session_complain(
                                EXIT_USAGE,
                                "\"%s\" is no endpoint: they begin with ipc:// or tcp://",
                                given[i]);
        return 0;
}

int session_connect(struct session *s, bool with_spool)
{
        const char *endpoint = getenv("CAPACTL_ENDPOINT");
        struct capa_options options = {
                .ingest = getenv("CAPACTL_INGEST"),
                .control = s->arguments->endpoint ? s->arguments->endpoint : endpoint,
                .publish = getenv("CAPACTL_PUBLISH"),
                .spool = with_spool ? s->spool : NULL,
                .timeout_ms = s->timeout_ms,
        };
        int r;

        if (s->capa)
                return 0;
        r = check_endpoints(&options);
        if (r != 0)
                return r;
        if (with_spool)
                make_parents(s->spool);
        r = capa_connect(&options, &s->capa);
        if (r < 0)
                return session_complain(EXIT_INTERNAL, "cannot start: %s", strerror(-r));
        return 0;
}

int session_complain(int status, const char *format, ...)
{
        cleanup_(free_p) char *text = NULL, *clean = NULL;
        va_list list;

        va_start(list, format);
        if (vasprintf(&text, format, list) < 0)
                text = NULL;
        va_end(list);
        clean = text ? text_cleaned(text, 0) : NULL;
        fprintf(stderr, "capactl: %s\n", clean ? clean : "out of memory");
        return status;
}

void session_json(struct session *s, const char *json, size_t size)
{
        if (s->json_list)
                putchar(s->n_json++ == 0 ? '[' : ',');
        fwrite(json, 1, size, stdout);
        if (!s->json_list)
                putchar('\n');
}

void session_json_begin(struct session *s)
{
        s->json_list = true;
        s->n_json = 0;
}

void session_json_end(struct session *s)
{
        printf(s->n_json == 0 ? "[]\n" : "]\n");
        s->json_list = false;
}

static char *clean_string(const struct cJSON *d, const char *name)
{
        cleanup_(free_p) char *local = when_localised(document_string(d, name, ""));

        return text_cleaned(local, 0);
}

/* What the refusal names besides its hint: missing facts, or the requests to choose from. */
static void print_missing(const struct cJSON *answer, const char *hint)
{
        const struct cJSON *detail = document_get(answer, "detail");
        const struct cJSON *missing = document_get(answer, "missing");
        const struct cJSON *requests = document_get(detail, "requests");

        if (!missing)
                missing = document_get(detail, "missing");
        for (unsigned i = 0; i < document_length(missing); i++) {
                const struct cJSON *m = document_at(missing, i);
                cleanup_(free_p) char *sentence = clean_string(m, "sentence");
                cleanup_(free_p) char *command = clean_string(m, "command");

                if (!sentence || !command || (*command && strcmp(command, hint) == 0))
                        continue;
                fprintf(stderr, "  missing: %s%s%s\n", sentence, *command ? "\n    " : "", command);
        }
        for (unsigned i = 0; i < document_length(requests); i++) {
                const struct cJSON *m = document_at(requests, i);
                cleanup_(free_p) char *sentence = clean_string(m, "sentence");
                cleanup_(free_p) char *what = clean_string(m, "what");

                fprintf(stderr, "  --what %s: %s\n", what ? what : "", sentence ? sentence : "");
        }
}

/* "capactl: NC-9: refused: CA-2 has no evidence. Next: capactl action done CA-2 --evidence FILE" */
static int report_error(const struct session *s, const char *answer)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        cleanup_(free_p) char *message = NULL;
        enum capa_code code;
        const char *hint;
        size_t n;

        if (document_parse(answer, strlen(answer), &d, NULL) != 0)
                return session_complain(EXIT_INTERNAL, "the answer is no JSON: %.500s", answer);
        code = code_from_name(document_string(d, "code", ""));
        hint = document_string(d, "hint", document_string(document_get(d, "detail"), "hint", ""));
        message = clean_string(d, "message");
        n = message ? strlen(message) : 0;
        session_complain(0, "%s%s%s: %s%s%s%s", s->about ? s->about : "", s->about ? ": " : "",
                         document_string(d, "code", "internal"), message ? message : "",
                         *hint && n > 0 && message[n - 1] != '.' ? "." : "", *hint ? " Next: " : "",
                         hint);
        if (!s->about) /* of several: one line each */
                print_missing(d, hint);
        return code == CODE_INVALID_NAME ? EXIT_INTERNAL : code_exit_status(code);
}

int session_failed(struct session *s, int r, const char *answer)
{
        const char *problem = s->capa ? capa_problem(s->capa) : "";

        if (r < 0)
                return session_complain(EXIT_INTERNAL, "cannot go on: %s", strerror(-r));
        switch ((enum capa_error) r) {
        case CAPA_E_REFUSED:
                return report_error(s, answer);
        case CAPA_E_NO_ANSWER:
                return session_complain(
                        EXIT_NO_ANSWER,
                        strstr(problem, "is capad running?")
                                ? "%s (systemctl status capad; --endpoint or CAPACTL_ENDPOINT "
                                  "names another)"
                                : "%s: it may have been done; look before you repeat it",
                        problem);
        case CAPA_E_LIMIT:
        case CAPA_E_INVALID:
        case CAPA_E_SPOOLED:
                return session_complain(EXIT_REFUSED, "%s", problem);
        case CAPA_E_SPOOL:
                return session_complain(EXIT_NO_ANSWER, "%s", problem);
        case CAPA_E_PROTOCOL:
                return session_complain(EXIT_INTERNAL, "%s", problem);
        }
        return EXIT_INTERNAL;
}

static int call(struct session *s, const char *method, struct params *p, char **ret_answer,
                size_t *ret_size)
{
        cleanup_(free_p) char *answer = NULL;
        const char *json = params_end(p);
        size_t size = 0;
        int r;

        if (!json)
                return session_complain(EXIT_INTERNAL, "out of memory");
        r = session_connect(s, false);
        if (r != 0)
                return r;
        r = capa_call(s->capa, method, json, p->files, p->n_files, &answer, &size);
        if (r == CAPA_E_REFUSED && s->arguments->json)
                session_json(s, answer, size);
        if (r != 0)
                return session_failed(s, r, answer);
        *ret_answer = TAKE_PTR(answer);
        if (ret_size)
                *ret_size = size;
        return 0;
}

int session_call(struct session *s, const char *method, struct params *params, char **ret_answer,
                 size_t *ret_size)
{
        cleanup_(params_done) struct params own = {0};
        struct problem problem = {0};
        int r;

        if (params)
                return call(s, method, params, ret_answer, ret_size);
        r = params_begin(&own, s->arguments, &problem);
        if (r != 0)
                return session_complain(r < 0 ? EXIT_INTERNAL : EXIT_USAGE, "%s",
                                        r < 0 ? strerror(-r) : problem.text);
        return call(s, method, &own, ret_answer, ret_size);
}

void reply_done(struct reply *r)
{
        free(r->text);
        document_free_p(&r->document);
}

static int reply_read(struct reply *r)
{
        struct problem problem = {0};
        int k;

        k = document_parse(r->text, r->size, &r->document, &problem);
        return k <= 0 ? k
                      : session_complain(EXIT_INTERNAL, "the answer is no JSON: %s", problem.text);
}

int session_reply(struct session *s, const char *method, struct params *params, struct reply *ret)
{
        int r = session_call(s, method, params, &ret->text, &ret->size);

        return r != 0 ? r : reply_read(ret);
}

int session_ask(struct session *s, const char *reference, struct cJSON **ret)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        if (reference)
                params_add_string(&p, s->arguments->command->arguments[0].member, reference);
        r = session_call(s, s->arguments->command->method, &p, &reply.text, &reply.size);
        if (r != 0)
                return r;
        if (s->arguments->json) {
                session_json(s, reply.text, reply.size);
                return 0;
        }
        r = reply_read(&reply);
        if (r == 0)
                *ret = TAKE_PTR(reply.document);
        return r;
}

/* Nobody answered for one of several: what came of the others. */
static void tell_stopped(const struct arguments *a, size_t at, const struct buffer *done)
{
        session_complain(0, "stopped at %s; done before it: %s; not tried: %zu. Look at %s first",
                         a->references[at], done->size > 0 ? done->data : "none",
                         a->n_references - at - 1, a->references[at]);
}

int session_each(struct session *s, int (*one)(struct session *s, const char *reference))
{
        const struct arguments *a = s->arguments;
        cleanup_(buffer_done) struct buffer done = BUFFER_NULL;
        int status = 0, r = 0;

        if (a->n_references == 1)
                return one(s, a->references[0]);
        if (a->json)
                session_json_begin(s);
        for (size_t i = 0; i < a->n_references && r != EXIT_NO_ANSWER; i++) {
                s->about = a->references[i];
                if (i > 0 && !a->command->changes && !a->json)
                        putchar('\n');
                r = one(s, a->references[i]);
                if (r < 0)
                        return r;
                if (r == 0)
                        buffer_printf(&done, "%s%s", done.size > 0 ? ", " : "", a->references[i]);
                else
                        status = r == EXIT_NO_ANSWER || r == EXIT_INTERNAL ? r : EXIT_REFUSED;
                if (r == EXIT_NO_ANSWER)
                        tell_stopped(a, i, &done);
        }
        if (a->json)
                session_json_end(s);
        return status;
}

const char *session_colour(const struct session *s, const char *name)
{
        static const struct {
                const char *name, *sequence;
        } colours[] = {{"off", "\033[0m"},      {"bold", "\033[1m"},   {"dim", "\033[2m"},
                       {"red", "\033[31m"},     {"green", "\033[32m"}, {"yellow", "\033[33m"},
                       {"magenta", "\033[35m"}, {"cyan", "\033[36m"}};

        if (!s->colour)
                return "";
        for (size_t i = 0; i < ARRAY_LEN(colours); i++)
                if (strcmp(colours[i].name, name) == 0)
                        return colours[i].sequence;
        return "";
}

int session_values(const struct arguments *a, const char *name,
                   const char *ret[SESSION_VALUES_MAX + 1], size_t *ret_n)
{
        *ret_n = 0;
        for (size_t i = 0; i < a->n_given; i++) {
                if (strcmp(a->given[i].parameter->name, name) != 0)
                        continue;
                if (*ret_n == SESSION_VALUES_MAX)
                        return session_complain(EXIT_USAGE, "--%s is taken %d times, not more",
                                                name, SESSION_VALUES_MAX);
                ret[(*ret_n)++] = a->given[i].text;
        }
        ret[*ret_n] = NULL;
        return 0;
}
