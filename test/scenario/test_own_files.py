"""Files beside the store that are damaged, of another make, or gone: each is refused by its name, with what to do; those
that are for people to read are written anew.   topology: a->b"""
import pytest

from harness.topology import chain, wait_same_rows

GARBAGE = bytes(range(128, 256)) * 3


@pytest.fixture
def edges(make_server):
    edges = chain(make_server('a'), make_server('b'))
    (a, b), = edges
    a.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY)')
    wait_same_rows(edges)
    b.execute('SET PERSIST slave_net_timeout = 17', 'FLUSH LOGS', 'FLUSH RELAY LOGS')
    b.stop()
    return edges


def spoil_cut(content):
    return content[:-4]


def spoil_garbage(content):
    return GARBAGE


def spoil_zeros(content):
    return bytes(len(content))


def spoil_empty(content):
    return b''


def spoil_newer(content):
    assert b'"Version"' in content and b'2' in content
    return content.replace(b'2', b'3', 1)


def spoil_foreign(content):
    return b'./other.000001\n'


def spoil_order(content):
    lines = content.splitlines(keepends=True)
    assert len(lines) > 1
    return b''.join(reversed(lines))


REFUSED = [(name, spoil, advice) for name, spoils, advice in [
    ('auto.cnf', [spoil_cut, spoil_garbage, spoil_zeros, spoil_empty], 'bring the file back from a copy'),
    ('mysqld-auto.cnf', [spoil_cut, spoil_garbage, spoil_zeros, spoil_empty, spoil_newer], 'bring it back from a copy'),
    ('b-bin.index', [spoil_cut, spoil_garbage, spoil_zeros, spoil_foreign, spoil_order],
     "bring the binary log's index back from a copy"),
    ('b-relay.index', [spoil_cut, spoil_garbage, spoil_zeros, spoil_foreign], "remove the relay log's index and files"),
] for spoil in spoils]


def assert_refused(server, name, advice):
    logs = [path for path in (server.error_log, server.stderr_path) if path.exists()]
    sizes = [path.stat().st_size for path in logs]
    server.launch()
    assert server.wait_end() != 0
    said = ''.join(path.read_bytes()[size:].decode(errors='replace') for path, size in zip(logs, sizes))
    assert f"/{name}'" in said and advice in said, said


def assert_goes_on(edges):
    (a, b), = edges
    a.execute('INSERT INTO d.t VALUES (1)')
    wait_same_rows(edges)


@pytest.mark.parametrize('name, spoil, advice', REFUSED,
                         ids=[f'{name}-{spoil.__name__[len("spoil_"):]}' for name, spoil, advice in REFUSED])
def test_refused_by_name(edges, name, spoil, advice):
    (a, b), = edges
    path = b.datadir / name
    content = path.read_bytes()
    path.write_bytes(spoil(content))
    assert_refused(b, name, advice)
    assert path.read_bytes() == spoil(content)
    path.write_bytes(content)
    b.start()
    assert b.value('SELECT @@GLOBAL.slave_net_timeout') == 17
    assert_goes_on(edges)


@pytest.mark.parametrize('name', ['auto.cnf', 'mysqld-auto.cnf', 'b-bin.index', 'b-relay.index'])
def test_what_cannot_be_opened_is_not_made_anew(edges, name):
    (a, b), = edges
    path = b.datadir / name
    path.rename(b.folder / name)
    path.symlink_to(path)
    assert_refused(b, name, 'errno: 40')
    assert path.is_symlink()
    path.unlink()
    (b.folder / name).rename(path)
    b.start()
    assert_goes_on(edges)


def test_without_the_relay_log(edges):
    """As the refusal advises."""
    (a, b), = edges
    for path in b.datadir.glob('b-relay.*'):
        path.unlink()
    b.start()
    assert_goes_on(edges)


def end_with_several_logs(edges, end):
    """A start more of b, which begins a log file. Its index."""
    (a, b), = edges
    b.start()
    a.execute('INSERT INTO d.t VALUES (2)')
    wait_same_rows(edges)
    getattr(b, end)()
    return b.datadir / 'b-bin.index'


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_names_that_the_log_index_lacks(edges, end):
    """The files are there, an empty one among them: they belong to the log, and are listed again."""
    (_, b), = edges
    index = end_with_several_logs(edges, end)
    lines = index.read_bytes().splitlines()
    logs = {path: path.read_bytes() for path in b.datadir.glob('b-bin.0*')}
    assert len(lines) == len(logs) > 2
    index.write_bytes(lines[0] + b'\n')
    b.start()
    assert index.read_bytes().splitlines()[:len(lines)] == lines
    assert_goes_on(edges)
    b.stop()
    assert all(path.stat().st_size == len(content) for path, content in logs.items())
    b.start()
    wait_same_rows(edges)


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_the_last_log_file_is_gone(edges, end):
    """The tables are ahead of the log: it is not gone through from its beginning again."""
    (_, b), = edges
    index = end_with_several_logs(edges, end)
    content = index.read_bytes()
    last = b.datadir / content.split()[-1].decode()
    last.rename(b.folder / last.name)
    index.write_bytes(b''.join(content.splitlines(keepends=True)[:-1]))
    assert_refused(b, 'b-bin.index', 'copy')
    (b.folder / last.name).rename(last)
    b.start()
    assert_goes_on(edges)


@pytest.mark.parametrize('spoil', [spoil_cut, spoil_garbage, spoil_empty])
@pytest.mark.parametrize('name', ['master.info', 'relay-log.info'])
def test_what_is_for_people_is_written_anew(edges, name, spoil):
    (a, b), = edges
    path = b.datadir / name
    content = path.read_bytes()
    path.write_bytes(spoil(content))
    b.start()
    assert_goes_on(edges)
    b.stop()
    assert path.read_bytes().splitlines()[0] == content.splitlines()[0]
    assert len(path.read_bytes().splitlines()) == len(content.splitlines())
    b.start()
    wait_same_rows(edges)
