"""Suites that run beside each other never meet at a port, not even at one whose server is stopped for the moment."""
import multiprocessing
import socket

from harness import ports


def give_some(pipe, count):
    """In a process that was just made: what it is given, until it is told to end."""
    pipe.send([ports.free_port() for _ in range(count)])
    pipe.recv()


def test_processes_have_ranges_of_their_own():
    here = {ports.free_port() for _ in range(20)}
    context = multiprocessing.get_context('spawn')
    there, suites = [], []
    for _ in range(2):
        pipe, end = context.Pipe()
        suite = context.Process(target=give_some, args=(end, 20))
        suite.start()
        suites.append((suite, pipe))
        there.append(set(pipe.recv()))
    for suite, pipe in suites:
        pipe.send('end')
        suite.join()
    assert len(here | there[0] | there[1]) == 60


def test_ports_in_use_are_left_out():
    mine = ports.PortRange()
    first = mine.next_free()
    with socket.create_server(('127.0.0.1', first + 1)):
        assert mine.next_free() == first + 2
    again = [mine.next_free() for _ in range(ports.RANGE_SIZE)]
    assert first + 1 in again and first in again
