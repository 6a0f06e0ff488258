/* Parser of the configuration: walks the strict tape and fills fields by table, so that a new
 * option is one row. Unknown keys, wrong kinds and values out of bounds are complaints with their
 * place; all are collected before giving up. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <string.h>

#include "daemon/app/config_check.h"
#include "proto/base/limits.h"
#include "proto/base/word.h"
#include "proto/base/roff.h"
#include "proto/json/tape.h"

enum kind {
        KIND_STRING,
        KIND_STRINGS, /* one string or a list */
        KIND_PATH,    /* relative to the file's folder */
        KIND_PATHS,
        KIND_INT,
        KIND_BOOL,
        KIND_PRINCIPALS,
        KIND_SUBSCRIPTIONS,
};

struct option {
        const char *key;
        enum kind kind;
        size_t offset;
        const char *otherwise; /* default as text; several strings behind '|' */
        int64_t min, max;
        bool reloadable;
        const char *help;
};

#define AT(field) offsetof(struct config, field)

static const struct option options[] = {
        {"endpoints.ingest", KIND_STRINGS, AT(ingest), "ipc:///run/capad/ingest.sock", 0, 0, false,
         "where events are pushed and acknowledged (ROUTER)"},
        {"endpoints.control", KIND_STRINGS, AT(control), "ipc:///run/capad/control.sock", 0, 0,
         false, "where clients call methods (ROUTER)"},
        {"endpoints.publish", KIND_STRINGS, AT(publish), "ipc:///run/capad/publish.sock", 0, 0,
         false, "where the journal, escalations and heartbeats are published (XPUB)"},
        {"endpoints.pull", KIND_STRINGS, AT(pull), "ipc:///run/capad/pull.sock", 0, 0, false,
         "for tools that only push (PULL)"},
        {"endpoints.mode", KIND_STRING, AT(socket_mode), "0660", 0, 0, false,
         "file mode of ipc sockets, octal"},
        {"endpoints.group", KIND_STRING, AT(socket_group), NULL, 0, 0, false,
         "group of ipc sockets, so that its members can connect"},
        {"endpoints.heartbeat_ms", KIND_INT, AT(heartbeat_ms), "5000", 0, 600000, false,
         "ZeroMQ heartbeat; a peer mute for three of them is cut; 0 switches it off"},
        {"curve.secret_key_file", KIND_PATH, AT(secret_key_file), NULL, 0, 0, false,
         "file with the server's CURVE secret key (Z85); needed for TCP beyond loopback"},
        {"database.conninfo", KIND_STRING, AT(conninfo), "dbname=capad", 0, 0, false,
         "libpq connection string; several hosts make failover"},
        {"database.reader_conninfo", KIND_STRING, AT(reader_conninfo), NULL, 0, 0, false,
         "for reading methods, may be a standby; default: as database.conninfo"},
        {"database.writers", KIND_INT, AT(writers), "1", 1, 2, false, "connections for events"},
        {"database.attempt_ms", KIND_INT, AT(attempt_ms), "5000", 100, 600000, false,
         "longest attempt to connect"},
        {"database.call_ms", KIND_INT, AT(call_ms), "30000", 100, 3600000, false,
         "longest changing call"},
        {"database.report_ms", KIND_INT, AT(report_ms), "120000", 100, 3600000, false,
         "longest reading call"},
        {"ingest.batch_events", KIND_INT, AT(batch_events), "500", 1, 5000, false,
         "events in one transaction"},
        {"ingest.batch_ms", KIND_INT, AT(batch_ms), "2", 0, 1000, false,
         "longest wait of an event for others to share its transaction"},
        {"ingest.timeout_ms", KIND_INT, AT(timeout_ms), "10000", 100, 600000, false,
         "every PUT is answered within this time"},
        {"ingest.queue_bytes", KIND_INT, AT(queue_bytes), "67108864", 1048576, 4294967296, false,
         "events held in memory before the sockets are left unread"},
        {"ingest.retry_ms", KIND_INT, AT(retry_ms), "500", 1, 600000, false,
         "what BUSY tells the sender to wait"},
        {"pull.adapter", KIND_STRING, AT(pull_adapter), "", 0, 0, false,
         "adapter of what comes in by pull; empty: CloudEvents"},
        {"subscriptions", KIND_SUBSCRIPTIONS, AT(subscriptions), NULL, 0, 0, false,
         "publishers of others: "
         "[{\"name\",\"endpoint\",\"topics\":[],\"adapter\",\"sources\":[]}]; sources: prefixes of "
         "\"source\" that it carries, others are forbidden, and while its link is down their "
         "silence "
         "proves nothing; default: whatever was heard by it"},
        {"principals", KIND_PRINCIPALS, AT(principals), NULL, 0, 0, true,
         "who may connect: [{\"name\",\"uid\"|\"user\"|\"group\"|\"key\"|\"loopback\",\"roles\":[],"
         "\"sources\":[],\"act_for_others\"}]"},
        {"rules", KIND_PATHS, AT(rules), "/usr/share/capad/rules|rules.d", 0, 0, true,
         "folders of rule files (*.json)"},
        {"adapters", KIND_PATHS, AT(adapters), "/usr/share/capad/adapters|adapters.d", 0, 0, true,
         "folders of adapter files (*.json)"},
        {"policy", KIND_PATH, AT(policy), "policy.json", 0, 0, true,
         "durations, ladders, calendars"},
        {"people", KIND_PATH, AT(people), "people.json", 0, 0, true,
         "who is who: managers, deputies, absences, teams, roles; where it is absent any name is "
         "taken"},
        {"state_dir", KIND_PATH, AT(state_dir), "/var/lib/capad", 0, 0, false,
         "folder of what this daemon keeps between runs"},
        {"spool", KIND_PATH, AT(spool), NULL, 0, 0, false,
         "queue of pull and subscriptions while the database is away; default: spool.sqlite in "
         "state_dir"},
        {"name", KIND_STRING, AT(daemon_name), "capad", 0, 0, false,
         "this daemon among several on one database"},
};

