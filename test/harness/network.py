"""Servers in network namespaces of their own, with a cable between any two: links to cut and to heal.

    a's place: eth-b 10.99.1.1 ==== [ the closet: a bridge for each cable ] ==== 10.99.1.2 eth-a: b's place

A cable is cut in the closet, where its bridge loses one end: both sides keep their interfaces up and their packets
vanish, as behind a broken switch. Sockets in the file system reach every server from outside, links cut or not.
"""
import itertools
import os
import subprocess

_numbers = itertools.count(1)


def ip(*arguments):
    subprocess.run(['ip', *arguments], check=True, capture_output=True, text=True, timeout=30)


class Network:
    def __init__(self):
        self.prefix = f'gemel-{os.getpid()}-{next(_numbers)}'
        self.places = {}
        self.cables = {}        # frozenset of two names -> number

    @staticmethod
    def why_not():
        """None where this user may make namespaces and cables, else what ip says."""
        try:
            with Network() as network:
                network.link('a', 'b')
        except FileNotFoundError:
            return 'there is no ip command'
        except subprocess.CalledProcessError as error:
            return error.stderr.strip()
        return None

    def __enter__(self):
        self.closet = self._make_namespace('closet')
        return self

    def __exit__(self, *_):
        for namespace in [self.closet, *self.places.values()]:
            ip('netns', 'delete', namespace)

    def _make_namespace(self, name):
        namespace = f'{self.prefix}-{name}'
        ip('netns', 'add', namespace)
        ip('-n', namespace, 'link', 'set', 'lo', 'up')
        return namespace

    def place(self, name):
        """The namespace of this server."""
        if name not in self.places:
            self.places[name] = self._make_namespace(name)
        return self.places[name]

    def link(self, source, replica):
        """The source's address on the cable between the two, which is laid if there is none."""
        ends = frozenset((source, replica))
        if ends not in self.cables:
            self.cables[ends] = number = len(self.cables) + 1
            ip('-n', self.closet, 'link', 'add', f'cable{number}', 'type', 'bridge')
            ip('-n', self.closet, 'link', 'set', f'cable{number}', 'up')
            for side, (name, other) in enumerate([sorted(ends), sorted(ends, reverse=True)], 1):
                self._lay(number, side, name, other)
        return self._address(ends, source)

    def _lay(self, number, side, name, other):
        inside, outside = f'eth-{other}', f'c{number}-{side}'
        ip('-n', self.place(name), 'link', 'add', inside, 'type', 'veth', 'peer', 'name', outside, 'netns', self.closet)
        ip('-n', self.closet, 'link', 'set', outside, 'master', f'cable{number}', 'up')
        ip('-n', self.place(name), 'address', 'add', f'10.99.{number}.{side}/24', 'dev', inside)
        ip('-n', self.place(name), 'link', 'set', inside, 'up')

    def _address(self, ends, name):
        return f'10.99.{self.cables[ends]}.{sorted(ends).index(name) + 1}'

    def cut(self, a, b):
        ip('-n', self.closet, 'link', 'set', f'c{self.cables[frozenset((a, b))]}-1', 'nomaster')

    def heal(self, a, b):
        number = self.cables[frozenset((a, b))]
        ip('-n', self.closet, 'link', 'set', f'c{number}-1', 'master', f'cable{number}')
