/* One row a method, in the order of sql/METHODS.md. */
#include <string.h>

#include "daemon/app/call.h"
#include "daemon/app/method.h"
#include "daemon/app/rules_method.h"
#include "proto/base/util.h"
#include "proto/base/word.h"

static const struct method methods[] = {
        {"raise", "aware_at due/*", false, true, NULL},
        {"triage", NULL, false, false, NULL},
        {"regrade", NULL, false, false, NULL},
        {"assign", NULL, false, false, NULL},
        {"handover", NULL, false, false, NULL},
        {"contain", NULL, false, true, NULL},
        {"cause", NULL, false, false, NULL},
        {"similar", NULL, false, false, NULL},
        {"need", NULL, false, false, NULL},
        {"criterion", "window", false, false, NULL},
        {"action.add", "due", false, false, NULL},
        {"action.change", "due", false, false, NULL},
        {"action.start", NULL, false, false, NULL},
        {"action.wait", "until", false, false, NULL},
        {"action.done", NULL, false, true, NULL},
        {"action.cancel", NULL, false, false, NULL},
        {"follow_up.add", "every for", false, false, NULL},
        {"follow_up.record", NULL, false, true, NULL},
        {"follow_up.stop", NULL, false, false, NULL},
        {"approve", NULL, false, false, NULL},
        {"refuse", NULL, false, false, NULL},
        {"verify", NULL, false, true, NULL},
        {"isms", NULL, false, false, NULL},
        {"risk", NULL, false, false, NULL},
        {"reject", "suppress since", false, false, NULL},
        {"undo", NULL, false, false, NULL},
        {"merge", NULL, false, false, NULL},
        {"split", NULL, false, false, NULL},
        {"accept", "until", false, false, NULL},
        {"reopen", NULL, false, false, NULL},
        {"confirm", NULL, false, false, NULL},
        {"retract", NULL, false, false, NULL},
        {"fix", NULL, false, true, NULL},
        {"fill", "facts/criterion/window facts/action/due", false, true, NULL},
        {"note", NULL, false, false, NULL},
        {"evidence.add", NULL, false, true, NULL},
        {"hold", NULL, false, false, NULL},
        {"redact", NULL, false, false, NULL},
        {"extend", "to", false, true, NULL},
        {"external", NULL, false, true, NULL},
        {"deadline.add", "due", false, false, NULL},
        {"deadline.met", NULL, false, true, NULL},
        {"clock", "from", false, false, NULL},
        {"restrict", NULL, false, false, NULL},
        {"label", NULL, false, false, NULL},
        {"ack", "until", false, false, NULL},

        {"rules.hold", "until", false, false, NULL},
        {"rules.release", NULL, false, false, NULL},
        {"silence.add", "from until for", false, false, NULL},
        {"silence.end", NULL, false, false, NULL},
        {"consumer.attach", NULL, false, false, NULL},
        {"consumer.ack", NULL, false, false, NULL},

        {"list", "since", true, false, NULL},
        {"show", NULL, true, false, NULL},
        {"log", NULL, true, false, NULL},
        {"next", NULL, true, false, NULL},
        {"form", NULL, true, false, NULL},
        {"page", NULL, true, false, NULL},
        {"search", NULL, true, false, NULL},
        {"since", "since", true, false, NULL},
        {"approvals", NULL, true, false, NULL},
        {"evidence.list", NULL, true, false, NULL},
        {"evidence.get", NULL, true, false, NULL},
        {"escalations", NULL, true, false, NULL},
        {"follow_up.list", NULL, true, false, NULL},
        {"due", "within", true, false, NULL},
        {"people", NULL, true, false, NULL},
        {"rules.holds", NULL, true, false, NULL},
        {"rules.outcome", NULL, true, false, NULL},
        {"silence.list", NULL, true, false, NULL},
        {"coverage", "since", true, false, NULL},
        {"event", NULL, true, false, NULL},
        {"journal.read", NULL, true, false, NULL},
        {"dossier", NULL, true, false, NULL},
        {"journal.export", NULL, true, false, NULL},

        {"status", NULL, true, false, call_status},
        {"rules.list", NULL, true, false, rules_list},
        {"rules.check", NULL, true, false, rules_check},
        {"rules.test", NULL, true, false, rules_test},
        {"rules.explain", NULL, true, false, rules_explain},
        {"rules.replay", "since", true, false, rules_replay},
        {"adapters.list", NULL, true, false, adapters_list},
        {"adapters.test", NULL, true, false, adapters_test},
};

const struct method *method_find(const char *name, size_t size)
{
        for (size_t i = 0; i < ARRAY_LEN(methods); i++)
                if (strlen(methods[i].name) == size && memcmp(methods[i].name, name, size) == 0)
                        return &methods[i];
        return NULL;
}

const struct method *method_at(size_t i)
{
        return i < ARRAY_LEN(methods) ? &methods[i] : NULL;
}

const char *method_similar(const char *name, size_t size)
{
        const char *names[ARRAY_LEN(methods)];

        for (size_t i = 0; i < ARRAY_LEN(methods); i++)
                names[i] = methods[i].name;
        return word_nearest(name, size, names, ARRAY_LEN(names));
}
