"""The end of a test leaves no server behind."""
import pytest

from harness.servers import Servers


@pytest.mark.parametrize('victim', [0, 1])
def test_all_are_stopped_though_one_does_not_end_cleanly(scratch, victim):
    servers = Servers(scratch)
    for name in 'ab':
        servers.make(name)
    processes = [server.process for server in servers]
    processes[victim].kill()
    with pytest.raises(AssertionError, match='ended with -9'):
        servers.stop_all()
    assert [process.poll() for process in processes] == [-9 if number == victim else 0 for number in range(2)]


def test_one_that_does_not_end_is_killed(scratch, monkeypatch):
    servers = Servers(scratch)
    a, b = (servers.make(name) for name in 'ab')
    process = a.process
    monkeypatch.setattr(a, 'stop', lambda: 1 / 0)
    with pytest.raises(AssertionError, match='division by zero'):
        servers.stop_all()
    assert process.poll() == -9 and not a.is_running() and not b.is_running()


@pytest.mark.parametrize('line', ["gemeld: ../src/x.c:1: f: Assertion `x' failed.", 'WARNING: ThreadSanitizer: data race'])
def test_what_a_dead_one_reported_is_not_missed(scratch, line):
    """It died, the test killed it or made do without it, and nothing was stopped."""
    servers = Servers(scratch)
    servers.make('a').kill()
    servers.make('b')
    with servers[0].stderr_path.open('a') as stderr:
        stderr.write(line + '\n')
    with pytest.raises(AssertionError, match='a has reported'):
        servers.stop_all()
    assert not servers[1].is_running()
