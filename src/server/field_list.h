/* COM_FIELD_LIST: a table's columns, for clients that complete names. */
#pragma once

#include "server/connection.h"

/* payload: table name, zero, pattern. -1: 1146 and the like; nothing was sent. */
int field_list_send(struct connection *connection, struct bytes payload, struct diag *diag);
