"""Fixtures of all suites. A test that fails keeps its scratch folder and shows the ends of its servers' logs."""
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness.disk import Disk  # noqa: E402
from harness.servers import Servers  # noqa: E402
from harness.topology import pair as make_pair  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for node in (item, item.getparent(pytest.Module)):
            node.stash_failed = True
            for server in getattr(node, 'servers', []):
                report.sections.append((f'log of {server.name}', server.log_end(60)))


@contextlib.contextmanager
def scratch_folder(node):
    """A folder with a short path (a socket's name has 107 bytes), removed when all went well."""
    folder = Path(tempfile.mkdtemp(prefix='gemel-test-'))
    yield folder
    if getattr(node, 'stash_failed', False):
        print(f'kept: {folder}')
    else:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def servers_in(folder, node):
    """Makes and starts servers; at the end each must stop cleanly, however the test went."""
    node.servers = Servers(folder)
    yield node.servers.make
    try:
        node.servers.stop_all()
    except AssertionError:
        node.stash_failed = True
        raise


@pytest.fixture
def scratch(request):
    with scratch_folder(request.node) as folder:
        yield folder


@pytest.fixture
def make_disk(scratch):
    """Small disks, which outlive the servers on them: make_server stands behind it."""
    disks = []

    def make(name='disk', megabytes=64, kind=Disk):
        disks.append(kind(scratch, name, megabytes))
        return disks[-1]

    yield make
    for disk in disks:
        disk.remove()


@pytest.fixture
def make_server(request, make_disk, scratch):
    with servers_in(scratch, request.node) as make:
        yield make


@pytest.fixture(scope='module')
def make_shared_server(request):
    """The same for a fixture that serves all tests of a file."""
    with scratch_folder(request.node) as folder, servers_in(folder, request.node) as make:
        yield make


@pytest.fixture
def server(make_server):
    return make_server('a')


@pytest.fixture
def two_servers(make_server):
    """a and b, strangers yet; their AUTO_INCREMENT values do not meet."""
    return [make_server(name, auto_increment_increment=2, auto_increment_offset=offset)
            for offset, name in enumerate('ab', 1)]


@pytest.fixture
def pair(two_servers):
    """a<->b; the edges are in pair.edges."""
    class Pair(tuple):
        edges = ()
    made = Pair(two_servers)
    made.edges = make_pair(*two_servers)
    return made
