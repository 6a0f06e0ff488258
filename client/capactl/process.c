/* Other programs that capactl starts. */
#include "client/capactl/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/util.h"

static const int FORWARDED[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

static volatile sig_atomic_t forward_to; /* pid; a handler can have no other argument */

static void close_pair(int pair[2])
{
        if (pair[0] >= 0)
                close(pair[0]);
        if (pair[1] >= 0)
                close(pair[1]);
}

/* In the child: become argv, or tell why not. */
static void become(char *const argv[], int out, int err, int told)
{
        int e;

        if (dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
                execvp(argv[0], argv);
        e = errno;
        while (write(told, &e, sizeof(e)) < 0 && errno == EINTR)
                ;
        _exit(127);
}

static int read_errno(int fd)
{
        int e = 0;
        ssize_t n;

        do
                n = read(fd, &e, sizeof(e));
        while (n < 0 && errno == EINTR);
        return n == (ssize_t) sizeof(e) ? e : 0;
}

int process_start(char *const argv[], struct process *ret, int *ret_exec_errno)
{
        int out[2] = {-1, -1}, err[2] = {-1, -1}, told[2] = {-1, -1}, r = 0;
        pid_t pid = -1;

        if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || pipe2(told, O_CLOEXEC) < 0)
                r = -errno;
        if (r == 0)
                pid = fork();
        if (r == 0 && pid < 0)
                r = -errno;
        if (r < 0) {
                close_pair(out);
                close_pair(err);
                close_pair(told);
                return r;
        }
        if (pid == 0)
                become(argv, out[1], err[1], told[1]);
        close(out[1]);
        close(err[1]);
        close(told[1]);
        *ret_exec_errno = read_errno(told[0]);
        close(told[0]);
        *ret = (struct process){pid, out[0], err[0]};
        if (*ret_exec_errno != 0) {
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
                close(ret->out);
                close(ret->err);
                *ret = (struct process){-1, -1, -1};
        }
        return 0;
}

static void forward(int signal, siginfo_t *info, void *context)
{
        int saved = errno;

        (void) context;
        /* SI_KERNEL: from the terminal, to the whole group, so the process has it too */
        if (forward_to > 0 && info->si_code != SI_KERNEL)
                kill((pid_t) forward_to, signal);
        errno = saved;
}

void process_forward_signals(pid_t pid)
{
        forward_to = pid;
        for (size_t i = 0; i < ARRAY_LEN(FORWARDED); i++) {
                struct sigaction action = {.sa_sigaction = forward,
                                           .sa_flags = SA_SIGINFO | SA_RESTART};
                struct sigaction before;

                sigemptyset(&action.sa_mask);
                if (sigaction(FORWARDED[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
                        sigaction(FORWARDED[i], &action, NULL);
        }
}

/* The process may end without reading: that is its own business, so no SIGPIPE for us. */
static void write_all(int fd, const char *text, size_t size)
{
        struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

        sigaction(SIGPIPE, &ignore, &before);
        while (size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        break;
                text += n;
                size -= (size_t) n;
        }
        sigaction(SIGPIPE, &before, NULL);
}

int process_feed(const char *command, const void *text, size_t size)
{
        int in[2], status;
        pid_t pid;

        fflush(stdout);
        if (pipe2(in, O_CLOEXEC) < 0)
                return -errno;
        pid = fork();
        if (pid < 0) {
                int e = errno;

                close_pair(in);
                return -e;
        }
        if (pid == 0) {
                if (dup2(in[0], STDIN_FILENO) >= 0)
                        execl("/bin/sh", "sh", "-c", command, (char *) NULL);
                _exit(127);
        }
        close(in[0]);
        write_all(in[1], text, size);
        close(in[1]);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_edit(const char *editor, const char *path)
{
        struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
        int status = 0, r = 0;
        pid_t pid;

        fflush(stdout);
        sigaction(SIGINT, &ignore, &interrupt); /* the editor's own keys */
        sigaction(SIGQUIT, &ignore, &quit);
        pid = fork();
        if (pid == 0) {
                sigaction(SIGINT, &interrupt, NULL);
                sigaction(SIGQUIT, &quit, NULL);
                execl("/bin/sh", "sh", "-c", editor, "sh", path, (char *) NULL);
                _exit(127);
        }
        if (pid < 0)
                r = -errno;
        while (r == 0 && waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        r = -errno;
        sigaction(SIGINT, &interrupt, NULL);
        sigaction(SIGQUIT, &quit, NULL);
        if (r < 0)
                return r;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
