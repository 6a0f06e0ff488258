/* Requests from the ingest and control sockets: who sends them, and what they become. */
#pragma once

#include "daemon/app/manager.h"

/* Handlers of endpoint.h; userdata is the manager. */
int ingress_on_ingest(struct arrival *a, void *userdata);
int ingress_on_control(struct arrival *a, void *userdata);
