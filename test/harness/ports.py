"""Free TCP ports below the range that the kernel gives to clients, so that a server finds its own again.

Tests run in several processes: each has a range of its own.
"""
import os
import random
import socket

RANGE_SIZE = 1500
RANGE_START = 20000 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:]) % 8 * RANGE_SIZE

_given = set()


def free_port():
    while True:
        port = random.randrange(RANGE_START, RANGE_START + RANGE_SIZE)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
        _given.add(port)
        return port
