/* The loaded rules and adapters, compiled once, immutable afterwards. A reload makes a new ruleset
 * beside the old one and swaps them, all or nothing; whoever works with the old one holds a
 * reference. Reads no files itself: app gives it the texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/base/util.h"
#include "proto/seal/hash.h"

enum ruleset_error { RULESET_E_INVALID = 1 };

enum source_kind { SOURCE_RULES, SOURCE_ADAPTERS };

struct source_file { /* one configuration file, as read */
        enum source_kind kind;
        const char *path; /* for messages and for order; borrowed */
        const char *text; /* borrowed during load */
        size_t size;
        bool tried; /* its rules stand in the place of those of the same ids in other files */
};

/* Every mistake of every file, each as "path:line:column: sentence", one a line, so that `capad
 * check` shows all at once. */
struct complaints {
        struct buffer text;
        unsigned n;
};
void complaints_done(struct complaints *c);
void complain(struct complaints *c, const char *path, const char *text, size_t size,
              const struct problem *p); /* adds path:line:column: p->text */

struct ruleset;

/* policies: names that rules may refer to, NULL-terminated. Returns 0, RULESET_E_INVALID (see
 * complaints), -ENOMEM. */
int ruleset_load(const struct source_file *files, size_t n_files, const char *const *policies,
                 struct ruleset **ret, struct complaints *reterr) must_check_;
struct ruleset *ruleset_ref(struct ruleset *r);
struct ruleset *ruleset_unref(struct ruleset *r);
void ruleset_unref_p(struct ruleset **r);

unsigned ruleset_count(const struct ruleset *r);
unsigned ruleset_adapter_count(const struct ruleset *r);
const char *ruleset_rule_id(const struct ruleset *r, unsigned rule);
/* SHA-256 over all rules and adapters in a fixed order, independent of files and blanks. */
const struct hash *ruleset_hash(const struct ruleset *r);
/* What the register needs to know of the rules, for api.load('rules', ...): a JSON object
 *   {"rules":[{"id","hash","title","effect","owner","controls":[],"requirement","triaged","policy","growth":
 *    [{"occurrences":3,"within":{duration},"to":"major"}],"clears":["..."]}, ...]}  in index order;
 * the index of a rule here is match.rule. */
int ruleset_describe(const struct ruleset *r, struct buffer *b) must_check_;

/* The adapters, for people: a JSON list of {"id","description","file","hash","each":[paths],
 * "fields":["severity"],"rules":n,"tests":n}: how many rules name it, and how many test events are
 * its. 0 or -ENOMEM. */
int ruleset_describe_adapters(const struct ruleset *r, struct buffer *b) must_check_;
/* The id of the only adapter of a file; NULL: it has none or several. */
const char *ruleset_adapter_in(const struct ruleset *r, const char *file);
bool ruleset_has_adapter(const struct ruleset *r, const char *id);

struct trial_choice { /* which test events: those of one file, or for one adapter; NULL: any */
        const char *file, *adapter;
};
/* Run the test events that the files bring along ("tests"); `choice` may be NULL: all. *ret_n is
 * how many ran. 0 when all came out as expected; RULESET_E_INVALID: each that did not is a
 * complaint at its place; -ENOMEM. */
int ruleset_test(const struct ruleset *r, unsigned *ret_n, struct complaints *reterr) must_check_;
int ruleset_test_some(const struct ruleset *r, const struct trial_choice *choice, unsigned *ret_n,
                      struct complaints *reterr) must_check_;
