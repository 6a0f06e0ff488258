/* capad: the daemon, and its commands check and migrate. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon/app/command.h"
#include "daemon/app/log.h"
#include "daemon/app/manager.h"
#include "daemon/app/manual.h"
#include "daemon/app/settings.h"

#define DEFAULT_CONFIG "/etc/capad/capad.json"
#define EXIT_USAGE     2

static int signals_block(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

/* Log → configuration → signals blocked (the threads of ZeroMQ inherit that) → sockets → READY →
 * loop. */
static int run(const char *config_path)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(generation_unref_p) struct generation *generation = NULL;
        cleanup_(manager_free_p) struct manager *manager = NULL;
        cleanup_(sd_event_unrefp) sd_event *event = NULL;
        int r;

        log_setup();
        r = generation_load(config_path, &generation, &complaints);
        if (r > 0) {
                log_lines(LOG_ERR, "the configuration is refused:", complaints.text.data);
                return EXIT_FAILURE;
        }
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot read the configuration"), EXIT_FAILURE;
        if (generation->remarks.size > 0)
                log_lines(LOG_WARNING, "read, but look at this:", generation->remarks.data);
        r = signals_block();
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot block signals"), EXIT_FAILURE;
        r = sd_event_default(&event);
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot make the event loop"), EXIT_FAILURE;
        r = manager_new(event, config_path, generation, &manager);
        if (r < 0)
                return EXIT_FAILURE;
        r = manager_run(manager);
        if (r < 0)
                return log_errno(LOG_ERR, r, "The event loop failed"), EXIT_FAILURE;
        return EXIT_SUCCESS;
}

static void help(FILE *out)
{
        fprintf(out,
                "capad %s: a register of nonconformities that keeps itself\n\n"
                "  capad [--config FILE]                        serve, in the foreground\n"
                "  capad check [--config FILE]                  check configuration, rules, "
                "adapters, policy\n"
                "  capad migrate [--config FILE] [--conninfo C] bring the database to this "
                "version\n"
                "  capad --help-config                          every option of capad.json, and "
                "\"settings\" "
                "of policy.json\n"
                "  capad --man                                  the manual page\n"
                "  capad --version\n\n"
                "FILE is " DEFAULT_CONFIG " by default.\n",
                CAPA_VERSION);
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                {"config", required_argument, NULL, 'c'},
                {"conninfo", required_argument, NULL, 'd'},
                {"version", no_argument, NULL, 'V'},
                {"help-config", no_argument, NULL, 'H'},
                {"man", no_argument, NULL, 'M'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        const char *config_path = DEFAULT_CONFIG, *conninfo = NULL, *command;
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case 'c':
                        config_path = optarg;
                        break;
                case 'd':
                        conninfo = optarg;
                        break;
                case 'V':
                        puts("capad " CAPA_VERSION);
                        return EXIT_SUCCESS;
                case 'H':
                        config_help(stdout);
                        settings_help(stdout);
                        return EXIT_SUCCESS;
                case 'M':
                        manual_print(stdout);
                        return EXIT_SUCCESS;
                case 'h':
                        help(stdout);
                        return EXIT_SUCCESS;
                default:
                        help(stderr);
                        return EXIT_USAGE;
                }
        command = optind < argc ? argv[optind++] : NULL;
        if (optind < argc || (conninfo && (!command || strcmp(command, "migrate") != 0))) {
                help(stderr);
                return EXIT_USAGE;
        }
        if (!command)
                return run(config_path);
        if (strcmp(command, "check") == 0)
                return command_check(config_path);
        if (strcmp(command, "migrate") == 0)
                return command_migrate(config_path, conninfo);
        fprintf(stderr, "capad: unknown command \"%s\"\n", command);
        help(stderr);
        return EXIT_USAGE;
}
