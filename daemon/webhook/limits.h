/* What senders can make this program hold, in one place, beside those that webhook.json sets
 * (config.c) and the size of one event (proto/base/limits.h). */
#pragma once

#include "proto/base/limits.h"

#define WEBHOOK_HEADER_BYTES                                                                       \
        (32 * KIB) /* of one request, URL and all headers, and libmicrohttpd's buffers: 431 */
#define WEBHOOK_THREAD_BYTES  (512 * KIB) /* stack of a connection's thread */
#define WEBHOOK_DISCARD_BYTES (16 * MIB)  /* of a body read for the sake of a clean refusal */
#define WEBHOOK_ROUTES        256U
#define WEBHOOK_SECRET_MIN    16U   /* bytes; shorter ones can be guessed */
#define WEBHOOK_SECRET_MAX    4096U /* bytes */
#define WEBHOOK_SIGNATURES    8U    /* of one header: each costs a hash of the body */
#define WEBHOOK_PENDING       256U  /* deliveries without an ack; the oldest is forgotten */
#define WEBHOOK_PENDING_US    (INT64_C(900) * 1000000) /* tools that repeat do so within minutes */
