/* Tables on the terminal, drawn by libsmartcols (the only file that knows it is columns.c). All
 * cells are cleaned of control characters here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/capactl/session.h"

struct column {
        const char *heading;
        bool cut;   /* may be cut to fit the terminal */
        bool right; /* numbers */
};

struct columns {
        void *table; /* libsmartcols'; owned until columns_print */
        const struct session *session;
        size_t n_columns, n_rows;
};

int columns_begin(struct columns *c, const struct session *s, const struct column *columns,
                  size_t n) must_check_;
/* Width of the terminal, or 0 if standard output is none. */
size_t columns_width(const struct columns *c);
/* One row; NULL cells are empty. colour: for the whole row, NULL for none. */
int columns_row(struct columns *c, const char *const *cells, const char *colour) must_check_;
/* Print and free. Nothing at all is printed of a table without rows. */
void columns_print(struct columns *c);
void columns_done(struct columns *c);
