/* A request as lines: method, path, "Name: value" or "?name=value", an empty line, body. Whatever
 * it is, it is answered or let in, and let in only with the secret. */
#include "fuzz.h"

#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "daemon/webhook/exchange.h"

#define TOKEN "0123456789abcdef"

struct lines {
        char *text; /* lines ended by NUL */
        size_t n;
        const char *line[64];
};

static const char *find(const struct lines *l, const char *name, const char *before,
                        const char *behind)
{
        for (size_t i = 2; i < l->n; i++) {
                const char *line = l->line[i];
                size_t n = strlen(name);

                if (strncmp(line, before, strlen(before)) != 0)
                        continue;
                line += strlen(before);
                if (strncasecmp(line, name, n) == 0 &&
                    strncmp(line + n, behind, strlen(behind)) == 0)
                        return line + n + strlen(behind);
        }
        return NULL;
}

static const char *get_header(void *of, const char *name)
{
        return find(of, name, "", ": ");
}

static const char *get_query(void *of, const char *name)
{
        return find(of, name, "?", "=");
}

static struct config *make_config(void)
{
        static const char text[] =
                "{\"routes\":[{\"path\":\"/open\"},{\"path\":\"/token\",\"token_file\":\"t\","
                "\"token_header\":\"X-Token\",\"token_query\":\"token\"},"
                "{\"path\":\"/signed\",\"signature_file\":\"s\"}]}";
        cleanup_(buffer_done) struct buffer complaints = BUFFER_NULL;
        struct config *c = NULL;

        CHECK(config_parse("f.json", text, strlen(text), &c, &complaints) == 0);
        CHECK(secrets_read(&c->routes[1].tokens, TOKEN "\n", strlen(TOKEN) + 1, NULL) == 0);
        CHECK(secrets_read(&c->routes[2].signatures, TOKEN "\n", strlen(TOKEN) + 1, NULL) == 0);
        return c;
}

static void split(struct lines *l)
{
        for (char *at = l->text; at && *at && *at != '\n' && l->n < ARRAY_LEN(l->line);) {
                char *feed = strchr(at, '\n');

                l->line[l->n++] = at;
                if (feed)
                        *feed++ = '\0';
                at = feed;
        }
}

/* Is the token somewhere in what was sent, or in what its Basic credentials are decoded to? */
static bool shows_token(const struct lines *l, const uint8_t *data, size_t size)
{
        const char *basic = get_header((void *) (uintptr_t) l, "Authorization");
        unsigned char decoded[8192];
        size_t n = 0;

        if (memmem(data, size, TOKEN, strlen(TOKEN)))
                return true;
        return basic && strlen(basic) > 6 &&
               sodium_base642bin(decoded, sizeof(decoded), basic + 6, strlen(basic + 6), " \t", &n,
                                 NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
               memmem(decoded, n, TOKEN, strlen(TOKEN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct config *config;
        cleanup_(free_p) char *text = malloc(size + 1);
        struct lines l = {.text = text};
        struct request q = {"", "", get_header, get_query, &l};
        const struct route *route = NULL;
        struct reply reply = {0};
        int r;

        CHECK(text);
        if (!config)
                config = make_config();
        memcpy(text, data, size);
        text[size] = '\0';
        split(&l);
        q.method = l.n > 0 ? l.line[0] : "";
        q.path = l.n > 1 ? l.line[1] : "";
        r = exchange_admit(config, &q, &route, &reply);
        CHECK(r == 0 || (r == 1 && reply.status >= 400 && reply.status < 500 && reply.body));
        if (r == 0) {
                CHECK(strcmp(q.method, "POST") == 0 && strcmp(q.path, route->path) == 0);
                CHECK(route != &config->routes[1] || shows_token(&l, data, size));
                CHECK(route != &config->routes[2] || get_header(&l, "X-Hub-Signature-256"));
        }
        /* A signature of these bytes can't be among them but by chance. */
        CHECK(!secret_signed(&config->routes[2].signatures, get_header(&l, "X-Hub-Signature-256"),
                             data, size));
        reply_done(&reply);
        return 0;
}
