/* The shipped rules and adapters: their own test events, and real output of the tools they are for
 * (shared/corpus beside the repository; skipped with a message where it is absent). */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FILES_MAX 128

struct shipped {
        struct fixture fixture;
        struct source_file files[FILES_MAX];
        size_t n_files;
        struct complaints complaints;
};

static char *read_file(const char *path, size_t *ret_size)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char chunk[65536];
        FILE *f = fopen(path, "rbe");
        size_t n;

        if (!f)
                return NULL;
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(&b, chunk, n);
        (void) fclose(f);
        assert_int_equal(buffer_status(&b), 0);
        *ret_size = b.size;
        return buffer_take(&b);
}

static void add_folder(struct shipped *s, const char *folder, enum source_kind kind)
{
        DIR *d = opendir(folder);

        assert_non_null(d);
        for (struct dirent *e = readdir(d); e; e = readdir(d)) {
                struct source_file *file = &s->files[s->n_files];
                char *path = NULL;

                if (!strstr(e->d_name, ".json"))
                        continue;
                assert_true(s->n_files < FILES_MAX);
                assert_true(asprintf(&path, "%s/%s", folder, e->d_name) > 0);
                file->kind = kind;
                file->path = path;
                file->text = read_file(path, &file->size);
                assert_non_null(file->text);
                s->n_files++;
        }
        (void) closedir(d);
}

static int load_shipped(void **state)
{
        struct shipped *s = calloc(1, sizeof(*s));
        int r;

        assert_non_null(s);
        add_folder(s, SHIPPED "/rules", SOURCE_RULES);
        add_folder(s, SHIPPED "/adapters", SOURCE_ADAPTERS);
        r = ruleset_load(s->files, s->n_files, (const char *const[]){"default", NULL},
                         &s->fixture.rules, &s->complaints);
        if (r != 0)
                fail_msg("%s", s->complaints.text.data ? s->complaints.text.data : "no reason");
        assert_int_equal(judge_new(&s->fixture.judge), 0);
        s->fixture.from.peer = "tester";
        *state = s;
        return 0;
}

static int drop_shipped(void **state)
{
        struct shipped *s = *state;

        fixture_done(&s->fixture);
        for (size_t i = 0; i < s->n_files; i++) {
                free((void *) (uintptr_t) s->files[i].path);
                free((void *) (uintptr_t) s->files[i].text);
        }
        complaints_done(&s->complaints);
        free(s);
        return 0;
}

static void own_tests(void **state)
{
        struct shipped *s = *state;
        unsigned n = 0;
        int r;

        r = ruleset_test(s->fixture.rules, &n, &s->complaints);
        if (r != 0)
                fail_msg("%s", s->complaints.text.data ? s->complaints.text.data : "no reason");
        assert_true(n >= 40);
}

/* Every rule that raises or clears is shown by at least one test event: else it might never match.
 */
static void a_test_of_its_own_can_fail(void **state)
{
        static const char *const WRONG =
                "{\"rules\":[{\"id\":\"r\",\"title\":\"t\",\"effect\":\"fail\",\"match\":{\"path\":"
                "\"/type\",\"eq\":"
                "\"t\"},\"fingerprint\":\"/source\"}],\"tests\":[\n"
                " {\"name\":\"one\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"t\"},"
                "\"expect\":[{\"rule\":\"r\",\"grade\":\"major\"}]},\n"
                " {\"name\":\"two\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"t\"},"
                "\"expect\":[]},\n"
                " {\"name\":\"three\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"u\"},"
                "\"expect\":[{\"rule\":\"r\"}]},\n"
                " {\"name\":\"four\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"u\"},"
                "\"expect\":\"invalid\"},\n"
                " {\"name\":\"five\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"u\"},"
                "\"parts\":[{\"type\":\"t\"}]},\n"
                " {\"name\":\"six\",\"event\":{},\"parts\":[{\"type\":\"t\"}]},\n"
                " {\"name\":\"fine\",\"event\":{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":"
                "\"s\",\"type\":\"t\"},"
                "\"expect\":[{\"rule\":\"r\",\"grade\":\"minor\"}]}]}";
        struct complaints c = {0};
        unsigned n = 0;
        struct fixture f;

        (void) state;
        fixture_load(&f, WRONG, NULL);
        assert_int_equal(ruleset_test(f.rules, &n, &c), RULESET_E_INVALID);
        assert_int_equal(n, 7);
        assert_int_equal(c.n, 6);
        assert_contains(c.text.data, "rules.json:2:2: test \"one\":");
        assert_contains(c.text.data, "rules.json:3:2: test \"two\": 1 matches were not expected");
        assert_contains(c.text.data, "rules.json:4:2: test \"three\":");
        assert_contains(c.text.data, "rules.json:5:2: test \"four\": \"invalid\" was expected");
        assert_contains(c.text.data,
                        "rules.json:6:2: test \"five\": part 0: type is \"u\", \"t\" was expected");
        assert_contains(c.text.data,
                        "rules.json:7:2: test \"six\": 1 parts were expected, there are 0");
        complaints_done(&c);
        fixture_done(&f);
}

