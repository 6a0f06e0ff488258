/* The prepare and defer pattern. Back-pressure switches the work off, never the io source: prepare
 * callbacks of disabled sources are not called. */
#include <errno.h>
#include <sys/epoll.h>

#include <zmq.h>

#include "daemon/bus/pump.h"

#define PUMP_BUDGET 64

static bool readable(const struct pump *p)
{
        int events = 0;
        size_t size = sizeof(events);

        while (zmq_getsockopt(p->socket, ZMQ_EVENTS, &events, &size) < 0)
                if (errno != EINTR)
                        return false;
        return events & ZMQ_POLLIN;
}

static int on_wake(sd_event_source *s unused_, int fd unused_, uint32_t revents unused_,
                   void *userdata unused_)
{
        return 0;
}

static int on_prepare(sd_event_source *s unused_, void *userdata)
{
        struct pump *p = userdata;
        bool on = !p->stopped && !(p->full && p->full(p->userdata)) && readable(p);

        return sd_event_source_set_enabled(p->work, on ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_work(sd_event_source *s unused_, void *userdata)
{
        struct pump *p = userdata;

        for (unsigned i = 0; i < PUMP_BUDGET && !(p->full && p->full(p->userdata)); i++) {
                int r = p->take(p->userdata);

                if (r == -EAGAIN)
                        break;
                if (r < 0)
                        return sd_event_exit(sd_event_source_get_event(p->work), r);
        }
        return 0;
}

int pump_start(struct pump *p, sd_event *event, void *socket, const char *name)
{
        size_t size = sizeof(int);
        int fd, r;

        p->socket = socket;
        if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) < 0)
                return -errno;
        r = sd_event_add_io(event, &p->io, fd, EPOLLIN, on_wake, p);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(p->io, name);
        r = sd_event_source_set_prepare(p->io, on_prepare);
        if (r < 0)
                return r;
        r = sd_event_add_defer(event, &p->work, on_work, p);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(p->work, name);
        r = sd_event_source_set_priority(p->work, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(p->work, SD_EVENT_OFF);
}

void pump_done(struct pump *p)
{
        p->io = sd_event_source_disable_unref(p->io);
        p->work = sd_event_source_disable_unref(p->work);
}
