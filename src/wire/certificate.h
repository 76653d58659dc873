/*
 * Certificates for a server that was given none: an authority of its own, and what it signed, in the files that MySQL
 * makes at its first start.
 *
 *   ca.pem, ca-key.pem             the authority: clients that trust it trust this server
 *   server-cert.pem, server-key.pem
 *   client-cert.pem, client-key.pem for accounts that REQUIRE X509
 *
 * Keys are of the curve P-256, not MySQL's RSA: making three of them takes a millisecond instead of a second. The server's
 * certificate also names localhost, this machine and the loopback addresses, so that clients may verify it by name.
 */
#pragma once

#include <stdbool.h>

#include "base/diag.h"

extern const char certificate_ca_file[], certificate_server_file[], certificate_server_key_file[];

/*
 * Is any of the files there that a server needs to begin with? In the current directory. What a server that died while it
 * made them has left is none.
 */
bool certificate_any_exists(void);
bool certificate_all_exist(void);
/*
 * Makes all of them in the current directory, flushed; keys are readable by their owner only. -1: 3888, nothing usable is
 * left.
 */
int certificate_generate_all(struct diag *diag);
