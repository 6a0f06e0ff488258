/* seal/journal: lines of any bytes; the check never moves over a line that it refused. */
#include "fuzz.h"

#include "proto/seal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *p = (const char *) data, *end = p + size;
        struct journal_check c;

        journal_check_init(&c);
        while (p < end) {
                const char *stop = memchr(p, '\n', (size_t) (end - p));
                struct journal_check before = c;
                struct problem problem = {0};
                int r;

                if (!stop)
                        stop = end;
                r = journal_check_line(&c, p, (size_t) (stop - p), &problem);
                CHECK(r == 0 || (problem.text[0] && memcmp(&before, &c, sizeof(c)) == 0));
                CHECK(r != 0 || c.seq == before.seq + 1);
                p = stop + 1;
        }
        return 0;
}
