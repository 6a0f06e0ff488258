/* Times as real tools write them, beyond RFC 3339 and the near misses that proto/wire/timestamp
 * reads. Pure; used for what adapters map to "time" and "first_seen". Nothing is refused because of
 * a bad time: the receipt counts instead. */
#pragma once

#include "daemon/core/view.h"

/* Microseconds since 1970; 0: this is no moment that one could tell, or none after 1970.
 * Numbers, and texts that are numbers, are seconds, ms, us or ns by their magnitude. Texts: RFC
 * 3339 in all its looseness; 20261122T014600Z; 2026/11/22 and 2026.11.22 with a clock; RFC 2822 and
 * HTTP
 * ("Sun, 22 Nov 2026 01:46:00 GMT"); asctime and date(1) ("Sun Nov 22 01:46:00 [UTC] 2026"); the
 * common log format; a zone as Z, an offset, an offset and [Area/City], or one of the names that
 * mean one thing only (UTC, GMT, UT, those of RFC 2822, WET to EEST). Without a zone it is UTC.
 * A date alone is a moment only where `dates` says so: as the time of an event it would be hours
 * too early. */
int64_t moment_of(const struct value *v, bool dates);
