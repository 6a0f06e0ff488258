/* Replays a corpus through one fuzz target without libFuzzer: each file of each folder, or each
 * file, named on the command line. Part of the ordinary test run, so that what once broke stays
 * mended. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned file_replay(const char *path)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(free_p) uint8_t *exact = NULL;
        char chunk[4096];
        FILE *f = fopen(path, "rbe");
        size_t n;

        if (!f)
                return 0;
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
                buffer_add(&b, chunk, n);
        (void) fclose(f);
        /* Memory of just this size: a sanitizer sees a read behind the end. */
        exact = malloc(b.size + (b.size == 0));
        if (!exact || buffer_status(&b) != 0)
                return 0;
        if (b.size > 0)
                memcpy(exact, b.data, b.size);
        (void) LLVMFuzzerTestOneInput(exact, b.size);
        return 1;
}

static unsigned folder_replay(const char *path)
{
        DIR *d = opendir(path);
        unsigned n = 0;

        if (!d)
                return file_replay(path);
        for (struct dirent *e = readdir(d); e; e = readdir(d)) {
                char file[4096];

                if (e->d_name[0] == '.')
                        continue;
                (void) snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
                n += file_replay(file);
        }
        (void) closedir(d);
        return n;
}

int main(int argc, char **argv)
{
        unsigned n = 0;

        for (int i = 1; i < argc; i++)
                n += folder_replay(argv[i]);
        (void) printf("%u inputs replayed\n", n);
        return n > 0 ? 0 : 1;
}
