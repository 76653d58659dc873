#include "channel/state.h"

#include <assert.h>

#include "base/log.h"

static const bool allowed[3][3] = {
	[CHANNEL_OFF] = {[CHANNEL_ON] = true},
	[CHANNEL_ON] = {[CHANNEL_STOPPING] = true, [CHANNEL_OFF] = true},
	[CHANNEL_STOPPING] = {[CHANNEL_OFF] = true},
};

const char *channel_state_name(enum channel_state state)
{
	static const char *const names[] = {
#define CHANNEL_STATE(name) #name,
		CHANNEL_STATES(CHANNEL_STATE)
#undef CHANNEL_STATE
	};
	return names[state];
}

void channel_state_move(enum channel_state *state, enum channel_state to, const char *channel, const char *thread)
{
	assert(allowed[*state][to]);
	log_write(LOG_DEBUG, "channel", "channel '%s': %s %s -> %s", channel, thread, channel_state_name(*state),
		  channel_state_name(to));
	*state = to;
}
