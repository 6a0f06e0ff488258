/* The ZAP handler (ZeroMQ RFC 27): decides over each CURVE handshake by a list of public keys, and
 * makes the key the "User-Id" of all messages of that peer. Inner to daemon/bus; owned by struct
 * bus. */
#pragma once

#include <systemd/sd-event.h>

#include "proto/base/util.h"

struct auth;

int auth_new(sd_event *event, void *context, struct auth **ret) must_check_;
struct auth *auth_free(struct auth *a);
void auth_free_p(struct auth **a);
int auth_allow(struct auth *a, const char *const *keys, size_t n_keys) must_check_;
unsigned auth_refused(const struct auth *a);
