/* Many events to the daemon. */
#include "client/capactl/emission.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/output.h"
#include "client/capactl/text.h"
#include "client/capactl/when.h"
#include "proto/json/tape.h"
#include "proto/wire/cloudevent.h"

#define PROGRESS_US 500000
#define PLACE_MAX   600

void emission_begin(struct emission *e, struct session *s, const char *adapter)
{
        *e = (struct emission){.session = s, .adapter = adapter, .progress_at_us = when_now()};
}

static void clear_request(struct emission *e)
{
        for (size_t i = 0; i < e->n; i++)
                free(e->places[i]);
        e->n = 0;
        buffer_clear(&e->bytes);
}

void emission_done(struct emission *e)
{
        clear_request(e);
        buffer_done(&e->bytes);
        buffer_done(&e->json);
        buffer_done(&e->only);
}

static void hide_progress(struct emission *e)
{
        if (e->progress_shown)
                fprintf(stderr, "\r\033[K");
        e->progress_shown = false;
}

static void show_progress(struct emission *e)
{
        int64_t now = when_now();

        if (e->session->arguments->quiet || !isatty(STDERR_FILENO) ||
            now - e->progress_at_us < PROGRESS_US)
                return;
        e->progress_at_us = now;
        e->progress_shown = true;
        fprintf(stderr, "\r\033[K%" PRIu64 " events, %" PRIu64 " new, %" PRIu64 " spooled",
                e->n_events, e->verdicts[VERDICT_STORED], e->n_spooled);
}

static void add_json(struct emission *e, const char *verdict, size_t size)
{
        if (e->json.size > 0)
                buffer_add_char(&e->json, ',');
        buffer_add(&e->json, verdict, size);
}

static void add_json_status(struct emission *e, const char *status, const char *sentence)
{
        struct buffer b = BUFFER_NULL;

        if (e->put)
                return;
        buffer_printf(&b, "{\"status\":\"%s\",\"events\":0,\"results\":[]", status);
        if (sentence) {
                buffer_add_str(&b, ",\"error\":");
                buffer_add_json_cstr(&b, sentence);
        }
        buffer_add_char(&b, '}');
        if (buffer_status(&b) == 0)
                add_json(e, b.data, b.size);
        buffer_done(&b);
        e->n_answers += 2; /* the first answer alone no longer tells all */
}

int emission_refuse(struct emission *e, const char *place, enum verdict verdict,
                    const char *sentence)
{
        int r;

        r = emission_send(e); /* verdicts come in the order of the events */
        if (r != 0)
                return r;
        hide_progress(e);
        session_complain(0, "%s: %s: %s", place, verdict_name(verdict), sentence);
        e->n_events++;
        e->verdicts[verdict]++;
        e->status = EXIT_REFUSED;
        if (e->session->arguments->json)
                add_json_status(e, verdict_name(verdict), sentence);
        return 0;
}

/* "NC-17 raised" for what the reader will want to look at; occurrences only make noise. */
static void tell_effects(struct emission *e, const struct json_tape *t, uint32_t results)
{
        static const char *const telling[] = {"raised", "recurred", "reopened", "evidence"};
        uint32_t child = json_first(t, results), node;

        if (e->session->arguments->json || e->session->arguments->quiet)
                return;
        for (uint32_t i = 0; i < t->nodes[results].count; i++, child = t->nodes[child].next) {
                cleanup_(free_p) char *effect = NULL, *nc = NULL;

                if (json_member(t, child, "effect", &node) != 0 ||
                    json_string_dup(t, node, &effect) != 0 ||
                    json_member(t, child, "nc", &node) != 0 || json_string_dup(t, node, &nc) != 0)
                        continue;
                for (size_t k = 0; k < ARRAY_LEN(telling); k++)
                        if (strcmp(effect, telling[k]) == 0) {
                                hide_progress(e);
                                output_text(e->session, nc, "bold");
                                printf(" %s\n", effect);
                        }
        }
}

