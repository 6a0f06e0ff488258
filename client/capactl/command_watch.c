/* capactl watch: the published stream without a gap. What is published is in the journal, so what a
 * slow start, a restart of the daemon or a full queue lost is read from there: each message names
 * the one before it under the same first word of its topic, and each heartbeat the newest ones. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/mine.h"
#include "client/capactl/process.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"
#include "proto/json/tape.h"

#define WORDS_MAX    32 /* first words of topics; there are about ten */
#define TOPICS_MAX   64
#define SILENCE_MS   5000 /* heartbeats come each second */
#define REPLAY_LIMIT 500
#define HEARTBEAT    "sys.heartbeat"

struct word {
        char name[32];
        uint64_t last; /* sequence up to which all of this word has been seen */
};

struct watch {
        struct session *session;
        const char *topics[TOPICS_MAX]; /* as asked for; "" for all */
        size_t n_topics;
        const char *exec;
        const char *name; /* of the durable consumer, or NULL */
        struct mine mine; /* --for me: names NULL without */
        uint64_t acked;   /* of the durable consumer */
        uint64_t base;    /* sequence up to which all words have been seen */
        struct word words[WORDS_MAX];
        size_t n_words;
        bool mute; /* told that the daemon is away */
        char epoch[32];
};

static bool is_wanted(const struct watch *w, const char *topic)
{
        for (size_t i = 0; i < w->n_topics; i++)
                if (strncmp(topic, w->topics[i], strlen(w->topics[i])) == 0 &&
                    (*w->topics[i] != '\0' || strcmp(topic, HEARTBEAT) != 0))
                        return true;
        return false;
}

/* Can any wanted topic begin with this word? */
static bool is_word_wanted(const struct watch *w, const char *word)
{
        for (size_t i = 0; i < w->n_topics; i++) {
                size_t n = MIN(strlen(w->topics[i]), strlen(word));

                if (strncmp(w->topics[i], word, n) == 0)
                        return true;
        }
        return false;
}

static uint64_t *last_of(struct watch *w, const char *topic)
{
        size_t n = MIN(strcspn(topic, "."), sizeof(w->words[0].name) - 1);

        for (size_t i = 0; i < w->n_words; i++)
                if (strlen(w->words[i].name) == n && strncmp(w->words[i].name, topic, n) == 0)
                        return &w->words[i].last;
        if (w->n_words == WORDS_MAX)
                return &w->base;
        snprintf(w->words[w->n_words].name, sizeof(w->words[0].name), "%.*s", (int) n, topic);
        w->words[w->n_words].last = w->base;
        return &w->words[w->n_words++].last;
}

/* The durable consumer has dealt with everything up to a sequence. Where nobody answers, it is told
 * with the next one: then a message may come twice, none is passed over. */
static int acknowledge(struct watch *w, uint64_t sequence)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(free_p) char *answer = NULL;
        const char *json;
        int r;

        if (!w->name || sequence <= w->acked)
                return 0;
        buffer_add_char(&p.json, '{');
        params_add_string(&p, "name", w->name);
        params_add_int(&p, "seq", (int64_t) sequence);
        json = params_end(&p);
        if (!json)
                return -ENOMEM;
        r = capa_call(w->session->capa, "consumer.ack", json, NULL, 0, &answer, NULL);
        if (r == CAPA_E_NO_ANSWER || (r == CAPA_E_REFUSED && strstr(answer, "\"unavailable\"")))
                return 0;
        if (r == 0)
                w->acked = sequence;
        return r == 0 ? 0 : session_failed(w->session, r, answer ? answer : "");
}

