# The short names. Meson and Ninja do the work; build/ is the ordinary build, build-<name>/ the checked ones.
BUILD = build
PREFIX = /usr/local
PYTHON = /usr/bin/python3 # Debian's: it has the tests' packages
NINJA = ninja -C

.PHONY: all test demo install asan tsan fuzz bench bench-replication soak sweep check clean

all: $(BUILD)/build.ninja
	$(NINJA) $(BUILD)

test: $(BUILD)/build.ninja
	@$(PYTHON) tools/run_tests.py --build $(BUILD) $(TESTS)

demo: all
	@tools/demo

install: all
	meson configure $(BUILD) --prefix '$(abspath $(PREFIX))'
	DESTDIR='$(DESTDIR)' meson install -C $(BUILD)

asan: build-asan/build.ninja
	@$(PYTHON) tools/run_tests.py --build build-asan $(TESTS)

tsan: build-tsan/build.ninja
	@$(PYTHON) tools/run_tests.py --build build-tsan $(TESTS)

fuzz: build-fuzz/build.ninja
	@$(PYTHON) tools/fuzz.py $(FUZZ)

bench: all
	@$(PYTHON) bench/run.py

bench-replication: all
	@BENCH_PARTS=replication $(PYTHON) bench/run.py

soak: all
	@ISOLATION_SECONDS=$${ISOLATION_SECONDS:-10} $(PYTHON) tools/isolation_survey.py
	@GEMEL_CACHE_STATEMENTS=$${GEMEL_CACHE_STATEMENTS:-50000} GEMEL_CACHE_SECONDS=$${GEMEL_CACHE_SECONDS:-60} \
		GEMEL_CACHE_SEED=$${GEMEL_CACHE_SEED:-$$(date +%s)} GEMELD='$(abspath $(BUILD))/src/gemeld' \
		$(PYTHON) -m pytest -p no:cacheprovider -q test/scenario/test_caches_random.py
	@$(PYTHON) tools/soak.py

sweep: all
	@$(PYTHON) tools/crash_sweep.py

check:
	@$(PYTHON) tools/check_layers.py
	@$(PYTHON) tools/check_format.py

clean:
	rm -rf build build-asan build-tsan build-fuzz

$(BUILD)/build.ninja:
	@tools/install-dependencies
	meson setup $(BUILD)

build-asan/build.ninja:
	@tools/install-dependencies
	meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false

build-tsan/build.ninja:
	@tools/install-dependencies
	meson setup build-tsan -Db_sanitize=thread -Db_lundef=false

build-fuzz/build.ninja:
	@tools/install-dependencies fuzz
	CC=clang CXX=clang++ meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
