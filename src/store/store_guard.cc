/*
 * Five things differ from how the C API would open the database.
 *
 *   messages   RocksDB writes what it has to say of an error to a file of its own, next to the data; on a full disk that
 *              fails, and a library that was built with assertions ends the process over it. They go to the error log.
 *   recovery   RocksDB looks each five seconds whether a full disk has space again. Who waits for it here looks more often,
 *              and says when: store_guard_resume.
 *   hints      The memtable looks for a key's place from that of the last one in the same space, not from its head: a
 *              commit's keys come in order (store_commit.c), an index grows at one end.
 *   blocks     What a memtable becomes is in the cache of blocks as it was in the memtable: rows that have just been written
 *              need not be read from their file. Memtables count against that cache's size.
 *   memory     what the system refuses is taken from our reserve (base/memory.h): RocksDB knows no way on without it.
 *
 * Whatever the C API makes later must work with the database that is opened here, so this file knows how its handles are
 * laid out, which no header tells. That it is right for the RocksDB of the build, test_store_guard.c proves; that the one
 * which was loaded is of that version is looked at before anything is opened.
 */
#include "store/store_guard.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>
#include <rocksdb/version.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

extern "C" {
#include "base/log.h"
#include "base/memory.h"
}

/* As RocksDB's own c.cc has them. */
struct rocksdb_options_t {
	rocksdb::Options rep;
};
struct rocksdb_t {
	rocksdb::DB *rep;
};

struct rocksdb_snapshot_t {
	const rocksdb::Snapshot *rep;
};

namespace {

constexpr size_t space_size = 4; /* of the number that each key begins with */

class ErrorLog : public rocksdb::Logger {
public:
	ErrorLog() : rocksdb::Logger(rocksdb::InfoLogLevel::ERROR_LEVEL) {}
	using rocksdb::Logger::Logv;
	void Logv(const char *format, va_list arguments) override
	{
		char message[1024];
		vsnprintf(message, sizeof message, format, arguments);
		log_warning("store", "%s", message);
	}
};

/*
 * The space of a row or an entry. A dropped space's tombstone, whose key is the bare number, is in none: RocksDB keeps
 * tombstones in a list of their own, and would take the one list's place for the other's.
 */
class SpaceOfKey : public rocksdb::SliceTransform {
public:
	const char *Name() const override { return "gemel.space"; }
	rocksdb::Slice Transform(const rocksdb::Slice &key) const override { return rocksdb::Slice(key.data(), space_size); }
	bool InDomain(const rocksdb::Slice &key) const override { return key.size() > space_size; }
};

/* Errors that pass, and that leave everything that was written before whole. */
bool may_pass(const rocksdb::Status &status)
{
	const std::string text = status.ToString();
	for (int error : {ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE})
		if (text.find(strerror(error)) != std::string::npos)
			return true;
	return false;
}

class Listener : public rocksdb::EventListener {
public:
	Listener(store_guard_noticed *noticed, void *argument) : noticed_(noticed), argument_(argument) {}

	void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status *status) override
	{
		noticed_(argument_, status->ToString().c_str());
		if (status->severity() > rocksdb::Status::Severity::kHardError && may_pass(*status))
			*status = rocksdb::Status(*status, rocksdb::Status::Severity::kHardError);
	}

	void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool *automatic) override
	{
		*automatic = false;
	}

private:
	store_guard_noticed *noticed_;
	void *argument_;
};

char *text_of(const rocksdb::Status &status)
{
	return status.ok() ? nullptr : strdup(status.ToString().c_str());
}

/* Handles and classes may change from one minor version to the next. */
rocksdb::Status check_version()
{
	const std::string loaded = rocksdb::GetRocksVersionAsString(false);
	const std::string built_with = std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR);
	if (loaded == built_with)
		return rocksdb::Status::OK();
	return rocksdb::Status::NotSupported("The library RocksDB that was loaded is version " + loaded +
					     "; this server was built with version " + built_with);
}

/* What new calls before it tries again. Nothing up to the thread's first function can take the exception. */
void make_room()
{
	if (memory_yield_reserve())
		return;
	fprintf(stderr, "out of memory: the store was refused some\n");
	abort();
}

} // namespace

rocksdb_t *store_guard_open(const rocksdb_options_t *options, const char *directory, store_guard_noticed *noticed,
			    void *argument, char **error)
{
	std::set_new_handler(make_room);
	rocksdb::Status status = check_version();
	*error = text_of(status);
	if (!status.ok())
		return nullptr;
	rocksdb::Options guarded(options->rep);
	guarded.info_log = std::make_shared<ErrorLog>();
	guarded.listeners.push_back(std::make_shared<Listener>(noticed, argument));
	auto *table = guarded.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
	table->prepopulate_block_cache = rocksdb::BlockBasedTableOptions::PrepopulateBlockCache::kFlushOnly;
	guarded.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(0, table->block_cache);
	guarded.memtable_insert_with_hint_prefix_extractor.reset(new SpaceOfKey);
	rocksdb::DB *database = nullptr;
	status = rocksdb::DB::Open(guarded, directory, &database);
	*error = text_of(status);
	return status.ok() ? new rocksdb_t{database} : nullptr;
}

char *store_guard_resume(rocksdb_t *database)
{
	return text_of(database->rep->Resume());
}

uint64_t store_guard_sequence(const rocksdb_snapshot_t *snapshot)
{
	return snapshot->rep->GetSequenceNumber();
}
