/* What the table of options cannot say of capad.json: members that depend on each other. Inner to
 * config: what is wrong goes to the complaints of the file being read. */
#pragma once

#include "daemon/app/config.h"
#include "proto/json/tape.h"

struct reading { /* one file being read */
        const char *path, *text, *folder;
        size_t size;
        struct json_tape tape;
        struct complaints *complaints;
};

/* A complaint about a node, with its place in the file. */
void config_complain_at(struct reading *r, uint32_t node, const struct problem *p);
#define config_complain(r, node, ...)                                                              \
        do {                                                                                       \
                struct problem complaint_ = {0};                                                   \
                problem_set(&complaint_, 0, __VA_ARGS__);                                          \
                config_complain_at((r), (node), &complaint_);                                      \
        } while (0)

void config_check_principal(struct reading *r, uint32_t node, const struct principal_config *p);
/* The i-th of a list: its name is how counters and the register tell it from those before. */
void config_check_subscription(struct reading *r, uint32_t node,
                               const struct subscription_config *list, size_t i);
/* After everything else, as it depends on whether there is a key. */
void config_check_endpoints(struct reading *r, const struct config *c);
