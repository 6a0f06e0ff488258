/* A CloudEvent that capactl makes itself, of options or of a command that ran. */
#pragma once

#include <stdbool.h>

#include "proto/base/buffer.h"

struct event { /* all borrowed */
        const char *type;
        const char *source;  /* NULL: capactl/emit/<hostname> */
        const char *subject; /* NULL: none */
        const char *id;      /* NULL: a random one */
        const char *time;    /* RFC 3339; NULL: now */
        bool no_time;        /* leave it out: the receipt counts */
        const char *data;    /* JSON; text that is none becomes a JSON string; NULL: none */
        size_t data_size;    /* 0: up to its NUL */
        const char *const *extensions; /* "name=value" each, ended by NULL; or NULL */
};

void event_write(const struct event *e, struct buffer *b);
/* Would "name=value" be taken as an extension: a name of small letters and digits that is no
 * attribute of its own? */
bool event_is_extension(const char *text);
/* The name of this machine, "localhost" where it has none. */
#define EVENT_HOST_MAX 256
void event_host(char ret[EVENT_HOST_MAX]);
/* A random id, 32 hex digits. */
#define EVENT_ID_MAX 33
void event_id(char ret[EVENT_ID_MAX]);
/* "capactl/<kind>/<hostname>" */
void event_source(const char *kind, char *ret, size_t size);
