/* Reads "self_close" of a rule: four texts, all of them needed. */
#include "daemon/core/standing.h"

#include <string.h>

#include "daemon/core/reader.h"
#include "proto/base/limits.h"
#include "proto/base/word.h"

#define NAME_BYTES 200U

/* As of the method `cause`, without people: "human error" needs a why behind it, which no rule
 * knows. */
static const char *const CATEGORIES[] = {"process",  "policy",      "technology", "monitoring",
                                         "supplier", "environment", "management", NULL};

static int read_cause(struct reader *r, uint32_t node, void *target)
{
        struct standing *s = target;

        return reader_text(r, node, LIMIT_STATEMENT_BYTES, &s->cause);
}

static int read_category(struct reader *r, uint32_t node, void *target)
{
        struct standing *s = target;
        const char *near;
        int k;

        k = reader_text(r, node, NAME_BYTES, &s->category);
        if (k < 0 || !s->category.data)
                return k;
        for (const char *const *c = CATEGORIES; *c; c++)
                if (strcmp(*c, s->category.data) == 0)
                        return 0;
        if (strcmp(s->category.data, "people") == 0) {
                reader_complain(r, node,
                                "a cause of category \"people\" needs a why behind it, which only "
                                "somebody who looked can give: name what made the error possible");
                return 0;
        }
        near = word_nearest(s->category.data, s->category.size, CATEGORIES, word_count(CATEGORIES));
        reader_complain(r, node,
                        "a category is \"process\", \"policy\", \"technology\", \"monitoring\", "
                        "\"supplier\", \"environment\" or \"management\"%s%s%s",
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return 0;
}

static int read_reason(struct reader *r, uint32_t node, void *target)
{
        struct standing *s = target;

        return reader_text(r, node, LIMIT_STATEMENT_BYTES, &s->reason);
}

static int read_by(struct reader *r, uint32_t node, void *target)
{
        struct standing *s = target;

        return reader_text(r, node, NAME_BYTES, &s->by);
}

int standing_read(struct reader *r, uint32_t node, struct standing *ret)
{
        static const struct member MEMBERS[] = {
                {"cause", read_cause, true},
                {"category", read_category, true},
                {"reason", read_reason, true},
                {"by", read_by, true},
        };

        return reader_object(r, node, "\"self_close\"", MEMBERS, ARRAY_LEN(MEMBERS), ret);
}
