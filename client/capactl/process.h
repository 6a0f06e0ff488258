/* Other programs that capactl starts: the command of run, the one that watch --exec calls, and
 * the editor of fill. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct process {
        pid_t pid;
        int out, err; /* read ends of its standard output and error; -1 once closed */
};

/* Start argv with both outputs in pipes and standard input inherited. Returns 0, or -errno if no
 * process could be made; *ret_exec_errno is not 0 if there was one but argv[0] could not be
 * executed (it has ended then, and is reaped). */
int process_start(char *const argv[], struct process *ret, int *ret_exec_errno);
/* Pass signals sent to us on to the process: those that ask to end, USR1, USR2, CONT, WINCH.
 * One from the terminal has reached it already. Signals that we were told to ignore stay so. */
void process_forward_signals(pid_t pid);
/* Run sh -c command with text on its standard input. 0, or its exit status, or -errno. */
int process_feed(const char *command, const void *text, size_t size);
/* Run sh -c editor with path as $1, on our terminal. 0, or its exit status, or -errno. */
int process_edit(const char *editor, const char *path);
