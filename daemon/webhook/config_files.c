/* What webhook.json names outside itself. */
#include "daemon/webhook/config_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/limits.h"

void text_wipe(char *text)
{
        if (text)
                sodium_memzero(text, strlen(text));
        free(text);
}

bool listen_parse(const char *text, struct config *c)
{
        const char *colon = strrchr(text, ':');
        char host[INET6_ADDRSTRLEN];
        bool bracketed = *text == '[';
        unsigned long port;
        char *end;
        size_t n;

        if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
                return false;
        n = (size_t) (colon - text);
        if (bracketed && (n < 3 || colon[-1] != ']'))
                return false;
        n -= bracketed ? 2 : 0;
        port = strtoul(colon + 1, &end, 10);
        if (n >= sizeof(host) || port > 65535)
                return false;
        memcpy(host, text + bracketed, n);
        host[n] = '\0';
        memset(&c->address, 0, sizeof(c->address));
        if (!bracketed && inet_pton(AF_INET, host, &c->address.v4.sin_addr) == 1) {
                c->address.v4.sin_family = AF_INET;
                c->address.v4.sin_port = htons((uint16_t) port);
                c->loopback = ntohl(c->address.v4.sin_addr.s_addr) >> 24 == 127;
                return true;
        }
        if (!bracketed || inet_pton(AF_INET6, host, &c->address.v6.sin6_addr) != 1)
                return false;
        c->address.v6.sin6_family = AF_INET6;
        c->address.v6.sin6_port = htons((uint16_t) port);
        c->loopback = IN6_IS_ADDR_LOOPBACK(&c->address.v6.sin6_addr);
        return true;
}

static int open_named(const char *config_path, const char *name)
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY"),
                   *slash = strrchr(config_path, '/');
        char path[4096];
        int fd = -1;

        if (*name == '/')
                return open(name, O_RDONLY | O_CLOEXEC);
        if (credentials) {
                snprintf(path, sizeof(path), "%s/%s", credentials, name);
                fd = open(path, O_RDONLY | O_CLOEXEC);
        }
        if (fd < 0) {
                snprintf(path, sizeof(path), "%.*s%s", slash ? (int) (slash - config_path + 1) : 0,
                         config_path, name);
                fd = open(path, O_RDONLY | O_CLOEXEC);
        }
        return fd;
}

static int read_all(int fd, char **ret, size_t *ret_size)
{
        char *text = malloc(LIMIT_CONFIG_BYTES + 1);
        size_t size = 0;
        ssize_t n = 1;

        if (!text)
                return -ENOMEM;
        while (n != 0 && size < LIMIT_CONFIG_BYTES) {
                n = read(fd, text + size, LIMIT_CONFIG_BYTES - size);
                if (n < 0 && errno != EINTR) {
                        int e = -errno;

                        free(text);
                        return e;
                }
                size += n > 0 ? (size_t) n : 0;
        }
        text[size] = '\0';
        *ret = text;
        *ret_size = size;
        return 0;
}

/* A file into memory. secret: others must not be able to read it. */
static int read_file(const char *config_path, const char *name, bool secret, char **ret,
                     size_t *ret_size, struct buffer *complaints)
{
        struct stat status;
        int fd, r;

        fd = open_named(config_path, name);
        if (fd < 0 || fstat(fd, &status) < 0) {
                buffer_printf(complaints, "%s: the file %s can't be read: %s\n", config_path, name,
                              strerror(errno));
                if (fd >= 0)
                        close(fd);
                return CONFIG_E_INVALID;
        }
        if (secret && (status.st_mode & 0007) != 0) {
                buffer_printf(complaints,
                              "%s: the file %s holds a secret and can be read by everybody: "
                              "chmod o= it, and take a new secret\n",
                              config_path, name);
                close(fd);
                return CONFIG_E_INVALID;
        }
        r = read_all(fd, ret, ret_size);
        close(fd);
        if (r < 0 && r != -ENOMEM) {
                buffer_printf(complaints, "%s: the file %s can't be read: %s\n", config_path, name,
                              strerror(-r));
                return CONFIG_E_INVALID;
        }
        return r;
}

static int read_secrets(const char *config_path, const char *name, struct secrets *ret,
                        struct buffer *complaints)
{
        struct problem problem = {0};
        char *text = NULL;
        size_t size = 0;
        int r;

        if (!name)
                return 0;
        r = read_file(config_path, name, true, &text, &size, complaints);
        if (r != 0)
                return r;
        r = secrets_read(ret, text, size, &problem);
        sodium_memzero(text, size);
        free(text);
        if (r > 0)
                buffer_printf(complaints, "%s: the file %s: %s\n", config_path, name, problem.text);
        return r > 0 ? CONFIG_E_INVALID : r;
}

int files_read(const char *config_path, struct config *c, struct buffer *complaints)
{
        const struct {
                const char *name;
                bool secret;
                char **into;
        } texts[] = {{c->certificate, false, &c->certificate_text},
                     {c->key, true, &c->key_text},
                     {c->client_ca, false, &c->client_ca_text}};
        int worst = 0, r = 0;
        size_t size;

        for (size_t i = 0; r >= 0 && i < ARRAY_LEN(texts); i++) {
                if (!texts[i].name)
                        continue;
                r = read_file(config_path, texts[i].name, texts[i].secret, texts[i].into, &size,
                              complaints);
                worst = r != 0 ? r : worst;
        }
        for (size_t i = 0; r >= 0 && i < c->n_routes; i++) {
                struct route *route = &c->routes[i];

                r = read_secrets(config_path, route->token_file, &route->tokens, complaints);
                worst = r != 0 ? r : worst;
                if (r >= 0)
                        r = read_secrets(config_path, route->signature_file, &route->signatures,
                                         complaints);
                worst = r != 0 ? r : worst;
        }
        return r < 0 ? r : worst;
}

int config_load(const char *path, struct config **ret, struct buffer *complaints)
{
        cleanup_(config_free_p) struct config *c = NULL;
        cleanup_(free_p) char *text = NULL;
        size_t size = 0;
        int fd, r;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
                buffer_printf(complaints, "%s can't be read: %s\n", path, strerror(errno));
                return CONFIG_E_INVALID;
        }
        r = read_all(fd, &text, &size);
        close(fd);
        if (r == 0)
                r = config_parse(path, text, size, &c, complaints);
        if (r == 0)
                r = files_read(path, c, complaints);
        if (r == 0)
                *ret = TAKE_PTR(c);
        return r;
}
