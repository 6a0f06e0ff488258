/* Commands of capad that end by themselves; they print to standard output and error and return the
 * exit status. */
#pragma once

int command_check(const char *config_path);
int command_migrate(const char *config_path, const char *conninfo);
