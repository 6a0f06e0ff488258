/* webhook.json: a table of keys, and a walk over the strict tape that follows it. */
#include "daemon/webhook/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/webhook/config_files.h"
#include "daemon/webhook/limits.h"
#include "proto/base/roff.h"
#include "proto/base/word.h"
#include "proto/duration/duration.h"
#include "proto/json/tape.h"

enum kind { KIND_TEXT, KIND_NUMBER, KIND_SPAN, KIND_TEXTS, KIND_OBJECT, KIND_ROUTES, KIND_SCHEMA };

struct key {
        const char *name;
        enum kind kind;
        size_t offset;           /* in struct config or struct route */
        const char *otherwise;   /* default, as it would be written */
        int64_t min, max;        /* of a number; of a span in microseconds */
        const struct key *below; /* of an object or of routes; ends with name NULL */
        const char *help;
};

#define US                INT64_C(1000000)
#define ROUTE(member)     offsetof(struct route, member)
#define CONFIG(member)    offsetof(struct config, member)
#define PATH_CHARACTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
#define HEADER_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static const struct key ROUTE_KEYS[] = {
        {"path", KIND_TEXT, ROUTE(path), NULL, 0, 0, NULL,
         "where the tool posts to: /alertmanager"},
        {"adapter", KIND_TEXT, ROUTE(adapter), "\"\"", 0, 0, NULL,
         "what it posts (adapters of capad); empty: CloudEvents"},
        {"token_file", KIND_TEXT, ROUTE(token_file), NULL, 0, 0, NULL,
         "file with a token a line; asked for as Authorization: Bearer TOKEN, or as the password "
         "of Basic"},
        {"token_header", KIND_TEXT, ROUTE(token_header), NULL, 0, 0, NULL,
         "a header that may carry the token instead: X-Gitlab-Token"},
        {"token_query", KIND_TEXT, ROUTE(token_query), NULL, 0, 0, NULL,
         "a query parameter that may, for tools that know nothing but a URL"},
        {"signature_file", KIND_TEXT, ROUTE(signature_file), NULL, 0, 0, NULL,
         "file with a secret a line; asked for is the body's HMAC-SHA-256 with one of them"},
        {"signature_header", KIND_TEXT, ROUTE(signature_header), "\"X-Hub-Signature-256\"", 0, 0,
         NULL, "where the signature stands: sha256=HEX or v1=HEX"},
        {"delivery_header", KIND_TEXT, ROUTE(delivery_header), NULL, 0, 0, NULL,
         "the header that numbers deliveries, so that a repeated one is a duplicate; known are "
         "X-GitHub-Delivery, X-Atlassian-Webhook-Identifier, Idempotency-Key, Webhook-Id"},
        {"headers", KIND_TEXTS, ROUTE(headers), NULL, 0, 0, NULL,
         "wrap the body in a CloudEvent with these headers as extensions, X-GitHub-Event as "
         "xgithubevent"},
        {0},
};
static const struct key TLS_KEYS[] = {
        {"certificate", KIND_TEXT, CONFIG(certificate), NULL, 0, 0, NULL,
         "PEM file, with its chain"},
        {"key", KIND_TEXT, CONFIG(key), NULL, 0, 0, NULL, "PEM file of its key"},
        {"client_ca", KIND_TEXT, CONFIG(client_ca), NULL, 0, 0, NULL,
         "PEM file: only senders with a certificate of this authority are let in"},
        {0},
};
static const struct key LIMIT_KEYS[] = {
        {"connections", KIND_NUMBER, CONFIG(connections), "128", 1, 1000, NULL,
         "open at the same time; further ones are closed"},
        {"connections_per_address", KIND_NUMBER, CONFIG(connections_per_address), "64", 1, 1000,
         NULL, "the same of one address"},
        {"senders", KIND_NUMBER, CONFIG(senders), "8", 1, 64, NULL,
         "requests to capad at the same time; further ones wait"},
        {"request", KIND_SPAN, CONFIG(request_us), "\"30s\"", US, 600 * US, NULL,
         "for a request to arrive whole"},
        {"idle", KIND_SPAN, CONFIG(idle_us), "\"10s\"", US, 600 * US, NULL,
         "for a connection on which nothing moves"},
        {"ack", KIND_SPAN, CONFIG(ack_us), "\"8s\"", US, 60 * US, NULL,
         "for capad to commit; then 503: the sender comes again"},
        {0},
};
static const struct key KEYS[] = {
        {"listen", KIND_TEXT, CONFIG(listen), "\"127.0.0.1:8087\"", 0, 0, NULL,
         "address:port, [::1]:port; beyond loopback only with tls, and client_ca or a secret for "
         "each route"},
        {"ingest", KIND_TEXT, CONFIG(ingest), "\"ipc:///run/capad/ingest.sock\"", 0, 0, NULL,
         "ingest endpoint of capad"},
        {"tls", KIND_OBJECT, 0, NULL, 0, 0, TLS_KEYS, "HTTPS instead of HTTP"},
        {"limits", KIND_OBJECT, 0, NULL, 0, 0, LIMIT_KEYS, "what senders may use"},
        {"routes", KIND_ROUTES, 0, NULL, 0, 0, ROUTE_KEYS, "a list, one for each tool"},
        {"$schema", KIND_SCHEMA, 0, NULL, 0, 0, NULL, "for editors"},
        {0},
};

