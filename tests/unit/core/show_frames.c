/* Judges frames by the shipped rules and adapters and shows what they become; for tests that hold
 * files of real tools against a table.
 *   show_frames DAEMON_FOLDER <frames >lines
 *   show_frames --test DAEMON_FOLDER            their own test events; prints how many
 * A frame: the adapter's name ("-" for CloudEvents), a tab, the number of bytes, a newline, the
 * bytes. A line: what judge_show says of it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"
#include "proto/base/util.h"

#define FILES_MAX 256U

struct files {
        struct source_file list[FILES_MAX];
        size_t n;
};

static void files_done(struct files *f)
{
        for (size_t i = 0; i < f->n; i++) {
                free((void *) (uintptr_t) f->list[i].path);
                free((void *) (uintptr_t) f->list[i].text);
        }
}

static char *read_whole(FILE *in, size_t *ret_size)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char chunk[65536];
        size_t n;

        while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
                buffer_add(&b, chunk, n);
        *ret_size = b.size;
        return buffer_take(&b);
}

static int add_folder(struct files *f, const char *root, const char *folder, enum source_kind kind)
{
        char path[1024];
        struct dirent *e;
        DIR *d;

        (void) snprintf(path, sizeof(path), "%s/%s", root, folder);
        d = opendir(path);
        if (!d)
                return -errno;
        while ((e = readdir(d)) && f->n < FILES_MAX) {
                struct source_file *file = &f->list[f->n];
                FILE *in;

                if (!strstr(e->d_name, ".json"))
                        continue;
                (void) snprintf(path, sizeof(path), "%s/%s/%s", root, folder, e->d_name);
                in = fopen(path, "rbe");
                if (!in)
                        continue;
                file->kind = kind;
                file->path = strdup(path);
                file->text = read_whole(in, &file->size);
                (void) fclose(in);
                f->n++;
        }
        (void) closedir(d);
        return 0;
}

/* 1: a frame was shown; 0: there are no more. */
static int show_one(struct judge *j, const struct ruleset *rules)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(free_p) char *bytes = NULL;
        struct delivery from = {.peer = "corpus", .request_id = {"corpus-request-1", 16}};
        struct frame event;
        char adapter[80], digits[12];
        size_t size;
        int r;

        if (scanf("%79[^\t]\t%11[0-9]", adapter, digits) != 2 || getchar() != '\n')
                return 0;
        size = strtoul(digits, NULL, 10);
        bytes = malloc(size + 1);
        if (!bytes || fread(bytes, 1, size, stdin) != size)
                return -EIO;
        if (strcmp(adapter, "-") != 0)
                from.adapter = (struct frame){adapter, strlen(adapter)};
        event = (struct frame){bytes, size};
        r = judge_show(j, rules, &from, &event, &b);
        if (r < 0)
                return r;
        for (size_t i = 0; i < b.size; i++) /* lists and objects come as they stood */
                if (b.data[i] == '\n' || b.data[i] == '\r')
                        b.data[i] = ' ';
        (void) fwrite(b.data, 1, b.size, stdout);
        (void) putchar('\n');
        return 1;
}

/* All test events of the files: 0, or 1 with what went wrong. */
static int run_tests(const struct ruleset *rules)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        unsigned n = 0;

        if (ruleset_test(rules, &n, &complaints) != 0) {
                (void) fputs(complaints.text.data ? complaints.text.data : "no memory\n", stderr);
                return 1;
        }
        (void) printf("%u\n", n);
        return 0;
}

int main(int argc, char **argv)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        cleanup_(judge_free_p) struct judge *judge = NULL;
        cleanup_(files_done) struct files files = {.n = 0};
        bool tests = argc == 3 && strcmp(argv[1], "--test") == 0;
        int r;

        if ((argc != 2 && !tests) ||
            add_folder(&files, argv[argc - 1], "rules", SOURCE_RULES) < 0 ||
            add_folder(&files, argv[argc - 1], "adapters", SOURCE_ADAPTERS) < 0) {
                (void) fprintf(stderr, "usage: show_frames [--test] DAEMON_FOLDER <frames\n");
                return 2;
        }
        r = ruleset_load(files.list, files.n, NULL, &rules, &complaints);
        if (r != 0) {
                (void) fputs(complaints.text.data ? complaints.text.data : "no reason\n", stderr);
                return 1;
        }
        if (tests)
                return run_tests(rules);
        r = judge_new(&judge);
        while (r >= 0) {
                r = show_one(judge, rules);
                if (r == 0)
                        return 0;
        }
        return 1;
}
