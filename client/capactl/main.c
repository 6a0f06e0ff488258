/* capactl: the command line, one command, its exit status. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/help.h"
#include "client/capactl/manual.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"

#define COMPLETE_MS 300 /* nobody waits longer for a completion */

/* Character widths need a UTF-8 locale, and what we print is UTF-8 whatever LANG says. Only
 * LC_CTYPE: numbers and names of days stay those of the C locale. */
static void set_locale(void)
{
        if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
                setlocale(LC_CTYPE, "C.UTF-8");
}

/* What could be typed next; where a reference could, those of what is open, if capad answers soon.
 */
static int complete(char *const *words, size_t n_words)
{
        cleanup_(session_done) struct session s = {0};
        cleanup_(params_done) struct params p = {0};
        cleanup_(free_p) char *answer = NULL;
        cleanup_(document_free_p) struct cJSON *list = NULL;
        const struct arguments none = {0};
        size_t size = 0;

        if (!help_complete(stdout, words, n_words) || session_open(&s, &none) != 0)
                return 0;
        s.timeout_ms = COMPLETE_MS;
        buffer_add_char(&p.json, '{');
        if (session_call(&s, "list", &p, &answer, &size) != 0 ||
            document_parse(answer, size, &list, NULL) != 0)
                return 0;
        for (const struct cJSON *nc = document_at(list, 0); nc; nc = document_next(nc))
                printf("%s\n", document_string(nc, "ref", ""));
        return 0;
}

static int run(int argc, char **argv)
{
        cleanup_(arguments_done) struct arguments arguments = {0};
        cleanup_(session_done) struct session session = {0};
        struct problem problem = {0};
        int r;

        if (argc > 1 && strcmp(argv[1], "--complete") == 0) /* for capactl.bash */
                return complete(argv + 2, (size_t) argc - 2);
        if (argc == 2 && strcmp(argv[1], "--man") == 0) { /* at build */
                manual_print(stdout);
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
