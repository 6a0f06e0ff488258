/* One run of capactl: the connection (opened when first needed), what the terminal can do, and the
 * one way to call a method and to report an error. Errors go to standard error, as one sentence
 * with what to do next; the functions return the exit status of SEMANTICS section 9. */
#pragma once

#include <stdbool.h>

#include "client/capa.h"
#include "client/capactl/params.h"

enum exit_status {
        EXIT_DONE = 0,
        EXIT_REFUSED = 1,
        EXIT_USAGE = 2,
        EXIT_NO_ANSWER = 3,
        EXIT_NOT_FOUND = 4,
        EXIT_INTERNAL = 70,
};

struct session {
        struct capa *capa; /* owned; NULL until needed */
        const struct arguments *arguments;
        char spool[4096]; /* path of the spool file */
        bool colour;      /* standard output is a terminal that may show colours */
        int timeout_ms;
        const char *about;     /* the reference being worked on, where there are several; or NULL */
        bool json_list;        /* --json: what is printed are elements of one list */
        unsigned n_json;       /* of these so far */
        struct params *params; /* of a command that calls the same for each reference; borrowed */
};

/* Reads the environment. EXIT_USAGE if a variable makes no sense. */
int session_open(struct session *s, const struct arguments *a) must_check_;
void session_done(struct session *s);
/* The connection; with a spool only where events are sent. Returns an exit status. */
int session_connect(struct session *s, bool with_spool) must_check_;

/* Call a method. 0: *ret_answer is the result, freed by the caller. Anything else has been
 * reported and is the exit status. params NULL: those of the arguments. */
int session_call(struct session *s, const char *method, struct params *params, char **ret_answer,
                 size_t *ret_size) must_check_;
struct cJSON;
struct reply { /* a result, as it came and as a document */
        char *text;
        size_t size;
        struct cJSON *document;
};
void reply_done(struct reply *r);
/* The same, and what is no JSON has been reported, too. */
int session_reply(struct session *s, const char *method, struct params *params,
                  struct reply *ret) must_check_;
/* session_call with the parameters of the command line, and `reference` for its first argument
 * (NULL: none). Under --json the answer is printed as it came: then *ret stays NULL, and 0 is
 * returned. */
int session_ask(struct session *s, const char *reference, struct cJSON **ret) must_check_;

/* Do the same for each reference of the command line, in order. Of one: its status. Of several: one
 * JSON list under --json, a blank line between the blocks of a reading command, and EXIT_REFUSED if
 * any failed; where nobody answers it stops, and says which were done. */
int session_each(struct session *s, int (*one)(struct session *s, const char *reference));

/* --json: print one document as it came; between begin and end they become one list. */
void session_json(struct session *s, const char *json, size_t size);
void session_json_begin(struct session *s);
void session_json_end(struct session *s);

/* All values of an option, ended by NULL. 0, or EXIT_USAGE where there are too many. */
#define SESSION_VALUES_MAX 32
int session_values(const struct arguments *a, const char *name,
                   const char *ret[SESSION_VALUES_MAX + 1], size_t *ret_n) must_check_;

/* "capactl: sentence" on standard error. Returns status. */
int session_complain(int status, const char *format, ...) printf_(2, 3);
/* Report what libcapa answered (an enum capa_error or -errno) and give the exit status. */
int session_failed(struct session *s, int r, const char *answer);

/* Switch a colour on and off; "" where there are none. */
const char *session_colour(const struct session *s, const char *name);
