/* What webhook.json names outside itself: the address to listen on, certificates and secrets. Used
 * by config only. */
#pragma once

#include "daemon/webhook/config.h"

/* Sets address and loopback. Numbers only: no name is looked up. */
bool listen_parse(const char *text, struct config *c);
/* Read the files of a parsed configuration. Relative names are looked for in $CREDENTIALS_DIRECTORY
 * (systemd's LoadCredential=), then beside the configuration. One complaint for each that cannot be
 * used. 0, CONFIG_E_INVALID, -ENOMEM. */
int files_read(const char *config_path, struct config *c, struct buffer *complaints) must_check_;
void text_wipe(char *text); /* and free */
