/* Lines on standard error, with the level that systemd's journal reads where it is there. Tokens
 * and bodies are never in them. May be called from any thread. */
#pragma once

#include "proto/base/util.h"

/* level as in <syslog.h>; a sentence without full stop. */
void log_line(int level, const char *format, ...) printf_(2, 3);
/* The same for what a peer can cause: at most 20 in a minute; what was left out is said with the
 * next. */
void log_limited(int level, const char *format, ...) printf_(2, 3);
