/* One transaction's worth of requests: judged frame by frame as they are added, sent as one ingest
 * statement, answered with verdicts. A request is never split over batches. Batches are reused; all
 * memory is kept from one use to the next. */
#pragma once

#include "daemon/app/request.h"
#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"
#include "daemon/db/ingest.h"
#include "proto/json/tape.h"

struct batch_frame {          /* one event frame of a request, as judged */
        enum verdict verdict; /* of the whole frame, or VERDICT_MAX: the parts speak */
        unsigned first_part, n_parts;
        int64_t event; /* number in the batch of a frame refused as a whole, or -1 */
        size_t why;    /* offset of its reason in texts */
};

struct batch_part {
        enum verdict verdict;
        int64_t event; /* number in the batch, -1: not sent */
        size_t why;
};

#define CLOCK_SOURCE_BYTES 128U

struct odd_clock {           /* of who told a time that cannot be: ahead, or long ago */
        uint64_t n, seen_us; /* how often; when last, by clock_us() */
        int64_t told_us;
        char source[CLOCK_SOURCE_BYTES]; /* cut */
};

struct batch_counters {
        uint64_t received;              /* events, after fan-out */
        uint64_t noise;                 /* of them counted only, by a rule with effect ignore */
        uint64_t unknown;               /* comparisons with missing fields */
        struct odd_clock odd_clock;     /* events: their receipt counts instead (SEMANTICS 5) */
        uint64_t verdicts[VERDICT_MAX]; /* of events, as answered by the database */
};

struct writer;

struct batch {
        struct batch *next;
        struct writer *writer; /* which sends it; the batcher's */
        struct ingest_batch wire;
        struct ruleset *rules; /* held while in use */
        struct request *first, *last;
        struct batch_frame *frames;
        struct batch_part *parts;
        size_t n_frames, n_frames_allocated, n_parts, n_parts_allocated;
        struct buffer texts; /* reasons, each with its NUL */
        struct buffer reply;
        struct json_tape tape;
        uint64_t opened_us; /* when its first request came in */
        uint64_t sent_us;
        size_t bytes; /* of its requests */
        unsigned attempts;
        bool careful;
        bool again; /* must be sent once more, in its place */
        bool ended; /* its requests have been answered already */
        char after[24], token[24];
};

int batch_new(struct batch **ret) must_check_;
struct batch *batch_free(struct batch *b);
void batch_free_p(struct batch **b);
/* Empty again, for reuse; its requests must have been answered. */
void batch_clear(struct batch *b);

/* Judge the request's frames and add them; takes the request over. unique is what deliveries
 * without a good request-id are told apart by. 0 or -ENOMEM (then the batch is unusable). */
int batch_add(struct batch *b, struct judge *judge, struct request *r, uint64_t *unique,
              struct batch_counters *counters) must_check_;
static inline unsigned batch_events(const struct batch *b)
{
        return b->wire.n_rows;
}

/* Answer every request with its verdicts. json is the result of api.ingest, NULL where nothing had
 * to be sent. Returns 0, 1 if the result does not fit the batch (then nothing was answered),
 * -ENOMEM. */
int batch_answer(struct batch *b, const char *json, size_t size,
                 struct batch_counters *counters) must_check_;
/* Answer every request with the same outcome. */
void batch_answer_all(struct batch *b, enum outcome outcome, const char *body, size_t size);
