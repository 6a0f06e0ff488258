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

void event_host(char ret[EVENT_HOST_MAX])
{
        memset(ret, 0, EVENT_HOST_MAX);
        if (gethostname(ret, EVENT_HOST_MAX - 1) < 0 || !*ret)
                snprintf(ret, EVENT_HOST_MAX, "localhost");
}

void event_source(const char *kind, char *ret, size_t size)
{
        char host[EVENT_HOST_MAX];

        event_host(host);
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

bool event_is_extension(const char *text)
{
        static const char *const taken[] = {"specversion", "id",      "source", "type",
                                            "time",        "subject", "data"};
        size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");

        for (size_t i = 0; i < ARRAY_LEN(taken); i++)
                if (strlen(taken[i]) == n && memcmp(text, taken[i], n) == 0)
                        return false;
        return n > 0 && text[n] == '=';
}

static void add_extension(struct buffer *b, const char *text)
{
        const char *equals = strchr(text, '=');

        buffer_printf(b, ",\"%.*s\":", (int) (equals - text), text);
        buffer_add_json_cstr(b, equals + 1);
}

static void add_data(struct buffer *b, const char *data, size_t size)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;

        buffer_add_str(b, ",\"data\":");
        if (json_tape_parse(&tape, data, size, NULL) == 0)
                buffer_add(b, data, size);
        else
                buffer_add_json_string(b, data, size);
}

void event_write(const struct event *e, struct buffer *b)
{
        char source[512], id[EVENT_ID_MAX], now[TIMESTAMP_MAX];

        event_id(id);
        event_source("emit", source, sizeof(source));
        timestamp_format(when_now(), now, sizeof(now));
        buffer_add_str(b, "{\"specversion\":\"1.0\"");
        add_member(b, "id", e->id ? e->id : id);
        add_member(b, "source", e->source ? e->source : source);
        add_member(b, "type", e->type);
        add_member(b, "time", e->no_time ? NULL : e->time ? e->time : now);
        add_member(b, "subject", e->subject);
        for (size_t i = 0; e->extensions && e->extensions[i]; i++)
                add_extension(b, e->extensions[i]);
        if (e->data)
                add_data(b, e->data, e->data_size > 0 ? e->data_size : strlen(e->data));
        buffer_add_char(b, '}');
}
