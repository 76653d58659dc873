"""TCP ports for servers, below those that the kernel gives to clients, so that a server that was stopped finds its own again.

Each process that runs tests has a range to itself, however many suites run on the machine: the range is its own for as long
as it has the first port of it bound. The others are given in turn, so that one comes round again only behind all the rest.
"""
import itertools
import socket

RANGE_SIZE = 250
FIRST_PORT, END_PORT = 10000, 32500


class PortRange:
    def __init__(self):
        self._claim, first = self._take_range()
        self._ports = itertools.cycle(range(first + 1, first + RANGE_SIZE))

    @staticmethod
    def _take_range():
        for first in range(FIRST_PORT, END_PORT, RANGE_SIZE):
            claim = socket.socket()
            try:
                claim.bind(('127.0.0.1', first))
                return claim, first
            except OSError:
                claim.close()
        raise OSError(f'all ranges of ports from {FIRST_PORT} to {END_PORT} are taken')

    def next_free(self):
        for port in itertools.islice(self._ports, RANGE_SIZE):
            if is_free(port):
                return port
        raise OSError('each port of this range is in use')


def is_free(port):
    """Nobody listens there, on whatever address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('', port))
        except OSError:
            return False
    return True


_own = None


def free_port():
    global _own
    _own = _own or PortRange()
    return _own.next_free()
