/* capad: the daemon, and its commands check and migrate. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/app/log.h"
#include "daemon/app/manager.h"

#define DEFAULT_CONFIG "/etc/capad/capad.json"

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
                log_line(LOG_ERR, "the configuration is refused:\n%s", complaints.text.data);
                return EXIT_FAILURE;
        }
        if (r < 0)
                return log_errno(LOG_ERR, r, "Cannot read the configuration"), EXIT_FAILURE;
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

int main(int argc, char **argv)
{
        const char *config_path = DEFAULT_CONFIG;

        for (int i = 1; i < argc; i++)
                if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
                        config_path = argv[++i];
        return run(config_path);
}