struct reading {
        const char *path;
        struct json_tape tape;
        struct config *config;
        struct buffer *complaints;
        unsigned n;
        int r; /* -ENOMEM once memory ran out */
};

static void complain(struct reading *r, size_t offset, const char *format, ...) printf_(3, 4);
static void complain(struct reading *r, size_t offset, const char *format, ...)
{
        char text[PROBLEM_TEXT_MAX];
        unsigned line, column;
        va_list list;

        va_start(list, format);
        vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        problem_place(r->tape.text, r->tape.size, offset, &line, &column);
        buffer_printf(r->complaints, "%s:%u:%u: %s\n", r->path, line, column, text);
        r->n++;
}

static char *read_text(struct reading *r, uint32_t node, const char *name)
{
        char *text = NULL;
        int e;

        e = json_string_dup(&r->tape, node, &text);
        if (e > 0)
                complain(r, r->tape.nodes[node].offset, "\"%s\" is a text in quotes", name);
        if (e < 0)
                r->r = e;
        return text;
}

static void read_texts(struct reading *r, uint32_t node, const struct key *key, char ***ret)
{
        const struct json_node *n = &r->tape.nodes[node];
        uint32_t child = json_first(&r->tape, node);

        if (n->kind != JSON_ARRAY || n->count == 0 || n->count > 16) {
                complain(r, n->offset, "\"%s\" is a list of 1 to 16 names", key->name);
                return;
        }
        *ret = calloc((size_t) n->count + 1, sizeof(**ret));
        if (!*ret) {
                r->r = -ENOMEM;
                return;
        }
        for (uint32_t i = 0; i < n->count; i++, child = r->tape.nodes[child].next)
                (*ret)[i] = read_text(r, child, key->name);
}

static void read_number(struct reading *r, uint32_t node, const struct key *key, int64_t *ret)
{
        int64_t value;

        if (json_int64(&r->tape, node, &value) != 0 || value < key->min || value > key->max)
                complain(r, r->tape.nodes[node].offset,
                         "\"%s\" is a whole number from %" PRId64 " to %" PRId64, key->name,
                         key->min, key->max);
        else
                *ret = value;
}

static void read_span(struct reading *r, const char *text, size_t offset, const struct key *key,
                      int64_t *ret)
{
        struct duration span;

        if (duration_parse(text, strlen(text), &span, NULL) != 0 || !duration_is_exact(&span) ||
            duration_us(&span) < key->min || duration_us(&span) > key->max)
                complain(r, offset,
                         "\"%s\" is a duration from %" PRId64 "s to %" PRId64 "s, as \"30s\"",
                         key->name, key->min / US, key->max / US);
        else
                *ret = duration_us(&span);
}

static void read_object(struct reading *r, uint32_t node, const struct key *keys, void *into);

static void read_routes(struct reading *r, uint32_t node, const struct key *key)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct config *c = r->config;
        uint32_t child = json_first(&r->tape, node);

        if (n->kind != JSON_ARRAY || n->count == 0 || n->count > WEBHOOK_ROUTES) {
                complain(r, n->offset, "\"routes\" is a list of 1 to %u routes", WEBHOOK_ROUTES);
                return;
        }
        c->routes = calloc(n->count, sizeof(*c->routes));
        if (!c->routes) {
                r->r = -ENOMEM;
                return;
        }
        c->n_routes = n->count;
        for (uint32_t i = 0; i < n->count; i++, child = r->tape.nodes[child].next)
                read_object(r, child, key->below, &c->routes[i]);
}

