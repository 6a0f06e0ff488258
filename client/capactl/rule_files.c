/* A JSON list of {"path","text"}. */
#include "client/capactl/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/limits.h"

static int add_file(struct buffer *list, const char *path, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        int r;

        r = file_read(path, LIMIT_CALL_PARAMS / 2, &text, reterr);
        if (r != 0)
                return r;
        buffer_add_str(list, list->size > 1 ? ",{\"path\":" : "{\"path\":");
        buffer_add_json_cstr(list, path);
        buffer_add_str(list, ",\"text\":");
        buffer_add_json_string(list, text.data ? text.data : "", text.size);
        buffer_add_char(list, '}');
        return buffer_status(list);
}

static int is_rules(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* A file, or all of a folder whose names end in .json. */
static int add_path(struct buffer *list, const char *path, struct problem *reterr)
{
        struct dirent **entries = NULL;
        int n = scandir(path, &entries, is_rules, alphasort), r = 0;

        if (n < 0)
                return errno == ENOMEM ? -ENOMEM : add_file(list, path, reterr);
        if (n == 0) {
                problem_set(reterr, 0, "%s holds no file whose name ends in .json", path);
                r = PARAMS_E_USAGE;
        }
        for (int i = 0; i < n; i++) {
                cleanup_(free_p) char *inside = NULL;

                if (r == 0)
                        r = asprintf(&inside, "%s/%s", path, entries[i]->d_name) < 0
                                    ? -ENOMEM
                                    : add_file(list, inside, reterr);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int rule_files_add(struct params *p, const struct arguments *a, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer list = BUFFER_NULL;
        int r = 0;

        if (a->n_rest == 0)
                return 0;
        buffer_add_char(&list, '[');
        for (size_t i = 0; r == 0 && i < a->n_rest; i++)
                r = add_path(&list, a->rest[i], reterr);
        buffer_add_char(&list, ']');
        if (r == 0)
                r = buffer_status(&list);
        if (r == 0)
                params_add_raw(p, "files", list.data);
        return r;
}
