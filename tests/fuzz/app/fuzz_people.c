/* people.json: refused with places, or read; then everybody in it is found under the own name, and
 * what goes to the register reads back as the same people. */
#include "fuzz.h"

#include "daemon/app/people.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_(people_free_p) struct people *p = NULL, *again = NULL;
        cleanup_(complaints_done) struct complaints c = {0}, none = {0};
        int r;

        r = people_parse("f.json", (const char *) data, size, &p, &c);
        check_complaints(r, &c);
        if (r != 0)
                return 0;
        check_body(&p->body);
        for (size_t i = 0; i < p->n; i++) {
                CHECK(people_find(p, p->persons[i].name) == &p->persons[i]);
                CHECK(p->persons[i].n_default <= 2);
        }
        CHECK(p->n_keys >= p->n);
        CHECK(people_parse("f.json", p->body.data, p->body.size, &again, &none) == 0);
        CHECK(again->n == p->n && memcmp(&again->hash, &p->hash, sizeof(p->hash)) == 0);
        return 0;
}
