/* capactl fill: what an NC lacks, as a form in the editor; what is written there is recorded as
 * one. What was typed is never lost: where it is refused, the editor opens again with the reason on
 * top, and whoever gives up is told where the text is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/form.h"
#include "client/capactl/output.h"
#include "client/capactl/process.h"
#include "proto/json/document.h"

#define TEXT_MAX (1024U * 1024U)

struct fill {
        struct session *session;
        const char *reference;
        struct cJSON *answer; /* of method form; owned */
        struct form form;
        int64_t version;
        char path[512]; /* of the text */
        char *text;     /* as last written for the editor; owned */
        char *answered; /* what the daemon said no with; owned */
        int refused;    /* an enum capa_error */
        bool keep;      /* the text stays where it is */
};

static void fill_done(struct fill *f)
{
        if (*f->path && !f->keep)
                unlink(f->path);
        form_done(&f->form);
        document_free(f->answer);
        free(f->text);
        free(f->answered);
}

static int ask_form(struct fill *f, struct cJSON **ret)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(free_p) char *answer = NULL;
        size_t size = 0;
        int r;

        buffer_add_char(&p.json, '{');
        if (f->session->arguments->actor)
                params_add_string(&p, "actor", f->session->arguments->actor);
        params_add_string(&p, "nc", f->reference);
        r = session_call(f->session, "form", &p, &answer, &size);
        if (r == 0)
                r = document_parse(answer, size, ret, NULL);
        return r;
}

static int write_text(struct fill *f, const char *text)
{
        FILE *out;
        bool good;

        free(f->text);
        f->text = strdup(text);
        if (!f->text)
                return -ENOMEM;
        out = fopen(f->path, "we");
        good = out && fputs(text, out) >= 0;
        if (out && fclose(out) != 0)
                good = false;
        return good ? 0
                    : session_complain(EXIT_USAGE, "%s can't be written: %s", f->path,
                                       strerror(errno));
}

static int make_text(struct fill *f)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        const char *folder = getenv("TMPDIR");
        int fd, r;

        r = form_write(&f->form, &b);
        if (r != 0)
                return r;
        snprintf(f->path, sizeof(f->path), "%.400s/capactl-%.40s-XXXXXX.txt",
                 folder && *folder ? folder : "/tmp", f->reference);
        fd = mkstemps(f->path, 4);
        if (fd < 0) {
                r = session_complain(EXIT_USAGE, "%s can't be made: %s (TMPDIR names the folder)",
                                     f->path, strerror(errno));
                *f->path = '\0';
                return r;
        }
        close(fd);
        return write_text(f, b.data);
}

/* Let the person edit; *ret_text is what is there then. */
static int edit(struct fill *f, struct buffer *ret_text)
{
        const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
        cleanup_(free_p) char *command = NULL;
        struct problem problem = {0};
        int r;

        if (visual && *visual)
                editor = visual;
        if (asprintf(&command, "%s \"$1\"",
                     editor && *editor ? editor
                                       : "e=editor; command -v $e >/dev/null || e=vi; exec $e") < 0)
                return -ENOMEM;
        r = process_edit(command, f->path);
        if (r < 0)
                return r;
        if (r > 0) {
                f->keep = true;
                return session_complain(EXIT_REFUSED,
                                        "the editor ended with %d: nothing was recorded; the text "
                                        "is in %s (VISUAL or EDITOR names the editor)",
                                        r, f->path);
        }
        r = file_read(f->path, TEXT_MAX, ret_text, &problem);
        if (r == 0 && !ret_text->data)
                buffer_add_str(ret_text, "");
        return r <= 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
}

/* The daemon's no as lines for the top of the text. */
static int read_refusal(struct fill *f, struct buffer *ret)
{
        cleanup_(document_free_p) struct cJSON *d = NULL, *newer = NULL;
        const char *code;
        int r;

        if (document_parse(f->answered, strlen(f->answered), &d, NULL) != 0)
                return -EPROTO;
        code = document_string(d, "code", "");
        buffer_printf(ret, "%s: %s\n%s\n", code, document_string(d, "message", ""),
                      document_string(d, "hint", ""));
        if (strcmp(code, "conflict") != 0)
                return buffer_status(ret);
        r = ask_form(f, &newer);
        if (r != 0)
                return r;
        f->version = document_int(newer, "version", f->version);
        return buffer_status(ret);
}

