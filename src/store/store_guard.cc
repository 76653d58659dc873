/*
 * Three things differ from how the C API would open the database.
 *
 *   messages   RocksDB writes what it has to say of an error to a file of its own, next to the data; on a full disk that fails,
 *              and a library that was built with assertions ends the process over it. They go to the error log.
 *   recovery   RocksDB looks each five seconds whether a full disk has space again. Who waits for it here looks more often,
 *              and says when: store_guard_resume.
 *   two-phase  commits are not used. As long as RocksDB must expect them, it takes a compaction that met a full disk for a loss
 *              that nothing but a new start can mend. It need not: what is in memory can be written again.
 */
#include "store/store_guard.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/utilities/transaction_db.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

extern "C" {
#include "base/log.h"
}

/* As RocksDB's own c.cc has them. */
struct rocksdb_options_t {
	rocksdb::Options rep;
};
struct rocksdb_transactiondb_options_t {
	rocksdb::TransactionDBOptions rep;
};
struct rocksdb_transactiondb_t {
	rocksdb::TransactionDB *rep;
};

namespace {

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

rocksdb::Status open_database(const rocksdb::Options &options, const rocksdb::TransactionDBOptions &transaction_options,
			      const char *directory, rocksdb::TransactionDB **out)
{
	rocksdb::DBOptions db_options(options);
	std::vector<rocksdb::ColumnFamilyDescriptor> families = {
		{rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions(options)}};
	std::vector<size_t> compacted;
	std::vector<rocksdb::ColumnFamilyHandle *> handles;
	rocksdb::DB *plain = nullptr;
	rocksdb::TransactionDB::PrepareWrap(&db_options, &families, &compacted);
	db_options.allow_2pc = false;
	rocksdb::Status status = rocksdb::DB::Open(db_options, directory, families, &handles, &plain);
	if (!status.ok())
		return status;
	status = rocksdb::TransactionDB::WrapDB(plain, transaction_options, compacted, handles, out);
	for (rocksdb::ColumnFamilyHandle *handle : handles)
		delete handle;
	return status;
}

} // namespace

rocksdb_transactiondb_t *store_guard_open(const rocksdb_options_t *options,
					  const rocksdb_transactiondb_options_t *transaction_options, const char *directory,
					  store_guard_noticed *noticed, void *argument, char **error)
{
	rocksdb::Options guarded(options->rep);
	guarded.info_log = std::make_shared<ErrorLog>();
	guarded.listeners.push_back(std::make_shared<Listener>(noticed, argument));
	rocksdb::TransactionDB *database = nullptr;
	rocksdb::Status status = open_database(guarded, transaction_options->rep, directory, &database);
	*error = text_of(status);
	return status.ok() ? new rocksdb_transactiondb_t{database} : nullptr;
}

char *store_guard_resume(rocksdb_transactiondb_t *database)
{
	return text_of(database->rep->GetBaseDB()->Resume());
}
