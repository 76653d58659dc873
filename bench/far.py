"""A long way between two servers: a proxy in a process of its own, through which every byte takes its time.

    with far.between(source.port, one_way_ms=25) as port:
        ...                             # a replica that connects to this port is 25 ms away

What is sent keeps its order and is not held up by what was sent before it: as on a line, only the way is long.
"""
import collections
import multiprocessing
import selectors
import socket
import time
from contextlib import contextmanager

from harness.ports import free_port

CHUNK = 256 * 1024
UNDER_WAY_MAX = 64 * 1024 * 1024    # of one direction: then the sender waits


class Direction:
    """From one socket to the other: (when it is due, bytes)."""

    def __init__(self, source, target, delay):
        self.source, self.target, self.delay = source, target, delay
        self.under_way, self.size, self.is_open = collections.deque(), 0, True

    def take(self):
        data = self.source.recv(CHUNK)
        self.is_open = bool(data)
        self.under_way.append((time.monotonic() + self.delay, data))
        self.size += len(data)

    def deliver(self):
        """Seconds until the next is due, or None."""
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _, data = self.under_way.popleft()
            self.size -= len(data)
            if data:
                self.target.sendall(data)
            else:
                self.target.shutdown(socket.SHUT_WR)
        return max(self.under_way[0][0] - time.monotonic(), 0) if self.under_way else None


def connect(listener, port, delay):
    near, _ = listener.accept()
    distant = socket.create_connection(('127.0.0.1', port))
    for end in (near, distant):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return [Direction(near, distant, delay), Direction(distant, near, delay)]


def serve(listener, port, delay):
    directions = []
    while True:
        selector = selectors.DefaultSelector()
        selector.register(listener, selectors.EVENT_READ, None)
        due = []
        for direction in list(directions):
            try:
                due.append(direction.deliver())
            except OSError:
                directions.remove(direction)
                continue
            if direction.is_open and direction.size < UNDER_WAY_MAX:
                selector.register(direction.source, selectors.EVENT_READ, direction)
        for key, _ in selector.select(min((wait for wait in due if wait is not None), default=None)):
            try:
                if key.data is None:
                    directions += connect(listener, port, delay)
                else:
                    key.data.take()
            except OSError:
                if key.data in directions:
                    directions.remove(key.data)
        selector.close()


@contextmanager
def between(port, one_way_ms):
    """The port by which `port` is that far away."""
    listener = socket.create_server(('127.0.0.1', free_port()))
    process = multiprocessing.get_context('fork').Process(target=serve, args=(listener, port, one_way_ms / 1000),
                                                          daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.kill()
        process.join()
        listener.close()