/* Record what the form holds. 0: done and told. FORM_E_INVALID: refused, *remark says why. */
static int record(struct fill *f, struct buffer *remark)
{
        struct session *s = f->session;
        cleanup_(params_done) struct params p = {0};
        cleanup_(document_free_p) struct cJSON *d = NULL;
        struct problem problem = {0};
        char *answer = NULL;
        const char *json;
        size_t size = 0;
        int r;

        r = params_begin(&p, s->arguments, &problem);
        params_add_string(&p, "nc", f->reference);
        if (!arguments_has(s->arguments, "if-version"))
                params_add_int(&p, "if_version", f->version);
        if (r == 0)
                r = form_params(&f->form, &p, &problem);
        if (r > 0) {
                buffer_printf(remark, "%s\n", problem.text);
                return FORM_E_INVALID;
        }
        json = r == 0 ? params_end(&p) : NULL;
        if (!json)
                return -ENOMEM;
        r = session_connect(s, false);
        if (r != 0)
                return r;
        r = capa_call(s->capa, "fill", json, p.files, p.n_files, &answer, &size);
        free(f->answered);
        f->answered = answer;
        f->refused = r;
        if (r == CAPA_E_REFUSED) {
                r = read_refusal(f, remark);
                return r != 0 ? r : FORM_E_INVALID;
        }
        if (r != 0)
                return session_failed(s, r, answer ? answer : "");
        if (s->arguments->json) {
                session_json(s, answer, size);
                return 0;
        }
        r = document_parse(answer, size, &d, NULL);
        if (r == 0)
                output_result(s, d, !s->about);
        return r;
}

/* The person gave up on a text that was refused. */
static int give_up(struct fill *f, const char *remark)
{
        int r = EXIT_REFUSED;

        f->keep = true;
        if (f->refused == CAPA_E_REFUSED) {
                if (f->session->arguments->json)
                        session_json(f->session, f->answered, strlen(f->answered));
                r = session_failed(f->session, f->refused, f->answered);
        } else
                session_complain(0, "%s", remark);
        session_complain(0, "nothing was recorded; what you wrote is in %s", f->path);
        return r;
}

/* Edit and record until it is recorded, or nothing more is changed. */
static int work(struct fill *f)
{
        cleanup_(free_p) char *why = NULL;
        int r;

        for (;;) {
                cleanup_(buffer_done) struct buffer text = BUFFER_NULL, remark = BUFFER_NULL,
                                                    again = BUFFER_NULL;
                struct problem problem = {0};

                r = edit(f, &text);
                if (r != 0)
                        return r;
                if (!text.data)
                        return -ENOMEM;
                if (why && strcmp(text.data, f->text) == 0)
                        return give_up(f, why);
                r = form_parse(&f->form, text.data, &problem);
                if (r == 0 && !form_is_changed(&f->form)) {
                        if (!f->session->arguments->quiet && !f->session->arguments->json)
                                printf("%s: nothing was written, nothing is recorded.\n",
                                       f->reference);
                        return 0;
                }
                f->refused = 0;
                if (r > 0)
                        buffer_printf(&remark, "%s\n", problem.text);
                else if (r == 0)
                        r = record(f, &remark);
                if (r != FORM_E_INVALID || remark.size == 0) {
                        f->keep = r != 0;
                        if (r > 0)
                                session_complain(0, "what you wrote is in %s", f->path);
                        return r;
                }
                free(why);
                why = strdup(remark.data);
                buffer_add_str(&remark,
                               "Correct it and save, or delete these lines to try again as "
                               "it is; leave it unchanged to give up.\n");
                r = form_remark(text.data, remark.data, &again);
                if (r == 0)
                        r = write_text(f, again.data);
                if (r != 0)
                        return r;
        }
}

static int fill_one(struct session *s, const char *reference)
{
        cleanup_(fill_done) struct fill f = {.session = s, .reference = reference};
        int r;

        r = ask_form(&f, &f.answer);
        if (r == 0)
                r = form_open(f.answer, &f.form);
        if (r != 0)
                return r;
        if (f.form.n_fields == 0) {
                if (!s->arguments->quiet && !s->arguments->json)
                        printf("%s lacks nothing that could be written into a form: capactl next "
                               "%s\n",
                               reference, reference);
                return 0;
        }
        f.version = document_int(f.answer, "version", 0);
        r = make_text(&f);
        return r == 0 ? work(&f) : r;
}

int command_fill(struct session *s, const struct arguments *a)
{
        (void) a;
        return session_each(s, fill_one);
}
