/* wire/frame: requests and replies from any frames. What is refused says why. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct frame frames[1024];
        size_t n = fuzz_frames(data, size, frames, 1024);
        struct wire_request q;
        struct wire_reply reply;
        struct problem p = {0};
        int r;

        r = wire_request_parse(frames, n, &q, &p);
        CHECK(r == 0 || p.text[0]);
        CHECK(q.id.data && (r != 0 || q.id.size == frames[2].size));
        if (r == 0 && q.verb == WIRE_PUT)
                CHECK(q.n_parts >= 1 && q.n_parts == n - 4);
        if (r == 0 && q.verb == WIRE_CALL)
                CHECK(q.params.size > 0 && q.name.size > 0 && q.n_parts == n - 5);
        if (wire_reply_parse(frames, n, &reply, &p) == 0)
                CHECK(n == 4 && r != 0);
        return 0;
}
