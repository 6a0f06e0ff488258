/* Tables on the terminal, drawn by libsmartcols. */
#include "client/capactl/columns.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <unistd.h>

#include "client/capactl/text.h"

int columns_begin(struct columns *c, const struct session *s, const struct column *columns,
                  size_t n)
{
        struct libscols_table *table = scols_new_table();

        if (!table)
                return -ENOMEM;
        scols_table_enable_colors(table, s->colour);
        if (!isatty(STDOUT_FILENO)) /* who reads a pipe wants it whole */
                scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
        for (size_t i = 0; i < n; i++) {
                int flags = (columns[i].cut ? SCOLS_FL_TRUNC : 0) |
                            (columns[i].right ? SCOLS_FL_RIGHT : 0);

                if (!scols_table_new_column(table, columns[i].heading, 0, flags)) {
                        scols_unref_table(table);
                        return -ENOMEM;
                }
        }
        *c = (struct columns){.table = table, .session = s, .n_columns = n};
        return 0;
}

size_t columns_width(const struct columns *c)
{
        return isatty(STDOUT_FILENO) ? scols_table_get_termwidth(c->table) : 0;
}

int columns_row(struct columns *c, const char *const *cells, const char *colour)
{
        struct libscols_line *line = scols_table_new_line(c->table, NULL);

        if (!line)
                return -ENOMEM;
        c->n_rows++;
        for (size_t i = 0; i < c->n_columns; i++) {
                cleanup_(free_p) char *clean = text_cleaned(cells[i], -1);

                if (!clean || scols_line_set_data(line, i, clean) != 0)
                        return -ENOMEM;
        }
        return colour ? scols_line_set_color(line, colour) : 0;
}

void columns_print(struct columns *c)
{
        if (c->n_rows > 0)
                scols_print_table(c->table);
        columns_done(c);
}

void columns_done(struct columns *c)
{
        if (c->table)
                scols_unref_table(c->table);
        c->table = NULL;
}
