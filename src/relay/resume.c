#include "relay/resume.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "binlog/reader.h"
#include "relay/boundary.h"

struct walk {
	struct relay_resume *resume;
	uint32_t number;            /* of the file */
	char file[log_file_name_max + 1]; /* the source's; "" until a ROTATE named it */
	uint64_t offset;
	struct boundary boundary;
	struct gtid gtid;           /* of the transaction under way */
	struct mariadb_gtid mariadb_gtid; /* the same, when it is MariaDB's */
	bool is_found;
	bool is_at_head;            /* behind our own description */
};

void relay_resume_init(struct relay_resume *resume, const char *applied_file, uint64_t applied_offset,
		       const struct mariadb_position *applied_gtids)
{
	*resume = (struct relay_resume){.applied_offset = applied_offset, .mariadb = *applied_gtids,
					.checksum = EVENT_CHECKSUM_CRC32};
	snprintf(resume->applied_file, sizeof resume->applied_file, "%s", applied_file);
	gtid_set_init(&resume->retrieved);
	buf_init(&resume->description);
}

void relay_resume_deinit(struct relay_resume *resume)
{
	gtid_set_deinit(&resume->retrieved);
	buf_deinit(&resume->description);
}

static void take_rotate(struct walk *walk, const struct event *event)
{
	struct event_rotate rotate;
	struct diag diag = DIAG_INIT;
	if (event_decode_rotate(event, &rotate, &diag) < 0)
		return;
	snprintf(walk->file, sizeof walk->file, "%.*s", (int)rotate.file_name.size, (const char *)rotate.file_name.data);
	walk->offset = rotate.position;
}

/* A file's first description is our own. */
static void take_description(struct walk *walk, const struct event *event)
{
	struct relay_resume *resume = walk->resume;
	if (event->flags & EVENT_FLAG_RELAY_LOG) {
		resume->checksum = EVENT_CHECKSUM_CRC32;
		walk->is_at_head = true;
		return;
	}
	buf_clear(&resume->description);
	buf_put_bytes(&resume->description, event->raw);
	resume->checksum = event->format->checksum;
}

static void note_position(struct walk *walk, const struct event *event)
{
	bool is_description = event->type == EVENT_FORMAT_DESCRIPTION;
	/* A description comes again wherever a stream or one of our files begins. */
	bool is_repeated = is_description && walk->offset > binlog_magic_size;
	if (event->type == EVENT_ROTATE)
		take_rotate(walk, event);
	else if (event->log_pos && !is_repeated)
		walk->offset = event_widen_position(walk->offset, event->log_pos);
	if (is_description)
		take_description(walk, event);
}

static void note_gtid(struct walk *walk, const struct event *event)
{
	struct event_gtid gtid;
	struct event_mariadb_gtid mariadb;
	struct diag diag = DIAG_INIT;
	if (event->type == EVENT_GTID && event_decode_gtid(event, &gtid, &diag) == 0)
		walk->gtid = gtid.gtid;
	if (event->type == EVENT_MARIADB_GTID && event_decode_mariadb_gtid(event, &mariadb, &diag) == 0)
		walk->mariadb_gtid = (struct mariadb_gtid){mariadb.domain_id, mariadb.server_id, mariadb.sequence};
}

static void forget_gtid(struct walk *walk)
{
	walk->gtid.gno = 0;
	walk->mariadb_gtid.sequence = 0;
}

/* Between two transactions. */
static void come_to_rest(struct walk *walk, uint64_t offset)
{
	struct relay_resume *resume = walk->resume;
	struct relay_position here = {walk->number, offset};
	if (*walk->file == 0)
		return;
	resume->end = here;
	resume->end_offset = walk->offset;
	memcpy(resume->end_file, walk->file, sizeof walk->file);
	if (walk->gtid.gno)
		gtid_set_add(&resume->retrieved, &walk->gtid);
	if (walk->mariadb_gtid.sequence)
		mariadb_position_put(&resume->mariadb, &walk->mariadb_gtid);
	forget_gtid(walk);
	if (!walk->is_found && walk->offset == resume->applied_offset &&
	    strcmp(walk->file, resume->applied_file) == 0) {
		resume->applied = here;
		walk->is_found = true;
	}
}

/* Names of one log grow with its numbers. */
static bool is_behind(const char *file, uint64_t offset, const char *other_file, uint64_t other_offset)
{
	size_t size = strlen(file), other_size = strlen(other_file);
	int order = size != other_size ? (size > other_size) - (size < other_size) : strcmp(file, other_file);
	return order ? order > 0 : offset > other_offset;
}

/*
 * The files' contents reach the disk in any order: the end of the one before may be missing, and nothing in it says so. But
 * a file's head says where it went on.
 */
static bool skips(struct walk *walk, const struct event *event, struct diag *diag)
{
	const struct relay_resume *resume = walk->resume;
	bool is_at_head = walk->is_at_head;
	walk->is_at_head = false;
	if (!is_at_head || event->type != EVENT_ROTATE || resume->end.file == 0)
		return false;
	take_rotate(walk, event);
	if (!is_behind(walk->file, walk->offset, resume->end_file, resume->end_offset))
		return false;
	diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "The file before goes up to '%s' at %llu, this one begins at '%s' at %llu",
			 resume->end_file, (unsigned long long)resume->end_offset, walk->file,
			 (unsigned long long)walk->offset);
	return true;
}

/* False when nothing behind this file's last transaction may be used. */
static bool walk_file(struct walk *walk, const char *path)
{
	struct log_reader reader;
	struct event event;
	struct diag diag = DIAG_INIT;
	enum reader_outcome outcome = log_reader_open(&reader, path, 0, UINT64_MAX, &diag);
	if (outcome == READER_END)
		outcome = READER_TRUNCATED; /* not even a head */
	while (outcome == READER_EVENT && (outcome = log_reader_next(&reader, &event, &diag)) == READER_EVENT) {
		enum boundary_step step = boundary_feed(&walk->boundary, &event, &diag);
		if (step == BOUNDARY_CORRUPT || skips(walk, &event, &diag)) {
			outcome = READER_CORRUPT;
			break;
		}
		if (step == BOUNDARY_BREAKS)
			forget_gtid(walk);
		note_gtid(walk, &event);
		note_position(walk, &event);
		if (walk->boundary.place == BOUNDARY_OUTSIDE && !walk->is_at_head)
			come_to_rest(walk, reader.offset);
	}
	log_reader_close(&reader);
	if (outcome != READER_END) {
		diag_add_context(&diag, "reading '%s'", path);
		log_diag(LOG_WARNING, "relay", &diag);
	}
	return outcome == READER_END;
}

bool relay_resume_find(struct relay_resume *resume, const struct log_index *index)
{
	struct walk walk = {.resume = resume};
	bool goes_on = true;
	for (size_t i = 0; goes_on && i < index->count; i++) {
		bool follows = i == 0 || index->numbers[i] == walk.number + 1;
		walk.number = index->numbers[i];
		char *path = log_index_file_path(index, walk.number);
		goes_on = follows && walk_file(&walk, path);
		memory_free(path);
	}
	return walk.is_found;
}
