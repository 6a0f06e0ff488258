/* Gives policy, people and rules to the register: after each connect and each reload, all in one
 * transaction; ingest may begin when they are in. What the register has already makes no journal
 * row there. */
#pragma once

#include <stdbool.h>

#include "daemon/app/generation.h"
#include "daemon/db/connection.h"

struct loader {
        struct connection *connection; /* borrowed */
        struct generation *generation; /* what is to be loaded; a reference */
        const char *actor;
        bool loading, again;
        void (*on_loaded)(void *userdata);
        void (*on_failed)(const char *message, void *userdata);
        void *userdata;
};

void loader_done(struct loader *l);
/* Load this generation; if a load is on its way, do so after it. */
void loader_start(struct loader *l, struct generation *g);