#define PRINCIPAL_AT(field) offsetof(struct principal_config, field)
static const struct option principal_options[] = {
        {"name", KIND_STRING, PRINCIPAL_AT(name), NULL, 0, 0, true, "how the journal calls it"},
        {"uid", KIND_INT, PRINCIPAL_AT(uid), "-1", 0, UINT32_MAX, true, "Unix user number"},
        {"user", KIND_STRING, PRINCIPAL_AT(user), NULL, 0, 0, true, "Unix user"},
        {"group", KIND_STRING, PRINCIPAL_AT(group), NULL, 0, 0, true, "Unix group, any member"},
        {"key", KIND_STRING, PRINCIPAL_AT(key), NULL, 0, 0, true, "CURVE public key, Z85"},
        {"loopback", KIND_BOOL, PRINCIPAL_AT(loopback), "false", 0, 0, true,
         "any peer on plain loopback TCP"},
        {"roles", KIND_STRINGS, PRINCIPAL_AT(roles), NULL, 0, 0, true, "roles of the register"},
        {"sources", KIND_STRINGS, PRINCIPAL_AT(sources), NULL, 0, 0, true,
         "prefixes of \"source\" it may use; default any"},
        {"act_for_others", KIND_BOOL, PRINCIPAL_AT(act_for_others), "false", 0, 0, true,
         "may name another actor"},
};

#define SUBSCRIPTION_AT(field) offsetof(struct subscription_config, field)
static const struct option subscription_options[] = {
        {"name", KIND_STRING, SUBSCRIPTION_AT(name), NULL, 0, 0, false, "how counters call it"},
        {"endpoint", KIND_STRING, SUBSCRIPTION_AT(endpoint), NULL, 0, 0, false,
         "address to connect to"},
        {"adapter", KIND_STRING, SUBSCRIPTION_AT(adapter), "", 0, 0, false,
         "adapter of its messages"},
        {"topics", KIND_STRINGS, SUBSCRIPTION_AT(topics), NULL, 0, 0, false,
         "prefixes to subscribe to; default all"},
        {"sources", KIND_STRINGS, SUBSCRIPTION_AT(sources), NULL, 0, 0, false,
         "prefixes of \"source\" it carries; default any"},
};

