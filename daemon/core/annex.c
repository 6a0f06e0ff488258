/* Reads numbers of Annex A and translates those of the 2013 edition. The table below is the whole
 * of the correspondence that ISO/IEC 27002:2022 gives in its Annex B, table B.2: all 114 controls
 * of 2013, one row for each control that they have become. The eleven that are new in 2022 stand in
 * no row. */
#include "daemon/core/annex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/base/util.h"

#define SEPARATORS " ,;" /* between numbers */

struct number {
        unsigned parts[3];
        unsigned n;
};

static const struct successor {
        uint8_t old[3], now[2];
} SUCCESSORS[] = {
        {{5, 1, 1}, {5, 1}},   {{5, 1, 2}, {5, 1}},   {{6, 1, 1}, {5, 2}},   {{6, 1, 2}, {5, 3}},
        {{6, 1, 3}, {5, 5}},   {{6, 1, 4}, {5, 6}},   {{6, 1, 5}, {5, 8}},   {{6, 2, 1}, {8, 1}},
        {{6, 2, 2}, {6, 7}},   {{7, 1, 1}, {6, 1}},   {{7, 1, 2}, {6, 2}},   {{7, 2, 1}, {5, 4}},
        {{7, 2, 2}, {6, 3}},   {{7, 2, 3}, {6, 4}},   {{7, 3, 1}, {6, 5}},   {{8, 1, 1}, {5, 9}},
        {{8, 1, 2}, {5, 9}},   {{8, 1, 3}, {5, 10}},  {{8, 1, 4}, {5, 11}},  {{8, 2, 1}, {5, 12}},
        {{8, 2, 2}, {5, 13}},  {{8, 2, 3}, {5, 10}},  {{8, 3, 1}, {7, 10}},  {{8, 3, 2}, {7, 10}},
        {{8, 3, 3}, {7, 10}},  {{9, 1, 1}, {5, 15}},  {{9, 1, 2}, {5, 15}},  {{9, 2, 1}, {5, 16}},
        {{9, 2, 2}, {5, 18}},  {{9, 2, 3}, {8, 2}},   {{9, 2, 4}, {5, 17}},  {{9, 2, 5}, {5, 18}},
        {{9, 2, 6}, {5, 18}},  {{9, 3, 1}, {5, 17}},  {{9, 4, 1}, {8, 3}},   {{9, 4, 2}, {8, 5}},
        {{9, 4, 3}, {5, 17}},  {{9, 4, 4}, {8, 18}},  {{9, 4, 5}, {8, 4}},   {{10, 1, 1}, {8, 24}},
        {{10, 1, 2}, {8, 24}}, {{11, 1, 1}, {7, 1}},  {{11, 1, 2}, {7, 2}},  {{11, 1, 3}, {7, 3}},
        {{11, 1, 4}, {7, 5}},  {{11, 1, 5}, {7, 6}},  {{11, 1, 6}, {7, 2}},  {{11, 2, 1}, {7, 8}},
        {{11, 2, 2}, {7, 11}}, {{11, 2, 3}, {7, 12}}, {{11, 2, 4}, {7, 13}}, {{11, 2, 5}, {7, 10}},
        {{11, 2, 6}, {7, 9}},  {{11, 2, 7}, {7, 14}}, {{11, 2, 8}, {8, 1}},  {{11, 2, 9}, {7, 7}},
        {{12, 1, 1}, {5, 37}}, {{12, 1, 2}, {8, 32}}, {{12, 1, 3}, {8, 6}},  {{12, 1, 4}, {8, 31}},
        {{12, 2, 1}, {8, 7}},  {{12, 3, 1}, {8, 13}}, {{12, 4, 1}, {8, 15}}, {{12, 4, 2}, {8, 15}},
        {{12, 4, 3}, {8, 15}}, {{12, 4, 4}, {8, 17}}, {{12, 5, 1}, {8, 19}}, {{12, 6, 1}, {8, 8}},
        {{12, 6, 2}, {8, 19}}, {{12, 7, 1}, {8, 34}}, {{13, 1, 1}, {8, 20}}, {{13, 1, 2}, {8, 21}},
        {{13, 1, 3}, {8, 22}}, {{13, 2, 1}, {5, 14}}, {{13, 2, 2}, {5, 14}}, {{13, 2, 3}, {5, 14}},
        {{13, 2, 4}, {6, 6}},  {{14, 1, 1}, {5, 8}},  {{14, 1, 2}, {8, 26}}, {{14, 1, 3}, {8, 26}},
        {{14, 2, 1}, {8, 25}}, {{14, 2, 2}, {8, 32}}, {{14, 2, 3}, {8, 32}}, {{14, 2, 4}, {8, 32}},
        {{14, 2, 5}, {8, 27}}, {{14, 2, 6}, {8, 31}}, {{14, 2, 7}, {8, 30}}, {{14, 2, 8}, {8, 29}},
        {{14, 2, 9}, {8, 29}}, {{14, 3, 1}, {8, 33}}, {{15, 1, 1}, {5, 19}}, {{15, 1, 2}, {5, 20}},
        {{15, 1, 3}, {5, 21}}, {{15, 2, 1}, {5, 22}}, {{15, 2, 2}, {5, 22}}, {{16, 1, 1}, {5, 24}},
        {{16, 1, 2}, {6, 8}},  {{16, 1, 3}, {6, 8}},  {{16, 1, 4}, {5, 25}}, {{16, 1, 5}, {5, 26}},
        {{16, 1, 6}, {5, 27}}, {{16, 1, 7}, {5, 28}}, {{17, 1, 1}, {5, 29}}, {{17, 1, 2}, {5, 29}},
        {{17, 1, 3}, {5, 29}}, {{17, 2, 1}, {8, 14}}, {{18, 1, 1}, {5, 31}}, {{18, 1, 2}, {5, 32}},
        {{18, 1, 3}, {5, 33}}, {{18, 1, 4}, {5, 34}}, {{18, 1, 5}, {5, 31}}, {{18, 2, 1}, {5, 35}},
        {{18, 2, 2}, {5, 36}}, {{18, 2, 3}, {5, 36}}, {{18, 2, 3}, {8, 8}},
};

