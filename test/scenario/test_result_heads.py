"""The columns of a statement that runs again are those that hold now."""
import pytest

from harness import wire
from harness.prepared import prepare


@pytest.fixture
def table(server):
    server.execute('CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20))',
                   "INSERT INTO d.t VALUES (1, 'ä')")
    return server


def names_and_types(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
        return [(field.name, field.type_code, field.length, field.charsetnr) for field in cursor._result.fields], rows


def test_a_definition_that_changes(table):
    connection = table.connect(database='d')
    statement = 'SELECT id, v FROM t WHERE id=1'
    first = names_and_types(connection, statement)
    for _ in range(4):
        assert names_and_types(connection, statement) == first
    table.execute('ALTER TABLE d.t MODIFY v VARCHAR(50)')
    changed = names_and_types(connection, statement)
    assert changed[0][1][2] == first[0][1][2] // 20 * 50 and changed[1] == first[1]
    assert names_and_types(connection, statement) == changed


def test_another_character_set(table):
    connection = table.connect(database='d')
    statement = 'SELECT v AS ä FROM t WHERE id=1'
    first = [names_and_types(connection, statement) for _ in range(4)][-1]
    connection.set_charset('latin1')
    latin = [names_and_types(connection, statement) for _ in range(4)]
    connection.set_charset('utf8mb4')
    assert first[1] == (('ä',),) and all(found == latin[0] for found in latin)
    assert latin[0][0][0][3] == 8 and first[0][0][3] == 45
    assert names_and_types(connection, statement) == first


def test_more_columns_than_are_kept_and_many_statements(table):
    """In turn, so that they take each other's place; wide ones are larger than what is sent at once."""
    connection = table.connect(database='d')
    wide = ', '.join(f'id + {i} AS column_with_a_long_name_{i:04}' for i in range(1500))
    statements = [f'SELECT {wide} FROM t WHERE id=1',
                  *(f'SELECT id AS a{i}, v AS b{i} FROM t WHERE id=1' for i in range(12))]
    first = [names_and_types(connection, statement) for statement in statements]
    assert len(first[0][0]) == 1500 and first[5][0][0][0] == 'a4'
    for _ in range(3):
        assert [names_and_types(connection, statement) for statement in statements] == first


def test_results_behind_one_another(table):
    """The packets of a second result set have other numbers."""
    connection = wire.Wire(table, database='d')
    statement = prepare(connection, 'SELECT id, v FROM t WHERE id=1')
    once = [statement.execute() for _ in range(3)]
    assert once[0] == once[1] == once[2]
    both = table.connect(database='d', client_flag=65536)
    with both.cursor() as cursor:
        for _ in range(4):
            cursor.execute('SELECT id FROM t WHERE id=1; SELECT id FROM t WHERE id=1')
            assert cursor.fetchall() == ((1,),)
            assert cursor.nextset() and cursor.fetchall() == ((1,),)
