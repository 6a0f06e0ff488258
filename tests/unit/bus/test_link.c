/* The link of a subscription, against a publisher that is a process of its own: killed, frozen,
 * started late, or no publisher at all. Each step waits for what it expects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "daemon/bus/intake.h"

#define HEARTBEAT_MS 100
#define PATIENCE     300 /* rounds of at most 100 ms */

struct fixture {
        char path[64], address[80];
        sd_event *event;
        struct bus *bus;
        struct intake *intake;
        bool stands;
        unsigned changes, pushes;
};

static int publish(const char *address)
{
        void *context = zmq_ctx_new(), *socket = context ? zmq_socket(context, ZMQ_XPUB) : NULL;
        char said[16];

        if (!socket || zmq_bind(socket, address) < 0)
                return 1;
        for (;;) /* one message for each subscription */
                if (zmq_recv(socket, said, sizeof(said), 0) > 0)
                        (void) zmq_send(socket, "{}", 2, 0);
}

static pid_t publisher_start(const struct fixture *f)
{
        pid_t parent = getpid(), pid = fork();

        if (pid == 0) {
                char *arguments[] = {(char[]){"publisher"}, strdup(f->address), NULL};

                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (getppid() == parent)
                        (void) execv("/proc/self/exe", arguments);
                _exit(127);
        }
        assert_true(pid > 0);
        return pid;
}

static void publisher_end(pid_t pid)
{
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void on_link(bool stands, void *userdata)
{
        struct fixture *f = userdata;

        assert_int_not_equal(stands, f->stands); /* changes only */
        f->stands = stands;
        f->changes++;
}

static int on_push(struct push *p, void *userdata)
{
        struct fixture *f = userdata;

        f->pushes++;
        push_free(p);
        return 0;
}

static void on_malformed(const struct problem *p, void *userdata)
{
        (void) userdata;
        fail_msg("%s", p->text);
}

static void fixture_start(struct fixture *f)
{
        const struct bus_config config = {
                .socket_mode = 0600, .socket_group = (gid_t) -1, .heartbeat_ms = HEARTBEAT_MS};
        const struct intake_handler handler = {.on_push = on_push,
                                               .on_malformed = on_malformed,
                                               .on_link = on_link,
                                               .userdata = f};
        struct problem p = {0};

        *f = (struct fixture){0};
        snprintf(f->path, sizeof(f->path), "/tmp/capa-link.%d", (int) getpid());
        snprintf(f->address, sizeof(f->address), "ipc://%s", f->path);
        (void) unlink(f->path);
        assert_true(sd_event_new(&f->event) >= 0);
        assert_int_equal(bus_new(f->event, &config, &f->bus, &p), 0);
        assert_int_equal(
                intake_new_subscription(f->bus, f->address, NULL, &handler, &f->intake, &p), 0);
}

static void fixture_end(struct fixture *f)
{
        intake_free(f->intake);
        bus_free(f->bus);
        sd_event_unref(f->event);
        (void) unlink(f->path);
}

static void round_of(struct fixture *f, unsigned *left)
{
        assert_true((*left)-- > 0); /* what is awaited does not come */
        assert_true(sd_event_run(f->event, 100U * 1000U) >= 0);
}

static void until(struct fixture *f, bool stands)
{
        for (unsigned left = PATIENCE; f->stands != stands;)
                round_of(f, &left);
}

static void test_killed(void **state)
{
        struct fixture f;
        pid_t publisher;

        (void) state;
        fixture_start(&f);
        assert_false(f.stands); /* nobody is there yet */
        publisher = publisher_start(&f);
        until(&f, true);
        for (unsigned left = PATIENCE; f.pushes == 0;) /* and carries */
                round_of(&f, &left);
        publisher_end(publisher);
        until(&f, false);
        publisher = publisher_start(&f);
        until(&f, true);
        assert_int_equal(f.changes, 3);
        fixture_end(&f);
        publisher_end(publisher);
}

/* As when a cable is cut: nothing closes the connection, only heartbeats find out. */
static void test_frozen(void **state)
{
        struct fixture f;
        pid_t publisher;

        (void) state;
        fixture_start(&f);
        publisher = publisher_start(&f);
        until(&f, true);
        assert_int_equal(kill(publisher, SIGSTOP), 0);
        until(&f, false);
        assert_int_equal(kill(publisher, SIGCONT), 0);
        until(&f, true);
        fixture_end(&f);
        publisher_end(publisher);
}

/* Somebody listens there, who is no publisher: connected is not yet a link. */
static void test_stranger(void **state)
{
        static const char said[] = "220 mail.example.org ESMTP at your service, no ZMTP at all\r\n"
                                   "250 and whatever else such a server has to say";
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct fixture f;
        unsigned left = PATIENCE;
        int listener, peer = -1;

        (void) state;
        fixture_start(&f);
        memcpy(address.sun_path, f.path, strlen(f.path) + 1);
        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_int_equal(bind(listener, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 8), 0);
        for (unsigned accepted = 0;
             accepted < 3;) { /* it tries again: the attempts before failed */
                round_of(&f, &left);
                peer = accept(listener, NULL, NULL);
                if (peer < 0)
                        continue;
                accepted++;
                assert_true(write(peer, said, sizeof(said)) > 0);
                close(peer);
        }
        assert_false(f.stands);
        assert_int_equal(f.changes, 0);
        fixture_end(&f);
        close(listener);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed),
                                           cmocka_unit_test(test_frozen),
                                           cmocka_unit_test(test_stranger)};

        if (argc == 2 && strncmp(argv[1], "ipc://", 6) == 0)
                return publish(argv[1]);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
