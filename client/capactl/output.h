/* How answers look to people: the pieces that several commands print. Everything that came from
 * elsewhere is cleaned (text.h) on its way out. */
#pragma once

#include "client/capactl/columns.h"
#include "client/capactl/session.h"

struct cJSON;

/* Print cleaned text, in a colour if one is given and the terminal has colours. */
void output_text(const struct session *s, const char *text, const char *colour);
/* A sentence that capad wrote: as output_text, with its moments in local time. */
void output_sentence(const struct session *s, const char *sentence);
/* "Label  text", with the text's further lines under its first; nothing if text is NULL or "". */
void output_field(const struct session *s, const char *label, const char *text);
/* A heading of a section. */
void output_heading(const struct session *s, const char *text);
/* "kind in 3 days (Wed ...)" of a {"kind","due"}; "" for NULL. */
#define OUTPUT_DUE_MAX 240
void output_due(const struct cJSON *due, bool with_date, char ret[OUTPUT_DUE_MAX]);
/* Names of a JSON list, blank between; for cells. Caller frees; "" when there are none. */
char *output_join(const struct cJSON *list, const char *between);
/* "sentence" and, indented below, the command. */
void output_step(const struct session *s, const char *label, const struct cJSON *step);
/* Result of a changing method: what became of it, what it made, and the next step. alone: not one
 * of several. */
void output_result(struct session *s, const struct cJSON *result, bool alone);
/* How a method's list looks to people. add_row: one row of it, as by columns_row. */
struct listing {
        const struct column *columns;
        size_t n_columns;
        int (*add_row)(struct columns *c, const struct cJSON *row);
        const char *empty;     /* the sentence for an empty one; NULL: nothing is said */
        const char *reference; /* the member that -q prints; NULL: -q changes nothing */
};
/* A list as a table, or its sentence. */
int output_listing(struct session *s, const struct listing *listing,
                   const struct cJSON *list) must_check_;
/* Asks the command's method and prints each of the list that comes by print, some lines for one, or
 * the sentence for an empty one: where a table has no room for what is said. */
int output_blocks(struct session *s, const char *empty,
                  void (*print)(struct session *s, const struct cJSON *one)) must_check_;
/* Asks the command's method (of one reference, or NULL) and prints what comes: what a command that
 * only lists does. */
int output_listed(struct session *s, const char *reference,
                  const struct listing *listing) must_check_;
/* A list of mistakes that capad found, one a line, as errors. Whether there are any. */
bool output_mistakes(const struct cJSON *list);
/* A list of summaries, as of the method list. */
int output_summaries(struct session *s, const struct cJSON *list) must_check_;
/* Colour for a grade and whether it is overdue; NULL for none. */
const char *output_grade_colour(const char *grade, bool overdue);
