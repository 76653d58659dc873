#!/usr/bin/python3
"""Runs libFuzzer's targets of test/fuzz, each for a while from the corpus that is kept, and ends with `N passed, N failed`.

    fuzz.py [--build build-fuzz] [--seconds 20] [--tally FILE] [--keep] [target...]

The corpus is text, an input a line in base64: test/fuzz/corpus/<target>.txt. --keep writes back the fewest inputs that
reach all that was reached. What breaks a target stays in <build>/fuzz/<target>-crash-*, and is printed.
"""
import argparse
import base64
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / 'test/fuzz/corpus'
TARGETS = ['event', 'packet', 'relay', 'statement']
INPUT_SIZE_MAX = 4096
KEPT_SIZE_MAX = 512
MEMORY_MAX_MB = 512
INPUT_SECONDS_MAX = 10


def unpack(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    kept = CORPUS / f'{target}.txt'
    for line in kept.read_text().split() if kept.exists() else []:
        data = base64.b64decode(line)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(target, folder):
    inputs = [path.read_bytes() for path in folder.iterdir() if path.stat().st_size <= KEPT_SIZE_MAX]
    inputs.sort(key=lambda data: (len(data), data))
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f'{target}.txt').write_text(''.join(base64.b64encode(data).decode() + '\n' for data in inputs))


def command(arguments, target, *options):
    return [str(arguments.build / f'test/fuzz/fuzz_{target}'), f'-rss_limit_mb={MEMORY_MAX_MB}',
            f'-timeout={INPUT_SECONDS_MAX}', f'-max_len={INPUT_SIZE_MAX}', '-close_fd_mask=1',
            f'-artifact_prefix={arguments.build}/fuzz/{target}-', *options]


def fuzz(arguments, target):
    folder = arguments.build / 'fuzz' / target
    unpack(target, folder)
    run = subprocess.run(command(arguments, target, f'-max_total_time={arguments.seconds}', str(folder)),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    done = re.search(r'Done (\d+) runs', run.stdout)
    reached = re.findall(r'cov: (\d+)', run.stdout)
    if run.returncode == 0 and done:
        print(f'{target}: {done.group(1)} inputs, {reached[-1] if reached else 0} edges reached, none broke it', flush=True)
        return True
    print(f'{target}: broken\n' + '\n'.join(run.stdout.splitlines()[-60:]), flush=True)
    return False


def keep(arguments, target):
    folder, least = arguments.build / 'fuzz' / target, arguments.build / 'fuzz' / f'{target}-least'
    for path in least.iterdir() if least.exists() else []:
        path.unlink()
    least.mkdir(exist_ok=True)
    subprocess.run(command(arguments, target, '-merge=1', str(least), str(folder)), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pack(target, least)


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=Path, default=ROOT / 'build-fuzz')
    parser.add_argument('--seconds', type=int, default=int(os.environ.get('GEMEL_FUZZ_SECONDS', 20)))
    parser.add_argument('--tally')
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('targets', nargs='*')
    return parser.parse_args()


def main():
    arguments = read_arguments()
    arguments.build = arguments.build.resolve()
    os.environ.setdefault('LSAN_OPTIONS', f'suppressions={ROOT}/tools/lsan.supp:print_suppressions=0')
    failed = 0
    targets = arguments.targets or TARGETS
    if subprocess.run(['ninja', '-C', str(arguments.build)]).returncode != 0:
        targets, failed = [], 1
    for target in targets:
        if not fuzz(arguments, target):
            failed += 1
        elif arguments.keep:
            keep(arguments, target)
    passed = len(targets) - failed if targets else 0
    if arguments.tally:
        with open(arguments.tally, 'a') as file:
            file.write(f'{passed} {failed}\n')
    print(f'{passed} passed, {failed} failed', flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
