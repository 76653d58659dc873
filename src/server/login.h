/* Logging in: which account counts for a client, and whether the client is who it says. */
#pragma once

#include "server/connection.h"

/*
 * Checks the answer in connection->handshake, asks the client more where the account's method wants it, and settles user,
 * account and database of the session. Sends no verdict. -1: 1045, 1130, 1203, 1226, 1251, 1862, 3118,
 * 3955, what USE says.
 */
int login_check(struct connection *connection, struct diag *diag);
