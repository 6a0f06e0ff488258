/* What the tests of the adapter language share, beside the fixture: JSON is written with ' for ".
 */
#pragma once

#include "fixture.h"

/* A copy with " for each '; malloc()ed. */
char *quoted(const char *s);
/* Load the adapter "x", and a rule for all of its events, whose title is "{/a} {/b} {/c} {/d}". */
void load(struct fixture *f, const char *adapter);
/* Judge a message through it, which is kept until the next one. */
const struct judgement *hear(struct fixture *f, const char *event);
/* The part is stored, and has this title. */
void expect(const struct judgement *j, size_t part, const char *title);
/* What was taken out of the part, as a JSON list; "": nothing. */
void assert_redacted(const struct judgement *j, size_t part, const char *expected);
