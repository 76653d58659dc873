#!/usr/bin/python3
"""Builds, runs the unit tests and the pytest suites of one build, and ends with `N passed, N failed`.

    run_tests.py [--build build] [--tally FILE] [--unit-only | --without-caches] [pytest paths...]

A unit test program counts as many tests as cmocka says it ran; one that dies without saying counts as a failure.
--tally appends the two numbers to a file, for .ci/run. --without-caches runs the suites that compare answers and rows, with
every cache off: what a cache changes beside the time is a fault of the cache.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'test'))

from harness.caches import options_without_caches  # noqa: E402

SUITES = ['test/tutorial', 'test/scenario', 'test/fault', 'test/isolation', 'test/interop', 'test/conformance', 'test/tools']
# They compare what two servers, or two ways through one, make of the same statements.
DIFFERENTIAL = ['test/interop/differential', 'test/interop/any_ours', 'test/interop/test_files_alike.py', 'test/isolation',
                *(f'test/scenario/test_{name}.py' for name in (
                    'application_statements', 'prepared', 'read_your_writes', 'sql_basics', 'statement_differential',
                    'type_conversions', 'wide_range'))]
PYTEST_SECONDS_MAX = 1800
PYTEST_JOBS = os.environ.get('GEMEL_TEST_JOBS', '3')   # most of a test is waiting: more than the machine has cores

SANITIZERS = {
    'ASAN_OPTIONS': f'detect_leaks=1:detect_stack_use_after_return=0',
    'LSAN_OPTIONS': f'suppressions={ROOT}/tools/lsan.supp:print_suppressions=0',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    'TSAN_OPTIONS': f'ignore_noninstrumented_modules=1:suppressions={ROOT}/tools/tsan.supp:halt_on_error=0:'
                    'allocator_may_return_null=1',
}


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, passed, failed):
        self.passed += passed
        self.failed += failed


def build(folder):
    return subprocess.run(['ninja', '-C', folder], cwd=ROOT).returncode == 0


def count_cmocka(entry, tally):
    text = (entry.get('stdout') or '') + (entry.get('stderr') or '')
    passed = sum(int(n) for n in re.findall(r'\[  PASSED  \] (\d+) test', text))
    failed = sum(int(n) for n in re.findall(r'\[  FAILED  \] (\d+) test', text))
    is_good = entry['result'] in ('OK', 'EXPECTEDFAIL')
    if is_good and passed == 0:
        passed = 1
    if not is_good and failed == 0:
        failed = 1
    tally.add(passed, failed)
    if not is_good:
        print(f'--- {entry["name"]}: {entry["result"]}\n' + '\n'.join(text.splitlines()[-60:]))


def run_unit_tests(folder, tally):
    log = ROOT / folder / 'meson-logs/testlog.json'
    log.unlink(missing_ok=True)
    run = subprocess.run(['meson', 'test', '-C', folder, '--no-rebuild', '--suite', 'unit'], cwd=ROOT)
    if not log.exists():
        tally.add(0, 1 if run.returncode else 0)
        return
    for line in log.read_text().splitlines():
        count_cmocka(json.loads(line), tally)


def run_pytest(folder, paths, tally):
    report = ROOT / folder / 'meson-logs/pytest.xml'
    report.unlink(missing_ok=True)
    environment = dict(os.environ, GEMELD=str(ROOT / folder / 'src/gemeld'))
    command = ['/usr/bin/python3', '-m', 'pytest', '-p', 'no:cacheprovider', f'--junitxml={report}', '-q',
               '-n', PYTEST_JOBS, *paths]
    try:
        run = subprocess.run(command, cwd=ROOT, env=environment, timeout=PYTEST_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        print(f'the suites took more than {PYTEST_SECONDS_MAX} s and were ended')
        tally.add(0, 1)
        return
    if not report.exists():
        tally.add(0, 1)
        return
    suite = ElementTree.parse(report).getroot().find('testsuite')
    total, skipped = int(suite.get('tests')), int(suite.get('skipped'))
    failed = int(suite.get('failures')) + int(suite.get('errors'))
    if failed == 0 and run.returncode not in (0, 5):
        failed = 1
    if skipped:
        print(f'{skipped} skipped')
    tally.add(max(total - skipped - failed, 0), failed)


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--tally')
    parser.add_argument('--unit-only', action='store_true')
    parser.add_argument('--without-caches', action='store_true')
    parser.add_argument('paths', nargs='*')
    return parser.parse_args()


def main():
    arguments = read_arguments()
    for name, value in SANITIZERS.items():
        os.environ.setdefault(name, value)
    tally = Tally()
    if not build(arguments.build):
        tally.add(0, 1)
    else:
        if arguments.without_caches:
            options = options_without_caches(ROOT / arguments.build / 'src/gemeld')
            os.environ['GEMEL_TEST_OPTIONS'] = ','.join(f'{name}={value}' for name, value in options.items())
            print(f'without caches: {os.environ["GEMEL_TEST_OPTIONS"]}', flush=True)
            arguments.paths = arguments.paths or DIFFERENTIAL
        if not arguments.paths:
            run_unit_tests(arguments.build, tally)
            checked = subprocess.run([str(ROOT / 'tools/check_layers.py')]).returncode == 0
            tally.add(int(checked), int(not checked))
        if not arguments.unit_only:
            paths = arguments.paths or [path for path in SUITES if (ROOT / path).exists()]
            run_pytest(arguments.build, paths, tally)
    if arguments.tally:
        with open(arguments.tally, 'a') as file:
            file.write(f'{tally.passed} {tally.failed}\n')
    sys.stdout.flush()
    print(f'{tally.passed} passed, {tally.failed} failed', flush=True)
    return 1 if tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