/* Where in its file an event is no JSON, or no CloudEvent: "file:7" becomes "file:7:14". */
static void locate(const struct emission *e, const char *place, struct capa_bytes event,
                   char ret[PLACE_MAX])
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        const char *colon = strrchr(place, ':');
        struct problem p = {0};
        struct cloudevent envelope;
        unsigned line, column;
        int r;

        snprintf(ret, PLACE_MAX, "%s", place);
        r = json_tape_parse(&tape, event.data, event.size, &p);
        if (r == 0 && *e->adapter == '\0')
                r = cloudevent_read(&tape, &envelope, &p);
        if (!colon || r <= 0)
                return;
        problem_place(event.data, event.size, p.offset, &line, &column);
        snprintf(ret, PLACE_MAX, "%.*s:%lu:%u", (int) (colon - place), place,
                 strtoul(colon + 1, NULL, 10) + line - 1, column);
}

static void take_verdict(struct emission *e, const struct json_tape *t, uint32_t node, size_t i)
{
        cleanup_(free_p) char *status = NULL, *why = NULL;
        enum verdict verdict = VERDICT_INVALID_NAME;
        char place[PLACE_MAX] = "?";
        uint32_t member;

        if (json_member(t, node, "status", &member) == 0 &&
            json_string_dup(t, member, &status) == 0)
                verdict = verdict_from_name(status);
        if (verdict == VERDICT_INVALID_NAME)
                verdict = VERDICT_INVALID;
        e->verdicts[verdict]++;
        if (verdict != VERDICT_STORED && verdict != VERDICT_DUPLICATE &&
            verdict != VERDICT_IGNORED) {
                e->status = EXIT_REFUSED;
                if (json_member(t, node, "error", &member) != 0 ||
                    json_string_dup(t, member, &why) != 0)
                        why = NULL;
                hide_progress(e);
                if (verdict == VERDICT_CONFLICT && !why)
                        why = strdup("this source and id came before with other bytes");
                if (i < e->n)
                        locate(e, e->places[i],
                               (struct capa_bytes){e->bytes.data + e->offsets[i],
                                                   e->offsets[i + 1] - e->offsets[i]},
                               place);
                session_complain(0, "%s: %s: %s", place, status ? status : "no verdict",
                                 why ? why : "no reason given");
        }
        if (json_member(t, node, "results", &member) == 0 && t->nodes[member].kind == JSON_ARRAY)
                tell_effects(e, t, member);
}

static int take_answer(struct emission *e, const char *answer)
{
        struct json_tape tape = JSON_TAPE_NULL;
        struct problem problem = {0};
        uint32_t list = 0, child;
        int r;

        r = json_tape_parse(&tape, answer, strlen(answer), &problem);
        if (r == 0 && (json_member(&tape, 0, "verdicts", &list) != 0 ||
                       tape.nodes[list].kind != JSON_ARRAY || tape.nodes[list].count != e->n))
                r = JSON_E_INVALID;
        if (r > 0)
                r = session_complain(EXIT_INTERNAL,
                                     "the ack does not have a verdict for each "
                                     "event: %.200s",
                                     answer);
        child = json_first(&tape, list);
        for (size_t i = 0; r == 0 && i < e->n; i++, child = tape.nodes[child].next) {
                const char *text;
                size_t size;

                take_verdict(e, &tape, child, i);
                json_slice(&tape, child, &text, &size);
                if (e->session->arguments->json && !e->put)
                        add_json(e, text, size);
        }
        if (r == 0 && e->put && e->session->arguments->json)
                session_json(e->session, answer, strlen(answer)); /* a line each request */
        else if (r == 0 && e->session->arguments->json && e->n_answers++ == 0)
                buffer_add_str(&e->only, answer);
        json_tape_done(&tape);
        return r;
}

