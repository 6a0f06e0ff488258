/* libcapa: the published stream. No queue limit on our side: a replay may take a while, and what
 * comes live meanwhile must wait, not be dropped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "client/handle.h"
#include "proto/base/limits.h"

#define MESSAGE_FRAMES 3 /* topic, sequence, event */

struct received {
        zmq_msg_t event;
        char topic[256];
};

static int open_subscriber(struct capa *c)
{
        int linger = 0, unlimited = 0;
        int64_t largest = LIMIT_FRAME_HARD;

        if (c->publish)
                return 0;
        c->publish = zmq_socket(c->context, ZMQ_SUB);
        if (!c->publish)
                return -errno;
        if (zmq_setsockopt(c->publish, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
            zmq_setsockopt(c->publish, ZMQ_RCVHWM, &unlimited, sizeof(unlimited)) < 0 ||
            zmq_setsockopt(c->publish, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) < 0)
                return -errno;
        if (zmq_connect(c->publish, c->publish_endpoint) < 0) {
                problem_set(&c->problem, 0, "\"%s\" is not an endpoint (%s)", c->publish_endpoint,
                            zmq_strerror(zmq_errno()));
                return CAPA_E_PROTOCOL;
        }
        return 0;
}

int capa_watch(struct capa *c, const char *const *topics, size_t n_topics)
{
        int r;

        c->problem.text[0] = '\0';
        r = open_subscriber(c);
        for (size_t i = 0; r == 0 && i < n_topics; i++)
                if (zmq_setsockopt(c->publish, ZMQ_SUBSCRIBE, topics[i], strlen(topics[i])) < 0)
                        r = -zmq_errno();
        return r;
}

/* Takes the frames of one message; the event stays in *ret. False: not three good frames. */
static bool receive(void *socket, struct received *ret, uint64_t *ret_sequence)
{
        char digits[32] = "";
        char *end;
        bool more = true, good = true;
        unsigned n = 0;

        while (more) {
                zmq_msg_t m;

                zmq_msg_init(&m);
                if (zmq_msg_recv(&m, socket, ZMQ_DONTWAIT) < 0) {
                        zmq_msg_close(&m);
                        if (zmq_errno() == EINTR)
                                continue;
                        return false;
                }
                more = zmq_msg_more(&m) != 0;
                if (n == 0 && zmq_msg_size(&m) < sizeof(ret->topic))
                        ((char *) memcpy(ret->topic, zmq_msg_data(&m),
                                         zmq_msg_size(&m)))[zmq_msg_size(&m)] = '\0';
                else if (n == 1 && zmq_msg_size(&m) < sizeof(digits))
                        ((char *) memcpy(digits, zmq_msg_data(&m),
                                         zmq_msg_size(&m)))[zmq_msg_size(&m)] = '\0';
                else if (n == 2)
                        zmq_msg_move(&ret->event, &m);
                else
                        good = false;
                zmq_msg_close(&m);
                n++;
        }
        *ret_sequence = strtoull(digits, &end, 10);
        return good && n == MESSAGE_FRAMES && digits[0] != '\0' && *end == '\0';
}

int capa_watch_next(struct capa *c, int timeout_ms, struct capa_message *ret)
{
        int64_t deadline = monotonic_us() + (int64_t) timeout_ms * 1000;
        struct received *received = c->received;
        uint64_t sequence;

        c->problem.text[0] = '\0';
        if (!c->publish) {
                problem_set(&c->problem, 0, "capa_watch() comes before capa_watch_next()");
                return CAPA_E_PROTOCOL;
        }
        if (!received) {
                c->received = received = calloc(1, sizeof(*received));
                if (!received)
                        return -ENOMEM;
                zmq_msg_init(&received->event);
        }
        for (;;) {
                zmq_pollitem_t item = {.socket = c->publish, .events = ZMQ_POLLIN};
                int64_t left = timeout_ms < 0 ? -1 : MAX(deadline - monotonic_us(), 0);
                int n = zmq_poll(&item, 1, left < 0 ? -1 : (long) ((left + 999) / 1000));

                if (n < 0)
                        return -zmq_errno();
                if (n == 0)
                        return CAPA_E_NO_ANSWER;
                if (receive(c->publish, received, &sequence))
                        break;
        }
        *ret = (struct capa_message){received->topic, sequence, zmq_msg_data(&received->event),
                                     zmq_msg_size(&received->event)};
        return 0;
}
