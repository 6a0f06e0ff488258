/* A group's members are those it lists and those whose primary group it is (the kernel tells us a
 * peer's primary group only). */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "daemon/app/principal.h"

struct entry {
        struct principal principal;
        uid_t uid;
        gid_t gid;
        bool has_uid, has_gid;
        uid_t *members;
        size_t n_members;
};

struct principals {
        struct entry *entries;
        size_t n;
        const char **keys;
        size_t n_keys;
};

static const char *const no_roles[] = {NULL};

static void complain_name(struct complaints *c, const char *path, const char *what,
                          const struct principal_config *config, const char *name)
{
        struct problem p = {0};

        problem_set(&p, 0, "principal \"%s\": this system has no %s \"%s\"", config->name, what,
                    name);
        complain(c, path ? path : "capad.json", "", 0, &p);
}

static int group_members(struct entry *e, const struct group *group)
{
        size_t n = 0;

        while (group->gr_mem[n])
                n++;
        e->members = calloc(n + 1, sizeof(*e->members));
        if (!e->members)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const struct passwd *user = getpwnam(group->gr_mem[i]);

                if (user)
                        e->members[e->n_members++] = user->pw_uid;
        }
        return 0;
}

static int entry_fill(struct entry *e, const struct principal_config *c, const char *path,
                      struct complaints *reterr)
{
        const struct passwd *user;
        const struct group *group;

        e->principal = (struct principal){
                .name = c->name,
                .sources = (const char *const *) c->sources,
                .roles = c->roles ? (const char *const *) c->roles : no_roles,
                .act_for_others = c->act_for_others,
                .config = c,
        };
        if (c->uid >= 0) {
                e->has_uid = true;
                e->uid = (uid_t) c->uid;
        }
        if (c->user) {
                user = getpwnam(c->user);
                if (!user) {
                        complain_name(reterr, path, "user", c, c->user);
                        return CONFIG_E_INVALID;
                }
                e->has_uid = true;
                e->uid = user->pw_uid;
        }
        if (c->group) {
                group = getgrnam(c->group);
                if (!group) {
                        complain_name(reterr, path, "group", c, c->group);
                        return CONFIG_E_INVALID;
                }
                e->has_gid = true;
                e->gid = group->gr_gid;
                return group_members(e, group);
        }
        return 0;
}

int principals_new(const struct config *config, struct principals **ret, struct complaints *reterr)
{
        cleanup_(principals_free_p) struct principals *p = NULL;
        int r, result = 0;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->entries = calloc(config->n_principals + 1, sizeof(*p->entries));
        p->keys = calloc(config->n_principals + 1, sizeof(*p->keys));
        if (!p->entries || !p->keys)
                return -ENOMEM;
        p->n = config->n_principals;
        for (size_t i = 0; i < p->n; i++) {
                r = entry_fill(&p->entries[i], &config->principals[i], config->path, reterr);
                if (r < 0)
                        return r;
                if (r > 0)
                        result = r;
                if (config->principals[i].key)
                        p->keys[p->n_keys++] = config->principals[i].key;
        }
        if (result != 0)
                return result;
        *ret = TAKE_PTR(p);
        return 0;
}

struct principals *principals_free(struct principals *p)
{
        if (!p)
                return NULL;
        for (size_t i = 0; p->entries && i < p->n; i++)
                free(p->entries[i].members);
        free(p->entries);
        free(p->keys);
        free(p);
        return NULL;
}

void principals_free_p(struct principals **p)
{
        *p = principals_free(*p);
}

static bool is_member(const struct entry *e, const struct identity *who)
{
        if (e->gid == who->gid)
                return true;
        for (size_t i = 0; i < e->n_members; i++)
                if (e->members[i] == who->uid)
                        return true;
        return false;
}

const struct principal *principals_find(const struct principals *p, const struct identity *who)
{
        for (size_t i = 0; i < p->n; i++) {
                const struct entry *e = &p->entries[i];
                const char *key = e->principal.config->key;

                if ((who->local && e->has_uid && e->uid == who->uid) ||
                    (who->local && e->has_gid && is_member(e, who)) ||
                    (who->key[0] && key && strcmp(key, who->key) == 0) ||
                    (who->loopback && e->principal.config->loopback))
                        return &e->principal;
        }
        return NULL;
}

const struct principal *principals_named(const struct principals *p, const char *name, size_t size)
{
        for (size_t i = 0; i < p->n; i++)
                if (strlen(p->entries[i].principal.name) == size &&
                    memcmp(p->entries[i].principal.name, name, size) == 0)
                        return &p->entries[i].principal;
        return NULL;
}

size_t principals_keys(const struct principals *p, const char *const **ret_keys)
{
        *ret_keys = p->keys;
        return p->n_keys;
}
