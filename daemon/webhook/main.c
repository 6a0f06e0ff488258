/* capa-webhook: takes events that tools post over HTTP and gives them to capad. Answers a post only
 * once its event is committed. Keeps nothing: who posts keeps what was not answered with 200. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon/webhook/config.h"
#include "daemon/webhook/log.h"
#include "daemon/webhook/manual.h"
#include "daemon/webhook/service.h"

#define DEFAULT_CONFIG "/etc/capad/webhook.json"
#define EXIT_USAGE     2

static void help(FILE *out)
{
        fprintf(out,
                "capa-webhook %s: events that tools post over HTTP, to capad\n\n"
                "  capa-webhook [--config FILE]           serve, in the foreground\n"
                "  capa-webhook --check [--config FILE]   check the configuration and the files it "
                "names\n"
                "  capa-webhook --help-config             every key of webhook.json\n"
                "  capa-webhook --man                     the manual page\n"
                "  capa-webhook --version\n\n"
                "FILE is " DEFAULT_CONFIG " by default.\n",
                CAPA_VERSION);
}

static int run(const char *path, bool check)
{
        cleanup_(config_free_p) struct config *config = NULL;
        cleanup_(buffer_done) struct buffer complaints = BUFFER_NULL;
        int r;

        if (sodium_init() < 0) {
                log_line(LOG_ERR, "cannot start: libsodium finds no source of random numbers");
                return EXIT_FAILURE;
        }
        r = config_load(path, &config, &complaints);
        if (r > 0)
                fputs(complaints.data ? complaints.data : "out of memory\n", stderr);
        if (r < 0)
                log_line(LOG_ERR, "cannot read the configuration: %s", strerror(-r));
        if (r != 0)
                return EXIT_FAILURE;
        if (!check)
                return service_run(path, TAKE_PTR(config));
        printf("%s is right: %zu route%s on %s\n", path, config->n_routes,
               config->n_routes == 1 ? "" : "s", config->listen);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                {"config", required_argument, NULL, 'c'},
                {"check", no_argument, NULL, 'k'},
                {"help-config", no_argument, NULL, 'H'},
                {"version", no_argument, NULL, 'V'},
                {"help", no_argument, NULL, 'h'},
                {"man", no_argument, NULL, 'm'},
                {NULL, 0, NULL, 0},
        };
        const char *path = DEFAULT_CONFIG;
        bool check = false;
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case 'c':
                        path = optarg;
                        break;
                case 'k':
                        check = true;
                        break;
                case 'H':
                        config_help(stdout);
                        return EXIT_SUCCESS;
                case 'V':
                        puts("capa-webhook " CAPA_VERSION);
                        return EXIT_SUCCESS;
                case 'm':
                        manual_print(stdout);
                        return EXIT_SUCCESS;
                case 'h':
                        help(stdout);
                        return EXIT_SUCCESS;
                default:
                        help(stderr);
                        return EXIT_USAGE;
                }
        if (optind < argc) {
                help(stderr);
                return EXIT_USAGE;
        }
        return run(path, check);
}
