/*
 * The states of a channel's two threads, and the moves between them.
 *
 *          start            stop
 *   OFF ----------> ON ------------> STOPPING
 *    ^              |                    |
 *    +--------------+--------------------+   the thread ends, by itself or because it was told to
 *
 * A thread that fails is STOPPING before its error can be seen: who reads it and starts the thread, does start it.
 */
#pragma once

#include <stdbool.h>

#define CHANNEL_STATES(STATE) \
	STATE(OFF)            \
	STATE(ON)             \
	STATE(STOPPING)

enum channel_state {
#define CHANNEL_STATE(name) CHANNEL_##name,
	CHANNEL_STATES(CHANNEL_STATE)
#undef CHANNEL_STATE
};

const char *channel_state_name(enum channel_state state);
/* Moves, asserts that the move is one of the above, and says so in the error log at debug level. */
void channel_state_move(enum channel_state *state, enum channel_state to, const char *channel, const char *thread);
