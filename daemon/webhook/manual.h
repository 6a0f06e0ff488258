/* capa-webhook(8), written by the program itself: capa-webhook --man. */
#pragma once

#include <stdio.h>

void manual_print(FILE *out);
