/* The way to capad. */
#include "daemon/webhook/sender.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/capa.h"
#include "daemon/webhook/limits.h"
#include "proto/seal/hash.h"

#define PREFIX "webhook-"

struct pending { /* a delivery without a number that has no ack yet */
        struct hash what;
        char request_id[REQUEST_ID_MAX]; /* "": free */
        int64_t at_us;
};

struct sender {
        pthread_mutex_t mutex;
        pthread_cond_t returned; /* a handle came back */
        struct capa **idle;      /* stack of handles nobody uses; owned */
        size_t n_idle, n;
        int64_t ack_us;
        struct pending pending[WEBHOOK_PENDING];
};

static int64_t monotonic_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int init_waiting(struct sender *s)
{
        pthread_condattr_t attributes;

        pthread_mutex_init(&s->mutex, NULL);
        if (pthread_condattr_init(&attributes) != 0)
                return -ENOMEM;
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&s->returned, &attributes);
        pthread_condattr_destroy(&attributes);
        return 0;
}

int sender_new(const char *ingest, int64_t ack_us, size_t n, struct sender **ret)
{
        const struct capa_options options = {.ingest = ingest, .timeout_ms = (int) (ack_us / 1000)};
        cleanup_(sender_free_p) struct sender *s = NULL;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->ack_us = ack_us;
        r = init_waiting(s);
        if (r < 0)
                return r;
        s->idle = calloc(n, sizeof(struct capa *));
        if (!s->idle)
                return -ENOMEM;
        for (; s->n < n; s->n++, s->n_idle++) {
                r = capa_connect(&options, &s->idle[s->n]);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(s);
        return 0;
}

struct sender *sender_free(struct sender *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_idle; i++)
                capa_close(s->idle[i]);
        free(s->idle);
        pthread_cond_destroy(&s->returned);
        pthread_mutex_destroy(&s->mutex);
        free(s);
        return NULL;
}

void sender_free_p(struct sender **s)
{
        *s = sender_free(*s);
}

static void make_id(const unsigned char *bytes, size_t size, char ret[REQUEST_ID_MAX])
{
        memcpy(ret, PREFIX, sizeof(PREFIX));
        sodium_bin2hex(ret + strlen(PREFIX), REQUEST_ID_MAX - strlen(PREFIX), bytes, size);
}

/* The pending entry of the same delivery, else the one to use for it: a free one, or the oldest. */
static struct pending *find_pending(struct sender *s, const struct hash *what, int64_t now)
{
        struct pending *best = &s->pending[0];

        for (size_t i = 0; i < WEBHOOK_PENDING; i++) {
                struct pending *p = &s->pending[i];

                if (p->request_id[0] && now - p->at_us > WEBHOOK_PENDING_US)
                        p->request_id[0] = '\0';
                if (p->request_id[0] && memcmp(&p->what, what, sizeof(*what)) == 0)
                        return p;
                if (best->request_id[0] && (!p->request_id[0] || p->at_us < best->at_us))
                        best = p;
        }
        best->request_id[0] = '\0';
        return best;
}

void sender_name(struct sender *s, const struct delivery *d, char ret[REQUEST_ID_MAX])
{
        const void *what = d->number ? d->number : d->body;
        int64_t now = monotonic_us();
        unsigned char random[16];
        struct pending *p;
        struct hasher hasher;
        struct hash hash;

        hash_init(&hasher);
        hash_update(&hasher, d->path, strlen(d->path) + 1);
        hash_update(&hasher, d->number ? "n" : "b", 1);
        hash_update(&hasher, what, d->number ? strlen(d->number) : d->size);
        hash_final(&hasher, &hash);
        if (d->number) {
                make_id(hash.bytes, sizeof(hash.bytes), ret);
                return;
        }
        pthread_mutex_lock(&s->mutex);
        p = find_pending(s, &hash, now);
        if (!p->request_id[0]) {
                randombytes_buf(random, sizeof(random));
                make_id(random, sizeof(random), p->request_id);
                p->what = hash;
        }
        p->at_us = now;
        memcpy(ret, p->request_id, REQUEST_ID_MAX);
        pthread_mutex_unlock(&s->mutex);
}

void sender_forget(struct sender *s, const char *request_id)
{
        pthread_mutex_lock(&s->mutex);
        for (size_t i = 0; i < WEBHOOK_PENDING; i++)
                if (strcmp(s->pending[i].request_id, request_id) == 0)
                        s->pending[i].request_id[0] = '\0';
        pthread_mutex_unlock(&s->mutex);
}

static struct capa *take_handle(struct sender *s, int64_t until_us)
{
        const struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
        struct capa *handle = NULL;

        pthread_mutex_lock(&s->mutex);
        while (s->n_idle == 0 && pthread_cond_timedwait(&s->returned, &s->mutex, &until) == 0)
                ;
        if (s->n_idle > 0)
                handle = s->idle[--s->n_idle];
        pthread_mutex_unlock(&s->mutex);
        return handle;
}

static void give_handle(struct sender *s, struct capa *handle)
{
        pthread_mutex_lock(&s->mutex);
        s->idle[s->n_idle++] = handle;
        pthread_cond_signal(&s->returned);
        pthread_mutex_unlock(&s->mutex);
}

int sender_put(struct sender *s, const char *request_id, const char *adapter, const void *event,
               size_t size, char **ret_answer)
{
        const struct capa_bytes bytes = {event, size};
        cleanup_(free_p) char *answer = NULL;
        struct capa *handle;
        int r;

        handle = take_handle(s, monotonic_us() + s->ack_us);
        if (!handle)
                return SENDER_E_NO_ANSWER;
        r = capa_put(handle, request_id, adapter, &bytes, 1, &answer);
        if (r == CAPA_E_LIMIT || r == CAPA_E_INVALID) {
                answer = strdup(capa_problem(handle));
                r = !answer ? -ENOMEM : r == CAPA_E_LIMIT ? SENDER_E_TOO_BIG : SENDER_E_INVALID;
        } else if (r == CAPA_E_REFUSED)
                r = SENDER_E_REFUSED;
        else if (r > 0) /* nobody there, or somebody who is not capad */
                r = SENDER_E_NO_ANSWER;
        give_handle(s, handle);
        if (answer)
                *ret_answer = TAKE_PTR(answer);
        return r;
}
