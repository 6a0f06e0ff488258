/* capa-webhook: takes events that tools post over HTTP and gives them to capad. Answers a post only
 * once its event is committed. Keeps nothing: who posts keeps what was not answered with 200. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "daemon/webhook/config.h"
#include "daemon/webhook/log.h"
#include "daemon/webhook/sender.h"
#include "daemon/webhook/server.h"

#define DEFAULT_CONFIG "/etc/capad/webhook.json"
#define EXIT_USAGE     2
#define DRAIN_MARGIN_S 2

static void help(FILE *out)
{
        fprintf(out,
                "capa-webhook %s: events that tools post over HTTP, to capad\n\n"
                "  capa-webhook [--config FILE]           serve, in the foreground\n"
                "  capa-webhook --check [--config FILE]   check the configuration and the files it "
                "names\n"
                "  capa-webhook --help-config             every key of webhook.json\n"
                "  capa-webhook --version\n\n"
                "FILE is " DEFAULT_CONFIG " by default.\n",
                CAPA_VERSION);
}

/* Until a signal asks us to end; looks at slow connections each second meanwhile. */
static void wait_for_end(struct server *server, const sigset_t *signals)
{
        const struct timespec second = {.tv_sec = 1};

        while (sigtimedwait(signals, NULL, &second) < 0)
                server_tick(server);
}

/* What was let in is answered, for no longer than an ack takes. */
static void drain(struct server *server, int64_t ack_us)
{
        const struct timespec pause = {.tv_nsec = 20000000};
        int64_t left_ms = ack_us / 1000 + DRAIN_MARGIN_S * 1000;

        server_quiesce(server);
        for (; left_ms > 0 && server_busy(server) > 0; left_ms -= 20)
                nanosleep(&pause, NULL);
}

static int serve(const struct config *config)
{
        cleanup_(sender_free_p) struct sender *sender = NULL;
        cleanup_(server_free_p) struct server *server = NULL; /* ends before the sender it uses */
        sigset_t signals;
        int r;

        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, NULL); /* all threads inherit it */
        signal(SIGPIPE, SIG_IGN);
        r = sender_new(config->ingest, config->ack_us, (size_t) config->senders, &sender);
        if (r == 0)
                r = server_new(config, sender, &server);
        if (r < 0)
                log_line(LOG_ERR, "cannot start: %s", strerror(-r));
        if (r != 0)
                return EXIT_FAILURE;
        log_line(LOG_INFO, "listening on %s, %zu route%s", server_address(server), config->n_routes,
                 config->n_routes == 1 ? "" : "s");
        wait_for_end(server, &signals);
        log_line(LOG_INFO, "stopping");
        drain(server, config->ack_us);
        return EXIT_SUCCESS;
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
                return serve(config);
        printf("%s is right: %zu route%s on %s\n", path, config->n_routes,
               config->n_routes == 1 ? "" : "s", config->listen);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
                {"help-config", no_argument, NULL, 'H'},  {"version", no_argument, NULL, 'V'},
                {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
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