/* One message to the reader, as one line. 0, or the exit status that ends the watch. */
static int deliver(struct watch *w, uint64_t sequence, const char *event, size_t size)
{
        cleanup_(free_p) char *line = NULL;
        int status;

        if (w->mine.names && !mine_is(&w->mine, event, size))
                return 0;
        line = malloc(size + 1);
        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < size; i++) /* line feeds stand only between JSON's tokens */
                line[i] = event[i] == '\n' || event[i] == '\r' ? ' ' : event[i];
        line[size] = '\n';
        if (!w->exec) {
                fwrite(line, 1, size + 1, stdout);
                return fflush(stdout) == 0 ? 0 : EXIT_INTERNAL;
        }
        status = process_feed(w->exec, line, size + 1);
        if (status == 0)
                return acknowledge(w, sequence);
        if (status > 0 && w->name)
                return session_complain(EXIT_REFUSED,
                                        "the command ended with %d on sequence %" PRIu64
                                        ": stopped, so that nothing is passed over; --as %s goes "
                                        "on with it",
                                        status, sequence, w->name);
        return session_complain(EXIT_REFUSED,
                                "the command ended with %d on sequence %" PRIu64
                                ": stopped, so that nothing is passed over; go on "
                                "with --after %" PRIu64,
                                status, sequence, sequence > 0 ? sequence - 1 : 0);
}

static int take_replayed(struct watch *w, const struct json_tape *t, uint32_t message)
{
        cleanup_(free_p) char *topic = NULL;
        uint32_t topic_node, sequence_node, event_node;
        uint64_t sequence, *last;
        const char *text;
        size_t size;

        if (json_member(t, message, "topic", &topic_node) != 0 ||
            json_string_dup(t, topic_node, &topic) != 0 ||
            json_member(t, message, "sequence", &sequence_node) != 0 ||
            json_member(t, message, "event", &event_node) != 0)
                return session_complain(EXIT_INTERNAL, "a replayed message is incomplete");
        json_slice(t, sequence_node, &text, &size);
        sequence = strtoull(*text == '"' ? text + 1 : text, NULL, 10);
        last = last_of(w, topic);
        if (sequence <= *last || !is_wanted(w, topic))
                return 0;
        *last = sequence;
        json_slice(t, event_node, &text, &size);
        return deliver(w, sequence, text, size);
}

/* One page of journal.read from w->base on. *ret_more: there is more. */
static int take_page(struct watch *w, const char *page, size_t size, bool *ret_more)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        uint32_t messages, next_node, head_node, child;
        int64_t next, head;
        int r;

        r = json_tape_parse(&tape, page, size, NULL);
        if (r < 0)
                return r;
        if (r > 0 || json_member(&tape, 0, "messages", &messages) != 0 ||
            json_member(&tape, 0, "next", &next_node) != 0 ||
            json_member(&tape, 0, "head", &head_node) != 0 ||
            json_int64(&tape, next_node, &next) != 0 || json_int64(&tape, head_node, &head) != 0)
                return session_complain(EXIT_INTERNAL, "the answer is no replay: %.200s", page);
        child = json_first(&tape, messages);
        for (uint32_t i = 0; i < tape.nodes[messages].count; i++, child = tape.nodes[child].next) {
                r = take_replayed(w, &tape, child);
                if (r != 0)
                        return r;
        }
        *ret_more = next < head && (uint64_t) next > w->base;
        w->base = MAX(w->base, (uint64_t) next);
        for (size_t i = 0; i < w->n_words; i++)
                w->words[i].last = MAX(w->words[i].last, w->base);
        return acknowledge(w, w->base);
}

static void add_topics(const struct watch *w, struct params *p)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        for (size_t i = 0; i < w->n_topics; i++) {
                if (*w->topics[i] == '\0')
                        return; /* all */
                buffer_add_char(&b, i == 0 ? '[' : ',');
                buffer_add_json_cstr(&b, w->topics[i]);
        }
        buffer_add_char(&b, ']');
        if (buffer_status(&b) == 0)
                params_add_raw(p, "topics", b.data);
}

/* Everything that is in the journal and has not been delivered. CAPA_E_NO_ANSWER is no failure: the
 * next heartbeat makes us ask again. */
