/* Says for each file named on the command line whether the strict reader takes it: one line
 * "accepted PATH" or "refused PATH:line:column: why". The integration tests feed the accepted ones
 * to PostgreSQL. Not installed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/json/tape.h"

static int file_read(const char *path, struct buffer *b)
{
        char chunk[65536];
        FILE *f = fopen(path, "rbe");
        size_t n;
        int r;

        if (!f)
                return -errno;
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(b, chunk, n);
        r = ferror(f) ? -EIO : buffer_status(b);
        (void) fclose(f);
        return r;
}

static int file_check(const char *path)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct problem problem = {0};
        unsigned line, column;
        int r;

        r = file_read(path, &b);
        if (r < 0) {
                (void) fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(-r));
                return r;
        }
        r = json_tape_parse(&t, b.data, b.size, &problem);
        if (r < 0)
                return r;
        if (r == 0) {
                (void) printf("accepted %s\n", path);
                return 0;
        }
        problem_place(b.data, b.size, problem.offset, &line, &column);
        (void) printf("refused %s:%u:%u: %s\n", path, line, column, problem.text);
        return 0;
}

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                if (file_check(argv[i]) < 0)
                        return 1;
        return 0;
}
