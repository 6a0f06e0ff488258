/* A file that is followed line by line across rotation, by rename and by copy and cut, as a source
 * of stream.c. An unfinished last line waits for its end. Lines are events as they stand, or text
 * that becomes the data of a CloudEvent. */
#pragma once

#include "client/capactl/event.h"
#include "client/capactl/rotation.h"
#include "client/capactl/stream.h"

struct followed {
        const char *path;           /* borrowed, as the three below */
        const char *adapter;        /* "" for CloudEvents */
        const struct event *wrap;   /* not NULL: lines are text, the rest of the event is this */
        int fd;                     /* -1: not there yet */
        struct reading_place given; /* behind the line given last; its mark is not kept up */
        struct reading_place taken; /* behind the line taken last; nor is its mark */
        struct reading_place known; /* an older one whose mark is right */
        uint64_t start, first; /* offset of the line given last; of that which began the request */
        struct buffer buffer;  /* read, not given; from used on it begins at given.offset */
        size_t used;           /* of it, already given */
        struct buffer event;   /* a wrapped line */
        bool rest;             /* what is open has a rotated name and is only read to its end */
        bool cut;              /* it is a copy of the file at path, which was cut */
        bool told;             /* E_WAIT was given since the last byte */
        bool turning;          /* the next call turns to another file: no need to wait */
        bool skipping;         /* within a line that is too long */
        bool last;             /* the file is complete: its last line may lack its end */
        int64_t replaced_us;   /* when another file under path was first seen; 0: none */
        struct timespec checked; /* change time of the file when its mark was last found right */
        int notify, watch;       /* inotify; -1: none, it is looked at each second anyway */
};

/* f has path, adapter and wrap. Begin behind a kept position (JSON), or, where size is 0, at the
 * beginning or the end. 0, an exit status that was told, -errno. */
int followed_open(struct followed *f, const char *position, size_t size, bool from_end) must_check_;
void followed_done(struct followed *f);
struct stream_source followed_source(struct followed *f);
