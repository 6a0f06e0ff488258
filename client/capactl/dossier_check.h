/* A dossier looked at without capad and without its own script: the same checks in C. */
#pragma once

#include "client/capactl/verification.h"

/* What was found, beside what the verification of its journal counts. */
struct dossier_count {
        uint64_t files, events, sealed; /* proved */
        uint64_t loose;                 /* files whose SHA-256 stands in a row that is withheld */
        uint64_t gone, expired;
};

/* Checks a folder or zip. The journal's rows go through v. EXIT_REFUSED:
 * v->problem says what is wrong. Other errors are reported. */
int dossier_check(const char *path, struct verification *v, struct dossier_count *ret) must_check_;
