"""A small disk of its own for a test: a tmpfs that can be filled to the last byte and emptied again."""
import errno
import os
import subprocess

import pytest


class Disk:
    def __init__(self, folder, name, megabytes):
        self.path = folder / name
        self.path.mkdir()
        self._ballast = self.path / 'ballast'
        options = f'size={megabytes}m'
        made = subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', self.path], capture_output=True)
        if made.returncode:
            pytest.skip('making a disk takes the right to mount')

    def free(self):
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def fill(self, leave=0):
        """Takes all space but that many bytes."""
        with open(self._ballast, 'ab', buffering=0) as file:
            size = max(0, self.free() - leave)
            try:
                while size > 0:
                    size -= file.write(b'x' * min(size, 1 << 16))
                while leave == 0:
                    file.write(b'x' * 512)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def make_room(self):
        self._ballast.unlink()

    def remove(self):
        subprocess.run(['umount', '-l', self.path], check=True)


class BlockDisk:
    """A file system in a file that can become read-only under its users, as after an error of the device."""

    def __init__(self, folder, name, megabytes):
        self.path = folder / name
        self.path.mkdir()
        self._image = folder / f'{name}.img'
        with open(self._image, 'wb') as image:
            image.truncate(megabytes << 20)
        made = subprocess.run(['mkfs.ext4', '-q', '-F', self._image], capture_output=True)
        if made.returncode or not self._mount():
            pytest.skip('making a disk takes the right to mount')

    def _mount(self):
        return subprocess.run(['mount', '-o', 'loop', self._image, self.path], capture_output=True).returncode == 0

    def fail(self):
        subprocess.run(['mount', '-o', 'remount,abort', self.path], check=True)

    def repair(self):
        """Nobody may use it."""
        subprocess.run(['umount', self.path], check=True)
        assert self._mount()

    def remove(self):
        subprocess.run(['umount', '-l', self.path], check=True)
