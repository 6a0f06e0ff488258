/* Reading folders: files in the order of their names, later folders after earlier ones. A folder
 * that is not there is empty, so that the shipped and the local one can both be named by default.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app/generation.h"

struct files {
        struct source_file *list; /* borrows from owned */
        char **owned;             /* path and text of each */
        size_t n, n_allocated;
};

static void files_done(struct files *f)
{
        for (size_t i = 0; i < 2 * f->n; i++)
                free(f->owned[i]);
        free(f->owned);
        free(f->list);
        *f = (struct files){0};
}

static int files_grow(struct files *f)
{
        size_t n = MAX((size_t) 16, f->n_allocated * 2);
        struct source_file *list;
        char **owned;

        list = realloc(f->list, n * sizeof(*list));
        if (!list)
                return -ENOMEM;
        f->list = list;
        owned = realloc(f->owned, 2 * n * sizeof(*owned));
        if (!owned)
                return -ENOMEM;
        f->owned = owned;
        f->n_allocated = n;
        return 0;
}

static int is_json(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* Takes the path over. */
static int file_add(struct files *f, enum source_kind kind, char *given_path,
                    struct complaints *reterr)
{
        cleanup_(free_p) char *path = given_path, *text = NULL;
        size_t size;
        int r;

        if (f->n == f->n_allocated) {
                r = files_grow(f);
                if (r < 0)
                        return r;
        }
        r = file_read(path, &text, &size, reterr);
        if (r != 0)
                return r;
        f->list[f->n] =
                (struct source_file){.kind = kind, .path = path, .text = text, .size = size};
        f->owned[2 * f->n] = TAKE_PTR(path);
        f->owned[2 * f->n + 1] = TAKE_PTR(text);
        f->n++;
        return 0;
}

static int folder_add(struct files *f, enum source_kind kind, const char *folder,
                      struct complaints *reterr)
{
        struct dirent **entries = NULL;
        struct problem p = {0};
        int n, r = 0;

        n = scandir(folder, &entries, is_json, alphasort);
        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0) {
                problem_set(&p, 0, "the folder cannot be read: %s", strerror(errno));
                complain(reterr, folder, "", 0, &p);
                return CONFIG_E_INVALID;
        }
        for (int i = 0; i < n; i++) {
                char *path;

                if (r >= 0) {
                        int one = asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0
                                          ? -ENOMEM
                                          : file_add(f, kind, path, reterr);

                        if (one != 0)
                                r = one;
                }
                free(entries[i]);
        }
        free(entries);
        return r;
}

static int folders_add(struct files *f, enum source_kind kind, char *const *folders,
                       struct complaints *reterr)
{
        int result = 0;

        for (size_t i = 0; folders && folders[i]; i++) {
                int r = folder_add(f, kind, folders[i], reterr);

                if (r < 0)
                        return r;
                if (r > 0)
                        result = r;
        }
        return result;
}

/* A folder that is not there is no mistake, but may be a misspelt one. */
static void note_absent(struct generation *g, char *const *folders)
{
        for (size_t i = 0; folders && folders[i]; i++)
                if (access(folders[i], F_OK) < 0)
                        buffer_printf(&g->remarks, "%s is not there: nothing is read from it\n",
                                      folders[i]);
}

static int load_policy(struct generation *g, struct complaints *reterr)
{
        cleanup_(free_p) char *text = NULL;
        size_t size;
        int r;

        r = file_read(g->config->policy, &text, &size, reterr);
        if (r != 0)
                return r;
        r = policy_parse(g->config->policy, text, size, &g->policy, reterr);
        if (r != 0)
                return r;
        hash_hex(&g->policy->hash, g->policy_hash);
        hash_hex(&g->policy->settings.hash, g->settings_hash);
        buffer_add(&g->remarks, g->policy->settings.notes.data, g->policy->settings.notes.size);
        return 0;
}

/* The file need not be there, unless it was asked for under another name. */
static int load_people(struct generation *g, struct complaints *reterr)
{
        cleanup_(free_p) char *text = NULL, *usual = NULL;
        const char *path = g->config->people;
        size_t size;
        int r;

        if (asprintf(&usual, "%s/people.json", g->config->folder) < 0) {
                usual = NULL;
                return -ENOMEM;
        }
        if (strcmp(path, usual) == 0 && access(path, F_OK) < 0 && errno == ENOENT) {
                r = people_none(&g->people);
        } else {
                r = file_read(path, &text, &size, reterr);
                if (r == 0)
                        r = people_parse(path, text, size, &g->people, reterr);
        }
        if (r == 0)
                hash_hex(&g->people->hash, g->people_hash);
        return r;
}

/* All files of rules and adapters that the configuration's folders hold. */
static int files_read(struct files *f, const struct config *c, struct complaints *reterr)
{
        int r, result;

        result = folders_add(f, SOURCE_RULES, c->rules, reterr);
        if (result < 0)
                return result;
        r = folders_add(f, SOURCE_ADAPTERS, c->adapters, reterr);
        return r != 0 ? r : result;
}

/* Of a policy that cannot be read any name may be right. */
static const char *const *policy_names(const struct generation *g)
{
        return g->policy ? (const char *const *) g->policy->names : NULL;
}

