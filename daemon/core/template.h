/* Texts with values of the event in them: "Backup of {/subject} failed". {pointer} is the decoded
 * text, a number or true/false as written, a list or object as its JSON; what is missing or null
 * gives "?"; "{{" is a literal brace. Compiled at load, immutable afterwards. */
#pragma once

#include "daemon/core/reader.h"
#include "daemon/core/view.h"

struct template_piece {
        struct text literal;     /* before the path */
        const struct path *path; /* NULL behind the last */
};

struct template
{
        struct template_piece *pieces;
        unsigned n_pieces; /* 0: there is no template */
};

/* Compile a string node. n_pieces stays 0 after a complaint. */
int template_read(struct reader *r, uint32_t node, struct template *ret) must_check_;
/* Append the text to b: control characters as blanks, at most max bytes, cut at a character.
 * *n_missing, if not NULL, grows by the values that were missing. 0 or -ENOMEM. */
int template_render(const struct template *t, struct view *v, size_t max, struct buffer *b,
                    unsigned *n_missing) must_check_;
/* Append a text in the same way, without a template; false if it was cut. */
bool text_render(const struct text *t, size_t max, struct buffer *b);
