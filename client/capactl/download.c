/* The bytes of a piece of evidence. */
#include "client/capactl/download.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "client/capactl/params.h"
#include "proto/json/document.h"

void download_begin(struct download *d, FILE *out)
{
        *d = (struct download){.out = out};
        hash_init(&d->hasher);
}

int download_part(struct download *d, const struct cJSON *part)
{
        const char *text = document_string(part, "base64", "");
        cleanup_(free_p) unsigned char *bytes = NULL;
        size_t n = 0, max = strlen(text) / 4 * 3 + 3;

        bytes = malloc(max);
        if (!bytes)
                return -ENOMEM;
        if (sodium_base642bin(bytes, max, text, strlen(text), "\r\n ", &n, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0 ||
            document_int(part, "offset", d->got) != d->got)
                return session_complain(EXIT_INTERNAL, "the evidence came garbled");
        d->size = document_int(part, "size", (int64_t) n);
        snprintf(d->sha256, sizeof(d->sha256), "%.64s", document_string(part, "sha256", ""));
        if (n == 0 && d->got < d->size)
                return session_complain(EXIT_INTERNAL, "the evidence came short");
        hash_update(&d->hasher, bytes, n);
        if (fwrite(bytes, 1, n, d->out) != n)
                return session_complain(EXIT_INTERNAL, "the output can't be written: %s",
                                        strerror(errno));
        d->got += (int64_t) n;
        return 0;
}

int download_end(struct download *d, const char *reference)
{
        struct hash hash;
        char hex[2 * HASH_BYTES + 1];

        hash_final(&d->hasher, &hash);
        hash_hex(&hash, hex);
        if (!*d->sha256 || strcmp(hex, d->sha256) == 0)
                return 0;
        return session_complain(EXIT_REFUSED,
                                "%s does not have the SHA-256 that the register "
                                "holds (%s, got %s)",
                                reference, d->sha256, hex);
}

static int ask_part(struct session *s, const char *reference, struct download *d)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        params_add_string(&p, "id", reference);
        params_add_int(&p, "offset", d->got);
        r = session_reply(s, "evidence.get", &p, &reply);
        return r == 0 ? download_part(d, reply.document) : r;
}

int download_bytes(struct session *s, const char *reference, struct buffer *ret)
{
        struct download d;
        char *bytes = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&bytes, &size);
        int r;

        if (!out)
                return -errno;
        download_begin(&d, out);
        do
                r = ask_part(s, reference, &d);
        while (r == 0 && d.got < d.size);
        if (r == 0)
                r = download_end(&d, reference);
        if (fclose(out) != 0 && r == 0)
                r = -ENOMEM;
        if (r == 0) {
                buffer_add(ret, bytes, size);
                r = buffer_status(ret);
        }
        free(bytes);
        return r;
}
