/* The disk queue on SQLite. Statements stand in sql/ and are prepared once for each connection;
 * every public call is one transaction. Owns the connection; entries handed out are copies. The
 * only place of SQLite. */
#include "proto/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/limits.h"
#include "spool_sql.h"

enum { SPOOL_VERSION = 1, SPOOL_BUSY_MS = 5000 };

enum spool_statement {
        STATEMENT_BEGIN,
        STATEMENT_COMMIT,
        STATEMENT_ROLLBACK,
        STATEMENT_VERSION,
        STATEMENT_USED,
        STATEMENT_APPEND,
        STATEMENT_APPEND_PART,
        STATEMENT_NEXT,
        STATEMENT_NEXT_REFUSED,
        STATEMENT_PARTS,
        STATEMENT_DROP,
        STATEMENT_REFUSE,
        STATEMENT_COUNT,
        STATEMENT_MAX,
};

static const char *const STATEMENTS[STATEMENT_MAX] = {
        [STATEMENT_BEGIN] = SPOOL_SQL_BEGIN,
        [STATEMENT_COMMIT] = SPOOL_SQL_COMMIT,
        [STATEMENT_ROLLBACK] = SPOOL_SQL_ROLLBACK,
        [STATEMENT_VERSION] = SPOOL_SQL_VERSION,
        [STATEMENT_USED] = SPOOL_SQL_USED,
        [STATEMENT_APPEND] = SPOOL_SQL_APPEND,
        [STATEMENT_APPEND_PART] = SPOOL_SQL_APPEND_PART,
        [STATEMENT_NEXT] = SPOOL_SQL_NEXT,
        [STATEMENT_NEXT_REFUSED] = SPOOL_SQL_NEXT_REFUSED,
        [STATEMENT_PARTS] = SPOOL_SQL_PARTS,
        [STATEMENT_DROP] = SPOOL_SQL_DROP,
        [STATEMENT_REFUSE] = SPOOL_SQL_REFUSE,
        [STATEMENT_COUNT] = SPOOL_SQL_COUNT,
};

struct spool {
        sqlite3 *db;
        sqlite3_stmt *statements[STATEMENT_MAX];
        uint64_t limit; /* bytes */
        char *path;
};

struct spool *spool_free(struct spool *s)
{
        if (!s)
                return NULL;
        for (int i = 0; i < STATEMENT_MAX; i++)
                (void) sqlite3_finalize(s->statements[i]);
        (void) sqlite3_close(s->db);
        free(s->path);
        free(s);
        return NULL;
}

void spool_free_p(struct spool **s)
{
        *s = spool_free(*s);
}

void spool_entry_done(struct spool_entry *e)
{
        for (size_t i = 0; i < e->n_frames; i++) {
                const char *data = e->frames[i].data;

                free_p(&data);
        }
        free(e->frames);
        free(e->request_id);
        free(e->adapter);
        free(e->source);
        free(e->refusal);
        *e = (struct spool_entry){0};
}

/* ---- SQLite ---- */

/* What SQLite said last, as a sentence. */
static int spool_failed(struct spool *s, struct problem *reterr)
{
        int code = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;

        if (code == SQLITE_NOMEM)
                return -ENOMEM;
        if (code == SQLITE_FULL) {
                problem_set(reterr, 0, "the disk of the spool %s is full", s->path);
                return SPOOL_E_FULL;
        }
        if (code == SQLITE_BUSY)
                problem_set(reterr, 0, "the spool %s is held by another process: try again",
                            s->path);
        else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
                problem_set(reterr, 0, "the spool %s is damaged or not a spool (%s): move it away",
                            s->path, sqlite3_errmsg(s->db));
        else
                problem_set(reterr, 0, "the spool %s: %s", s->path, sqlite3_errmsg(s->db));
        return SPOOL_E_FAILED;
}

static int spool_exec(struct spool *s, const char *sql, struct problem *reterr)
{
        if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
                return spool_failed(s, reterr);
        return 0;
}

