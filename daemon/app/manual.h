/* capad(8), from the table of options. */
#pragma once

#include <stdio.h>

void manual_print(FILE *out);
