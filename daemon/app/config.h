/* The configuration: capad.json as a value. One table of options (config.c) says key, kind,
 * default, bounds and help; parser, `capad --help-config` and proto/schema/config.json follow it.
 * Read at start; only rules, adapters, policy and principals are read again by SIGHUP. Owns all it
 * points to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/app/file.h"
#include "daemon/core/ruleset.h"
#include "proto/base/util.h"

enum config_error { CONFIG_E_INVALID = 1 /* the complaints say what and where */ };

struct principal_config { /* who a peer is, and what it may do */
        char *name;
        char *user, *group,
                *key; /* one of these, or uid, or loopback, or none: a person behind a gateway */
        int64_t uid;  /* -1 where absent */
        bool loopback;
        char **roles;   /* NULL-terminated; NULL where none */
        char **sources; /* prefixes; NULL: any */
        bool act_for_others;
};

struct subscription_config {
        char *name, *endpoint, *adapter;
        char **topics;
        char **sources; /* prefixes; NULL: any */
};

struct config {
        char *path; /* of the file, and the folder that relative paths start from */
        char *folder;
        char **ingest, **control, **publish, **pull; /* addresses */
        char *socket_mode, *socket_group;
        int64_t heartbeat_ms;
        char *secret_key_file;
        char *conninfo, *reader_conninfo;
        int64_t writers, attempt_ms, call_ms, report_ms;
        int64_t batch_events, batch_ms, timeout_ms, queue_bytes, retry_ms;
        char *pull_adapter;
        char **rules, **adapters;
        char *policy, *people, *state_dir, *spool, *daemon_name;
        struct subscription_config *subscriptions;
        size_t n_subscriptions;
        struct principal_config *principals;
        size_t n_principals;
};

/* path NULL: defaults only. Returns 0, CONFIG_E_INVALID, -errno. */
int config_load(const char *path, struct config **ret, struct complaints *reterr) must_check_;
/* The same of a text in memory, as if it stood at that path. 0, CONFIG_E_INVALID, -ENOMEM. */
int config_parse(const char *path, const char *text, size_t size, struct config **ret,
                 struct complaints *reterr) must_check_;
struct config *config_free(struct config *c);
void config_free_p(struct config **c);
void config_help(FILE *out);   /* every option, its default and meaning */
void config_manual(FILE *out); /* the same for the manual page */