struct tally { /* of one file of the corpus */
        unsigned frames, parts, refused, raised, passed, ignored, counted;
};

static void tally_frame(struct shipped *s, const char *text, size_t size, struct tally *t)
{
        const struct judgement *j = judge_bytes(&s->fixture, text, size);

        t->frames++;
        t->refused += j->verdict != VERDICT_MAX;
        for (size_t i = 0; i < j->n_parts; i++) {
                const struct part *p = &j->parts[i];

                t->parts++;
                t->refused += p->verdict == VERDICT_INVALID || p->verdict == VERDICT_FORBIDDEN;
                t->ignored += p->verdict == VERDICT_IGNORED;
                t->counted += p->counted_only;
                for (unsigned m = 0; m < p->n_matches; m++)
                        if (j->matches[p->first_match + m].effect == EFFECT_FAIL)
                                t->raised++;
                        else
                                t->passed++;
        }
}

/* Lines of NDJSON, or one document where the file ends with .json. */
static struct tally tally_file(struct shipped *s, const char *name, const char *adapter)
{
        struct tally t = {0};
        char path[1024];
        size_t size = 0;
        char *text;

        (void) snprintf(path, sizeof(path), "%s/%s", CORPUS, name);
        text = read_file(path, &size);
        if (!text) {
                print_message("%s is not there: skipped\n", path);
                skip();
        }
        s->fixture.from.adapter = (struct frame){adapter, strlen(adapter)};
        if (strstr(name, ".ndjson")) {
                for (char *line = text, *end; line < text + size; line = end + 1) {
                        end = memchr(line, '\n', (size_t) (text + size - line));
                        if (!end)
                                end = text + size;
                        if (end > line)
                                tally_frame(s, line, (size_t) (end - line), &t);
                }
        } else {
                tally_frame(s, text, size, &t);
        }
        free(text);
        return t;
}

static void check_tally(struct shipped *s, const char *name, const char *adapter,
                        const struct tally *expected)
{
        struct tally t = tally_file(s, name, adapter);

        if (memcmp(&t, expected, sizeof(t)) != 0)
                fail_msg("%s: %u frames, %u parts, %u refused, %u raised, %u passed, %u ignored, "
                         "%u counted",
                         name, t.frames, t.parts, t.refused, t.raised, t.passed, t.ignored,
                         t.counted);
}

/* Counted by hand in the files: alerts by their own status, not by that of their post. */
static void alertmanager(void **state)
{
        check_tally(*state, "toolrun/alertmanager/webhook.ndjson", "alertmanager",
                    &(struct tally){.frames = 7, .parts = 26, .raised = 25, .passed = 1});
        check_tally(*state, "toolrun/alertmanager/webhook-backup-tls-disk.ndjson", "alertmanager",
                    &(struct tally){.frames = 7, .parts = 9, .raised = 8, .passed = 1});
        check_tally(*state, "toolrun/alertmanager/api-v2-alerts.json", "alertmanager-api",
                    &(struct tally){.frames = 1, .parts = 6, .raised = 6});
        check_tally(*state, "alertmanager/zulip-alert.json", "alertmanager",
                    &(struct tally){.frames = 1, .parts = 2, .raised = 2});
        /* 16 active, 8 suppressed: a silenced alert raises nothing */
        check_tally(*state, "alertmanager/api-v2-groups-0.31.ndjson", "alertmanager",
                    &(struct tally){.frames = 10, .parts = 24, .raised = 16, .ignored = 8});
}

/* The boot's failures: of the units d9b373ed (7) and be02cf68 (4), one refused sudo, nine failed
 * passwords, which the register counts. */
static void journal(void **state)
{
        struct tally t;

        check_tally(*state, "toolrun/journald/unit-backup-restic.ndjson", "journal",
                    &(struct tally){.frames = 8, .parts = 8, .raised = 2, .ignored = 6});
        check_tally(*state, "toolrun/journald/journal-warning-and-worse.ndjson", "journal",
                    &(struct tally){.frames = 28, .parts = 28, .raised = 12, .ignored = 16});
        t = tally_file(*state, "toolrun/journald/journal-all.ndjson", "journal");
        assert_int_equal(t.frames, 205);
        assert_int_equal(t.refused, 0);
        assert_int_equal(t.raised, 21);
        assert_true(t.passed > 0);
        check_tally(*state, "toolrun/journald/systemctl-failed.json", "systemd-unit",
                    &(struct tally){.frames = 1, .parts = 4, .raised = 4});
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(own_tests),
                cmocka_unit_test(a_test_of_its_own_can_fail),
                cmocka_unit_test(alertmanager),
                cmocka_unit_test(journal),
        };

        return cmocka_run_group_tests_name("core/shipped", tests, load_shipped, drop_shipped);
}
