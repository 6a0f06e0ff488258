/* Entries of the systemd journal as JSON, in the form of `journalctl -o json`, as a source of
 * stream.c: the messages that adapter `journal` reads. The only file that knows
 * <systemd/sd-journal.h>. */
#pragma once

#include "client/capactl/stream.h"

struct journal_filter {             /* all borrowed; lists end with NULL; NULL: no such filter */
        const char *folder;         /* journal files of a folder instead of this machine's */
        const char *const *units;   /* of these units, and what systemd says about them */
        const char *const *matches; /* "FIELD=VALUE"; of one field any, of several all */
        int priority;               /* this urgent or more: 0 to 7; -1: any */
};

struct journal_entries;

/* Begin behind a kept position (JSON); where size is 0 with entries from since_us on, or, where
 * that is 0, with those that come from now on. 0, an exit status that was told, -errno. */
int journal_entries_open(const struct journal_filter *filter, const char *position, size_t size,
                         uint64_t since_us, struct journal_entries **ret) must_check_;
struct journal_entries *journal_entries_free(struct journal_entries *j);
void journal_entries_free_p(struct journal_entries **j);
struct stream_source journal_entries_source(struct journal_entries *j);
