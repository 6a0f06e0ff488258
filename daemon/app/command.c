/* `capad check` reads what the daemon would read and says everything that is wrong with it;
 * `capad migrate` brings the database to this version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/app/command.h"
#include "daemon/app/generation.h"
#include "daemon/db/migrate.h"

static int fail(int r, const char *what)
{
        fprintf(stderr, "capad: %s: %s\n", what, strerror(-r));
        return EXIT_FAILURE;
}

int command_check(const char *config_path)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(generation_unref_p) struct generation *g = NULL;
        int r;

        r = generation_load(config_path, &g, &complaints);
        if (r < 0)
                return fail(r, "cannot read the configuration");
        if (r > 0) {
                fputs(complaints.text.data, stderr);
                return EXIT_FAILURE;
        }
        if (g->remarks.size > 0)
                fputs(g->remarks.data, stderr);
        printf("ok: %u rules, %u adapters, %zu principals, %zu people, policy %.12s, rule set "
               "%.12s\n",
               ruleset_count(g->rules), ruleset_adapter_count(g->rules), g->config->n_principals,
               g->people->n, g->policy_hash, g->rules_hash);
        return EXIT_SUCCESS;
}

static void on_done(const char *what, const char *name, void *userdata unused_)
{
        printf("applied %s %s\n", what, name);
}

int command_migrate(const char *config_path, const char *conninfo)
{
        cleanup_(complaints_done) struct complaints complaints = {0};
        cleanup_(config_free_p) struct config *config = NULL;
        struct problem problem = {0};
        int r;

        if (!conninfo) {
                r = config_load(config_path, &config, &complaints);
                if (r < 0)
                        return fail(r, "cannot read the configuration");
                if (r > 0) {
                        fputs(complaints.text.data, stderr);
                        return EXIT_FAILURE;
                }
                conninfo = config->conninfo;
        }
        r = migrate(conninfo, on_done, NULL, &problem);
        if (r < 0)
                return fail(r, "cannot migrate");
        if (r > 0) {
                fprintf(stderr, "capad: %s\n", problem.text);
                return EXIT_FAILURE;
        }
        puts("ok: the database has this version of the register");
        return EXIT_SUCCESS;
}
