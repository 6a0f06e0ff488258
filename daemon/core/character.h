/* Patterns meet characters, not bytes: "." of an expression and "?" of a glob take a whole one of
 * UTF-8, a class has as many as it names. The C library does that by the locale of the thread, so
 * each use of it stands between these two. The locale is the one that every C library of ours
 * brings, C.UTF-8; nothing else of the program's locale changes. Used by pattern.c alone. */
#pragma once

#include <locale.h>

locale_t characters_begin(void);
void characters_end(locale_t before);
