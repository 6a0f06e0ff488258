/* Events that never end. */
#include "client/capactl/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/capactl/emission.h"
#include "client/capactl/position.h"

#define REPEAT_MS 500 /* between two tries while nobody answers */

static volatile sig_atomic_t asked_to_end;

struct stream {
        struct session *session;
        const struct stream_source *source;
        const struct position *position;
        struct emission emission;
        sigset_t signals; /* those let in while waiting */
        bool begun;       /* a request has its first event */
        bool moved;       /* something was taken since the position was kept */
        bool away;        /* nobody answered the last time */
};

static void on_signal(int number unused_)
{
        asked_to_end = 1;
}

/* Signals come only while we wait, so that none gets between a look and the sleep behind it. */
static void catch_signals(struct stream *s, sigset_t *ret_before)
{
        static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
        const struct sigaction action = {.sa_handler = on_signal};
        sigset_t blocked;

        sigemptyset(&blocked);
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
                struct sigaction before;

                if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
                        continue;
                sigaction(numbers[i], &action, NULL);
                sigaddset(&blocked, numbers[i]);
        }
        asked_to_end = 0;
        sigprocmask(SIG_BLOCK, &blocked, ret_before);
        s->signals = *ret_before;
}

static int keep_position(struct stream *s)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        int r;

        if (!s->moved)
                return 0;
        s->source->position(s->source->of, &b);
        r = buffer_status(&b);
        if (r == 0)
                r = position_write(s->position, b.data, b.size);
        if (r < 0)
                return session_complain(
                        EXIT_INTERNAL,
                        "the position can't be kept in %s: %s. What was sent is committed; "
                        "begin again when there is room",
                        s->position->path, strerror(-r));
        s->moved = false;
        return 0;
}

static void tell_away(struct stream *s, bool away, const char *why)
{
        if (away && !s->away)
                session_complain(0, "%s: waiting, nothing is lost", why);
        else if (!away && s->away)
                session_complain(0, "acknowledged again");
        s->away = away;
}

/* One request, as often as it takes. -EINTR: asked to end before there was an ack. */
static int put(void *of, const struct capa_bytes *events, size_t n, char **ret_answer)
{
        const struct timespec pause = {.tv_nsec = REPEAT_MS * 1000000L};
        struct stream *s = of;
        struct capa *capa = s->session->capa;
        char id[STREAM_ID_MAX];
        int r;

        s->source->request_id(s->source->of, id);
        for (;;) {
                r = capa_put(capa, id, s->source->adapter, events, n, ret_answer);
                if (r != CAPA_E_NO_ANSWER)
                        break;
                tell_away(s, true, capa_problem(capa));
                ppoll(NULL, 0, &pause, &s->signals);
                if (asked_to_end)
                        return -EINTR;
        }
        tell_away(s, false, "");
        s->begun = false;
        return r != 0 ? r : keep_position(s) == 0 ? 0 : -EIO;
}

/* One event into the request. One that is refused at once is told and passed over. */
static int add(struct stream *s, int given, const char *event, size_t size)
{
        char place[600];
        int r;

        s->source->place(s->source->of, place, sizeof(place));
        if (given == STREAM_E_TOO_LONG)
                r = emission_refuse(&s->emission, place, VERDICT_TOO_BIG,
                                    "it is longer than the 4 MiB of one event");
        else
                r = emission_add(&s->emission, place, event, size);
        if (r != 0)
                return r;
        s->source->take(s->source->of, !s->begun && s->emission.n > 0);
        s->begun = s->emission.n > 0;
        s->moved = true;
        return 0;
}

static int run(struct stream *s)
{
        const struct stream_source *source = s->source;
        const char *event = NULL;
        size_t size = 0;
        int r;

        for (;;) {
                r = source->next(source->of, &event, &size);
                if (r == 0 || r == STREAM_E_TOO_LONG)
                        r = add(s, r, event, size);
                else if (r == STREAM_E_WAIT) {
                        r = emission_send(&s->emission);
                        if (r == 0)
                                r = keep_position(s);
                        fflush(stdout);
                        if (r == 0 && !asked_to_end)
                                r = source->wait(source->of, &s->signals);
                }
                if (r != 0)
                        return r;
                if (asked_to_end) /* what was given so far goes out still */
                        return 0;
        }
}

int stream_run(struct session *session, const struct stream_source *source,
               const struct position *position)
{
        struct stream s = {.session = session,
                           .source = source,
                           .position = position,
                           .moved = true /* where it begins is kept, too */};
        sigset_t before;
        int r;

        emission_begin(&s.emission, session, source->adapter);
        s.emission.put = put;
        s.emission.put_of = &s;
        catch_signals(&s, &before);
        r = run(&s);
        if (r == 0) {
                r = emission_end(&s.emission);
                if (r == 0 || r == EXIT_REFUSED) {
                        int kept = keep_position(&s);

                        r = kept != 0 ? kept : r;
                }
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
        emission_done(&s.emission);
        return r == -EINTR ? 0 : r;
}
