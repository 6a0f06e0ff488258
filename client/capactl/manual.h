/* capactl(1), from the command table. */
#pragma once

#include <stdio.h>

void manual_print(FILE *out);