static void object_defaults(const struct option *table, size_t n, const char *folder, void *object);
static void read_object(struct reading *r, const struct option *table, size_t n, uint32_t node,
                        const char *prefix, void *object);

static void *field(void *object, const struct option *o)
{
        return (char *) object + o->offset;
}

static void strings_free(char **list)
{
        for (size_t i = 0; list && list[i]; i++)
                free(list[i]);
        free(list);
}

static char *path_from(const char *folder, const char *path)
{
        char *full;

        if (path[0] == '/' || !folder)
                return strdup(path);
        return asprintf(&full, "%s/%s", folder, path) < 0 ? NULL : full;
}

static void read_string(struct reading *r, const struct option *o, uint32_t node, char **into)
{
        cleanup_(free_p) char *text = NULL;

        if (json_string_dup(&r->tape, node, &text) != 0) {
                config_complain(r, node, "\"%s\" must be a string (%s)", o->key, o->help);
                return;
        }
        free(*into);
        *into = o->kind == KIND_PATH || o->kind == KIND_PATHS ? path_from(r->folder, text)
                                                              : TAKE_PTR(text);
}

static void read_strings(struct reading *r, const struct option *o, uint32_t node, char ***into)
{
        bool list = r->tape.nodes[node].kind == JSON_ARRAY;
        size_t n = list ? r->tape.nodes[node].count : 1;
        uint32_t child = list ? json_first(&r->tape, node) : node;
        char **strings;

        if (!list && r->tape.nodes[node].kind != JSON_STRING) {
                config_complain(r, node, "\"%s\" must be a string or a list of strings (%s)",
                                o->key, o->help);
                return;
        }
        strings = calloc(n + 1, sizeof(*strings));
        for (size_t i = 0; strings && i < n; i++, child = r->tape.nodes[child].next)
                read_string(r, o, child, &strings[i]);
        strings_free(*into);
        *into = strings;
}

static void read_int(struct reading *r, const struct option *o, uint32_t node, int64_t *into)
{
        int64_t value;

        if (json_int64(&r->tape, node, &value) != 0 || value < o->min || value > o->max) {
                config_complain(r, node,
                                "\"%s\" must be a whole number from %" PRId64 " to %" PRId64
                                " (%s)",
                                o->key, o->min, o->max, o->help);
                return;
        }
        *into = value;
}

static void read_bool(struct reading *r, const struct option *o, uint32_t node, bool *into)
{
        uint8_t kind = r->tape.nodes[node].kind;

        if (kind != JSON_TRUE && kind != JSON_FALSE) {
                config_complain(r, node, "\"%s\" must be true or false (%s)", o->key, o->help);
                return;
        }
        *into = kind == JSON_TRUE;
}

/* A list of objects, each read by its own table into an array of structs of the given size. */
static void read_list(struct reading *r, const struct option *o, uint32_t node, struct config *c)
{
        bool people = o->kind == KIND_PRINCIPALS;
        size_t size = people ? sizeof(struct principal_config) : sizeof(struct subscription_config);
        const struct option *table = people ? principal_options : subscription_options;
        size_t n_table = people ? ARRAY_LEN(principal_options) : ARRAY_LEN(subscription_options);
        size_t n = r->tape.nodes[node].count;
        uint32_t child = json_first(&r->tape, node);
        char *list;

        if (r->tape.nodes[node].kind != JSON_ARRAY) {
                config_complain(r, node, "\"%s\" must be a list: %s", o->key, o->help);
                return;
        }
        list = calloc(n + 1, size);
        if (!list)
                return;
        for (size_t i = 0; i < n; i++, child = r->tape.nodes[child].next) {
                object_defaults(table, n_table, r->folder, list + i * size);
                read_object(r, table, n_table, child, "", list + i * size);
                if (people)
                        config_check_principal(
                                r, child, (struct principal_config *) (void *) (list + i * size));
                else
                        config_check_subscription(r, child,
                                                  (struct subscription_config *) (void *) list, i);
        }
        if (people) {
                c->principals = (struct principal_config *) (void *) list;
                c->n_principals = n;
        } else {
                c->subscriptions = (struct subscription_config *) (void *) list;
                c->n_subscriptions = n;
        }
}

