/* webhook.json: refused with a place, or read; then nobody from elsewhere gets in without TLS and a
 * secret or certificate. */
#include "fuzz.h"

#include "daemon/webhook/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(config_free_p) struct config *c = NULL;
        cleanup_(buffer_done) struct buffer complaints = BUFFER_NULL;
        int r;

        r = config_parse("f.json", (const char *) data, size, &c, &complaints);
        CHECK(r >= 0);
        CHECK((r == 0) == (complaints.size == 0) && (r == 0) == (c != NULL));
        CHECK(r == 0 || strncmp(complaints.data, "f.json:", 7) == 0);
        if (r != 0)
                return 0;
        CHECK(c->n_routes > 0 && c->connections > 0 && c->senders > 0 && c->ack_us > 0);
        CHECK(c->loopback || c->certificate);
        for (size_t i = 0; i < c->n_routes; i++) {
                const struct route *route = &c->routes[i];

                CHECK(config_route(c, route->path) == route && route->adapter);
                CHECK(c->loopback || c->client_ca || route->token_file || route->signature_file);
        }
        return 0;
}