static int replay(struct watch *w)
{
        uint64_t from = w->base;
        bool more = true;
        int r = 0;

        for (size_t i = 0; i < w->n_words; i++)
                from = MIN(from, w->words[i].last);
        w->base = from;
        while (r == 0 && more) {
                cleanup_(params_done) struct params p = {0};
                cleanup_(free_p) char *answer = NULL;
                struct problem problem = {0};
                const char *json;
                size_t size = 0;

                r = params_begin(&p, w->session->arguments, &problem);
                if (r < 0)
                        return r;
                params_add_int(&p, "after", (int64_t) w->base);
                params_add_int(&p, "limit", REPLAY_LIMIT);
                add_topics(w, &p);
                json = params_end(&p);
                if (!json)
                        return -ENOMEM;
                r = capa_call(w->session->capa, "journal.read", json, NULL, 0, &answer, &size);
                if (r == CAPA_E_NO_ANSWER ||
                    (r == CAPA_E_REFUSED && strstr(answer, "\"unavailable\"")))
                        return 0;
                if (r != 0)
                        return session_failed(w->session, r, answer ? answer : "");
                r = take_page(w, answer, size, &more);
        }
        return r;
}

static uint64_t number_of(const struct cJSON *d, const char *name)
{
        const char *text = document_string(d, name, NULL);

        return text ? strtoull(text, NULL, 10) : (uint64_t) document_int(d, name, 0);
}

/* The database went back in time, and sequences from there on are given a second time: go back to
 * where both histories part, which the journal tells. */
static int take_epoch(struct watch *w, const char *epoch)
{
        static const char params[] = "{\"after\":0,\"topics\":[\"sys.epoch\"],\"limit\":500}";
        cleanup_(free_p) char *answer = NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const struct cJSON *messages;
        size_t size = 0;
        uint64_t parted = UINT64_MAX;

        if (capa_call(w->session->capa, "journal.read", params, NULL, 0, &answer, &size) != 0 ||
            document_parse(answer, size, &d, NULL) != 0)
                return 0; /* the next heartbeat asks again */
        messages = document_get(d, "messages");
        for (unsigned i = 0; i < document_length(messages); i++) {
                const struct cJSON *event = document_get(document_at(messages, i), "event");
                const struct cJSON *data = document_get(event, "data");

                if (number_of(data, "epoch") > strtoull(w->epoch, NULL, 10))
                        parted = MIN(parted, number_of(document_get(data, "database"), "seq"));
        }
        if (parted == UINT64_MAX)
                return 0; /* not there yet */
        session_complain(0,
                         "epoch %s began: what the database held after sequence %" PRIu64
                         " in epoch %s is gone from it; going on from there",
                         epoch, parted, w->epoch);
        snprintf(w->epoch, sizeof(w->epoch), "%s", epoch);
        w->base = MIN(w->base, parted);
        w->acked = MIN(w->acked, parted);
        for (size_t i = 0; i < w->n_words; i++)
                w->words[i].last = MIN(w->words[i].last, parted);
        return replay(w);
}

static int take_heartbeat(struct watch *w, const struct cJSON *event)
{
        const struct cJSON *heads = document_get(document_get(event, "data"), "heads");
        const char *epoch = document_string(document_get(event, "data"), "epoch", "");

        if (*epoch && strcmp(epoch, w->epoch) != 0)
                return take_epoch(w, epoch);
        for (unsigned i = 0; i < document_length(heads); i++) {
                const char *word = document_name(document_at(heads, i));

                if (word && (w->name || is_word_wanted(w, word)) &&
                    number_of(heads, word) > *last_of(w, word))
                        return replay(w);
        }
        return 0;
}

