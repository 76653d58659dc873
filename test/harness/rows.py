"""Do servers hold the same rows? Compared table by table and row by row, as the text the server sends."""

SYSTEM_DATABASES = {'mysql', 'information_schema', 'performance_schema', 'sys'}
SHOWN = 5


def read_tables(server, databases=None):
    """{(database, table): sorted rows} of every table that is a user's."""
    connection = server.connect(conv={}, read_timeout=300)
    tables = {}
    with connection.cursor() as cursor:
        if databases is None:
            cursor.execute('SHOW DATABASES')
            databases = [name for (name,) in cursor.fetchall() if name not in SYSTEM_DATABASES]
        for database in databases:
            cursor.execute(f"SHOW FULL TABLES FROM `{database}` WHERE Table_type = 'BASE TABLE'")
            for table in [row[0] for row in cursor.fetchall()]:
                cursor.execute(f'SELECT * FROM `{database}`.`{table}`')
                names = tuple(column[0] for column in cursor.description)
                tables[database, table] = (names, sorted(cursor.fetchall(), key=repr))
    connection.close()
    return tables


def describe_difference(first, second, table, ours, theirs):
    if ours == theirs:
        return None
    if ours is None or theirs is None:
        return f'{".".join(table)}: only on {first if theirs is None else second}'
    if ours[0] != theirs[0]:
        return f'{".".join(table)}: columns {ours[0]} on {first}, {theirs[0]} on {second}'
    here, there = set(map(repr, ours[1])), set(map(repr, theirs[1]))
    only_here, only_there = sorted(here - there), sorted(there - here)
    lines = [f'{".".join(table)}: {len(ours[1])} rows on {first}, {len(theirs[1])} on {second}; '
             f'{len(only_here)} only on {first}, {len(only_there)} only on {second}']
    lines += [f'  only on {first}: {row}' for row in only_here[:SHOWN]]
    lines += [f'  only on {second}: {row}' for row in only_there[:SHOWN]]
    return '\n'.join(lines)


def differences(servers, databases=None):
    first, *others = servers
    expected = read_tables(first, databases)
    for other in others:
        found = read_tables(other, databases)
        for table in sorted(set(expected) | set(found)):
            text = describe_difference(first.name, other.name, table, expected.get(table), found.get(table))
            if text:
                yield text


def assert_same_rows(*servers, databases=None):
    found = list(differences(servers, databases))
    assert not found, 'servers differ:\n' + '\n'.join(found)
