/* Reads "storm" of a rule. */
#include "daemon/core/storm.h"

#include "daemon/core/reader.h"

#define DURATION_BYTES 64U

static int read_n(struct reader *r, uint32_t node, void *target)
{
        struct storm *s = target;
        int64_t n;

        if (json_int64(&r->tape, node, &n) != 0 || n < 0 || n > (int64_t) STORM_FAILURES_MAX)
                reader_complain(r, node,
                                "\"n\" is a whole number from 0 (never a storm) to %u: so many new "
                                "failures are treated singly",
                                STORM_FAILURES_MAX);
        else
                s->n = (unsigned) n;
        return 0;
}

static int read_within(struct reader *r, uint32_t node, void *target)
{
        struct storm *s = target;
        struct problem p = {0};
        struct text text;
        int k;

        k = reader_text(r, node, DURATION_BYTES, &text);
        if (k < 0 || !text.data)
                return k;
        k = duration_parse(text.data, text.size, &s->within, &p);
        if (k > 0)
                reader_complain_within(r, node, &p);
        else if (k == 0 && duration_us(&s->within) == 0)
                reader_complain(r, node, "a time of nothing: give one such as \"10m\"");
        return MIN(k, 0);
}

int storm_read(struct reader *r, uint32_t node, struct storm *ret)
{
        static const struct member MEMBERS[] = {{"n", read_n, true}, {"within", read_within, true}};

        ret->given = true;
        return reader_object(r, node, "\"storm\"", MEMBERS, ARRAY_LEN(MEMBERS), ret);
}
