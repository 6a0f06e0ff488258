/* Each check says what is wrong with a member and what to write instead. */
#include <string.h>

#include "daemon/app/address.h"
#include "daemon/app/config_check.h"
#include "proto/base/word.h"

static const char *const roles[] = {"producer", "reporter",     "owner",         "approver",
                                    "verifier", "isms_manager", "risk_owner",    "auditor",
                                    "admin",    "system",       "top_management"};

void config_complain_at(struct reading *r, uint32_t node, const struct problem *p)
{
        struct problem place = *p;

        place.offset = r->tape.nodes[node].offset;
        complain(r->complaints, r->path, r->text, r->size, &place);
}

void config_check_principal(struct reading *r, uint32_t node, const struct principal_config *p)
{
        unsigned ways = !!p->user + !!p->group + !!p->key + (p->uid >= 0) + p->loopback;

        if (!p->name)
                config_complain(r, node, "a principal needs a \"name\"");
        if (ways > 1)
                config_complain(
                        r, node,
                        "principal \"%s\": one of uid, user, group, key, loopback, not several",
                        p->name ? p->name : "?");
        if (p->key && strlen(p->key) != 40)
                config_complain(r, node,
                                "principal \"%s\": \"key\" must be a CURVE public key of 40 "
                                "characters (Z85)",
                                p->name ? p->name : "?");
        for (size_t i = 0; p->roles && p->roles[i]; i++) {
                bool known = false;

                for (size_t k = 0; k < ARRAY_LEN(roles); k++)
                        known = known || strcmp(roles[k], p->roles[i]) == 0;
                if (!known) {
                        const char *near = word_nearest(p->roles[i], strlen(p->roles[i]), roles,
                                                        ARRAY_LEN(roles));

                        config_complain(r, node, "unknown role \"%s\"%s%s%s", p->roles[i],
                                        near ? ", did you mean \"" : "", near ? near : "",
                                        near ? "\"?" : "");
                }
        }
}

void config_check_subscription(struct reading *r, uint32_t node,
                               const struct subscription_config *list, size_t i)
{
        const struct subscription_config *s = &list[i];

        if (!s->name || !s->endpoint) {
                config_complain(r, node, "a subscription needs a \"name\" and an \"endpoint\"");
                return;
        }
        if (s->sources && !s->sources[0])
                config_complain(r, node,
                                "subscription \"%s\": \"sources\" is empty, so that it carries "
                                "nothing; leave it out for any",
                                s->name);
        for (size_t k = 0; k < i; k++)
                if (list[k].name && strcmp(list[k].name, s->name) == 0)
                        config_complain(r, node, "another subscription is called \"%s\", too",
                                        s->name);
}

void config_check_endpoints(struct reading *r, const struct config *c)
{
        static const char *const names[] = {"ingest", "control", "publish", "pull"};
        uint32_t endpoints, node;

        if (json_member(&r->tape, 0, "endpoints", &endpoints) != 0)
                return;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                uint32_t child;
                bool list;

                if (json_member(&r->tape, endpoints, names[i], &node) != 0)
                        continue;
                list = r->tape.nodes[node].kind == JSON_ARRAY;
                child = list ? json_first(&r->tape, node) : node;
                for (uint32_t k = list ? r->tape.nodes[node].count : 1; k > 0;
                     k--, child = r->tape.nodes[child].next) {
                        cleanup_(free_p) char *address = NULL;
                        struct problem p = {0};

                        if (json_string_dup(&r->tape, child, &address) == 0 &&
                            !address_is_servable(address, c->secret_key_file, &p))
                                config_complain_at(r, child, &p);
                }
        }
}
