#include "relay/boundary.h"

/* A statement's event, at that place: it begins a transaction of many, is one of them, ends them, or stands alone. */
static enum boundary_step feed_query(struct boundary *boundary, const struct event *event, struct diag *diag)
{
	struct event_query query;
	if (event_decode_query(event, &query, diag) < 0)
		return BOUNDARY_CORRUPT;
	bool was_outside = boundary->place == BOUNDARY_OUTSIDE;
	if (boundary->place == BOUNDARY_INSIDE) {
		if (!event_query_is(&query, "COMMIT") && !event_query_is(&query, "ROLLBACK"))
			return BOUNDARY_GOES_ON;
	} else if (event_query_is(&query, "BEGIN")) {
		boundary->place = BOUNDARY_INSIDE;
		return was_outside ? BOUNDARY_BEGINS : BOUNDARY_GOES_ON;
	}
	boundary->place = BOUNDARY_OUTSIDE;
	return BOUNDARY_ENDS;
}

static enum boundary_step announce(struct boundary *boundary, enum boundary_place place)
{
	boundary->place = place;
	return BOUNDARY_BEGINS;
}

static enum boundary_step feed_mariadb_gtid(struct boundary *boundary, const struct event *event, struct diag *diag)
{
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid(event, &gtid, diag) < 0)
		return BOUNDARY_CORRUPT;
	return announce(boundary,
			gtid.flags & EVENT_MARIADB_GTID_STANDALONE ? BOUNDARY_ANNOUNCED : BOUNDARY_INSIDE);
}

/* Stands alone, unless statements surround it. */
static enum boundary_step feed_lone(struct boundary *boundary)
{
	if (boundary->place == BOUNDARY_INSIDE)
		return BOUNDARY_GOES_ON;
	boundary->place = BOUNDARY_OUTSIDE;
	return BOUNDARY_ENDS;
}

static enum boundary_step feed_head(struct boundary *boundary)
{
	bool breaks = boundary->place != BOUNDARY_OUTSIDE;
	boundary->place = BOUNDARY_OUTSIDE;
	return breaks ? BOUNDARY_BREAKS : BOUNDARY_NOTHING;
}

/* Belongs to the statement behind it. */
static enum boundary_step feed_prelude(struct boundary *boundary)
{
	if (boundary->place != BOUNDARY_OUTSIDE)
		return BOUNDARY_GOES_ON;
	boundary->place = BOUNDARY_ANNOUNCED;
	return BOUNDARY_BEGINS;
}

enum boundary_step boundary_feed(struct boundary *boundary, const struct event *event, struct diag *diag)
{
	switch (event->type) {
	case EVENT_GTID:
	case EVENT_ANONYMOUS_GTID:
		return announce(boundary, BOUNDARY_ANNOUNCED);
	case EVENT_MARIADB_GTID:
		return feed_mariadb_gtid(boundary, event, diag);
	case EVENT_QUERY:
		return feed_query(boundary, event, diag);
	case EVENT_QUERY_COMPRESSED: /* never BEGIN or COMMIT: they would not get smaller */
	case EVENT_EXECUTE_LOAD_QUERY:
	case EVENT_TRANSACTION_PAYLOAD:
	case EVENT_INCIDENT:
		return feed_lone(boundary);
	case EVENT_XID:
	case EVENT_XA_PREPARE:
		boundary->place = BOUNDARY_OUTSIDE;
		return BOUNDARY_ENDS;
	case EVENT_ROTATE:
	case EVENT_FORMAT_DESCRIPTION:
		return feed_head(boundary);
	case EVENT_INTVAR:
	case EVENT_RAND:
	case EVENT_USER_VAR:
	case EVENT_BEGIN_LOAD_QUERY:
	case EVENT_APPEND_BLOCK:
		return feed_prelude(boundary);
	default:
		return boundary->place == BOUNDARY_OUTSIDE ? BOUNDARY_NOTHING : BOUNDARY_GOES_ON;
	}
}
