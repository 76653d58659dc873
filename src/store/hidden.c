#include "store/hidden.h"

#include "base/log.h"
#include "store/store_internal.h"

enum {
	/* What things cost, about. */
	passed_ns = 100,
	flush_ns = 10 * 1000 * 1000,
	flushed_byte_ns = 10,
	worth_flushing_size = 256 * 1024, /* a smaller memtable holds little, whoever is slow */
};

_Thread_local uint64_t hidden_thread_steps;
static _Thread_local unsigned iterator_number;
static _Thread_local unsigned sample_number; /* of the one that counts, or did */
static _Thread_local bool thread_counts;
static _Thread_local unsigned strayed_before; /* the sample that counts began */

static uint64_t passed_by_thread(void)
{
	rocksdb_perfcontext_t *context = rocksdb_perfcontext_create();
	uint64_t passed = rocksdb_perfcontext_metric(context, rocksdb_internal_key_skipped_count) +
			  rocksdb_perfcontext_metric(context, rocksdb_internal_delete_skipped_count);
	rocksdb_perfcontext_destroy(context);
	return passed;
}

void hidden_sample_begin(struct hidden_sample *sample, const struct hidden_counts *counts)
{
	sample->thread = NULL;
	if (++iterator_number % hidden_sample_rate)
		return;
	unsigned strayed = atomic_load_explicit(&counts->strayed, memory_order_relaxed);
	if (thread_counts && strayed == strayed_before)
		return;
	thread_counts = true;
	strayed_before = strayed;
	rocksdb_set_perf_level(rocksdb_enable_count);
	*sample = (struct hidden_sample){&thread_counts, ++sample_number, hidden_thread_steps, passed_by_thread()};
}

void hidden_sample_end(struct hidden_sample *sample, struct hidden_counts *counts)
{
	if (sample->thread && sample->thread != &thread_counts) /* that one's counts would mean nothing here */
		atomic_fetch_add_explicit(&counts->strayed, 1, memory_order_relaxed);
	if (sample->thread != &thread_counts || sample->number != sample_number)
		return;
	uint64_t steps = hidden_thread_steps - sample->steps;
	uint64_t passed =
		passed_by_thread() - sample->passed; /* RocksDB counts the entry that is left behind as well */
	rocksdb_set_perf_level(rocksdb_disable);
	thread_counts = false;
	sample->thread = NULL;
	atomic_fetch_add_explicit(&counts->steps, steps * hidden_sample_rate, memory_order_relaxed);
	if (passed > steps)
		atomic_fetch_add_explicit(&counts->passed, (passed - steps) * hidden_sample_rate,
					  memory_order_relaxed);
}

void store_hidden(const struct store *store, uint64_t *out_steps, uint64_t *out_passed)
{
	*out_steps = atomic_load_explicit(&store->hidden.steps, memory_order_relaxed);
	*out_passed = atomic_load_explicit(&store->hidden.passed, memory_order_relaxed);
}

/* Hidden entries have cost as much as a flush. */
static void flush_hidden(struct store *store)
{
	struct hidden_counts *counts = &store->hidden;
	uint64_t passed = atomic_load_explicit(&counts->passed, memory_order_relaxed), size = 0;
	uint64_t lost_ns = (passed - counts->settled) * passed_ns;
	if (lost_ns < flush_ns || store_has_failed(store))
		return;
	rocksdb_property_int(store->db, "rocksdb.cur-size-active-mem-table", &size);
	if (size < worth_flushing_size || lost_ns < flush_ns + size * flushed_byte_ns)
		return;
	counts->settled = passed;
	char *error = NULL;
	store_write_out(store, false, &error);
	if (error)
		log_warning("store", "old versions of rows stay in memory: %s", error);
	rocksdb_free(error);
}

void store_tend(struct store *store)
{
	store_share_memory(store);
	flush_hidden(store);
}
