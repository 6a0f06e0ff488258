/* capactl: the command line, one command, its exit status. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/help.h"
#include "client/capactl/session.h"

/* Character widths need a UTF-8 locale, and what we print is UTF-8 whatever LANG says. Only
 * LC_CTYPE: numbers and names of days stay those of the C locale. */
static void set_locale(void)
{
        if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
                setlocale(LC_CTYPE, "C.UTF-8");
}

static int run(int argc, char **argv)
{
        cleanup_(arguments_done) struct arguments arguments = {0};
        cleanup_(session_done) struct session session = {0};
        struct problem problem = {0};
        int r;

        if (argc > 1 && strcmp(argv[1], "--complete") == 0) { /* for capactl.bash */
                help_complete(stdout, argv + 2, (size_t) argc - 2);
                return 0;
        }
        r = arguments_parse(argc, argv, &arguments, &problem);
        if (r == ARGUMENTS_E_HELP)
                help_print(stdout, arguments.command);
        else if (r == ARGUMENTS_E_VERSION)
                printf("capactl %s\n", CAPA_VERSION);
        if (r == ARGUMENTS_E_HELP || r == ARGUMENTS_E_VERSION)
                return 0;
        if (r != 0)
                return session_complain(r < 0 ? EXIT_INTERNAL : EXIT_USAGE, "%s",
                                        r < 0 ? strerror(-r) : problem.text);
        r = session_open(&session, &arguments);
        if (r == 0)
                r = arguments.command->run(&session, &arguments);
        return r < 0 ? session_complain(EXIT_INTERNAL, "cannot go on: %s", strerror(-r)) : r;
}

int main(int argc, char **argv)
{
        int status;

        set_locale();
        status = run(argc, argv);
        if (fflush(stdout) != 0 && errno != EPIPE && status == 0)
                return session_complain(EXIT_INTERNAL, "the output can't be written: %s",
                                        strerror(errno));
        return status;
}
