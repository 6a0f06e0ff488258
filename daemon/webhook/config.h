/* webhook.json as a value: where to listen, which path is which tool, what a sender must show. One
 * table of keys (config.c) says name, kind, bounds, default and help; the parser and --help-config
 * follow it. Read at start and at each reload. Owns all it points to. */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/webhook/secret.h"
#include "proto/base/buffer.h"

enum config_error { CONFIG_E_INVALID = 1 /* the complaints say what and where */ };

struct route {
        char *path;    /* "/github" */
        char *adapter; /* "": CloudEvents */
        char *token_file, *token_header, *token_query;
        char *signature_file, *signature_header;
        char *delivery_header; /* NULL: those that are known */
        char **headers; /* NULL-terminated; given: the body is wrapped in a CloudEvent with them */
        struct secrets tokens, signatures; /* read from the files; n 0: none asked for */
};

struct config {
        char *listen;                        /* "127.0.0.1:8087" */
        char *ingest;                        /* capad's endpoint; NULL: the default one */
        char *certificate, *key, *client_ca; /* files; NULL: none */
        int64_t connections, connections_per_address, senders;
        int64_t request_us, idle_us, ack_us;
        struct route *routes;
        size_t n_routes;
        /* made of the above */
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } address;
        bool loopback;
        char *certificate_text, *key_text, *client_ca_text;
};

/* complaints: a line each, "file:line:column: sentence". Returns 0, CONFIG_E_INVALID, -ENOMEM. */
int config_load(const char *path, struct config **ret, struct buffer *complaints) must_check_;
/* The same of a text, without opening the files it names: for fuzzing and unit tests. */
int config_parse(const char *path, const char *text, size_t size, struct config **ret,
                 struct buffer *complaints) must_check_;
struct config *config_free(struct config *c);
void config_free_p(struct config **c);
void config_help(FILE *out);
void config_manual(FILE *out); /* the same for a manual page */
/* The route of a path; NULL if there is none. */
const struct route *config_route(const struct config *c, const char *path);
