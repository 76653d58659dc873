"""A connection whose statements give rows, and its own counters of SHOW STATUS."""


class Client:
    def __init__(self, connection):
        self.connection = connection

    def rows(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def counter(self, name):
        return int(self.rows(f"SHOW SESSION STATUS LIKE '{name}'")[0][1])