static int load_rules(struct generation *g, struct complaints *reterr)
{
        cleanup_(files_done) struct files files = {0};
        int r, result;

        note_absent(g, g->config->rules);
        note_absent(g, g->config->adapters);
        result = files_read(&files, g->config, reterr);
        if (result < 0)
                return result;
        r = ruleset_load(files.list, files.n, policy_names(g), &g->rules, reterr);
        if (r != 0)
                return r;
        hash_hex(ruleset_hash(g->rules), g->rules_hash);
        r = ruleset_describe(g->rules, &g->rules_body);
        return r < 0 ? r : result;
}

/* The file that one with this path would be put in the place of; NULL: of none. Only one of the
 * same kind: an adapter and its rules have the same name in two folders. */
static struct source_file *file_replaced(struct files *f, enum source_kind kind, const char *path)
{
        struct source_file *same_name = NULL;

        for (size_t i = 0; i < f->n; i++) {
                struct source_file *one = &f->list[i];

                if (one->kind != kind)
                        continue;
                if (strcmp(one->path, path) == 0)
                        return one;
                if (!one->tried && strcmp(basename(one->path), basename(path)) == 0)
                        same_name = one;
        }
        return same_name;
}

/* Put one among the files: in the place of the one that it replaces, else beside them. */
static int file_put(struct files *f, const struct source_file *file, char **ret_replaced)
{
        struct source_file *place = file_replaced(f, file->kind, file->path);
        cleanup_(free_p) char *replaced = NULL;
        int r;

        if (place) {
                replaced = strdup(place->path);
                if (!replaced)
                        return -ENOMEM;
        } else {
                r = files_grow(f); /* room for one that it does not own */
                if (r < 0)
                        return r;
                f->owned[2 * f->n] = f->owned[2 * f->n + 1] = NULL;
                place = &f->list[f->n++];
        }
        *place = *file;
        *ret_replaced = TAKE_PTR(replaced);
        return 0;
}

/* The rules of the files. unread: some of them could not be read, as complaints say already. */
static int files_load(const struct files *f, const struct generation *g, bool unread,
                      struct ruleset **ret, struct complaints *reterr)
{
        cleanup_(ruleset_unref_p) struct ruleset *rules = NULL;
        int r = ruleset_load(f->list, f->n, policy_names(g), &rules, reterr);

        if (r < 0)
                return r;
        if (r > 0 || unread)
                return RULESET_E_INVALID;
        *ret = TAKE_PTR(rules);
        return 0;
}

int generation_try(const struct generation *g, const struct source_file *file, struct ruleset **ret,
                   char **ret_replaced, struct complaints *reterr)
{
        cleanup_(files_done) struct files files = {0};
        cleanup_(free_p) char *replaced = NULL;
        int r, result;

        result = files_read(&files, g->config, reterr);
        if (result < 0)
                return result;
        r = file_put(&files, file, &replaced);
        if (r < 0)
                return r;
        r = files_load(&files, g, result > 0, ret, reterr);
        if (r >= 0)
                *ret_replaced = TAKE_PTR(replaced);
        return r;
}

int generation_try_files(const struct generation *g, const struct source_file *tried,
                         size_t n_tried, bool only, struct ruleset **ret, struct complaints *reterr)
{
        cleanup_(files_done) struct files files = {0};
        int r, result;

        result = only ? 0 : folders_add(&files, SOURCE_RULES, g->config->rules, reterr);
        if (result < 0)
                return result;
        r = folders_add(&files, SOURCE_ADAPTERS, g->config->adapters, reterr);
        if (r < 0)
                return r;
        result = r > 0 ? r : result;
        for (size_t i = 0; i < n_tried; i++) {
                cleanup_(free_p) char *replaced = NULL;

                r = file_put(&files, &tried[i], &replaced);
                if (r < 0)
                        return r;
        }
        return files_load(&files, g, result > 0, ret, reterr);
}

int generation_load(const char *config_path, struct generation **ret, struct complaints *reterr)
{
        cleanup_(generation_unref_p) struct generation *g = NULL;
        int r, result = 0;

        g = calloc(1, sizeof(*g));
        if (!g)
                return -ENOMEM;
        g->references = 1;
        r = config_load(config_path, &g->config, reterr);
        if (r != 0)
                return r;
        r = principals_new(g->config, &g->principals, reterr);
        if (r < 0)
                return r;
        result = r;
        r = load_policy(g, reterr);
        if (r < 0)
                return r;
        result = r > 0 ? r : result;
        r = load_people(g, reterr);
        if (r < 0)
                return r;
        result = r > 0 ? r : result;
        r = load_rules(g, reterr);
        if (r < 0)
                return r;
        result = r > 0 ? r : result;
        if (result > 0)
                return CONFIG_E_INVALID;
        r = people_note_owners(g->people, &g->rules_body, &g->remarks);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(g);
        return 0;
}

struct generation *generation_ref(struct generation *g)
{
        g->references++;
        return g;
}

struct generation *generation_unref(struct generation *g)
{
        if (!g || --g->references > 0)
                return NULL;
        principals_free(g->principals);
        policy_free(g->policy);
        people_free(g->people);
        ruleset_unref(g->rules);
        buffer_done(&g->rules_body);
        buffer_done(&g->remarks);
        config_free(g->config);
        free(g);
        return NULL;
}

void generation_unref_p(struct generation **g)
{
        *g = generation_unref(*g);
}