/* The prepared statement, reset; NULL with SQLite's error set if it cannot be. */
static sqlite3_stmt *spool_prepare(struct spool *s, enum spool_statement which)
{
        sqlite3_stmt **statement = &s->statements[which];

        if (!*statement &&
            sqlite3_prepare_v3(s->db, STATEMENTS[which], -1, SQLITE_PREPARE_PERSISTENT, statement,
                               NULL) != SQLITE_OK)
                return NULL;
        (void) sqlite3_reset(*statement);
        return *statement;
}

/* Run a statement that gives no rows. Values bound before are let go. */
static int spool_run(struct spool *s, sqlite3_stmt *statement, struct problem *reterr)
{
        int r = statement ? sqlite3_step(statement) : SQLITE_ERROR;

        if (r != SQLITE_DONE && r != SQLITE_ROW) {
                r = spool_failed(s, reterr);
                if (statement)
                        (void) sqlite3_reset(statement);
                return r;
        }
        (void) sqlite3_reset(statement);
        (void) sqlite3_clear_bindings(statement);
        return 0;
}

static int spool_run_plain(struct spool *s, enum spool_statement which, struct problem *reterr)
{
        return spool_run(s, spool_prepare(s, which), reterr);
}

/* A statement with one number in the first column. */
static int spool_number(struct spool *s, enum spool_statement which, int64_t *ret,
                        struct problem *reterr)
{
        sqlite3_stmt *statement = spool_prepare(s, which);

        if (!statement || sqlite3_step(statement) != SQLITE_ROW)
                return spool_failed(s, reterr);
        *ret = sqlite3_column_int64(statement, 0);
        (void) sqlite3_reset(statement);
        return 0;
}

/* ---- opening ---- */

/* Events can hold what only their owner may read: SQLite takes the mode of an existing file over to
 * those it puts beside it. Only a file that is new is opened here, since closing any descriptor of
 * a file drops the locks that SQLite holds on it in this process. */
static int file_create(const char *path, struct problem *reterr)
{
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        if (fd < 0 && errno == EEXIST)
                return 0;
        if (fd < 0) {
                problem_set(reterr, 0, "the spool %s cannot be opened: %m", path);
                return SPOOL_E_FAILED;
        }
        (void) close(fd);
        return 0;
}

static int layout_check(struct spool *s, struct problem *reterr)
{
        int64_t version = 0;
        int r;

        r = spool_number(s, STATEMENT_VERSION, &version, reterr);
        if (r != 0)
                return r;
        if (version == 0)
                return spool_exec(s, SPOOL_SQL_SCHEMA, reterr);
        if (version != SPOOL_VERSION) {
                problem_set(
                        reterr, 0,
                        "the spool %s has layout %lld, this program knows %d: use the program that "
                        "wrote it",
                        s->path, (long long) version, SPOOL_VERSION);
                return SPOOL_E_FAILED;
        }
        return 0;
}

static int spool_set_up(struct spool *s, struct problem *reterr)
{
        int r;

        r = spool_exec(s, SPOOL_SQL_CONNECTION, reterr);
        if (r != 0)
                return r;
        r = layout_check(s, reterr);
        if (r != 0 && !sqlite3_get_autocommit(s->db))
                (void) sqlite3_exec(s->db, SPOOL_SQL_ROLLBACK, NULL, NULL, NULL);
        return r;
}

/* Where several processes meet a new file, SQLite tells all but one at once that it is busy,
 * without its own waiting: a change of the journal's kind cannot wait for a lock that another also
 * wants. */
static int spool_set_up_waiting(struct spool *s, struct problem *reterr)
{
        static const struct timespec PAUSE = {.tv_nsec = INT64_C(10) * 1000 * 1000};

        for (unsigned waited_ms = 0;; waited_ms += 10) {
                int r = spool_set_up(s, reterr);

                if (r != SPOOL_E_FAILED || sqlite3_errcode(s->db) != SQLITE_BUSY ||
                    waited_ms >= SPOOL_BUSY_MS)
                        return r;
                (void) nanosleep(&PAUSE, NULL);
        }
}

