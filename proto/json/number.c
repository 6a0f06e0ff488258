/* Exact comparison of decimal texts: no double, no allocation. A number is seen as its significant
 * digits and the power of ten of the first of them. Pure. */
#include "proto/json/tape.h"

/* Beyond any exponent that can stand in a text of bounded length, and far from overflow. */
#define EXPONENT_MOST INT64_C(1000000000000)

struct decimal {
        bool negative;
        bool zero;
        int64_t magnitude;   /* power of ten of the first significant digit */
        const char *p, *end; /* from that digit on; may contain one '.' */
};

static int64_t exponent_read(const char *p, const char *end)
{
        bool negative = false;
        int64_t v = 0;

        if (p < end && (*p == '-' || *p == '+'))
                negative = *p++ == '-';
        for (; p < end && *p >= '0' && *p <= '9'; p++)
                v = MIN(v * 10 + (*p - '0'), EXPONENT_MOST);
        return negative ? -v : v;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static struct decimal decimal_read(const char *p, size_t size)
{
        struct decimal d = {.zero = true, .end = p + size};
        const char *end = p + size;
        int64_t before_point = 0, power = 0;
        bool point = false;

        if (p < end && *p == '-') {
                d.negative = true;
                p++;
        }
        for (; p < end && (is_digit(*p) || *p == '.'); p++) {
                if (*p == '.') {
                        point = true;
                        continue;
                }
                if (*p != '0' && d.zero) {
                        d.zero = false;
                        d.p = p;
                }
                if (!d.zero && !point)
                        before_point++;
                if (d.zero && point)
                        power--;
        }
        d.end = p;
        d.magnitude = before_point > 0 ? before_point - 1 : power - 1;
        if (p < end && (*p == 'e' || *p == 'E'))
                d.magnitude += exponent_read(p + 1, end);
        return d;
}

/* Next digit, zeros forever behind the end. */
static char decimal_next(struct decimal *d)
{
        if (d->p < d->end && *d->p == '.')
                d->p++;
        return d->p < d->end ? *d->p++ : '0';
}

static int magnitude_compare(struct decimal *a, struct decimal *b)
{
        if (a->magnitude != b->magnitude)
                return a->magnitude < b->magnitude ? -1 : 1;
        while (a->p < a->end || b->p < b->end) {
                char x = decimal_next(a), y = decimal_next(b);

                if (x != y)
                        return x < y ? -1 : 1;
        }
        return 0;
}

int json_number_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
        struct decimal x = decimal_read(a, a_size), y = decimal_read(b, b_size);
        int x_sign = x.zero ? 0 : x.negative ? -1 : 1;
        int y_sign = y.zero ? 0 : y.negative ? -1 : 1;

        if (x_sign != y_sign)
                return x_sign < y_sign ? -1 : 1;
        if (x_sign == 0)
                return 0;
        return x_sign * magnitude_compare(&x, &y);
}

uint64_t json_number_hash(const char *text, size_t size)
{
        struct decimal d = decimal_read(text, size);
        uint64_t hash = 0, zeros = 0;

        if (d.zero)
                return 0;
        hash = ((uint64_t) d.magnitude << 1) + d.negative;
        while (d.p < d.end) {
                char digit = decimal_next(&d);

                if (digit == '0') { /* counts only if another digit follows */
                        zeros++;
                        continue;
                }
                for (; zeros > 0; zeros--)
                        hash *= 31;
                hash = hash * 31 + (uint64_t) (digit - '0');
        }
        return hash;
}
