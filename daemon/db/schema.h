/* The version of the register that this program carries: SHA-256 over names and texts of everything
 * that `capad migrate` applies. Two programs with the same fingerprint have the same functions. */
#pragma once

/* 64 hex digits; static. */
const char *schema_fingerprint(void);