static int take_message(struct watch *w, const struct capa_message *m)
{
        cleanup_(document_free_p) struct cJSON *event = NULL;
        uint64_t *last;
        int r;

        r = document_parse(m->event, m->event_size, &event, NULL);
        if (r != 0)
                return r < 0 ? r : 0;
        if (w->mute)
                session_complain(0, "capad is back");
        w->mute = false;
        if (strncmp(m->topic, "sys.", 4) == 0) {
                r = strcmp(m->topic, HEARTBEAT) == 0 ? take_heartbeat(w, event) : 0;
                if (r == 0 && is_wanted(w, m->topic))
                        r = deliver(w, m->sequence, m->event, m->event_size);
                return r;
        }
        last = last_of(w, m->topic);
        /* A durable consumer reads the journal alone: then its place is one number. */
        if (m->sequence > *last && (w->name || number_of(event, "previous") > *last))
                r = replay(w); /* brings this message too */
        last = last_of(w, m->topic);
        if (r != 0 || m->sequence <= *last)
                return r;
        *last = m->sequence;
        return is_wanted(w, m->topic) ? deliver(w, m->sequence, m->event, m->event_size) : 0;
}

static int subscribe(struct watch *w)
{
        int r;

        for (size_t i = 0; i < w->session->arguments->n_given; i++) {
                const struct given *g = &w->session->arguments->given[i];

                if (strcmp(g->parameter->name, "topic") == 0 && w->n_topics < TOPICS_MAX - 1)
                        w->topics[w->n_topics++] = g->text;
        }
        if (w->n_topics == 0)
                w->topics[w->n_topics++] = "";
        w->topics[w->n_topics] = HEARTBEAT;
        r = capa_watch(w->session->capa, w->topics, w->n_topics + 1);
        return r == 0 ? 0 : session_failed(w->session, r, "");
}

/* Make or find the durable consumer; *ret_after: where it left off. */
static int attach(struct watch *w, uint64_t *ret_after)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        int r;

        buffer_add_char(&p.json, '{');
        params_add_string(&p, "name", w->name);
        r = session_reply(w->session, "consumer.attach", &p, &reply);
        if (r == 0) {
                w->acked = number_of(reply.document, "acked");
                *ret_after = w->acked;
        }
        return r;
}

/* Where to begin: behind --after, where --as left off, or behind what is in the journal now. */
static int find_base(struct watch *w, const char *after)
{
        uint64_t acked = 0;
        cleanup_(free_p) char *pong = NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        int r;

        r = capa_ping(w->session->capa, &pong);
        if (r == 0)
                r = document_parse(pong, strlen(pong), &d, NULL);
        if (r != 0)
                return session_failed(w->session, r, pong ? pong : "");
        snprintf(w->epoch, sizeof(w->epoch), "%s", document_string(d, "epoch", "1"));
        if (w->name) {
                r = attach(w, &acked);
                if (r != 0)
                        return r;
        }
        if (after || w->name) {
                w->base = after ? strtoull(after, NULL, 10) : acked;
                return replay(w);
        }
        if (!document_get(d, "journal_seq"))
                return session_complain(EXIT_NO_ANSWER, "capad has no database now: it does not "
                                                        "know where the journal stands");
        w->base = number_of(d, "journal_seq");
        return 0;
}

static void watch_done(struct watch *w)
{
        mine_done(&w->mine);
}

int command_watch(struct session *s, const struct arguments *a)
{
        cleanup_(watch_done) struct watch w = {
                .session = s, .exec = arguments_get(a, "exec"), .name = arguments_get(a, "as")};
        int r;

        r = session_connect(s, false);
        if (r == 0 && arguments_has(a, "for"))
                r = mine_load(s, &w.mine);
        if (r == 0)
                r = subscribe(&w);
        if (r == 0)
                r = find_base(&w, arguments_get(a, "after"));
        while (r == 0) {
                struct capa_message m;

                r = capa_watch_next(s->capa, SILENCE_MS, &m);
                if (r == 0)
                        r = take_message(&w, &m);
                else if (r == -EINTR)
                        r = 0;
                else if (r == CAPA_E_NO_ANSWER) {
                        if (!w.mute)
                                session_complain(0,
                                                 "nothing heard for %d s: is capad running? "
                                                 "waiting for it",
                                                 SILENCE_MS / 1000);
                        w.mute = true;
                        r = 0;
                } else if (r > 0)
                        r = session_failed(s, r, "");
        }
        return r;
}