/* How many controls each theme of 2022 has: organizational, people, physical, technological. */
static const unsigned THEMES_2022[] = {[5] = 37, [6] = 8, [7] = 14, [8] = 34};

static void skip_any_of(struct text *t, const char *set)
{
        while (t->size > 0 && strchr(set, t->data[0])) {
                t->data++;
                t->size--;
        }
}

static bool skip_word(struct text *t, const char *word)
{
        size_t size = strlen(word);

        if (t->size < size || strncasecmp(t->data, word, size) != 0)
                return false;
        t->data += size;
        t->size -= size;
        return true;
}

/* The standard's name in front of the number, with the edition's year. False: it is another
 * standard. */
static bool skip_standard(struct text *t, enum edition *edition)
{
        if (!skip_word(t, "ISO"))
                return true;
        skip_any_of(t, "/-_ ");
        (void) skip_word(t, "IEC");
        skip_any_of(t, "-_ ");
        if (!skip_word(t, "27001") && !skip_word(t, "27002"))
                return false;
        skip_any_of(t, ":-_ ");
        if (skip_word(t, "2013"))
                *edition = EDITION_2013;
        else if (skip_word(t, "2022"))
                *edition = EDITION_2022;
        skip_any_of(t, ":;,/-_. ");
        return true;
}

/* Take "A.12.4.4" or "12.4" off the text: two or three numbers, up to a blank, a comma or the end.
 */
static bool take_number(struct text *t, struct number *ret)
{
        ret->n = 0;
        if (skip_word(t, "A"))
                (void) skip_word(t, ".");
        skip_any_of(t, " ");
        while (ret->n < ARRAY_LEN(ret->parts)) {
                unsigned digits = 0, value = 0;

                for (; t->size > 0 && digits < 2 && isdigit((unsigned char) t->data[0]); digits++) {
                        value = 10 * value + (unsigned) (t->data[0] - '0');
                        t->data++;
                        t->size--;
                }
                if (digits == 0)
                        return false;
                ret->parts[ret->n++] = value;
                if (t->size == 0 || strchr(SEPARATORS, t->data[0]))
                        return ret->n > 1;
                if (!skip_word(t, "."))
                        return false;
        }
        return false;
}

/* Put a control of 2022 behind the others, unless it stands there. */
static unsigned add(char ret[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES], unsigned n, unsigned theme,
                    unsigned number)
{
        char name[32];

        (void) snprintf(name, sizeof(name), "A.%u.%u", theme, number);
        for (unsigned i = 0; i < n; i++)
                if (strcmp(ret[i], name) == 0)
                        return n;
        if (n == ANNEX_NAMES_MAX || strlen(name) >= ANNEX_NAME_BYTES)
                return n;
        memcpy(ret[n], name, strlen(name) + 1);
        return n + 1;
}

static unsigned add_successors(const struct number *number, unsigned n,
                               char ret[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES])
{
        for (unsigned i = 0; i < ARRAY_LEN(SUCCESSORS); i++) {
                const struct successor *s = &SUCCESSORS[i];

                if (s->old[0] == number->parts[0] && s->old[1] == number->parts[1] &&
                    (number->n < 3 || s->old[2] == number->parts[2]))
                        n = add(ret, n, s->now[0], s->now[1]);
        }
        return n;
}

static bool is_of_2022(const struct number *number)
{
        unsigned theme = number->parts[0];

        return number->n == 2 && theme < ARRAY_LEN(THEMES_2022) && number->parts[1] > 0 &&
               number->parts[1] <= THEMES_2022[theme];
}

unsigned annex_find(const struct text *t, enum edition edition,
                    char ret[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES])
{
        struct text rest = *t;
        struct number number;
        unsigned n = 0;

        skip_any_of(&rest, " ");
        if (!skip_standard(&rest, &edition))
                return 0;
        if (skip_word(&rest, "Annex"))
                skip_any_of(&rest, " ");
        while (rest.size > 0) {
                if (!take_number(&rest, &number))
                        return 0;
                skip_any_of(&rest, SEPARATORS);
                if (edition == EDITION_2013 || (edition == EDITION_BY_NUMBER && number.n == 3))
                        n = add_successors(&number, n, ret);
                else if (is_of_2022(&number))
                        n = add(ret, n, number.parts[0], number.parts[1]);
        }
        return n;
}
