/* Switches the thread's locale for a moment. */
#include "daemon/core/character.h"

/* Made once, never freed. */
static locale_t locale_of_utf8(void)
{
        static locale_t utf8;

        if (!utf8)
                utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
        return utf8;
}

locale_t characters_begin(void)
{
        return uselocale(locale_of_utf8());
}

void characters_end(locale_t before)
{
        (void) uselocale(before);
}