int emission_send(struct emission *e)
{
        struct capa_bytes events[LIMIT_PUT_EVENTS];
        cleanup_(free_p) char *answer = NULL;
        int r;

        if (e->n == 0)
                return 0;
        e->offsets[e->n] = e->bytes.size;
        for (size_t i = 0; i < e->n; i++)
                events[i] = (struct capa_bytes){e->bytes.data + e->offsets[i],
                                                e->offsets[i + 1] - e->offsets[i]};
        if (e->put)
                r = e->put(e->put_of, events, e->n, &answer);
        else
                r = capa_emit(e->session->capa, e->adapter, events, e->n, &answer);
        if (r == -EINTR) {
                clear_request(e);
                return r;
        }
        if (r == CAPA_E_SPOOLED) {
                e->n_spooled += e->n;
                for (size_t i = 0; e->session->arguments->json && i < e->n; i++)
                        add_json_status(e, "spooled", NULL);
                r = 0;
        } else {
                if (r != 0)
                        hide_progress(e);
                r = r == 0 ? take_answer(e, answer) : session_failed(e->session, r, answer);
                if (r != 0 && !e->put)
                        session_complain(0,
                                         "the events from %s to %s, and those behind them, were "
                                         "not taken: send them again",
                                         e->places[0], e->places[e->n - 1]);
        }
        clear_request(e);
        if (r == 0)
                show_progress(e);
        return r;
}

int emission_add(struct emission *e, const char *place, const void *event, size_t size)
{
        cleanup_(free_p) char *why = NULL;
        char exact[PLACE_MAX];
        int r;

        r = capa_check_event(e->session->capa, e->adapter, event, size);
        if (r < 0)
                return r;
        if (r > 0) {
                why = strdup(capa_problem(e->session->capa)); /* sending has problems of its own */
                locate(e, place, (struct capa_bytes){event, size}, exact);
                return emission_refuse(e, exact,
                                       r == CAPA_E_LIMIT ? VERDICT_TOO_BIG : VERDICT_INVALID,
                                       why ? why : "");
        }
        if (e->n == LIMIT_PUT_EVENTS || e->bytes.size + size > LIMIT_PUT_BYTES) {
                r = emission_send(e);
                if (r != 0)
                        return r;
        }
        e->places[e->n] = strdup(place);
        if (!e->places[e->n])
                return -ENOMEM;
        e->offsets[e->n++] = e->bytes.size;
        e->n_events++;
        buffer_add(&e->bytes, event, size);
        return buffer_status(&e->bytes);
}

static void print_sums(const struct emission *e)
{
        const char *between = ": ";

        if (e->session->arguments->quiet)
                return;
        printf("%" PRIu64 " event%s", e->n_events, e->n_events == 1 ? "" : "s");
        for (int v = 0; v < VERDICT_MAX; v++)
                if (e->verdicts[v] > 0) {
                        printf("%s%" PRIu64 " %s", between, e->verdicts[v],
                               verdict_name((enum verdict) v));
                        between = ", ";
                }
        if (e->n_spooled > 0)
                printf("%s%" PRIu64 " spooled", between, e->n_spooled);
        putchar('\n');
}

int emission_end(struct emission *e)
{
        bool spool_is_good = arguments_has(e->session->arguments, "spool-ok");
        int r;

        r = emission_send(e);
        hide_progress(e);
        if (r != 0)
                return r;
        if (buffer_status(&e->json) < 0 || buffer_status(&e->only) < 0)
                return -ENOMEM;
        if (e->session->arguments->json && e->put)
                ; /* told as it came */
        else if (e->session->arguments->json && e->n_answers == 1)
                session_json(e->session, e->only.data, e->only.size);
        else if (e->session->arguments->json)
                printf("{\"verdicts\":[%s]}\n", e->json.data ? e->json.data : "");
        else
                print_sums(e);
        if (e->n_spooled > 0 && !spool_is_good)
                session_complain(0,
                                 "no ack from capad: %" PRIu64 " event%s kept in %s and sent "
                                 "with the next emit, or by capactl emit --flush",
                                 e->n_spooled, e->n_spooled == 1 ? " is" : "s are",
                                 e->session->spool);
        if (e->status == 0 && e->n_spooled > 0 && !spool_is_good)
                return EXIT_NO_ANSWER;
        return e->status;
}
