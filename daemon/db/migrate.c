/* Each migration is one transaction that also records it; then one transaction replaces all
 * functions, views and rights, so that nobody sees a mixture. The session's advisory lock keeps
 * others out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "daemon/db/migrate.h"
#include "daemon/db/schema.h"
#include "proto/seal/hash.h"
#include "sql/embedded.h"

struct migration {
        PGconn *pg;
        migrate_fn done;
        void *userdata;
        struct problem *problem;
};

static void finish_p(PGconn **pg)
{
        if (*pg)
                PQfinish(*pg);
}

static void clear_p(PGresult **result)
{
        PQclear(*result);
}

static const struct sql_text *text_find(const char *folder, const char *name)
{
        for (size_t i = 0; i < sql_n_texts; i++)
                if (strcmp(sql_texts[i].folder, folder) == 0 &&
                    strcmp(sql_texts[i].name, name) == 0)
                        return &sql_texts[i];
        return NULL;
}

/* Line of a character position in a file's text, for "file:line". */
static unsigned line_of(const char *text, const char *position)
{
        unsigned line = 1;

        if (!position)
                return 1;
        for (long n = strtol(position, NULL, 10); n > 1 && *text; n--, text++)
                line += *text == '\n';
        return line;
}

static int refuse(struct migration *m, const struct sql_text *t, const PGresult *result)
{
        const char *sentence = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

        problem_set(m->problem, 0, "sql/%s%s%s.sql:%u: %s", t->folder, t->folder[0] ? "/" : "",
                    t->name,
                    line_of(t->text, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
                    sentence ? sentence : PQerrorMessage(m->pg));
        return MIGRATE_E_REFUSED;
}

static int run_text(struct migration *m, const struct sql_text *t)
{
        cleanup_(clear_p) PGresult *result = PQexec(m->pg, t->text);

        if (PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK)
                return 0;
        return refuse(m, t, result);
}

static int run(struct migration *m, const char *folder, const char *name)
{
        const struct sql_text *t = text_find(folder, name);

        return t ? run_text(m, t) : -ENOENT;
}

static int run_with(struct migration *m, const char *name, int n, const char *const *values,
                    PGresult **ret_result)
{
        const struct sql_text *t = text_find("migrate", name);
        cleanup_(clear_p) PGresult *result = NULL;

        if (!t)
                return -ENOENT;
        result = PQexecParams(m->pg, t->text, n, NULL, values, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
                return refuse(m, t, result);
        if (ret_result)
                *ret_result = TAKE_PTR(result);
        return 0;
}

static void text_hash(const struct sql_text *t, char ret[2 * HASH_BYTES + 1])
{
        struct hash hash;

        hash_of(t->text, t->size, &hash);
        hash_hex(&hash, ret);
}

/* What the database has must be what this program knows, in the same words. */
static int check_known(struct migration *m, const PGresult *known)
{
        for (int i = 0; i < PQntuples(known); i++) {
                const char *name = PQgetvalue(known, i, 0);
                const struct sql_text *t = text_find("migrations", name);
                char hash[2 * HASH_BYTES + 1];

                if (!t) {
                        problem_set(m->problem, 0,
                                    "the database has migration %s, which this program does not "
                                    "know: it is "
                                    "older than the database; use the newer program",
                                    name);
                        return MIGRATE_E_REFUSED;
                }
                text_hash(t, hash);
                if (strcmp(hash, PQgetvalue(known, i, 1)) != 0) {
                        problem_set(m->problem, 0,
                                    "migration %s was applied to this database with other contents "
                                    "(%.12s, now "
                                    "%.12s): migrations are never edited after a release",
                                    name, PQgetvalue(known, i, 1), hash);
                        return MIGRATE_E_REFUSED;
                }
        }
        return 0;
}

static bool is_known(const PGresult *known, const char *name)
{
        for (int i = 0; known && i < PQntuples(known); i++)
                if (strcmp(PQgetvalue(known, i, 0), name) == 0)
                        return true;
        return false;
}

static int apply_migration(struct migration *m, const struct sql_text *t)
{
        char hash[2 * HASH_BYTES + 1];
        const char *values[] = {t->name, hash};
        int r;

        text_hash(t, hash);
        r = run(m, "migrate", "begin");
        if (r == 0)
                r = run_text(m, t);
        if (r == 0)
                r = run(m, "migrate", "tables");
        if (r == 0)
                r = run_with(m, "record", ARRAY_LEN(values), values, NULL);
        if (r == 0)
                r = run(m, "migrate", "commit");
        if (r == 0)
                m->done("migration", t->name, m->userdata);
        return r;
}

static int apply_migrations(struct migration *m)
{
        cleanup_(clear_p) PGresult *state = NULL, *known = NULL;
        int r;

        r = run_with(m, "state", 0, NULL, &state);
        if (r != 0)
                return r;
        if (PQgetvalue(state, 0, 1)[0] == 't') {
                r = run_with(m, "known", 0, NULL, &known);
                if (r == 0)
                        r = check_known(m, known);
                if (r != 0)
                        return r;
        } else if (PQgetvalue(state, 0, 0)[0] == 't') {
                problem_set(m->problem, 0,
                            "the database has a schema \"capa\" that was not made by `capad "
                            "migrate`: use "
                            "another database");
                return MIGRATE_E_REFUSED;
        }
        for (size_t i = 0; i < sql_n_texts; i++)
                if (strcmp(sql_texts[i].folder, "migrations") == 0 &&
                    !is_known(known, sql_texts[i].name)) {
                        r = apply_migration(m, &sql_texts[i]);
                        if (r != 0)
                                return r;
                }
        return 0;
}

static bool is_view(const struct sql_text *t)
{
        return strncmp(t->name, "view_", strlen("view_")) == 0;
}

static int apply_functions(struct migration *m)
{
        const char *values[] = {schema_fingerprint()};
        unsigned n = 0;
        char count[32];
        int r;

        r = run(m, "migrate", "begin");
        if (r == 0)
                r = run(m, "", "clear");
        for (int views = 0; views < 2; views++)
                for (size_t i = 0; r == 0 && i < sql_n_texts; i++)
                        if (strcmp(sql_texts[i].folder, "functions") == 0 &&
                            is_view(&sql_texts[i]) == (views == 1)) {
                                r = run_text(m, &sql_texts[i]);
                                n++;
                        }
        if (r == 0)
                r = run(m, "migrate", "refresh");
        if (r == 0)
                r = run(m, "", "grants");
        if (r == 0)
                r = run_with(m, "fingerprint", ARRAY_LEN(values), values, NULL);
        if (r == 0)
                r = run(m, "migrate", "commit");
        if (r == 0) {
                snprintf(count, sizeof(count), "%u", n);
                m->done("functions and views", count, m->userdata);
        }
        return r;
}

static void on_notice(void *userdata unused_, const PGresult *result unused_)
{
}

int migrate(const char *conninfo, migrate_fn done, void *userdata, struct problem *reterr)
{
        cleanup_(finish_p) PGconn *pg = PQconnectdb(conninfo);
        struct migration m = {.pg = pg, .done = done, .userdata = userdata, .problem = reterr};
        int r;

        if (PQstatus(pg) != CONNECTION_OK) {
                problem_set(reterr, 0, "%s", PQerrorMessage(pg));
                return MIGRATE_E_REFUSED;
        }
        PQsetNoticeReceiver(pg, on_notice, NULL);
        r = run(&m, "migrate", "lock");
        if (r == 0)
                r = run(&m, "", "roles");
        if (r == 0)
                r = run(&m, "migrate", "owner");
        if (r == 0)
                r = run(&m, "migrate", "become");
        if (r == 0)
                r = apply_migrations(&m);
        if (r == 0)
                r = apply_functions(&m);
        return r;
}
