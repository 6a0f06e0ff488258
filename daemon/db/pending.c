/* A ring that grows. */
#include "daemon/db/pending.h"

#define FIRST_SIZE 16U

struct pending *pending_push(struct pending_queue *q, uint64_t now_us)
{
        struct pending *p;

        if (q->n == q->n_allocated) {
                unsigned n = MAX(FIRST_SIZE, q->n_allocated * 2U);

                p = calloc(n, sizeof(*p));
                if (!p)
                        return NULL;
                for (unsigned i = 0; i < q->n; i++)
                        p[i] = q->ring[(q->first + i) % q->n_allocated];
                free(q->ring);
                q->ring = p;
                q->first = 0;
                q->n_allocated = n;
        }
        p = &q->ring[(q->first + q->n++) % q->n_allocated];
        *p = (struct pending){.sent_us = now_us};
        return p;
}

struct pending pending_pop(struct pending_queue *q)
{
        struct pending p = q->ring[q->first];

        q->first = (q->first + 1) % q->n_allocated;
        q->n--;
        return p;
}

const struct pending *pending_first(const struct pending_queue *q)
{
        return &q->ring[q->first];
}

void pending_done(struct pending_queue *q)
{
        free(q->ring);
        *q = (struct pending_queue){0};
}
