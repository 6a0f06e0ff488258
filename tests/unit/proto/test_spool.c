/* Tests of spool/: order, bytes kept, refusal, limits, several processes, a writer killed half way.
 */
#include "test.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/spool/spool.h"

struct folder {
        char path[64];
        char file[96];
};

static int folder_make(void **state)
{
        struct folder *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void) snprintf(f->path, sizeof(f->path), "/tmp/capa-spool-XXXXXX");
        assert_non_null(mkdtemp(f->path));
        (void) snprintf(f->file, sizeof(f->file), "%s/spool.db", f->path);
        *state = f;
        return 0;
}

static int folder_remove(void **state)
{
        static const char *const ENDINGS[] = {"", "-wal", "-shm", "-journal"};
        struct folder *f = *state;

        for (size_t i = 0; i < ARRAY_LEN(ENDINGS); i++) {
                char path[128];

                (void) snprintf(path, sizeof(path), "%s%s", f->file, ENDINGS[i]);
                (void) unlink(path);
        }
        assert_int_equal(rmdir(f->path), 0);
        free(f);
        return 0;
}

static struct spool *open_good(const struct folder *f)
{
        struct problem p = {0};
        struct spool *s = NULL;

        if (spool_open(f->file, &s, &p) != 0)
                fail_msg("%s", p.text);
        return s;
}

static void append_good(struct spool *s, const char *id, const struct frame *frames, size_t n)
{
        struct problem p = {0};

        if (spool_append(s, &(struct spool_request){id, "adapter", "source", frames, n}, &p) != 0)
                fail_msg("%s", p.text);
}

static void assert_count(struct spool *s, unsigned queued, unsigned refused)
{
        uint64_t a, b;

        assert_int_equal(spool_count(s, &a, &b, NULL), 0);
        assert_int_equal(a, queued);
        assert_int_equal(b, refused);
}

