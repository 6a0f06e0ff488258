/* wire/frame: pull and subscription messages. No byte of the event is lost. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct frame frames[8];
        size_t n = fuzz_frames(data, size, frames, 8);
        struct wire_push push;
        struct problem p = {0};

        if (wire_push_parse(frames, n, &push, &p) != 0) {
                CHECK(p.text[0]);
                return 0;
        }
        CHECK(push.has_sequence == (n == 3));
        if (n > 1)
                CHECK(push.event.data == frames[1].data && push.event.size == frames[1].size);
        else
                CHECK(push.event.data + push.event.size == frames[0].data + frames[0].size);
        return 0;
}
