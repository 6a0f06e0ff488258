/* capad.json: refused with places, or read; then what has a default is there, and numbers lie
 * within their bounds. */
#include "fuzz.h"

#include "daemon/app/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(config_free_p) struct config *config = NULL;
        cleanup_(complaints_done) struct complaints c = {0};
        cleanup_(free_p) char *text = malloc(size + 1);
        int r;

        CHECK(text);
        memcpy(text, data, size);
        text[size] = '\0';
        r = config_parse("f.json", text, size, &config, &c);
        check_complaints(r, &c);
        if (r != 0)
                return 0;
        CHECK(config->policy && config->people && config->state_dir && config->spool);
        CHECK(config->control && config->ingest && config->rules && config->adapters);
        CHECK(config->writers >= 1 && config->batch_events >= 1 && config->batch_ms >= 0);
        for (size_t i = 0; i < config->n_principals; i++)
                CHECK(config->principals[i].name);
        for (size_t i = 0; i < config->n_subscriptions; i++)
                CHECK(config->subscriptions[i].name && config->subscriptions[i].endpoint);
        return 0;
}
