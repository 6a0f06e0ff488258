/* A CloudEvent that capactl makes itself. */
#include "client/capactl/event.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/when.h"
#include "proto/json/tape.h"
#include "proto/wire/timestamp.h"

#define ID_BYTES ((EVENT_ID_MAX - 1) / 2)

void event_source(const char *kind, char *ret, size_t size)
{
        char host[256] = "";

        if (gethostname(host, sizeof(host) - 1) < 0 || !*host)
                strcpy(host, "localhost");
        snprintf(ret, size, "capactl/%s/%s", kind, host);
}

void event_id(char ret[EVENT_ID_MAX])
{
        unsigned char random[ID_BYTES];

        randombytes_buf(random, sizeof(random));
        sodium_bin2hex(ret, EVENT_ID_MAX, random, sizeof(random));
}

static void add_member(struct buffer *b, const char *name, const char *value)
{
        if (!value)
                return;
        buffer_printf(b, ",\"%s\":", name);
        buffer_add_json_cstr(b, value);
}

void event_write(const struct event *e, struct buffer *b)
{
        char source[512], id[EVENT_ID_MAX], now[TIMESTAMP_MAX];
        struct json_tape tape = JSON_TAPE_NULL;

        event_id(id);
        event_source("emit", source, sizeof(source));
        timestamp_format(when_now(), now, sizeof(now));
        buffer_add_str(b, "{\"specversion\":\"1.0\"");
        add_member(b, "id", e->id ? e->id : id);
        add_member(b, "source", e->source ? e->source : source);
        add_member(b, "type", e->type);
        add_member(b, "time", e->no_time ? NULL : e->time ? e->time : now);
        add_member(b, "subject", e->subject);
        if (e->data) {
                buffer_add_str(b, ",\"data\":");
                if (json_tape_parse(&tape, e->data, strlen(e->data), NULL) == 0)
                        buffer_add_str(b, e->data);
                else
                        buffer_add_json_cstr(b, e->data);
                json_tape_done(&tape);
        }
        buffer_add_char(b, '}');
}
