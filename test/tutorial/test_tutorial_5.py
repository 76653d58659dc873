"""The fifth tutorial (Stewart 2013) with the stock clients: two sites, each a master with three slaves, over TLS; what is
seen where log-slave-updates is missing; and how to know that all hold the same."""
import hashlib
import re
import subprocess

import pytest

from harness.rows import assert_same_rows
from harness.topology import explain, wait_caught_up, wait_waiting
from harness.wait import wait_until
from tutorial.terminal import Terminal

STATUS = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB']
PASSWORD = 'replication password'


class Sites:
    """s1m<->s2m, three slaves behind each. Set up as the tutorial does, step by step; the numbers are its own."""

    def __init__(self, make_server, scratch, second_logs_updates=True):
        self.make_server, self.scratch = make_server, scratch
        self.second_logs_updates = second_logs_updates
        self.edges = []

    def make(self, name, number, **options):
        return self.make_server(name, server_id=number, log_bin='mysqld-bin', start=False, **options)

    def make_master(self, name, number, logs_updates=True):
        return self.make(name, number, auto_increment_increment=2, auto_increment_offset=number,
                         log_slave_updates=int(logs_updates))

    def set_up(self):
        self.s1m = self.make_master('s1m', 1).start()
        fill(self.s1m)
        end = self.prepare(self.s1m)                                                        # 1 to 4
        backup = self.copy_files(self.s1m)                                                  # 5, with the master down
        self.slaves1 = [self.from_files(f's1s{number}', 10 + number, backup) for number in (1, 2, 3)]
        for slave in self.slaves1:
            self.direct(slave, self.s1m, end)                                               # 6

        self.s2m = self.make_master('s2m', 2, self.second_logs_updates).start()             # the other master:
        end = self.copy_dump(self.s1m, self.s2m)                                            # a slave to start
        self.direct(self.s2m, self.s1m, end)
        wait_caught_up(self.edges)
        self.direct(self.s1m, self.s2m, self.prepare(self.s2m))

        self.slaves2 = [self.make(f's2s{number}', 20 + number).start() for number in (1, 2, 3)]
        for slave in self.slaves2:
            end = self.copy_dump(self.s2m, slave)
            self.direct(slave, self.s2m, end)
        wait_caught_up(self.edges)
        return self

    def all(self):
        return [self.s1m, self.s2m, *self.slaves1, *self.slaves2]

    def prepare(self, master):
        """The slaves' account; then file and position, while nobody writes."""
        terminal = Terminal(master)
        # MySQL 8 would have it in two statements; a copy of the other master has the account already
        terminal.ok(f"GRANT REPLICATION SLAVE ON *.*\n    TO 'replication'@'localhost'\n    IDENTIFIED BY '{PASSWORD}'\n"
                    '    REQUIRE SSL;')
        terminal.ok('FLUSH PRIVILEGES;')
        row, = terminal.table('show master status;', STATUS, '1 row in set')
        assert re.fullmatch(r'mysqld-bin\.\d{6}', row['File'])
        terminal.quit()
        return row['File'], row['Position']

    def copy_files(self, master):
        backup = self.scratch / 'files.tar'
        master.stop()
        subprocess.run(['tar', 'cf', backup, '-C', master.datadir, '.'], check=True)
        master.start()
        return backup

    def from_files(self, name, number, backup):
        slave = self.make(name, number)
        slave.datadir.mkdir()
        subprocess.run(['tar', 'xf', backup, '-C', slave.datadir], check=True)
        (slave.datadir / 'auto.cnf').unlink()
        return slave.start()

    def copy_dump(self, master, slave):
        """The dump names the place in the master's log."""
        dump = master.client('mariadb-dump', '--master-data=2', '--databases', 'app')
        slave.client('mariadb', text='SET sql_log_bin=0;\n' + dump)
        return re.search(r"MASTER_LOG_FILE='(.*)', MASTER_LOG_POS=(\d+)", dump).groups()

    def direct(self, slave, master, end):
        terminal = Terminal(slave)
        terminal.ok(f"change master to master_host='127.0.0.1',\nmaster_port={master.port},\n"
                    f"master_user='replication',\nmaster_password='{PASSWORD}',\nmaster_log_file='{end[0]}',\n"
                    f"master_log_pos={end[1]},\nMASTER_SSL=1, MASTER_SSL_CA='{master.datadir}/ca.pem';")
        terminal.ok('start slave;')
        wait_waiting(slave)
        status, = terminal.vertical('show slave status\\G')
        assert status['Slave_IO_State'] == 'Waiting for master to send event' and status['Master_SSL_Allowed'] == 'Yes'
        terminal.quit()
        self.edges.append((master, slave))


def fill(master):
    master.execute('CREATE DATABASE app', 'USE app',
                   'CREATE TABLE member (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60)) ENGINE=MyISAM CHECKSUM=1',
                   'CREATE TABLE visit (id INT PRIMARY KEY AUTO_INCREMENT, member INT NOT NULL, note TEXT, KEY (member))',
                   "INSERT INTO member (name) VALUES ('Ann'), ('Ben'), (NULL)", "INSERT INTO visit (member) VALUES (1), (3)")


