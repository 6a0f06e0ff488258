/* Who calls, for the register: the principal, for whom it acts, and which roles count (SEMANTICS
 * section 6, "Requests"), and the parameters with their durations spelled out. Pure but for the
 * principals. */
#pragma once

#include "daemon/app/method.h"
#include "daemon/app/people.h"
#include "daemon/app/principal.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"
#include "proto/wire/frame.h"

struct caller {
        struct buffer principal; /* {"name","person","roles","act_for_others"} */
        struct buffer actor;     /* NUL-terminated name */
        struct buffer params;    /* the caller's object plus "spans" */
        struct json_tape tape;   /* of the parameters as sent */
        bool as_of;              /* reads the past: parameter as_of */
};

void caller_done(struct caller *c);
struct refusal { /* why a call goes no further */
        enum capa_code code;
        struct problem problem;
};

enum caller_error { CALLER_E_REFUSED = 1 };

struct acquaintance { /* who is known; both borrowed */
        const struct principals *principals;
        const struct people *people; /* NULL: nobody */
};

/* Returns 0, CALLER_E_REFUSED, or -ENOMEM. The tape borrows params. An actor who is in the people
 * file gets the name that the file has. */
int caller_read(struct caller *c, const struct acquaintance *known, const struct principal *p,
                const struct method *method, const struct frame *params,
                struct refusal *reterr) must_check_;
