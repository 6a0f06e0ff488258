/* libcapa with nobody there: what is checked before anything is sent, the absence that is noticed
 * in time, and the spool. */
#include "tests/unit/client/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/capa.h"
#include "proto/base/limits.h"
#include "proto/spool/spool.h"

#define EVENT "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}"

static char folder[] = "/tmp/capa-emit-XXXXXX";
static char spool_path[64];

static int make_folder(void **state)
{
        (void) state;
        if (!mkdtemp(folder))
                return -1;
        snprintf(spool_path, sizeof(spool_path), "%s/spool.db", folder);
        return 0;
}

static int remove_folder(void **state)
{
        char command[80];

        (void) state;
        snprintf(command, sizeof(command), "rm -r %s", folder);
        return system(command);
}

static struct capa *connect_to_nobody(const char *spool)
{
        char ingest[64], control[64];
        struct capa_options options = {
                .ingest = ingest, .control = control, .spool = spool, .timeout_ms = 300};
        struct capa *c = NULL;

        snprintf(ingest, sizeof(ingest), "ipc://%s/ingest", folder);
        snprintf(control, sizeof(control), "ipc://%s/control", folder);
        assert_int_equal(capa_connect(&options, &c), 0);
        return c;
}

static void test_limits(void **state)
{
        struct capa *c = connect_to_nobody(NULL);
        static struct capa_bytes many[LIMIT_PUT_EVENTS + 1];
        char *big = calloc(1, LIMIT_EVENT_BYTES + 1), *answer = NULL;

        (void) state;
        assert_int_equal(capa_check_event(c, "", EVENT, strlen(EVENT)), 0);
        assert_int_equal(capa_check_event(c, "x", "{}", 2), 0);
        assert_int_equal(capa_check_event(c, "", "{}", 2), CAPA_E_INVALID);
        assert_int_equal(capa_check_event(c, "x", "{]", 2), CAPA_E_INVALID);
        assert_true(strlen(capa_problem(c)) > 0);
        assert_int_equal(capa_check_event(c, "x", big, LIMIT_EVENT_BYTES + 1), CAPA_E_LIMIT);
        for (size_t i = 0; i <= LIMIT_PUT_EVENTS; i++)
                many[i] = (struct capa_bytes){EVENT, strlen(EVENT)};
        assert_int_equal(capa_emit(c, "", many, 0, &answer), CAPA_E_LIMIT);
        assert_int_equal(capa_emit(c, "", many, LIMIT_PUT_EVENTS + 1, &answer), CAPA_E_LIMIT);
        assert_null(answer);
        memset(big, 'x', LIMIT_CALL_PARAMS + 1);
        big[LIMIT_CALL_PARAMS + 1] = '\0';
        assert_int_equal(capa_call(c, "list", big, NULL, 0, &answer, NULL), CAPA_E_LIMIT);
        assert_int_equal(capa_call(c, "list", NULL, many, LIMIT_ATTACHMENTS + 1, &answer, NULL),
                         CAPA_E_LIMIT);
        assert_null(answer);
        free(big);
        capa_close(c);
}

static void test_nobody_there(void **state)
{
        struct capa *c = connect_to_nobody(NULL);
        struct capa_bytes event = {EVENT, strlen(EVENT)};
        struct timespec before, after;
        char *answer = NULL;

        (void) state;
        clock_gettime(CLOCK_MONOTONIC, &before);
        assert_int_equal(capa_call(c, "list", NULL, NULL, 0, &answer, NULL), CAPA_E_NO_ANSWER);
        assert_non_null(strstr(capa_problem(c), "is capad running?"));
        assert_int_equal(capa_emit(c, "", &event, 1, &answer), CAPA_E_NO_ANSWER);
        assert_int_equal(capa_ping(c, &answer), CAPA_E_NO_ANSWER);
        clock_gettime(CLOCK_MONOTONIC, &after);
        assert_true(after.tv_sec - before.tv_sec < 30); /* nobody waits for who is not there */
        assert_null(answer);
        capa_close(c);
}

static void test_spooled_in_order(void **state)
{
        struct capa *c = connect_to_nobody(spool_path);
        struct capa_bytes first[2] = {{EVENT, strlen(EVENT)}, {EVENT, strlen(EVENT)}};
        struct capa_bytes second = {"{\"x\":1}", 7};
        struct spool *spool = NULL;
        struct spool_entry entry = {0};
        struct problem problem = {0};
        uint64_t sent = 1, refused = 1;
        char *answer = NULL;

        (void) state;
        assert_int_equal(capa_emit(c, "", first, 2, &answer), CAPA_E_SPOOLED);
        assert_int_equal(capa_emit(c, "alertmanager", &second, 1, &answer), CAPA_E_SPOOLED);
        assert_int_equal(capa_flush(c, &sent, &refused), CAPA_E_NO_ANSWER);
        assert_int_equal(sent, 0);
        assert_int_equal(refused, 0);
        assert_null(answer);
        capa_close(c);
        assert_int_equal(spool_open(spool_path, &spool, &problem), 0);
        assert_int_equal(spool_next(spool, 0, &entry, &problem), 0);
        assert_int_equal(entry.n_frames, 2);
        assert_string_equal(entry.adapter, "");
        assert_int_equal(strlen(entry.request_id), 32);
        assert_int_equal(entry.frames[1].size, strlen(EVENT));
        assert_memory_equal(entry.frames[1].data, EVENT, strlen(EVENT));
        int64_t number = entry.number;
        spool_entry_done(&entry);
        entry = (struct spool_entry){0};
        assert_int_equal(spool_next(spool, number, &entry, &problem), 0);
        assert_string_equal(entry.adapter, "alertmanager");
        spool_entry_done(&entry);
        spool_free(spool);
}

static void test_invalid_is_not_spooled(void **state)
{
        char path[80];
        struct capa *c;
        struct capa_bytes event = {"{\"id\":1}", 8};
        char *answer = NULL;

        (void) state;
        snprintf(path, sizeof(path), "%s/other.db", folder);
        c = connect_to_nobody(path);
        assert_int_equal(capa_emit(c, "", &event, 1, &answer), CAPA_E_INVALID);
        assert_int_equal(access(path, F_OK), -1);
        capa_close(c);
}

static void test_spool_that_cannot_be(void **state)
{
        struct capa *c = connect_to_nobody("/proc/nowhere/spool.db");
        struct capa_bytes event = {EVENT, strlen(EVENT)};
        char *answer = NULL;

        (void) state;
        assert_int_equal(capa_emit(c, "", &event, 1, &answer), CAPA_E_SPOOL);
        assert_non_null(strstr(capa_problem(c), "/proc/nowhere/spool.db"));
        capa_close(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_limits),
                                           cmocka_unit_test(test_nobody_there),
                                           cmocka_unit_test(test_spooled_in_order),
                                           cmocka_unit_test(test_invalid_is_not_spooled),
                                           cmocka_unit_test(test_spool_that_cannot_be)};

        return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
