/* Every limit that bounds what a peer can make us allocate or do, in one place, with its answer
 * in the comment (SEMANTICS section 1; PROTOCOL.md has the table). libcapa checks the same ones
 * before it sends or spools. */
#pragma once

#define KIB (1024UL)
#define MIB (1024UL * KIB)

#define LIMIT_EVENT_BYTES      (4 * MIB)  /* one event frame: verdict too_big */
#define LIMIT_PUT_EVENTS       500U       /* event frames in one PUT: ERR too_big */
#define LIMIT_PUT_BYTES        (16 * MIB) /* event frames of one PUT together: ERR too_big */
#define LIMIT_FAN_OUT          5000U      /* events from one frame: verdict too_big */
#define LIMIT_ENVELOPE_BYTES   1024U      /* source, id, type, subject each: verdict invalid */
#define LIMIT_JSON_DEPTH       64U        /* verdict invalid */
#define LIMIT_JSON_NUMBER      64U        /* characters of a number: verdict invalid */
#define LIMIT_JSON_EXPONENT    308        /* verdict invalid */
#define LIMIT_CALL_PARAMS      (1 * MIB)  /* ERR too_big */
#define LIMIT_ATTACHMENTS      8U         /* frames behind the params: ERR too_big */
#define LIMIT_ATTACHMENT_BYTES (16 * MIB) /* ERR too_big */
#define LIMIT_RESULT_BYTES     (16 * MIB) /* ERR too_big; lists are paged */
#define LIMIT_PEER_REQUESTS    64U        /* in flight for one peer: BUSY */
#define LIMIT_PEER_BYTES       (64 * MIB) /* in flight for one peer: BUSY */
#define LIMIT_FRAME_HARD       (32 * MIB) /* ZMQ_MAXMSGSIZE: the peer is cut */
#define LIMIT_REQUEST_FRAMES                                                                       \
        (LIMIT_PUT_EVENTS + 5U)           /* frames kept of one request; the rest is drained */
#define LIMIT_REQUEST_ID        256U      /* bytes: ERR malformed */
#define LIMIT_METHOD_NAME       64U       /* bytes: ERR unknown_method */
#define LIMIT_RESULTS_PER_FRAME 100U      /* entries of "results" in one verdict */
#define LIMIT_REQUEST_ID_SAFE   16U       /* shorter ones protect nothing: every delivery is new */
#define LIMIT_TITLE_BYTES       300U      /* a rendered title is cut here, at a character */
#define LIMIT_STATEMENT_BYTES   4096U     /* a rendered statement is cut here */
#define LIMIT_POINTER_SEGMENTS  32U       /* of a path in a rule or adapter: load error */
#define LIMIT_RULES             10000U    /* load error */
#define LIMIT_CONFIG_BYTES      (8 * MIB) /* one configuration file: load error */
#define LIMIT_SPOOL_BYTES       (1024 * MIB) /* of one spool file: refused, exit 1 */
#define LIMIT_PATTERN_TEXT      4096U        /* of a longer text, re, glob and capture see these */
#define LIMIT_CONTAINS_TEXT     65536U       /* of a longer text, contains looks at these */
#define LIMIT_MAPPED_TEXT                                                                          \
        65536U /* a longer mapped text counts as absent: 5,000 parts may map the same */
#define LIMIT_JSON_IN_TEXT     (256 * KIB) /* a longer text of an event is not read as JSON itself */
#define LIMIT_FINGERPRINT_PART 4096U /* bytes; 5,000 parts may share a text: verdict invalid */
#define LIMIT_CALLS            256U  /* waiting for one connection: ERR unavailable */
#define LIMIT_PUSHES           4096U /* in flight from pull and subscriptions: they wait */
