/* What cmocka wants included before it, once, and a look for a part of a text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define assert_contains(text, part)                                                                \
        do {                                                                                       \
                const char *text_ = (text);                                                        \
                if (!text_ || !strstr(text_, (part)))                                              \
                        fail_msg("\"%s\" does not contain \"%s\"", text_ ? text_ : "", (part));    \
        } while (0)
