"""The first tutorial (Melo 2008), command by command, with the stock client programs:
one server, a replica of it, then each the other's source."""
import pytest

from harness.client_session import ClientSession, parse_table
from harness.ports import free_port
from harness.rows import assert_same_rows
from harness.topology import explain
from harness.wait import wait_until
from tutorial.materials import MATERIALS, place_option_files


@pytest.fixture(params=MATERIALS, ids=[material.name for material in MATERIALS])
def material(request):
    if not request.param.files.exists():
        pytest.skip(f'{request.param.files} is not here')
    return request.param


@pytest.fixture
def tutorial_servers(material, scratch, make_server):
    files = place_option_files(material, scratch, {number: free_port() for number in (1, 2)})
    return [make_server(f'server-{number}', option_file=path) for number, path in enumerate(files, 1)]


def source_end(status_text):
    row = parse_table(status_text)[0]
    assert list(row)[:4] == ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB']
    return row['File'], int(row['Position'])


def change_master(material, port, end):
    return f"""CHANGE MASTER TO
           MASTER_HOST='127.0.0.1',
           MASTER_PORT={port},
           MASTER_USER='{material.user}',
           MASTER_PASSWORD='{material.password}',
           MASTER_LOG_FILE='{end[0]}',
           MASTER_LOG_POS={end[1]};
    START SLAVE;"""


def wait_same_position(source, replica):
    """File and Position of the source are Master_Log_File and Read_Master_Log_Pos of the replica; it applied them."""
    def is_same():
        status, end = replica.replica_status(), source.log_end_position()
        assert not status['Last_SQL_Error'], explain(replica)
        return (status['Master_Log_File'], int(status['Read_Master_Log_Pos'])) == end and \
            (status['Relay_Master_Log_File'], int(status['Exec_Master_Log_Pos'])) == end
    wait_until(is_same, f'{replica.name} to be where {source.name} is', show=lambda: explain(replica))


def load(server, path, *arguments):
    return server.client('mariadb', *arguments, text=path.read_text())


def wait_printed(server, database, select, text):
    wait_until(lambda: text in server.client('mariadb', database, '-e', select), f'{text!r} on {server.name}')


def create_sample_database(material, server):
    load(server, material.files / material.user_sql)
    server.client('mariadb-admin', 'create', material.database)
    warned = load(server, material.files / material.schema_sql, material.database, '--show-warnings')
    assert 'Code 1246' in warned
    load(server, material.files / material.rows_sql, material.database)
    table, column = material.text_column
    assert f'`{column}` mediumtext' in server.client('mariadb', material.database, '-e', f'SHOW CREATE TABLE {table}')


def make_server_1_the_source(material, one, two, folder):
    with ClientSession(one, material.database) as locked:
        end = source_end(locked.run('FLUSH TABLES WITH READ LOCK; SHOW MASTER STATUS;'))
        assert end[0].startswith(material.log_name + '.')
        dump = folder / 'dump.sql'
        dump.write_text(one.client('mariadb-dump', '--lock-all-tables', material.database))
        assert source_end(locked.run('SHOW MASTER STATUS;')) == end
        two.client('mariadb-admin', 'create', material.database)
        load(two, dump, material.database)
        two.client('mariadb', '-e', change_master(material, one.port, end))
    assert_same_rows(one, two)
    wait_same_position(one, two)
    one.client('mariadb', material.database, '-e', material.third_person)
    name = material.third_person.split("'")[1]
    wait_printed(two, material.database, material.third_person_found, name)
    wait_same_position(one, two)


def make_server_2_a_source_too(material, one, two):
    load(two, material.files / material.user_sql)
    with ClientSession(two, material.database) as locked:
        end = source_end(locked.run('FLUSH TABLES WITH READ LOCK; SHOW MASTER STATUS;'))
        with ClientSession(one, material.database) as session:
            printed = session.run(change_master(material, two.port, end))
            assert not any(line.startswith('ERROR') for line in printed), printed
    for source, replica in ((two, one), (one, two)):
        wait_same_position(source, replica)


def change_each_table(material, here, there, key):
    """Insert, update, delete and select here, and see each from there. One row more stays."""
    for insert, update, delete, select in material.tables.values():
        shown = ['mariadb', material.database, '-N', '-e', select.format(key=key)]
        for statement, is_there_after in ((insert, True), (update, True), (delete, False)):
            here.client('mariadb', material.database, '-e', statement.format(key=key))
            found = here.client(*shown)
            assert bool(found) == is_there_after, statement
            wait_until(lambda: there.client(*shown) == found, f'{statement} with {key} to be seen on {there.name}')
        here.client('mariadb', material.database, '-e', insert.format(key=key + 1))


def test_tutorial(material, tutorial_servers, scratch):
    one, two = tutorial_servers
    create_sample_database(material, one)
    make_server_1_the_source(material, one, two, scratch)
    make_server_2_a_source_too(material, one, two)

    change_each_table(material, one, two, key=101)
    change_each_table(material, two, one, key=501)

    database = material.database
    one.client('mariadb', database, '-e', 'CREATE TABLE test_ainc ( id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY);')
    wait_same_position(one, two)
    for server, other, remainder in ((one, two, 1), (two, one, 0)):
        before = set(server.rows(f'SELECT id FROM {database}.test_ainc'))
        server.client('mariadb', database, '-e', 'INSERT INTO test_ainc VALUES (null), (null), (null);')
        wait_same_position(server, other)
        made = set(server.rows(f'SELECT id FROM {database}.test_ainc')) - before
        assert len(made) == 3 and all(number % 2 == remainder for (number,) in made)

    wait_same_position(one, two)
    wait_same_position(two, one)
    assert_same_rows(one, two)