static void read_value(struct reading *r, const struct option *o, uint32_t node, void *object)
{
        switch (o->kind) {
        case KIND_STRING:
        case KIND_PATH:
                read_string(r, o, node, field(object, o));
                break;
        case KIND_STRINGS:
        case KIND_PATHS:
                read_strings(r, o, node, field(object, o));
                break;
        case KIND_INT:
                read_int(r, o, node, field(object, o));
                break;
        case KIND_BOOL:
                read_bool(r, o, node, field(object, o));
                break;
        case KIND_PRINCIPALS:
        case KIND_SUBSCRIPTIONS:
                read_list(r, o, node, object);
                break;
        }
}

/* Names of options, and of their groups: "endpoints" of "endpoints.ingest". */
static void unknown_key(struct reading *r, const struct option *table, size_t n, uint32_t node,
                        const char *key)
{
        const char *names[2 * ARRAY_LEN(options)];
        char groups[ARRAY_LEN(options)][32];
        const char *near;

        for (size_t i = 0; i < n; i++) {
                size_t length = strcspn(table[i].key, ".");

                snprintf(groups[i], sizeof(groups[i]), "%.*s", (int) length, table[i].key);
                names[2 * i] = table[i].key;
                names[2 * i + 1] = groups[i];
        }
        near = word_nearest(key, strlen(key), names, 2 * n);
        config_complain(r, node, "unknown key \"%s\"%s%s%s", key, near ? ", did you mean \"" : "",
                        near ? near : "", near ? "\"?" : "");
}

/* One member: an option, or a group of options ("endpoints" of "endpoints.ingest"). */
static void read_member(struct reading *r, const struct option *table, size_t n, uint32_t key_node,
                        const char *key, void *object)
{
        size_t length = strlen(key);

        for (size_t i = 0; i < n; i++) {
                if (strcmp(table[i].key, key) == 0) {
                        read_value(r, &table[i], key_node + 1, object);
                        return;
                }
                if (strncmp(table[i].key, key, length) == 0 && table[i].key[length] == '.') {
                        cleanup_(free_p) char *prefix = NULL;

                        if (asprintf(&prefix, "%s.", key) < 0) {
                                prefix = NULL;
                                return;
                        }
                        read_object(r, table, n, key_node + 1, prefix, object);
                        return;
                }
        }
        if (strcmp(key, "$schema") != 0) /* for editors */
                unknown_key(r, table, n, key_node, key);
}

static void read_object(struct reading *r, const struct option *table, size_t n, uint32_t node,
                        const char *prefix, void *object)
{
        uint32_t child = json_first(&r->tape, node);

        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                config_complain(r, node, "here an object {…} is expected");
                return;
        }
        for (uint32_t i = 0; i < r->tape.nodes[node].count;
             i++, child = r->tape.nodes[child + 1].next) {
                cleanup_(buffer_done) struct buffer key = BUFFER_NULL;

                buffer_add_str(&key, prefix);
                json_string_decode(&r->tape, child, &key);
                if (buffer_status(&key) == 0)
                        read_member(r, table, n, child, key.data, object);
        }
}

static void default_strings(const struct option *o, const char *folder, char ***into)
{
        cleanup_(free_p) char *copy = strdup(o->otherwise);
        size_t n = 0;
        char *rest = copy;

        *into = calloc(8, sizeof(**into));
        for (char *one; *into && copy && n < 7 && (one = strsep(&rest, "|")); n++)
                (*into)[n] = o->kind == KIND_PATHS ? path_from(folder, one) : strdup(one);
}

static void object_defaults(const struct option *table, size_t n, const char *folder, void *object)
{
        for (const struct option *o = table; o < table + n; o++) {
                if (!o->otherwise)
                        continue;
                if (o->kind == KIND_INT)
                        *(int64_t *) field(object, o) = strtoll(o->otherwise, NULL, 10);
                else if (o->kind == KIND_STRING)
                        *(char **) field(object, o) = strdup(o->otherwise);
                else if (o->kind == KIND_PATH)
                        *(char **) field(object, o) = path_from(folder, o->otherwise);
                else if (o->kind == KIND_STRINGS || o->kind == KIND_PATHS)
                        default_strings(o, folder, field(object, o));
        }
}