static void test_bytes_and_order(void **state)
{
        static const char BINARY[] = "a\0b\xff\n";
        const struct frame frames[] = {{"{\"n\":1}", 7}, {BINARY, 5}, {"", 0}, {NULL, 0}};
        cleanup_(spool_free_p) struct spool *s = open_good(*state);
        struct spool_entry e = {0};
        struct stat st;
        int64_t first;

        assert_int_equal(stat(((struct folder *) *state)->file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(spool_next(s, 0, &e, NULL), SPOOL_E_EMPTY);
        append_good(s, "first", frames, ARRAY_LEN(frames));
        append_good(s, "second", frames, 0);
        s = spool_free(s);
        s = open_good(*state);
        assert_int_equal(spool_next(s, 0, &e, NULL), 0);
        assert_string_equal(e.request_id, "first");
        assert_string_equal(e.adapter, "adapter");
        assert_string_equal(e.source, "source");
        assert_null(e.refusal);
        assert_true(e.at_us > INT64_C(1700000000000000));
        assert_int_equal(e.n_frames, ARRAY_LEN(frames));
        assert_memory_equal(e.frames[0].data, "{\"n\":1}", 7);
        assert_int_equal(e.frames[1].size, 5);
        assert_memory_equal(e.frames[1].data, BINARY, 5);
        assert_int_equal(e.frames[2].size, 0);
        first = e.number;
        spool_entry_done(&e);
        assert_int_equal(spool_next(s, first, &e, NULL), 0);
        assert_string_equal(e.request_id, "second");
        assert_int_equal(e.n_frames, 0);
        assert_int_equal(spool_next(s, e.number, &e, NULL), SPOOL_E_EMPTY);
        assert_string_equal(e.request_id, "second");
        spool_entry_done(&e);
        assert_count(s, 2, 0);
}

static void test_drop_and_refuse(void **state)
{
        const struct frame frame = {"{}", 2};
        cleanup_(spool_free_p) struct spool *s = open_good(*state);
        cleanup_(spool_entry_done) struct spool_entry e = {0};

        append_good(s, "a", &frame, 1);
        append_good(s, "b", &frame, 1);
        append_good(s, "c", &frame, 1);
        assert_int_equal(spool_drop(s, 1, NULL), 0);
        assert_int_equal(spool_drop(s, 1, NULL), 0);
        assert_int_equal(spool_refuse(s, 2, "{\"verdicts\":[]}", NULL), 0);
        assert_count(s, 1, 1);
        assert_int_equal(spool_next(s, 0, &e, NULL), 0);
        assert_string_equal(e.request_id, "c");
        spool_entry_done(&e);
        assert_int_equal(spool_next_refused(s, 0, &e, NULL), 0);
        assert_string_equal(e.request_id, "b");
        assert_string_equal(e.refusal, "{\"verdicts\":[]}");
        assert_int_equal(e.n_frames, 1);
        assert_int_equal(spool_drop(s, e.number, NULL), 0);
        assert_count(s, 1, 0);
        /* Numbers are never used again, else a reader's place would skip an entry. */
        assert_int_equal(spool_drop(s, 3, NULL), 0);
        append_good(s, "d", &frame, 1);
        spool_entry_done(&e);
        assert_int_equal(spool_next(s, 0, &e, NULL), 0);
        assert_int_equal(e.number, 4);
}

static void test_full(void **state)
{
        cleanup_(spool_free_p) struct spool *s = open_good(*state);
        cleanup_(free_p) char *bytes = calloc(1, 100000);
        const struct frame frame = {bytes, 100000}, huge = {bytes, (size_t) 1 << 40};
        const struct spool_request request = {"r", NULL, NULL, &frame, 1};
        struct problem p = {0};
        unsigned n = 0;
        struct stat st;

        assert_non_null(bytes);
        spool_limit(s, 1000000);
        while (spool_append(s, &request, &p) == 0)
                n++;
        assert_true(n >= 8 && n <= 9);
        assert_contains(p.text, "is full");
        assert_int_equal(spool_append(s, &request, &p), SPOOL_E_FULL);
        assert_count(s, n, 0);
        for (int64_t i = 1; i <= n; i++)
                assert_int_equal(spool_drop(s, i, NULL), 0);
        append_good(s, "again", &frame, 1);
        spool_limit(s, UINT64_MAX); /* cannot rise above the limit of limits.h */
        assert_int_equal(spool_append(s, &(struct spool_request){"r", NULL, NULL, &huge, 1}, &p),
                         SPOOL_E_FULL);
        s = spool_free(s);
        assert_int_equal(stat(((struct folder *) *state)->file, &st), 0);
        assert_true(st.st_size < 200000); /* the disk is given back */
}

static void test_no_spool(void **state)
{
        const struct folder *f = *state;
        struct spool *s = NULL;
        struct problem p = {0};
        FILE *junk;

        assert_int_equal(spool_open("/nonexistent/folder/spool.db", &s, &p), SPOOL_E_FAILED);
        assert_contains(p.text, "/nonexistent/folder/spool.db cannot be opened: No such file");
        assert_int_equal(spool_open(f->path, &s, &p), SPOOL_E_FAILED);
        assert_contains(p.text, f->path);
        junk = fopen(f->file, "we");
        assert_non_null(junk);
        for (int i = 0; i < 1000; i++)
                (void) fputs("this is no database ", junk);
        assert_int_equal(fclose(junk), 0);
        assert_int_equal(spool_open(f->file, &s, &p), SPOOL_E_FAILED);
        assert_contains(p.text, "not a spool");
        assert_null(s);
}

enum { WRITERS = 8, REQUESTS = 25 };

static void write_many(const struct folder *f, int writer)
{
        const struct frame frames[] = {{"{\"one\":1}", 9}, {"{\"two\":2}", 9}};
        struct spool *s = NULL;
        char id[32];

        if (spool_open(f->file, &s, NULL) != 0)
                _exit(1);
        for (int i = 0; i < REQUESTS; i++) {
                (void) snprintf(id, sizeof(id), "%d/%d", writer, i);
                if (spool_append(s, &(struct spool_request){id, "", "", frames, 2}, NULL) != 0)
                        _exit(2);
        }
        (void) spool_free(s);
        _exit(0);
}

/* Several processes make and fill one file at once: nothing is lost, each one's order is kept. */
static void test_processes(void **state)
{
        cleanup_(spool_free_p) struct spool *s = NULL;
        struct spool_entry e = {0};
        int next[WRITERS] = {0};
        int64_t after = 0;
        pid_t pids[WRITERS];

        for (int i = 0; i < WRITERS; i++) {
                pids[i] = fork();
                assert_true(pids[i] >= 0);
                if (pids[i] == 0)
                        write_many(*state, i);
        }
        for (int i = 0; i < WRITERS; i++) {
                int status;

                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
        }
        s = open_good(*state);
        assert_count(s, WRITERS * REQUESTS, 0);
        while (spool_next(s, after, &e, NULL) == 0) {
                int writer, i;

                assert_int_equal(sscanf(e.request_id, "%d/%d", &writer, &i), 2);
                assert_int_equal(i, next[writer]++);
                assert_int_equal(e.n_frames, 2);
                after = e.number;
                spool_entry_done(&e);
        }
        for (int i = 0; i < WRITERS; i++)
                assert_int_equal(next[i], REQUESTS);
}

/* The child tells each append after it returned; killed at any moment, all it told are there,
 * whole, and at most one more. */
static void test_kill(void **state)
{
        for (int round = 0; round < 5; round++) {
                const struct frame frames[] = {{"{\"one\":1}", 9}, {"{\"two\":2}", 9}};
                cleanup_(spool_free_p) struct spool *s = NULL;
                unsigned told = 0, found = 0;
                struct spool_entry e = {0};
                int64_t after = 0;
                int fds[2];
                pid_t pid;
                char byte;

                assert_int_equal(pipe(fds), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        s = open_good(*state);
                        for (;;)
                                if (spool_append(s, &(struct spool_request){"r", "", "", frames, 2},
                                                 NULL) != 0 ||
                                    write(fds[1], "x", 1) != 1)
                                        _exit(1);
                }
                (void) close(fds[1]);
                assert_int_equal(read(fds[0], &byte, 1), 1);
                (void) usleep(5000U * (unsigned) (round + 1));
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, NULL, 0), pid);
                for (told = 1; read(fds[0], &byte, 1) == 1; told++)
                        ;
                (void) close(fds[0]);
                s = open_good(*state);
                for (; spool_next(s, after, &e, NULL) == 0; found++) {
                        assert_int_equal(e.n_frames, 2);
                        after = e.number;
                        assert_int_equal(spool_drop(s, e.number, NULL), 0);
                        spool_entry_done(&e);
                }
                assert_in_range(found, told, told + 1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_bytes_and_order, folder_make, folder_remove),
                cmocka_unit_test_setup_teardown(test_drop_and_refuse, folder_make, folder_remove),
                cmocka_unit_test_setup_teardown(test_full, folder_make, folder_remove),
                cmocka_unit_test_setup_teardown(test_no_spool, folder_make, folder_remove),
                cmocka_unit_test_setup_teardown(test_processes, folder_make, folder_remove),
                cmocka_unit_test_setup_teardown(test_kill, folder_make, folder_remove),
        };

        return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
