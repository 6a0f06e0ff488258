/* duration/: what is read is of one unit and within a hundred years. */
#include "fuzz.h"

#include "proto/duration/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct problem p = {0};
        struct duration d;

        if (duration_parse((const char *) data, size, &d, &p) != 0) {
                CHECK(p.text[0]);
                return 0;
        }
        CHECK((d.seconds != 0) + (d.days != 0) + (d.business_days != 0) + (d.months != 0) <= 1);
        CHECK(duration_us(&d) >= 0 && duration_us(&d) < INT64_C(110) * 366 * 86400 * 1000000);
        CHECK(duration_is_exact(&d) == (d.days == 0 && d.business_days == 0 && d.months == 0));
        return 0;
}