static void object_free(const struct option *table, size_t n, void *object)
{
        for (const struct option *o = table; o < table + n; o++) {
                if (o->kind == KIND_STRING || o->kind == KIND_PATH)
                        free(*(char **) field(object, o));
                else if (o->kind == KIND_STRINGS || o->kind == KIND_PATHS)
                        strings_free(*(char ***) field(object, o));
        }
}

static int read_text(struct config *c, const char *text, size_t size, struct complaints *reterr)
{
        struct reading r = {.path = c->path,
                            .folder = c->folder,
                            .text = text,
                            .size = size,
                            .complaints = reterr};
        struct problem p = {0};
        unsigned before = reterr->n;
        int result;

        result = json_tape_parse_config(&r.tape, text, size, &p);
        if (result > 0)
                complain(reterr, c->path, text, size, &p);
        if (result == 0) {
                read_object(&r, options, ARRAY_LEN(options), 0, "", c);
                config_check_endpoints(&r, c);
        }
        json_tape_done(&r.tape);
        if (result < 0)
                return result;
        return reterr->n > before ? CONFIG_E_INVALID : 0;
}

/* Of defaults only, for a file at this path (NULL: of none). */
static int config_new(const char *path, struct config **ret)
{
        cleanup_(config_free_p) struct config *c = NULL;
        cleanup_(free_p) char *copy = NULL;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        copy = strdup(path ? path : "/etc/capad/capad.json");
        c->path = path ? strdup(path) : NULL;
        c->folder = copy ? strdup(dirname(copy)) : NULL;
        if (!c->folder || (path && !c->path))
                return -ENOMEM;
        object_defaults(options, ARRAY_LEN(options), c->folder, c);
        *ret = TAKE_PTR(c);
        return 0;
}

int config_parse(const char *path, const char *text, size_t size, struct config **ret,
                 struct complaints *reterr)
{
        cleanup_(config_free_p) struct config *c = NULL;
        int r;

        r = config_new(path, &c);
        if (r == 0 && text)
                r = read_text(c, text, size, reterr);
        if (r != 0)
                return r;
        if (!c->spool && asprintf(&c->spool, "%s/spool.sqlite", c->state_dir) < 0) {
                c->spool = NULL;
                return -ENOMEM;
        }
        *ret = TAKE_PTR(c);
        return 0;
}

int config_load(const char *path, struct config **ret, struct complaints *reterr)
{
        cleanup_(free_p) char *text = NULL;
        size_t size = 0;
        int r = 0;

        if (path)
                r = file_read(path, &text, &size, reterr);
        return r != 0 ? r : config_parse(path, text, size, ret, reterr);
}

struct config *config_free(struct config *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_principals; i++)
                object_free(principal_options, ARRAY_LEN(principal_options), &c->principals[i]);
        for (size_t i = 0; i < c->n_subscriptions; i++)
                object_free(subscription_options, ARRAY_LEN(subscription_options),
                            &c->subscriptions[i]);
        free(c->principals);
        free(c->subscriptions);
        object_free(options, ARRAY_LEN(options), c);
        free(c->path);
        free(c->folder);
        free(c);
        return NULL;
}

void config_free_p(struct config **c)
{
        *c = config_free(*c);
}

void config_help(FILE *out)
{
        for (size_t i = 0; i < ARRAY_LEN(options); i++)
                fprintf(out, "%-26s %s\n%-26s default %s%s\n", options[i].key, options[i].help, "",
                        options[i].otherwise ? options[i].otherwise : "none",
                        options[i].reloadable ? ", read again by SIGHUP" : "");
}

void config_manual(FILE *out)
{
        for (size_t i = 0; i < ARRAY_LEN(options); i++) {
                char text[512];

                snprintf(text, sizeof(text), "%s; default %s%s", options[i].help,
                         options[i].otherwise ? options[i].otherwise : "none",
                         options[i].reloadable ? ", read again by SIGHUP" : "");
                roff_item(out, options[i].key, text);
        }
}
