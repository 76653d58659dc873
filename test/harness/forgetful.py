"""A server on a disk that forgets: lose_power() ends it, and takes from its data directory what was not flushed.

    a = make_server('a', kind='forgetful')
    a.execute('INSERT ...')
    a.lose_power()            # nothing that was not flushed is left: the harshest that POSIX allows
    a.start()
    a.lose_power(seed=7)      # some of it is left: a toss for each page, and for each directory's names

test/fault/forgetful.c, which is preloaded, keeps the notes and says what they are. They outlive the process, and stay over
a restart: what a killed process had written and not flushed can still be lost later.
"""
import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from harness.server import Gemel

PAGE_SIZES = (512, 4096)


def library_environment(program, name):
    """Preloads one of test/fault's, which are built beside the server: <build>/src/gemeld, <build>/test/fault/lib<name>.so."""
    path = Path(program).resolve().parent.parent / f'test/fault/lib{name}.so'
    assert path.exists(), f'{path} is not built'
    return {'LD_PRELOAD': str(path), 'ASAN_OPTIONS': 'verify_asan_link_order=0'}


@dataclass
class Loss:
    """What a loss of power took, by the names of files below the data directory."""
    names: list = field(default_factory=list)   # files that are gone, or are back
    bytes: dict = field(default_factory=dict)   # file -> how many of its bytes are not as they were


class Disk:
    """A directory and the notes of what is flushed of it."""

    def __init__(self, directory):
        self.directory = Path(directory).resolve()
        self.notes = self.directory.with_name(self.directory.name + '.flushed')

    def remember(self):
        """All that is there now counts as flushed, unless there are notes already."""
        if self.notes.exists():
            return
        for kind in ('inode', 'live', 'folder'):
            (self.notes / kind).mkdir(parents=True)
        self.directory.mkdir(exist_ok=True, mode=0o750)
        for folder, _, files in os.walk(self.directory):
            for file in (Path(folder) / name for name in files):
                inode = str(file.stat().st_ino)
                shutil.copyfile(file, self.notes / 'inode' / inode)
                os.link(file, self.notes / 'live' / inode)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            lines = [f'{entry.inode()} {"d" if entry.is_dir() else "f"} {entry.name}\n' for entry in entries]
            (self.notes / 'folder' / str(os.stat(folder).st_ino)).write_text(''.join(lines))

    def forget(self, seed=None):
        """What was not flushed is lost: all of it, or with a seed some. The process must be dead."""
        toss = random.Random(seed) if seed is not None else None
        left = self.directory.with_name(self.directory.name + '.left')
        loss = Loss()
        self._rebuild(self.directory, left, toss, loss, self.directory)
        shutil.rmtree(self.directory)
        left.rename(self.directory)
        shutil.rmtree(self.notes)
        return loss

    # ---------------------------------------------------------------- names

    def _flushed_names(self, folder):
        path = self.notes / 'folder' / str(folder.stat().st_ino)
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: (inode, kind) for inode, kind, name in (line.split(' ', 2) for line in lines)}

    @staticmethod
    def _present_names(folder):
        return {entry.name: (str(entry.inode()), 'd' if entry.is_dir() else 'f') for entry in os.scandir(folder)}

    def _rebuild(self, folder, left, toss, loss, top):
        """The directory as it would be found, from its present path. A removed one has nothing: nobody removes one."""
        flushed, present = self._flushed_names(folder), self._present_names(folder)
        names = present if toss and toss.random() < 0.5 else flushed
        loss.names += [str((folder / name).relative_to(top)) for name in sorted(set(flushed) | set(present))
                       if names.get(name) != present.get(name)]
        left.mkdir(mode=0o750)
        for name, (inode, kind) in sorted(names.items()):
            if kind == 'd':
                self._rebuild(folder / name, left / name, toss, loss, top)
            else:
                content, lost = self._content(inode, toss)
                (left / name).write_bytes(content)
                if lost:
                    loss.bytes[str((folder / name).relative_to(top))] = lost

    # ---------------------------------------------------------------- contents

    def _content(self, inode, toss):
        flushed_path = self.notes / 'inode' / inode
        flushed = flushed_path.read_bytes() if flushed_path.exists() else b''
        present = (self.notes / 'live' / inode).read_bytes()
        content = mix(flushed, present, toss) if toss else flushed
        return content, 0 if content == present else count_differing(content, present)


def count_differing(left, right):
    return abs(len(left) - len(right)) + sum(a != b for a, b in zip(left, right))


def mix(flushed, present, toss):
    """Some pages of what was written came through. A page that did not, behind one that did, is of zeros."""
    page = toss.choice(PAGE_SIZES)
    size = max(len(flushed), len(present))
    mixed = bytearray(flushed.ljust(size, b'\0'))
    end = len(flushed)
    for at in range(0, size, page):
        written = present[at:at + page]
        if written != flushed[at:at + page] and toss.random() < 0.5:
            mixed[at:at + len(written)] = written
            end = max(end, at + len(written))
    if len(present) < len(flushed) and toss.random() < 0.5:
        end = len(present)
    elif len(present) > end and toss.random() < 0.5:
        end = len(present)  # the size came through without the bytes
    return bytes(mixed[:end])


class Forgetful(Gemel):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.disk = Disk(self.datadir)

    def prepare(self):
        self.disk.remember()

    def environment(self):
        return {**super().environment(), **library_environment(self.command[0], 'forgetful'),
                'GEMEL_FORGETFUL': str(self.disk.directory)}

    def lose_power(self, seed=None):
        """Ends the process, if it has not ended by itself, and loses what was not flushed."""
        if self.process is not None:
            self.kill()
        return self.disk.forget(seed)


class LosesPower(Forgetful):
    """Whatever ends it but a clean stop is a loss of power: so a sweep of crashes (sweep.py) becomes one of these."""
    seed = None

    def wait_end(self, deadline=60):
        code = super().wait_end(deadline)
        if code != 0:
            self.disk.forget(self.seed)
            if self.seed is not None:
                self.seed += 1
        return code
