/* wire/timestamp: what is read can be written and read again to the same moment. */
#include "fuzz.h"

#include "proto/wire/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[TIMESTAMP_MAX];
        int64_t us, again;

        if (timestamp_parse((const char *) data, size, &us) == 0) {
                timestamp_format(us, text, sizeof(text));
                /* An offset can carry the moment out of the years that have four digits. */
                if (us >= INT64_C(-62135596800000000) && us < INT64_C(253402300800000000))
                        CHECK(timestamp_parse(text, strlen(text), &again) == 0 && again == us);
        }
        if (timestamp_parse_epoch((const char *) data, size, &us) == 0)
                CHECK(us >= 0 && us <= INT64_C(100000000000000000));
        return 0;
}
