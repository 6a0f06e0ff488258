/* What lives as long as the program: the sender, the configuration in force with its server, and
 * servers of before whose connections have not ended. Takes signals, tells systemd. Used by
 * main. */
#pragma once

#include "daemon/webhook/config.h"

/* Serve until SIGTERM or SIGINT; read path again at SIGHUP, all of it or nothing. Takes c over.
 * An exit status. */
int service_run(const char *path, struct config *c) must_check_;
