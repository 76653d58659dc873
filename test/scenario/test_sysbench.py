"""sysbench prepares, runs with eight threads and cleans up without an error."""
import os
import subprocess

import pytest

SECONDS = os.environ.get('GEMEL_SYSBENCH_SECONDS', '3')


WORK = ['oltp_read_write', 'oltp_point_select', 'oltp_insert', 'oltp_delete', 'oltp_update_index', 'oltp_write_only']


@pytest.mark.parametrize('work, prepared', [(work, 'auto') for work in WORK] + [('oltp_read_write', 'disable')])
def test_sysbench(server, work, prepared):
    server.execute('CREATE DATABASE sbtest')

    def sysbench(command, *more):
        run = subprocess.run(['sysbench', work, '--db-driver=mysql', f'--mysql-socket={server.socket}',
                              '--mysql-user=root', '--mysql-db=sbtest', '--tables=2', '--table-size=2000',
                              '--threads=8', f'--db-ps-mode={prepared}', f'--time={SECONDS}', *more, command],
                             capture_output=True, text=True, timeout=300)
        assert run.returncode == 0 and 'FATAL' not in run.stdout + run.stderr, (run.stdout + run.stderr)[-3000:]
        return run.stdout

    sysbench('prepare')
    assert server.value('SELECT COUNT(*) FROM sbtest.sbtest1') == 2000
    assert 'transactions:' in sysbench('run')
    sysbench('cleanup')
    assert server.rows('SHOW TABLES FROM sbtest') == []