static void read_value(struct reading *r, uint32_t node, const struct key *key, void *into)
{
        void *member = (char *) into + key->offset;
        cleanup_(free_p) char *text = NULL;

        switch (key->kind) {
        case KIND_TEXT:
                *(char **) member = read_text(r, node, key->name);
                break;
        case KIND_NUMBER:
                read_number(r, node, key, member);
                break;
        case KIND_SPAN:
                text = read_text(r, node, key->name);
                if (text)
                        read_span(r, text, r->tape.nodes[node].offset, key, member);
                break;
        case KIND_TEXTS:
                read_texts(r, node, key, member);
                break;
        case KIND_OBJECT:
                read_object(r, node, key->below, into);
                break;
        case KIND_ROUTES:
                read_routes(r, node, key);
                break;
        case KIND_SCHEMA:
                break;
        }
}

static void complain_unknown(struct reading *r, uint32_t node, const struct key *keys)
{
        const struct json_node *n = &r->tape.nodes[node];
        const char *names[16], *near;
        size_t n_names = 0;

        for (const struct key *k = keys; k->name && n_names < ARRAY_LEN(names); k++)
                names[n_names++] = k->name;
        near = word_nearest(r->tape.text + n->offset, n->length, names, n_names);
        complain(r, n->offset, "\"%.*s\" is not known here%s%s%s", (int) MIN(n->length, 60U),
                 r->tape.text + n->offset, near ? ": did you mean \"" : "", near ? near : "",
                 near ? "\"?" : "");
}

static void read_object(struct reading *r, uint32_t node, const struct key *keys, void *into)
{
        const struct json_node *n = &r->tape.nodes[node];
        uint32_t child = json_first(&r->tape, node);

        if (n->kind != JSON_OBJECT) {
                complain(r, n->offset, "this is an object: {…}");
                return;
        }
        for (uint32_t i = 0; i < n->count; i++, child = r->tape.nodes[child + 1].next) {
                const struct key *k = keys;

                while (k->name && !json_string_equals(&r->tape, child, k->name, strlen(k->name)))
                        k++;
                if (k->name)
                        read_value(r, child + 1, k, into);
                else
                        complain_unknown(r, child, keys);
        }
}

