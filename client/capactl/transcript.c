/* What a command said, for an adapter. */
#include "client/capactl/transcript.h"

#include <string.h>

#include "proto/json/tape.h"

void transcript_done(struct transcript *t)
{
        buffer_done(&t->text);
}

/* Keep the last bytes only, from the beginning of a line. */
static void cut(struct transcript *t)
{
        size_t gone = t->text.size - TRANSCRIPT_BYTES;
        const char *feed = memchr(t->text.data + gone, '\n', TRANSCRIPT_BYTES);

        gone = feed ? (size_t) (feed - t->text.data) + 1 : t->text.size;
        memmove(t->text.data, t->text.data + gone, t->text.size - gone);
        t->text.size -= gone;
        t->cut = true;
}

void transcript_add(struct transcript *t, const char *data, size_t size)
{
        buffer_add(&t->text, data, size);
        if (t->text.size > 2 * TRANSCRIPT_BYTES)
                cut(t);
}

static bool is_message(const char *text, size_t size)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;

        return json_tape_parse(&tape, text, size, NULL) == 0 &&
               (tape.nodes[0].kind == JSON_OBJECT || tape.nodes[0].kind == JSON_ARRAY);
}

/* The newest are kept, in a ring that is put in order at the end. */
static void add(struct transcript_messages *m, const char *text, size_t size)
{
        m->list[(m->n + m->left_out) % TRANSCRIPT_MESSAGES] = (struct capa_bytes){text, size};
        if (m->n < TRANSCRIPT_MESSAGES)
                m->n++;
        else
                m->left_out++;
}

static void put_in_order(struct transcript_messages *m)
{
        struct capa_bytes list[TRANSCRIPT_MESSAGES] = {0};

        for (size_t i = 0; i < m->n; i++)
                list[i] = m->list[(m->left_out + i) % TRANSCRIPT_MESSAGES];
        memcpy(m->list, list, m->n * sizeof(list[0]));
}

int transcript_read(struct transcript *t, struct transcript_messages *ret)
{
        const char *at = t->text.data, *end, *feed;
        int r = buffer_status(&t->text);

        *ret = (struct transcript_messages){.n = 0};
        if (r < 0 || t->text.size == 0)
                return r;
        if (!t->cut && t->text.size <= TRANSCRIPT_BYTES && is_message(at, t->text.size)) {
                add(ret, at, t->text.size);
                return 0;
        }
        if (t->text.size > TRANSCRIPT_BYTES)
                cut(t);
        at = t->text.data;
        for (end = at + t->text.size; at < end; at = feed + 1) {
                feed = memchr(at, '\n', (size_t) (end - at));
                feed = feed ? feed : end;
                if (is_message(at, (size_t) (feed - at)))
                        add(ret, at, (size_t) (feed - at));
        }
        put_in_order(ret);
        return 0;
}
