/* One command packet to the code that answers it. */
#pragma once

#include "server/connection.h"

/* Answers go to the connection's wire; the caller flushes. Sets connection->ends for COM_QUIT and the like. */
void dispatch_command(struct connection *connection, struct bytes payload);
