"""any<->ours: logs of statements, and of statements and rows, between Gemel and servers of other makes."""
import pytest

from harness.load import Load
from harness.statements import MADE_WORK, SCHEMA, WORK, work
from harness.topology import chain, wait_same_rows

KINDS = [('mariadb', 'gemel'), ('gemel', 'mariadb'), ('mysql56', 'gemel'), ('gemel', 'mysql56')]


@pytest.fixture(params=['STATEMENT', 'MIXED'])
def format(request):
    return request.param


@pytest.fixture(params=KINDS, ids='->'.join)
def edges(request, make_server, format):
    def make(name, kind, **options):
        if kind == 'mysql56' and 'gemel' == request.param[0]:
            options['gtid_mode'] = 'ON'
        return make_server(name, kind=kind, **options)
    source, replica = request.param
    return chain(make('source', source, binlog_format=format), make('replica', replica))


def test_every_kind_of_statement(edges):
    source, replica = edges[0]
    source.execute(*SCHEMA)
    work(source, WORK if 'mysql56' in (source.kind, replica.kind) else WORK + MADE_WORK)
    wait_same_rows(edges)


def test_load(edges):
    source, replica = edges[0]
    load = Load([source], connections=4, seconds=1)
    load.prepare(source)
    load.start().finish()
    wait_same_rows(edges)
    load.check(replica)
