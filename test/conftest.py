"""Fixtures of all suites. A test that fails keeps its scratch folder and shows the ends of its servers' logs."""
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import mysql56  # noqa: E402
from harness.disk import Disk  # noqa: E402
from harness.forgetful import Forgetful, LosesPower  # noqa: E402
from harness.server import Gemel, Mariadb  # noqa: E402
from harness.topology import pair as make_pair  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.stash_failed = True
        for server in getattr(item, 'servers', []):
            report.sections.append((f'log of {server.name}', server.log_end(60)))


@pytest.fixture
def scratch(request):
    """A folder with a short path (a socket's name has 107 bytes), removed when the test passes."""
    folder = Path(tempfile.mkdtemp(prefix='gemel-test-'))
    yield folder
    if getattr(request.node, 'stash_failed', False):
        print(f'kept: {folder}')
    else:
        shutil.rmtree(folder, ignore_errors=True)


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
    """Makes and starts servers; at the end each must stop cleanly, however the test went."""
    servers = request.node.servers = []
    kinds = {'gemel': Gemel, 'forgetful': Forgetful, 'loses_power': LosesPower, 'mariadb': Mariadb,
             'mysql56': mysql56.Mysql56}

    def make(name='a', kind='gemel', start=True, **options):
        kind = os.environ.get('GEMEL_TEST_INSTEAD', kind)
        if kind == 'mysql56' and not mysql56.is_installed():
            pytest.skip('MySQL 5.6 is not installed: tools/install-mysql56')
        options.setdefault('server_id', len(servers) + 1)
        server = kinds[kind](scratch, name, **options)
        servers.append(server)
        return server.start() if start else server

    yield make
    problems = []
    for server in servers:
        try:
            server.stop()
        except AssertionError as error:
            problems.append(str(error))
            if server.process is not None:
                server.kill()
    if problems:
        request.node.stash_failed = True
    assert not problems, '\n'.join(problems)


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