int spool_open(const char *path, struct spool **ret, struct problem *reterr)
{
        cleanup_(spool_free_p) struct spool *s = NULL;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->limit = LIMIT_SPOOL_BYTES;
        s->path = strdup(path);
        if (!s->path)
                return -ENOMEM;
        r = file_create(path, reterr);
        if (r != 0)
                return r;
        if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
            sqlite3_busy_timeout(s->db, SPOOL_BUSY_MS) != SQLITE_OK)
                return spool_failed(s, reterr);
        r = spool_set_up_waiting(s, reterr);
        if (r != 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

void spool_limit(struct spool *s, uint64_t bytes)
{
        s->limit = MIN(bytes, (uint64_t) LIMIT_SPOOL_BYTES);
}

/* ---- writing ---- */

static int64_t now_us(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int room_check(struct spool *s, const struct spool_request *request, struct problem *reterr)
{
        uint64_t wanted = 0;
        int64_t used = 0;
        int r;

        for (size_t i = 0; i < request->n_frames; i++)
                wanted += request->frames[i].size;
        r = spool_number(s, STATEMENT_USED, &used, reterr);
        if (r != 0)
                return r;
        if (wanted <= s->limit && (uint64_t) used <= s->limit - wanted)
                return 0;
        problem_set(
                reterr, 0,
                "the spool %s is full: %lld bytes are in use, the limit is %llu; what it holds is "
                "sent as soon as the daemon answers",
                s->path, (long long) used, (unsigned long long) s->limit);
        return SPOOL_E_FULL;
}

static bool bind_text(sqlite3_stmt *statement, int at, const char *text)
{
        return sqlite3_bind_text(statement, at, text ? text : "", -1, SQLITE_STATIC) == SQLITE_OK;
}

static int parts_append(struct spool *s, int64_t number, const struct spool_request *request,
                        struct problem *reterr)
{
        for (size_t i = 0; i < request->n_frames; i++) {
                const struct frame *f = &request->frames[i];
                sqlite3_stmt *part = spool_prepare(s, STATEMENT_APPEND_PART);
                int r;

                if (!part || sqlite3_bind_int64(part, 1, number) != SQLITE_OK ||
                    sqlite3_bind_int64(part, 2, (int64_t) i) != SQLITE_OK ||
                    sqlite3_bind_blob64(part, 3, f->size > 0 ? f->data : "", f->size,
                                        SQLITE_STATIC) != SQLITE_OK)
                        return spool_failed(s, reterr);
                r = spool_run(s, part, reterr);
                if (r != 0)
                        return r;
        }
        return 0;
}

static int request_append(struct spool *s, const struct spool_request *request,
                          struct problem *reterr)
{
        sqlite3_stmt *append;
        int r;

        r = room_check(s, request, reterr);
        if (r != 0)
                return r;
        append = spool_prepare(s, STATEMENT_APPEND);
        if (!append || sqlite3_bind_int64(append, 1, now_us()) != SQLITE_OK ||
            !bind_text(append, 2, request->request_id) || !bind_text(append, 3, request->adapter) ||
            !bind_text(append, 4, request->source))
                return spool_failed(s, reterr);
        r = spool_run(s, append, reterr);
        if (r != 0)
                return r;
        return parts_append(s, sqlite3_last_insert_rowid(s->db), request, reterr);
}

int spool_append(struct spool *s, const struct spool_request *request, struct problem *reterr)
{
        int r;

        r = spool_run_plain(s, STATEMENT_BEGIN, reterr);
        if (r != 0)
                return r;
        r = request_append(s, request, reterr);
        if (r == 0)
                r = spool_run_plain(s, STATEMENT_COMMIT, reterr);
        if (r != 0)
                (void) spool_run_plain(s, STATEMENT_ROLLBACK, NULL);
        return r;
}

int spool_drop(struct spool *s, int64_t number, struct problem *reterr)
{
        sqlite3_stmt *drop = spool_prepare(s, STATEMENT_DROP);

        if (!drop || sqlite3_bind_int64(drop, 1, number) != SQLITE_OK)
                return spool_failed(s, reterr);
        return spool_run(s, drop, reterr);
}

int spool_refuse(struct spool *s, int64_t number, const char *verdicts, struct problem *reterr)
{
        sqlite3_stmt *refuse = spool_prepare(s, STATEMENT_REFUSE);

        if (!refuse || sqlite3_bind_int64(refuse, 1, number) != SQLITE_OK ||
            !bind_text(refuse, 2, verdicts))
                return spool_failed(s, reterr);
        return spool_run(s, refuse, reterr);
}

/* ---- reading ---- */

static char *column_dup(sqlite3_stmt *row, int column)
{
        const unsigned char *text = sqlite3_column_text(row, column);

        return text ? strdup((const char *) text) : NULL;
}

static int entry_read(sqlite3_stmt *row, struct spool_entry *ret)
{
        size_t n_frames = (size_t) sqlite3_column_int64(row, 6);

        ret->number = sqlite3_column_int64(row, 0);
        ret->at_us = sqlite3_column_int64(row, 1);
        ret->request_id = column_dup(row, 2);
        ret->adapter = column_dup(row, 3);
        ret->source = column_dup(row, 4);
        ret->refusal = column_dup(row, 5);
        ret->frames = calloc(MAX(n_frames, (size_t) 1), sizeof(*ret->frames));
        if (!ret->request_id || !ret->adapter || !ret->source || !ret->frames ||
            (!ret->refusal && sqlite3_column_type(row, 5) != SQLITE_NULL))
                return -ENOMEM;
        ret->n_frames = n_frames;
        return 0;
}

static int parts_read(struct spool *s, struct spool_entry *e, struct problem *reterr)
{
        sqlite3_stmt *parts = spool_prepare(s, STATEMENT_PARTS);

        if (!parts || sqlite3_bind_int64(parts, 1, e->number) != SQLITE_OK)
                return spool_failed(s, reterr);
        for (size_t i = 0; i < e->n_frames; i++) {
                size_t size;
                char *data;

                if (sqlite3_step(parts) != SQLITE_ROW)
                        return spool_failed(s, reterr);
                size = (size_t) sqlite3_column_bytes(parts, 0);
                data = malloc(size + 1);
                if (!data)
                        return -ENOMEM;
                if (size > 0)
                        memcpy(data, sqlite3_column_blob(parts, 0), size);
                data[size] = 0;
                e->frames[i] = (struct frame){data, size};
        }
        (void) sqlite3_reset(parts);
        return 0;
}

static int entry_find(struct spool *s, enum spool_statement which, int64_t after,
                      struct spool_entry *ret, struct problem *reterr)
{
        sqlite3_stmt *next = spool_prepare(s, which);
        int r;

        if (!next || sqlite3_bind_int64(next, 1, after) != SQLITE_OK)
                return spool_failed(s, reterr);
        r = sqlite3_step(next);
        if (r == SQLITE_DONE)
                return SPOOL_E_EMPTY;
        if (r != SQLITE_ROW)
                return spool_failed(s, reterr);
        r = entry_read(next, ret);
        if (r != 0)
                return r;
        return parts_read(s, ret, reterr);
}

static int spool_read(struct spool *s, enum spool_statement which, int64_t after,
                      struct spool_entry *ret, struct problem *reterr)
{
        cleanup_(spool_entry_done) struct spool_entry e = {0};
        int r;

        r = entry_find(s, which, after, &e, reterr);
        /* An open read would keep the file from being shortened. */
        (void) sqlite3_reset(s->statements[which]);
        (void) sqlite3_reset(s->statements[STATEMENT_PARTS]);
        if (r != 0)
                return r;
        *ret = e;
        e = (struct spool_entry){0};
        return 0;
}

int spool_next(struct spool *s, int64_t after, struct spool_entry *ret, struct problem *reterr)
{
        return spool_read(s, STATEMENT_NEXT, after, ret, reterr);
}

int spool_next_refused(struct spool *s, int64_t after, struct spool_entry *ret,
                       struct problem *reterr)
{
        return spool_read(s, STATEMENT_NEXT_REFUSED, after, ret, reterr);
}

int spool_count(struct spool *s, uint64_t *ret_queued, uint64_t *ret_refused,
                struct problem *reterr)
{
        sqlite3_stmt *count = spool_prepare(s, STATEMENT_COUNT);

        if (!count || sqlite3_step(count) != SQLITE_ROW)
                return spool_failed(s, reterr);
        *ret_queued = (uint64_t) sqlite3_column_int64(count, 0);
        *ret_refused = (uint64_t) sqlite3_column_int64(count, 1);
        (void) sqlite3_reset(count);
        return 0;
}
