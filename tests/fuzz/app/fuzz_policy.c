/* policy.json: refused with places, or read; then its names and its normal form are there. */
#include "fuzz.h"

#include "daemon/app/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(policy_free_p) struct policy *p = NULL;
        cleanup_(complaints_done) struct complaints c = {0};
        int r;

        r = policy_parse("f.json", (const char *) data, size, &p, &c);
        check_complaints(r, &c);
        if (r != 0)
                return 0;
        check_body(&p->body);
        CHECK(p->names && p->names[0]);
        return 0;
}