def write_on(master, number):
    master.execute('USE app', f"INSERT INTO member (name) VALUES ('of {master.name}'), ('{number}')",
                   f"INSERT INTO visit (member, note) VALUES ({number}, 'it''s of {master.name}')",
                   f"UPDATE member SET name='changed on {master.name}' WHERE id={2 * number - 1}")


def checksums(server):
    terminal = Terminal(server)
    rows = terminal.table('CHECKSUM TABLE app.member, app.visit;', ['Table', 'Checksum'], '2 rows in set')
    terminal.quit()
    return {row['Table']: row['Checksum'] for row in rows}


def md5sum_of_dump(server):
    """The script: mysqldump --skip-extended-insert | grep INSERT | md5sum."""
    dump = server.client('mariadb-dump', '--skip-extended-insert', '--databases', 'app')
    inserts = [line for line in dump.splitlines() if 'INSERT' in line]
    assert len(inserts) == sum(len(server.rows(f'SELECT id FROM app.{table}')) for table in ('member', 'visit'))
    return hashlib.md5('\n'.join(inserts).encode()).hexdigest()


@pytest.fixture
def sites(make_server, scratch):
    return Sites(make_server, scratch).set_up()


def test_two_sites(sites):
    for number, master in enumerate((sites.s1m, sites.s2m), 1):
        write_on(master, number)
    wait_caught_up(sites.edges)
    ids = {master.name: {row[0] % 2 for row in master.rows('SELECT id FROM app.member WHERE name=%s', f'of {master.name}')}
           for master in (sites.s1m, sites.s2m)}
    assert ids == {'s1m': {1}, 's2m': {0}}

    expected = checksums(sites.s1m)
    assert all(checksum.isdigit() for checksum in expected.values())
    assert 'CHECKSUM=1' in sites.slaves2[0].rows('SHOW CREATE TABLE app.member')[0][1]
    expected_md5 = md5sum_of_dump(sites.s1m)
    for server in sites.all():
        assert checksums(server) == expected and md5sum_of_dump(server) == expected_md5, server.name
    assert_same_rows(*sites.all())

    sites.slaves2[2].execute('SET sql_log_bin=0', "UPDATE app.visit SET note='out of step' WHERE id=1")
    found = checksums(sites.slaves2[2])
    assert found['app.member'] == expected['app.member'] and found['app.visit'] != expected['app.visit']
    assert md5sum_of_dump(sites.slaves2[2]) != expected_md5


def test_replication_is_refused_without_tls(sites):
    slave, master = sites.slaves1[0], sites.s1m
    terminal = Terminal(slave)
    terminal.ok('stop slave;')
    terminal.ok('change master to MASTER_SSL=0;')
    terminal.ok('start slave;')
    wait_until(lambda: slave.replica_status()['Last_IO_Errno'] == 1045, 'to be refused', show=lambda: explain(slave))
    terminal.ok('stop slave;')
    terminal.ok('change master to MASTER_SSL=1;')
    terminal.ok('start slave;')
    terminal.quit()
    write_on(master, 1)
    wait_caught_up(sites.edges)
    assert_same_rows(*sites.all())


def test_without_log_slave_updates(make_server, scratch):
    """The slaves of such a master see nothing of the other one's updates; all of them have to be made anew."""
    sites = Sites(make_server, scratch, second_logs_updates=False).set_up()
    assert sites.s2m.variable('log_slave_updates') == 'OFF'
    for number, master in enumerate((sites.s1m, sites.s2m), 1):
        write_on(master, number)
    wait_caught_up(sites.edges)
    names = [name for name, in sites.s2m.rows('SELECT name FROM app.member')]
    assert 'of s1m' in names and 'of s2m' in names
    for slave in sites.slaves2:
        names = [name for name, in slave.rows('SELECT name FROM app.member')]
        assert 'of s1m' not in names and 'of s2m' in names
        assert checksums(slave) != checksums(sites.s2m)
    assert_same_rows(sites.s1m, sites.s2m, *sites.slaves1)

    with open(sites.s2m.option_file, 'a') as file:
        file.write('log-slave-updates\n')
    sites.s2m.restart()
    sites.s1m.execute('STOP SLAVE', 'START SLAVE')      # it would try again in a minute
    for slave in sites.slaves2:
        slave.execute('STOP SLAVE')
        end = sites.copy_dump(sites.s2m, slave)
        sites.edges.remove((sites.s2m, slave))
        sites.direct(slave, sites.s2m, end)
    write_on(sites.s1m, 1)
    wait_caught_up(sites.edges)
    assert_same_rows(*sites.all())


def test_there_are_no_privilege_tables_to_fix(sites):
    """mysql_fix_privilege_tables is mariadb-upgrade today: it is for another server's tables, and says so."""
    run = sites.s1m.client('mariadb-upgrade', check=False)
    assert run.returncode != 0 and 'Upgrade failed' in run.stdout + run.stderr
    wait_caught_up(sites.edges)
    assert_same_rows(*sites.all())
