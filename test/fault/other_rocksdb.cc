/* Preloaded into a server: RocksDB says that it is another version than the one that is linked. */
#include <rocksdb/version.h>

namespace rocksdb {

std::string GetRocksVersionAsString(bool)
{
	return "6.2";
}

} // namespace rocksdb
