/* Times of events as text: RFC 3339 and what real tools send instead. Pure; UTC microseconds since
 * 1970. Nothing is ever refused because of a bad time: the caller falls back to the receipt. */
#pragma once

#include <stdint.h>
#include <stddef.h>

#include "proto/base/util.h"

enum timestamp_error { TIMESTAMP_E_UNREADABLE = 1 };

/* RFC 3339 with 0..9 fraction digits; also a blank instead of T, an offset without colon, no zone
 * (read as UTC), unpadded parts. */
int timestamp_parse(const char *text, size_t size, int64_t *ret_us) must_check_;
/* Epoch number text (integer, fraction or exponent), seconds, ms, us or ns guessed by magnitude. */
int timestamp_parse_epoch(const char *text, size_t size, int64_t *ret_us) must_check_;
/* "2026-11-22T01:46:00.123456Z"; buffer of at least TIMESTAMP_MAX bytes. */
#define TIMESTAMP_MAX 32
void timestamp_format(int64_t us, char *ret, size_t size);