/* What was not written: the table's defaults. */
static int fill_defaults(const struct key *keys, void *into)
{
        for (const struct key *k = keys; k->name; k++) {
                void *member = (char *) into + k->offset;
                char **text = member;
                struct duration span;
                int r = 0;

                if (k->kind == KIND_OBJECT)
                        r = fill_defaults(k->below, into);
                else if (k->otherwise && k->kind == KIND_TEXT && !*text) {
                        *text = strndup(k->otherwise + 1, strlen(k->otherwise) - 2);
                        r = *text ? 0 : -ENOMEM;
                } else if (k->otherwise && k->kind == KIND_NUMBER && *(int64_t *) member == 0)
                        *(int64_t *) member = strtoll(k->otherwise, NULL, 10);
                else if (k->otherwise && k->kind == KIND_SPAN && *(int64_t *) member == 0 &&
                         duration_parse(k->otherwise + 1, strlen(k->otherwise) - 2, &span, NULL) ==
                                 0)
                        *(int64_t *) member = duration_us(&span);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void check_header(struct reading *r, const char *name)
{
        if (name && (!*name || name[strspn(name, HEADER_CHARACTERS)]))
                complain(r, 0, "\"%s\" is no name of a header", name);
}

static void check_route(struct reading *r, const struct route *route)
{
        const struct config *c = r->config;

        if (!route->path || route->path[0] != '/' ||
            route->path[strspn(route->path, PATH_CHARACTERS)]) {
                complain(r, 0,
                         "each route has a \"path\" as /github, of letters, digits and -._~/");
                return;
        }
        if (config_route(c, route->path) != route)
                complain(r, 0, "the path %s stands in two routes", route->path);
        if (!route->token_file && (route->token_header || route->token_query))
                complain(r, 0, "route %s says where its token stands, but has no \"token_file\"",
                         route->path);
        check_header(r, route->token_header);
        check_header(r, route->token_query);
        check_header(r, route->signature_header);
        check_header(r, route->delivery_header);
        for (size_t i = 0; route->headers && route->headers[i]; i++)
                check_header(r, route->headers[i]);
        if (!c->loopback && !c->client_ca && !route->token_file && !route->signature_file)
                complain(r, 0,
                         "route %s can be reached from other machines: give it a \"token_file\" or "
                         "\"signature_file\", or set tls.client_ca",
                         route->path);
}

static void check(struct reading *r)
{
        struct config *c = r->config;

        if (!listen_parse(c->listen, c)) {
                complain(r, 0, "\"%.100s\" is no address: write 127.0.0.1:8087 or [::1]:8087",
                         c->listen);
                return;
        }
        if (!c->certificate != !c->key)
                complain(r, 0, "tls has a certificate and its key, or neither");
        if (c->client_ca && !c->certificate)
                complain(r, 0, "tls.client_ca needs tls.certificate and tls.key");
        if (!c->loopback && !c->certificate)
                complain(r, 0,
                         "%s can be reached from other machines: that takes tls.certificate and "
                         "tls.key, or listen on 127.0.0.1",
                         c->listen);
        if (c->n_routes == 0)
                complain(r, 0, "there are no routes: nothing could be posted");
        for (size_t i = 0; i < c->n_routes; i++)
                check_route(r, &c->routes[i]);
}

static int finish(struct reading *r)
{
        int e;

        e = fill_defaults(KEYS, r->config);
        for (size_t i = 0; e == 0 && i < r->config->n_routes; i++)
                e = fill_defaults(ROUTE_KEYS, &r->config->routes[i]);
        if (e == 0)
                check(r);
        return e;
}

int config_parse(const char *path, const char *text, size_t size, struct config **ret,
                 struct buffer *complaints)
{
        cleanup_(config_free_p) struct config *c = calloc(1, sizeof(*c));
        struct reading r = {.path = path, .config = c, .complaints = complaints};
        struct problem problem = {0};
        int e;

        if (!c)
                return -ENOMEM;
        e = json_tape_parse_config(&r.tape, text, size, &problem);
        if (e > 0) {
                r.tape.text = text;
                r.tape.size = size;
                complain(&r, problem.offset, "%s", problem.text);
                e = 0;
        } else if (e == 0) {
                read_object(&r, 0, KEYS, c);
                e = r.r;
                if (e == 0 && r.n == 0)
                        e = finish(&r);
        }
        json_tape_done(&r.tape);
        if (e < 0)
                return e;
        if (r.n > 0)
                return CONFIG_E_INVALID;
        *ret = TAKE_PTR(c);
        return 0;
}

static void free_route(struct route *route)
{
        for (size_t i = 0; route->headers && route->headers[i]; i++)
                free(route->headers[i]);
        free(route->headers);
        free(route->path);
        free(route->adapter);
        free(route->token_file);
        free(route->token_header);
        free(route->token_query);
        free(route->signature_file);
        free(route->signature_header);
        free(route->delivery_header);
        secrets_done(&route->tokens);
        secrets_done(&route->signatures);
}

struct config *config_free(struct config *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_routes; i++)
                free_route(&c->routes[i]);
        free(c->routes);
        free(c->listen);
        free(c->ingest);
        free(c->certificate);
        free(c->key);
        free(c->client_ca);
        free(c->certificate_text);
        text_wipe(c->key_text);
        free(c->client_ca_text);
        free(c);
        return NULL;
}

void config_free_p(struct config **c)
{
        *c = config_free(*c);
}

const struct route *config_route(const struct config *c, const char *path)
{
        for (size_t i = 0; i < c->n_routes; i++)
                if (c->routes[i].path && strcmp(c->routes[i].path, path) == 0)
                        return &c->routes[i];
        return NULL;
}

static void help(FILE *out, const struct key *keys, const char *prefix)
{
        for (const struct key *k = keys; k->name; k++) {
                char below[64];

                if (k->kind != KIND_SCHEMA)
                        fprintf(out, "%s%s%s%s\n    %s\n", prefix, k->name,
                                k->otherwise ? " = " : "", k->otherwise ? k->otherwise : "",
                                k->help);
                snprintf(below, sizeof(below), "%s%s%s", prefix, k->name,
                         k->kind == KIND_ROUTES ? "[]." : ".");
                if (k->below)
                        help(out, k->below, below);
        }
}

void config_help(FILE *out)
{
        help(out, KEYS, "");
}

static void manual(FILE *out, const struct key *keys, const char *prefix)
{
        for (const struct key *k = keys; k->name; k++) {
                char name[64], text[512];

                snprintf(name, sizeof(name), "%s%s", prefix, k->name);
                snprintf(text, sizeof(text), "%s%s%s", k->help, k->otherwise ? "; default " : "",
                         k->otherwise ? k->otherwise : "");
                if (k->kind != KIND_SCHEMA)
                        roff_item(out, name, text);
                snprintf(name, sizeof(name), "%s%s%s", prefix, k->name,
                         k->kind == KIND_ROUTES ? "[]." : ".");
                if (k->below)
                        manual(out, k->below, name);
        }
}

void config_manual(FILE *out)
{
        manual(out, KEYS, "");
}
