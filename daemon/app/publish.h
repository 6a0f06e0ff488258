/* Puts the journal on the bus, in order, whoever wrote it, and says each second that it is there.
 * Its place is kept by the register under the daemon's name, so that after a restart it goes on
 * where it was: every row goes out at least once. Also keeps the epoch: what this daemon saw last
 * of the journal lies in its state folder, so that a database that went back in time is noticed. */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "daemon/bus/publisher.h"
#include "daemon/db/connection.h"
#include "proto/base/buffer.h"
#include "proto/json/tape.h"
#include "proto/seal/hash.h"

struct publish {
        sd_event *event;
        struct connection *connection; /* borrowed; calls */
        struct publisher *publisher;   /* borrowed */
        const char *name;              /* of the daemon: key of its place */
        char *state_path;
        const char *rules_hash, *policy_hash, *people_hash,
                *settings_hash;    /* ours; NULL while not loaded */
        int64_t place, told_place; /* last seq sent; last one the register knows of. -1: unknown */
        int64_t journal_seq;       /* head, last known */
        char epoch[24];
        char journal_hash[2 * HASH_BYTES + 1];
        struct buffer heads; /* JSON object, as last known */
        bool epoch_known, reading, again, asking_heads, differs, database_up;
        uint64_t beats, saved_seq;
        sd_event_source *timer;
        struct json_tape tape;
        void (*on_differs)(bool differs, const char *kind, const char *theirs, void *userdata);
        void (*on_unsaved)(const char *path, int error, void *userdata);
        void (*on_epoch)(const char *epoch, bool known, void *userdata);
        void *userdata;
};

int publish_start(struct publish *p, sd_event *event, const char *state_dir) must_check_;
void publish_done(struct publish *p);
/* The database came or went: says so on the bus. reason may be NULL. */
void publish_database(struct publish *p, bool up, const char *reason);
/* Something was journalled. */
void publish_wake(struct publish *p);
