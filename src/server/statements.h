/*
 * Prepared statements of the binary protocol: the numbers a connection gave out, with what came in for them.
 *
 *   PREPARE text -> number, parameter and column definitions
 *   SEND_LONG_DATA number, parameter, bytes (no answer; errors show at EXECUTE)
 *   EXECUTE number, types, values [with a cursor] -> result in binary rows
 *   FETCH number, count -> rows of the cursor; RESET, CLOSE
 */
#pragma once

#include "server/connection.h"

struct statement_table *statement_table_create(void);
void statement_table_destroy(struct statement_table **table);

/* payload: behind the command byte. Each answers the client by itself, errors included, as its command demands. */
void statements_prepare(struct connection *connection, struct bytes payload);
void statements_execute(struct connection *connection, struct bytes payload);
void statements_send_long_data(struct connection *connection, struct bytes payload);
void statements_fetch(struct connection *connection, struct bytes payload);
void statements_reset(struct connection *connection, struct bytes payload);
void statements_close(struct connection *connection, struct bytes payload);
void statements_forget_all(struct connection *connection); /* COM_RESET_CONNECTION, COM_CHANGE_USER */
