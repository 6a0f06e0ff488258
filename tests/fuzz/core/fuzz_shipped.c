/* A message for one of the shipped adapters, judged by the shipped rules. The input's first line is
 * the adapter's id (none of that name: all of them take the rest), the message is behind it. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>

#include "proto/json/tape.h"

#define FILES_MAX 256U

static char *read_whole(const char *path, size_t *ret_size)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        FILE *f = fopen(path, "rbe");
        char chunk[65536];
        size_t n;

        CHECK(f);
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(&b, chunk, n);
        (void) fclose(f);
        *ret_size = b.size;
        return buffer_take(&b);
}

/* Loaded once and kept for the life of the process, as its files are. */
static const struct ruleset *shipped(char ids[FILES_MAX][80], unsigned *ret_n)
{
        static struct source_file files[FILES_MAX];
        static struct ruleset *rules;
        struct complaints complaints = {0};
        size_t n = 0;

        for (unsigned kind = 0; kind < 2; kind++) {
                const char *folder = kind == 0 ? SHIPPED "/rules" : SHIPPED "/adapters";
                DIR *d = opendir(folder);
                struct dirent *e;

                CHECK(d);
                while ((e = readdir(d))) {
                        char *path = NULL;

                        if (!strstr(e->d_name, ".json"))
                                continue;
                        CHECK(n < FILES_MAX && asprintf(&path, "%s/%s", folder, e->d_name) > 0);
                        files[n].kind = kind == 0 ? SOURCE_RULES : SOURCE_ADAPTERS;
                        files[n].path = path;
                        files[n].text = read_whole(path, &files[n].size);
                        if (kind == 1)
                                (void) snprintf(ids[(*ret_n)++], 80, "%.*s",
                                                (int) (strlen(e->d_name) - 5), e->d_name);
                        n++;
                }
                (void) closedir(d);
        }
        CHECK(ruleset_load(files, n, NULL, &rules, &complaints) == 0);
        return rules;
}

static void hear(struct judge *judge, const struct ruleset *rules, const char *id, size_t size,
                 const uint8_t *message, size_t length)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct delivery from = {.peer = "fuzz", .adapter = {id, size}};
        struct frame frame = {(const char *) message, length};
        struct problem problem;

        judge_twice(judge, rules, &from.adapter, message, length);
        CHECK(judge_show(judge, rules, &from, &frame, &b) == 0);
        CHECK(json_tape_parse(&tape, b.data, b.size, &problem) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static char ids[FILES_MAX][80];
        static const struct ruleset *rules;
        static struct judge *judge;
        static unsigned n_ids;
        const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
        size_t behind = line ? (size_t) (line - data) + 1 : 0;
        char id[81] = "";

        if (!rules) {
                rules = shipped(ids, &n_ids);
                CHECK(judge_new(&judge) == 0);
        }
        if (line && behind - 1 < sizeof(id)) {
                memcpy(id, data, behind - 1);
                if (ruleset_has_adapter(rules, id)) {
                        hear(judge, rules, id, strlen(id), data + behind, size - behind);
                        return 0;
                }
        }
        for (unsigned i = 0; i < n_ids; i++)
                hear(judge, rules, ids[i], strlen(ids[i]), data + behind, size - behind);
        return 0;
}
