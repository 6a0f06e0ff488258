/* A CALL on the control socket: from frames to one function of the register and back. */
#pragma once

#include "daemon/app/manager.h"
#include "daemon/app/principal.h"
#include "daemon/bus/endpoint.h"

/* Ends the arrival, now or when the register has answered. -errno is fatal. */
int call_begin(struct manager *m, const struct principal *p, struct arrival *a) must_check_;
/* Method status: the register's part and the daemon's; answered also while the database is down. */
int call_status(struct manager *m, const struct principal *p, struct arrival *a);
/* ERR with what the register said: its sentence, the next step, and the detail's members. Ends the
 * arrival. */
struct answer;
void call_refuse(struct arrival *a, const struct answer *answer);
