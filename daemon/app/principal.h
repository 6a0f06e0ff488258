/* Who a peer is for the register: the configuration's principals, with Unix names looked up once at
 * load, so that no look-up can block the loop. Immutable; replaced as a whole by a reload. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/app/config.h"
#include "daemon/bus/bus.h"
#include "daemon/core/ruleset.h"

struct principal {
        const char *name;           /* borrowed from the configuration, as is the rest */
        const char *const *sources; /* prefixes, or NULL: any */
        const char *const *roles;   /* NULL-terminated, never NULL */
        bool act_for_others;
        const struct principal_config *config;
};

struct principals;

/* Keeps a pointer to config. Names that the system does not know are complaints. 0,
 * CONFIG_E_INVALID, -ENOMEM. */
int principals_new(const struct config *config, struct principals **ret,
                   struct complaints *reterr) must_check_;
struct principals *principals_free(struct principals *p);
void principals_free_p(struct principals **p);

/* The first that matches in the order of the file; NULL: nobody we know. */
const struct principal *principals_find(const struct principals *p, const struct identity *who);
const struct principal *principals_named(const struct principals *p, const char *name, size_t size);
/* Public keys of all principals, for the bus. */
size_t principals_keys(const struct principals *p, const char *const **ret_keys);
